"""Two models side by side: who moves, and what rules give more or less after their caps."""

from collections import Counter, defaultdict
from contextlib import closing
from typing import Any

import pytest

from tests.engine.engines import spark
from tests.engine.rules.score import AS_OF, INPUTS, TABLES, did
from tests.engine.tables import all_on, document_of, facts_of, shared_engine
from vaglio.counted import changed, groups_of
from vaglio.plan import Instants
from vaglio.scoring import diff, score
from vaglio.terms import AXES

PEOPLE: list[dict[str, Any]] = [
    {"lead_id": "both", "job_title": "cto", "employees": 90}, {"lead_id": "boss", "job_title": "cto"}, {"lead_id": "big", "employees": 90},
    {"lead_id": "neither"},
]  # fmt: skip
AT = Instants(AS_OF, AS_OF)


def model(at_most: int, times: int, whole: int, group: str = "who") -> Any:
    """A group with a cap, a rule with its own, and an axis with its own."""
    boss = {"id": "boss", "kind": "fields", "field": "job_title", "points": 40, "group": group, "bands": [{"any_word": ["cto"]}]}
    big = {"id": "big", "kind": "fields", "field": "employees", "points": 30, "group": group, "bands": [{"from": 50}]}
    pages = {"id": "pages", "kind": "activity", "activity": "page_viewed", "points": 10, "at_most": times}
    return document_of({
        "format": 1, "name": "capped", "inputs": INPUTS,
        "profile": {"groups": {group: {"at_most": at_most}}, "rules": [boss, big], "letters": {"A": 50, "B": 40, "C": 25}},
        "engagement": {"rules": [pages], "at_most": whole, "digits": {1: 30, 2: 20, 3: 5}},
    })  # fmt: skip


@pytest.fixture(params=["duckdb", "sqlite", pytest.param("postgres", marks=pytest.mark.drill), spark(pytest.mark.drill)])
def engine(request: pytest.FixtureRequest) -> Any:
    with all_on(request.param):
        yield shared_engine()


def compared(engine: Any, before: Any, after: Any) -> tuple[dict[str, Any], dict[tuple[str, str, str], tuple[int, int]]]:
    """Return a comparison, and its rules as the leads that move tell them one by one."""
    seen = [did(age, lead_id=lead) for lead, times in (("both", 5), ("big", 2)) for age in range(1, times + 1)]
    facts = facts_of(engine, before, {name: [] for name in TABLES} | {"leads": PEOPLE, "activities": seen})
    cells, lines = [], []
    for document in (before, after):
        with closing(score(engine, [document], facts, AT, contributions=True)) as found:
            cells.append({row["lead_id"]: row["rating"] for row in engine.arrow(found.scores).to_pylist()})
            its: defaultdict[str, dict[tuple[str, str, str], int]] = defaultdict(dict)
            for row in engine.arrow(found.contributions).to_pylist():
                its[row["lead_id"]][row["axis"], row["rule_id"], row["part"]] = row["millipoints"]
            lines.append(its)
    leads, points = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for lead in (lead for lead in cells[0] if cells[0][lead] != cells[1][lead]):
        for name, millipoints in changed((groups_of(before), groups_of(after)), lines[0][lead], lines[1][lead]).items():
            leads[name] += 1
            points[name] += millipoints
    return diff(engine, before, after, facts, AT), {name: (leads[name], points[name]) for name in leads}


def test_rules_are_told_after_their_caps(engine: Any) -> None:
    found, _expected = compared(engine, model(45, 20, 100), model(60, 40, 100))
    told = {(row["axis"], row["rule_id"], row["part"]): (row["leads"], row["millipoints"]) for row in found["rules"]}
    assert told == {("profile", "who", "rule"): (1, 15_000), ("engagement", "pages", "rule"): (1, 20_000)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((45, 20, 100), (60, 40, 100)),
        ((500, 500, 500), (35, 15, 12)),
        ((35, 500, 12), (500, 25, 500)),
        ((45, 20, 15), (35, 30, 25, "people")),
    ],
)
def test_it_says_what_each_lead_that_moves_says(engine: Any, before: Any, after: Any) -> None:
    found, expected = compared(engine, model(*before), model(*after))
    told = {(row["axis"], row["rule_id"], row["part"]): (row["leads"], row["millipoints"]) for row in found["rules"]}
    assert expected and told == expected
    assert all(row["part"] == "rule" or row["rule_id"] in AXES for row in found["rules"])
