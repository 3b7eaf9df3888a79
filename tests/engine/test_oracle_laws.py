"""Laws the oracle itself must obey, on models and facts that hypothesis makes."""

import random
from collections import defaultdict
from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.engine import oracle
from tests.engine.oracle_examples import DAY, Row
from tests.engine.oracle_text import SECOND
from tests.engine.strategies import Case, cases, drawn

LAWS = drawn(60)
ORDERED = {"flags", "roles", "answers"}


def unordered(result: oracle.OracleResult) -> Any:
    """The result without the order of flags, roles and answers, which is that of the rules."""
    scores = {
        id_: {name: set((v or "").split(";")) if name in ORDERED else v for name, v in found.items()}
        for id_, found in result.scores.items()
    }
    return scores, result.contributions


@LAWS
@given(cases())
def test_parts_sum_to_the_score(case: Case) -> None:
    result = oracle.score(*case)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for lead_id, axis, _, _, millipoints in result.contributions:
        assert millipoints != 0
        sums[lead_id, axis] += millipoints
    for lead_id, found in result.scores.items():
        assert found["profile_millipoints"] == sums[lead_id, "profile"]
        assert found["engagement_millipoints"] == sums[lead_id, "engagement"]
    assert sorted(found["rank"] for found in result.scores.values()) == [*range(1, len(result.scores) + 1)]


@LAWS
@given(cases(), st.integers(0, 1000))
def test_order_changes_nothing(case: Case, seed: int) -> None:
    document, facts, as_of, known_at = deepcopy(case)
    shuffle = random.Random(seed).shuffle
    for rows in [*facts.values(), document["profile"]["rules"], document["engagement"]["rules"]]:
        shuffle(rows)
    assert unordered(oracle.score(document, facts, as_of, known_at)) == unordered(oracle.score(*case))


def moved(facts: dict[str, list[Row]], document: Row, by: int) -> dict[str, list[Row]]:
    """The facts with every instant moved, dates in fields and properties too."""
    inputs = document["inputs"]
    types = {**inputs["fields"], **inputs["account_fields"]}
    for properties in inputs["activities"].values():
        types |= properties
    instants = {name for name, type_ in types.items() if type_ == "date"}
    instants |= {"created_at", "occurred_at", "received_at", "machine_known_at", "known_at", "from", "to"}

    def move(found: Row) -> Row:
        shifted = {k: v + by if k in instants and v is not None else v for k, v in found.items()}
        if "properties" in found:
            shifted["properties"] = move(found["properties"])
        if found.get("field") in instants and found["value"] is not None:
            shifted["value"] = found["value"] + by
        return shifted

    return {table: [move(found) for found in rows] for table, rows in facts.items()}


@LAWS
@given(cases(absolute_dates=False), st.integers(-50, 50))
def test_moving_all_times_by_whole_weeks_changes_nothing(case: Case, weeks: int) -> None:
    document, facts, as_of, known_at = case
    by = weeks * 7 * DAY * SECOND
    later = oracle.score(document, moved(facts, document, by), as_of + by, known_at + by)
    assert later == oracle.score(*case)


def without_the_later(facts: dict[str, list[Row]], known_at: int) -> dict[str, list[Row]]:
    """The facts without what became known after `known_at`; a field with history keeps some."""

    def known(found: Row, *names: str) -> bool:
        instants = (found.get(name) for name in names)
        return (next((i for i in instants if i is not None), None) or known_at) <= known_at

    kept = {
        "leads": [found for found in facts["leads"] if known(found, "created_at")],
        "accounts": facts["accounts"],
        "activities": [found for found in facts["activities"] if known(found, "received_at", "occurred_at")],
        "lists": [found for found in facts["lists"] if known(found, "known_at")],
    }
    for number, found in enumerate(kept["activities"]):
        if found["is_machine"] and not known(found, "machine_known_at"):
            kept["activities"][number] = {**found, "is_machine": None, "machine_known_at": None}
    changes = facts["field_changes"]
    early = {(c["subject"], c["id"], c["field"]) for c in changes if c["known_at"] <= known_at}
    kept["field_changes"] = [c for c in changes if known(c, "known_at") or (c["subject"], c["id"], c["field"]) not in early]
    return kept


@LAWS
@given(cases())
def test_what_became_known_later_changes_nothing(case: Case) -> None:
    document, facts, as_of, known_at = case
    assert oracle.score(document, without_the_later(facts, known_at), as_of, known_at) == oracle.score(*case)
