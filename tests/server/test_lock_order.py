"""No two transactions can wait for each other in a circle: asked of the locks that all other tests took, see :mod:`lock_order`."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.server.lock_order import ALONE, SHARED, Edge, Watch, advisory_locks, circles, kept, locks_in

# What is waited for there is nobody else's, though other rows of that table are.
HARMLESS = {
    ("ROUTING", "crm_contact"): "contacts of leads that are handed over, who are held: others come to them by those, or hold MANY_CONTACTS",
    ("KNOWLEDGE", "crm_contact"): "the same, and these hold MANY_CONTACTS alone",
    ("KNOWLEDGE", "crm_opportunity"): "an opportunity that the same transaction has made, and which holds PIPELINES",
}
GATED_BY = {"crm_contact": ("MANY_CONTACTS", ALONE), "crm_opportunity": ("PIPELINES", ALONE)}
NAMES = {1: "STAFF", 2: "KNOWLEDGE"}


@pytest.mark.parametrize(
    ("sql", "params", "expected"),
    [
        ("SELECT pg_advisory_xact_lock(%s), pg_advisory_xact_lock(%s)", [1, 2], [("STAFF", ALONE, True), ("KNOWLEDGE", ALONE, True)]),
        ("SELECT pg_advisory_xact_lock_shared(%s)", [1], [("STAFF", SHARED, True)]),
        ("SELECT CASE WHEN pg_advisory_xact_lock(%s) IS NOT NULL THEN clock_timestamp() END", [2], [("KNOWLEDGE", ALONE, True)]),
        ("SELECT pg_try_advisory_xact_lock(%s)", [1], []),
        ("SELECT id FROM crm_lead WHERE account_id = %s ORDER BY id FOR NO KEY UPDATE", [9], [("crm_lead", ALONE, True)]),
        (
            'SELECT "crm_account"."id" FROM "crm_account" WHERE "crm_account"."id" = %s FOR NO KEY UPDATE',
            [9],
            [("crm_account", ALONE, True)],
        ),
        ('SELECT * FROM "crm_lead" JOIN x_y FOR UPDATE OF "crm_lead" SKIP LOCKED', [], [("crm_lead", ALONE, False)]),
        ("SELECT * FROM made_of AS m JOIN crm_contact AS contact ON true FOR NO KEY UPDATE OF contact", [], [("crm_contact", ALONE, True)]),
        ("UPDATE crm_account SET fields = %s WHERE id = %s", ["", 9], [("crm_account", ALONE, True)]),
        ('DELETE FROM "crm_contact" WHERE id = %s', [9], [("crm_contact", ALONE, True)]),
        ("UPDATE lifecycle_leadstage SET stage = %s", [""], []),
        ("SELECT * FROM crm_lead WHERE id = %s", [9], []),
    ],
)
def test_it_reads_which_locks_a_statement_takes(sql: str, params: list[Any], expected: list[Any]) -> None:
    assert list(locks_in(sql, params, NAMES)) == expected


def test_a_circle_is_found_unless_a_lock_keeps_its_ways_apart() -> None:
    there, back = Edge("crm_account", "KNOWLEDGE", ()), Edge("KNOWLEDGE", "crm_account", ())
    assert circles([there, back]) == [(back, there)]
    shared, alone = (("STAFF", SHARED),), (("STAFF", ALONE),)
    assert circles([there._replace(gates=shared), back._replace(gates=shared)]) != []  # both may hold it
    assert circles([there._replace(gates=alone), back._replace(gates=shared)]) == []
    assert len(circles([there._replace(gates=alone), back._replace(gates=shared), back])) == 1  # one way goes past it
    onward = [Edge("A", "B", ()), Edge("B", "C", ()), Edge("A", "C", ())]
    assert circles(onward) == [] and len(circles([*onward, Edge("C", "A", ())])) == 2
    assert circles([Edge("STAFF", "KNOWLEDGE", ()), Edge("KNOWLEDGE", "STAFF", ())]) != []  # on the circle, a lock is no gate


def test_every_lock_has_a_name_of_its_own() -> None:
    names = advisory_locks()
    assert len(names) > 15 and len(set(names.values())) == len(names)


def test_what_a_transaction_holds_is_let_go_with_it() -> None:
    class Connection:
        in_atomic_block = True

    seen, connection = Watch(NAMES), Connection()
    seen.statement(connection, "SELECT pg_advisory_xact_lock(%s)", [1])
    seen.ended(connection)
    seen.statement(connection, "SELECT pg_advisory_xact_lock(%s)", [2])
    assert seen.edges == set()
    seen.statement(connection, "UPDATE crm_lead SET due_at = %s", [None])
    assert seen.edges == {Edge("KNOWLEDGE", "crm_lead", ())}


@pytest.mark.drill
def test_no_test_has_shown_a_circle() -> None:
    """``make drill`` has all others write down what they see, and asks then."""
    path = Path(os.environ.get("VAGLIO_LOCKS", ""))
    if not path.is_file():
        pytest.skip("VAGLIO_LOCKS names no file of what was seen: `make drill` writes one")
    seen = kept(path)
    assert len(seen) > 50
    harmless = {each for each in seen if (each.before, each.after) in HARMLESS and GATED_BY[each.after] in each.gates}
    assert circles(seen - harmless) == []
