"""Scores brought forward: like those of a full run, and each like a full run at its own instants."""

import os
import threading
from random import Random
from typing import Any

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from tests.engine.engines import spark
from tests.engine.forward import compare, forward, full
from tests.engine.rules.score import AS_OF, DAY, HOUR, INPUTS, TABLES, Row, at, did, rule_of
from tests.engine.strategies import drawn, models
from tests.engine.tables import all_on, document_of
from tests.engine.worlds import Look, looks
from vaglio import kept

EXAMPLES = int(os.environ.get("VAGLIO_INCREMENTAL_EXAMPLES", "2"))


def check_story(case: Any, choices: Random) -> list[int]:
    """Bring the scores of a company forward through some looks, compare each with full runs, and return how many rows were carried over."""
    document = document_of(case[0])
    first, *later = looks(case, choices, 3)
    rows, carried = full(document, first, first.as_of, first.known_at), []
    for look in later:
        if not rows.num_rows:
            return carried
        rows, new = forward(document, look, rows)
        compare(document, look, rows)
        carried.append(rows.num_rows - new)
    return carried


@pytest.mark.parametrize("part", range(2))
def test_ratings_are_those_of_a_full_run(part: int) -> None:
    carried: list[int] = []

    @seed(20261127 + part)
    @drawn(max(1, EXAMPLES // 2))
    @given(models(), st.integers(0, 2**32))
    def check(case: Any, choices: int) -> None:
        carried.extend(check_story(case, Random(choices)))

    check()
    assert sum(carried) > 0  # what is compared are not only scores that were made again


VIEWED = "kind: activity, activity: page_viewed, points: 60"
COLLEAGUES = "kind: engaged_colleagues, within: 30d, bands: [{at_least: 2, points: 60}]"
LISTED = "kind: list_member, list: targets, points: 60"
PAIR = [{"lead_id": "L", "account_id": "a"}, {"lead_id": "M", "account_id": "a"}]
APART = [{"lead_id": "L", "account_id": "a"}, {"lead_id": "M", "account_id": "b"}]
LOOKED = 2 * HOUR  # so long before is the earlier look
# Rule, and what there is at the earlier look and now, between which the rating of the lead L changes. Of U nothing is new.
CASES: dict[str, tuple[str | tuple[str, ...], dict[str, list[Row]], dict[str, list[Row]]]] = {
    "an activity": (VIEWED, {}, {"activities": [did(HOUR)]}),
    "a late one": (VIEWED, {}, {"activities": [did(9 * DAY, received=HOUR)]}),
    "one that was stored, and comes into force": (VIEWED, *2 * ({"activities": [did(HOUR, received=HOUR)]},)),
    "one found to be a machine's": (
        VIEWED, {"activities": [did(DAY)]}, {"activities": [did(DAY, is_machine=True, machine_known=HOUR)]}),
    "a copy, somebody else's, found to be a machine's": (
        VIEWED, {"activities": [did(DAY, message_id="m"), did(DAY, lead_id="M", received=DAY - 1, message_id="m")]},
        {"activities": [did(DAY, message_id="m"),
                        did(DAY, lead_id="M", received=DAY - 1, message_id="m", is_machine=True, machine_known=HOUR)]}),
    "a new copy of a machine's": (
        VIEWED, {"activities": [did(DAY, message_id="m")]},
        {"activities": [did(DAY, message_id="m"), did(DAY, "unread", lead_id="M", received=HOUR, message_id="m", is_machine=True)]}),
    "what somebody else did first does not count": (
        "kind: activity_count, activity: page_viewed, bands: [{at_least: 2, points: 60}, {at_least: 1, points: 30}]",
        {"leads": [{"lead_id": "L"}, {"lead_id": "M"}], "activities": [did(DAY, message_id="m", received=DAY - 9),
                                                                       did(DAY, lead_id="M", message_id="m", received=DAY)]},
        {"leads": [{"lead_id": "L"}, {"lead_id": "M"}], "activities": [did(DAY, message_id="m", received=DAY - 9), did(HOUR),
                                                                       did(DAY, lead_id="M", message_id="m", received=DAY)]}),
    "a field": (
        "kind: fields, field: employees, bands: [{from: 9, points: 60}]",
        {"leads": [{"lead_id": "L", "employees": 5}]}, {"leads": [{"lead_id": "L", "employees": 15}]}),
    "a field of the account": (
        "kind: fields, field: account.size, bands: [{from: 9, points: 60}]",
        *({"leads": PAIR[:1], "accounts": [{"account_id": "a", "size": size}]} for size in (5, 15))),
    "another account": (
        "kind: fields, field: account.size, bands: [{from: 9, points: 60}]",
        *({"leads": [{"lead_id": "L", "account_id": one}], "accounts": [{"account_id": "a", "size": 5}, {"account_id": "b", "size": 15}]}
          for one in "ab")),
    "history told otherwise": (
        "kind: fields, field: employees, bands: [{from: 9, points: 60}]",
        *({"field_changes": [{"subject": "lead", "id": "L", "field": "employees", "value": size, "known_at": at(9 * DAY)}]}
          for size in (5, 15))),
    "an account's history told otherwise": (
        "kind: fields, field: account.size, bands: [{from: 9, points: 60}]",
        *({"leads": PAIR[:1], "accounts": [{"account_id": "a", "size": 5}],
           "field_changes": [{"subject": "account", "id": "a", "field": "size", "value": size, "known_at": at(9 * DAY)}]}
          for size in (5, 15))),
    "an entry of a list": (LISTED, {}, {"lists": [{"list": "targets", "member_type": "lead", "member_id": "L"}]}),
    "an account's entry that is gone": (
        LISTED, {"leads": PAIR, "lists": [{"list": "targets", "member_type": "account", "member_id": "a"}]}, {"leads": PAIR}),
    "when somebody was created": (
        "kind: inactivity, points: 60, after: 3d", *({"leads": [{"lead_id": "L", "created_at": at(days * DAY)}]} for days in (1, 9))),
    "a colleague's activity": (
        COLLEAGUES, {"leads": PAIR, "activities": [did(DAY)]}, {"leads": PAIR, "activities": [did(DAY), did(HOUR, lead_id="M")]}),
    "a colleague who comes": (
        COLLEAGUES, *({"leads": leads, "activities": [did(DAY), did(DAY, lead_id="M")]} for leads in (APART, PAIR))),
    "a colleague who leaves": (
        COLLEAGUES, *({"leads": leads, "activities": [did(DAY), did(DAY, lead_id="M")]} for leads in (PAIR, APART))),
    "a colleague who is new": (
        COLLEAGUES, *({"leads": leads, "activities": [did(DAY), did(DAY, lead_id="M")]} for leads in (PAIR[:1], PAIR))),
    "a colleague who is gone": (
        COLLEAGUES, *({"leads": leads, "activities": [did(DAY), did(DAY, lead_id="M")]} for leads in (PAIR, PAIR[:1]))),
    "an activity of who has no account, where colleagues count": ((VIEWED, COLLEAGUES), {}, {"activities": [did(HOUR)]}),
    "time": ("kind: activity, activity: page_viewed, points: 60, within: 7d", *2 * ({"activities": [did(7 * DAY + HOUR)]},)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_whatever_changes_a_rating_is_noticed(name: str) -> None:
    document, earlier, now = _case(name)
    rows = full(document, earlier, earlier.as_of, earlier.known_at)
    brought, _new = forward(document, now, rows)
    found = compare(document, now, brought)
    assert found["L"]["rating"] != next(row["rating"] for row in rows.to_pylist() if row["lead_id"] == "L")  # the case is what it says
    assert found["U"]["as_of"] < found["L"]["as_of"]


@pytest.mark.parametrize("engine", ["postgres", spark(pytest.mark.drill)])
@pytest.mark.parametrize(
    "name", ["a late one", "an account's history told otherwise", "an entry of a list", "a colleague who comes", "time"]
)
def test_other_engines_notice_it_too(name: str, engine: str) -> None:
    with all_on(engine):
        test_whatever_changes_a_rating_is_noticed(name)


def _case(name: str) -> tuple[Any, Look, Look]:
    """Return the document of a case, and the earlier look and the one now."""
    rules, before, after = CASES[name]
    several = (rules,) if isinstance(rules, str) else rules
    document = document_of({
        "format": 1, "name": "forward", "inputs": INPUTS, "profile": {"rules": [], "letters": {"A": 3, "B": 2, "C": 1}},
        "engagement": {"rules": [rule_of(each) | {"id": f"r{number}"} for number, each in enumerate(several)], "floor": "none",
                       "digits": {1: 50, 2: 20, 3: -20}},
    })  # fmt: skip
    earlier, now = (Look(_with_somebody_else(facts), at(age), at(age), at(LOOKED)) for facts, age in ((before, LOOKED), (after, 0)))
    return document, earlier, now


def _with_somebody_else(facts: dict[str, list[Row]]) -> dict[str, list[Row]]:
    tables = {name: list(facts.get(name, [])) for name in TABLES}
    tables["leads"] = [*(tables["leads"] or [{"lead_id": "L"}]), {"lead_id": "U"}]
    return tables


def test_who_was_outside_the_audience_comes_in_by_time_alone() -> None:
    document = document_of({
        "format": 1, "name": "forward", "inputs": INPUTS, "audience": {"field": "signed_on", "older_than": "30d"},
        "profile": {"rules": [], "letters": {"A": 3, "B": 2, "C": 1}},
        "engagement": {"rules": [rule_of(VIEWED)], "digits": {1: 50, 2: 20, 3: 10}},
    })  # fmt: skip
    leads = [{"lead_id": "L", "signed_on": at(30 * DAY + HOUR)}, {"lead_id": "M", "signed_on": at(60 * DAY)}]
    facts = {name: [] for name in TABLES} | {"leads": leads, "activities": [did(DAY)]}
    rows = full(document, Look(facts, at(LOOKED), at(LOOKED), 0), at(LOOKED), at(LOOKED))
    assert rows.column("lead_id").to_pylist() == ["M"]
    brought, new = forward(document, now := Look(facts, AS_OF, AS_OF, at(LOOKED)), rows)
    assert compare(document, now, brought).keys() == {"L", "M"} and new == 1


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_the_plan_written_while_who_is_due_is_searched_is_the_one_that_is_run(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    by, write = [], kept.write

    def told(*of: Any, **more: Any) -> Any:
        by.append(threading.current_thread())
        return write(*of, **more)

    document, earlier, now = _case("a field of the account")
    with all_on(engine):
        rows = full(document, earlier, earlier.as_of, earlier.known_at)
        monkeypatch.setattr(kept, "write", told)
        kept.PLANS.forget()
        forward(document, now, rows)
    assert len(by) == 1 and by[0] is not threading.main_thread()
