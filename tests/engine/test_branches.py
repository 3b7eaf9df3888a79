"""A rule with several branches says which of them held: a band in its own words, of several tests joined by *any* those that hold."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, seed

from tests.engine.oracle_facts import World
from tests.engine.rules.score import AS_OF, DAY, INPUTS, TABLES, did
from tests.engine.strategies import cases, drawn
from tests.engine.tables import document_of, engine_called, facts_of, shared_engine
from vaglio.explanation import explanation
from vaglio.kept import run
from vaglio.plan import Instants, Wanted
from vaglio.plan.branches import is_branched
from vaglio.plan.readers import scored_rules
from vaglio.rule import points_words
from vaglio.scoring import explain

SENIOR = {"id": "senior", "kind": "fields", "field": "job_title", "weight": 40, "bands": [
    {"any_word": ["chief", "cto"], "award": "100%"}, {"any_word": ["director"], "points": 28}, {"any_word": ["head"], "points": 28},
    {"known": True, "points": -1}]}  # fmt: skip
EITHER = {"id": "either", "kind": "fields", "points": 5, "bands": [{"all": [
    {"any": [{"field": "employees", "from": 200}, {"field": "account.size", "from": 200}, {"field": "is_partner", "equals": True}]},
    {"not": {"any": [{"field": "job_title", "any_word": "intern"}, {"field": "revenue", "below": 0}]}}]}]}  # fmt: skip
ONE = {"id": "one", "kind": "fields", "field": "employees", "points": 3, "bands": [{"from": 1}]}
COUNTS = [
    {"id": "count", "kind": "activity_count", "activity": "page_viewed", "within": "30d",
     "bands": [{"at_least": 1, "points": 2}, {"at_least": 4, "points": 9}]},
    {"id": "days", "kind": "active_days", "activity": "page_viewed", "bands": [{"at_least": 1, "points": 1}, {"at_least": 2, "points": 4}]},
    {"id": "recent", "kind": "activity_recency", "activity": "page_viewed",
     "bands": [{"within": "60d", "points": 2}, {"within": "7d", "points": 5}]},
    {"id": "committee", "kind": "engaged_colleagues", "bands": [{"at_least": 1, "points": 1}, {"at_least": 2, "points": 6}]},
    {"id": "learned", "kind": "bands", "input": {"field": "revenue"},
     "bands": [{"known": False, "points": -1}, {"below": 10, "points": 1}, {"from": 10, "points": 4}]},
    {"id": "pair", "kind": "bands_2d", "points": [[1, 2], [3, 4]],
     "first": {"input": {"field": "employees"}, "bands": [{"below": 50}, {"from": 50}]},
     "second": {"input": {"activity": "page_viewed", "count": True}, "bands": [{"below": 2}, {"from": 2}]}},
]  # fmt: skip


def branches(lead: dict[str, Any], activities: list[Any] | None = None) -> dict[str, str]:
    document = document_of({
        "format": 1, "name": "branching", "inputs": INPUTS,
        "profile": {"rules": [SENIOR, EITHER, ONE], "letters": {"A": 3, "B": 2, "C": 1}, "floor": "none"},
        "engagement": {"rules": COUNTS, "floor": "none", "digits": {1: 3, 2: 2, 3: 1}},
    })  # fmt: skip
    people = [{"lead_id": "L", "account_id": "a", **lead}, {"lead_id": "M", "account_id": "a"}]
    tables = {name: [] for name in TABLES} | {
        "leads": people,
        "accounts": [{"account_id": "a", "size": 500}],
        "activities": activities or [],
    }
    engine = shared_engine()
    found = explain(engine, document, facts_of(engine, document, tables), Instants(AS_OF, AS_OF), "L")
    assert found is not None
    return {line.rule_id: line.branch for line in found.lines if line.part == "rule"}


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("CTO and Director", "+40 when job_title has the word chief, cto"),
        ("Director", "+28 when job_title has the word director"),
        ("Head of sales", "+28 when job_title has the word head"),  # as many points as the band above
        ("Clerk", "-1 when job_title is filled in"),
    ],
)
def test_the_band_that_held_is_said(title: str, said: str) -> None:
    assert branches({"job_title": title})["senior"] == said


def test_of_several_tests_those_are_said_that_hold() -> None:
    kept = "not (job_title has the word intern or revenue is below 0)"
    assert branches({})["either"] == f"+5 when account.size is at least 200 and {kept}"
    assert branches({"employees": 300, "is_partner": False})["either"] == (
        f"+5 when (employees is at least 200 or account.size is at least 200) and {kept}"
    )
    assert "either" not in branches({"job_title": "intern"})
    assert branches({"employees": 1})["one"] == ""  # it has no branches


def test_bands_of_activities_and_learned_ones_are_said() -> None:
    said = branches({"employees": 90, "revenue": 12}, [did(DAY), did(2 * DAY), did(DAY, lead_id="M")])
    assert {name: said[name] for name in ("count", "days", "recent", "committee", "learned", "pair")} == {
        "count": "+2 from 1 page_viewed within 30d", "days": "+4 from 2 days with page_viewed",
        "recent": "+5 within 7d of the latest page_viewed",
        "committee": "+6 from 2 people of the account with any activity", "learned": "+4 when revenue is at least 10",
        "pair": "+4 when employees is at least 50 and number of page_viewed is at least 2",
    }  # fmt: skip


@pytest.mark.parametrize(("name", "examples"), [("duckdb", 2), ("sqlite", 5)])
def test_the_branch_said_is_the_one_that_gave_the_points(name: str, examples: int) -> None:
    compared: Counter[str] = Counter()

    @seed(20261127)
    @drawn(examples)
    @given(cases())
    def check(case: Any) -> None:
        plain, facts, as_of, known_at = case
        document, engine = document_of(plain), engine_called(name)
        branched = {scored.rule.id: scored.ask for scored in scored_rules(document) if is_branched(scored.ask)}
        wanted = Wanted(by_rule=True, detail=True, counted=True)
        running, plan = run(engine, document, facts_of(engine, document, facts), Instants(as_of, known_at), wanted)
        try:
            for lead_id in World(plain, facts, as_of, known_at).leads:
                found = explanation(running, document, plan, lead_id)
                for line in found.lines if found else ():
                    if line.part == "rule" and line.rule_id in branched:
                        assert line.branch.startswith(points_words(line.millipoints) + " "), line
                        compared[type(branched[line.rule_id]).__name__] += 1
                    else:
                        assert line.branch == ""
        finally:
            running.close()

    check()
    assert compared.total() >= 5, compared
