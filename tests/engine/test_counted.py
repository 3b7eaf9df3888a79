"""A rule that counts says which activities it counted: the engine's own rows against the oracle's, on made models and histories."""

from collections import Counter
from math import floor, log2
from typing import Any

import pytest
from hypothesis import given, seed

from tests.engine import oracle
from tests.engine.oracle_facts import Lead, Row, World, utc_days
from tests.engine.oracle_points import faded
from tests.engine.oracle_text import seconds
from tests.engine.rules.score import AS_OF, DAY, HOUR, INPUTS, TABLES, did
from tests.engine.strategies import cases, drawn
from tests.engine.strategies_universe import ACTIVITIES
from tests.engine.tables import document_of, engine_called, facts_of, shared_engine
from vaglio.explanation import Line, Silent, explanation
from vaglio.kept import run
from vaglio.plan import Instants, Wanted
from vaglio.scoring import explain

Told = tuple[int | None, list[tuple[str, int]]]  # the number, and who did it when


def _did(activities: list[Any]) -> list[tuple[str, int]]:
    return sorted((each.lead_id, each.occurred_at) for each in activities)


def of_count(rule: Row, lead: Lead, world: World) -> list[Told]:
    found = world.matching(rule, lead.lead_id, rule.get("within"))
    return [(len(found), _did(found))]


def of_days(rule: Row, lead: Lead, world: World) -> list[Told]:
    found = world.matching(rule, lead.lead_id, rule.get("within"))
    return [(utc_days(found), _did(found))]


def of_recency(rule: Row, lead: Lead, world: World) -> list[Told]:
    longest = max((band["within"] for band in rule["bands"]), key=seconds)
    return [(None, _did(world.matching(rule, lead.lead_id, longest)[-1:]))]


def of_velocity(rule: Row, lead: Lead, world: World) -> list[Told]:
    found = world.matching(rule, lead.lead_id)
    span, size = seconds(rule["within"]) * 1_000_000, rule["at_least"]
    ends = [last.occurred_at for first, last in zip(found, found[size - 1 :], strict=False) if last.occurred_at - first.occurred_at < span]
    return [(None, _did([each for each in found if ends and 0 <= max(ends) - each.occurred_at < span]))]


def of_silence(rule: Row, lead: Lead, world: World) -> list[Told]:
    found = world.matching(rule, lead.lead_id)[-1:]
    return [(None, _did([each for each in found if lead.created_at is None or each.occurred_at >= lead.created_at]))]


def of_sequence(rule: Row, lead: Lead, world: World) -> list[Told]:
    span = seconds(rule["within"]) * 1_000_000
    firsts = sorted(each.occurred_at for each in world.matching(rule["first"], lead.lead_id))
    thens = [each.occurred_at for each in world.matching(rule["then"], lead.lead_id)]
    pairs = [(then, max(f for f in firsts if f < then)) for then in thens if any(0 < then - f < span for f in firsts)]
    return [(None, sorted((lead.lead_id, at) for at in max(pairs, default=())))]


def of_colleagues(rule: Row, lead: Lead, world: World) -> list[Told]:
    near = [other.lead_id for other in world.leads.values() if lead.account_id is not None and other.account_id == lead.account_id]
    latest = [world.matching(rule, other, rule.get("within"))[-1:] for other in near]
    return [(sum(map(len, latest)), _did([each for its in latest for each in its]))]


def of_input(asked: Row, lead: Lead, world: World) -> list[Told]:
    if "field" in asked:
        return []
    found = world.matching(asked, lead.lead_id, asked.get("within"))
    if asked.get("count"):
        return [(len(found), _did(found))]
    if asked.get("distinct_days"):
        return [(utc_days(found), _did(found))]
    if asked.get("days_since"):
        return [(None, _did(found[-1:]))]
    return [(None, _did([each for each in found if faded(1000, world.age(each.occurred_at), {"half_life": asked["faded"]})]))]


def of_bands(rule: Row, lead: Lead, world: World) -> list[Told]:
    return of_input(rule["input"], lead, world)


def of_bands_2d(rule: Row, lead: Lead, world: World) -> list[Told]:
    found = [told for side in ("first", "second") for told in of_input(rule[side]["input"], lead, world)]
    return found[:1] if rule["first"]["input"] == rule["second"]["input"] else found


KINDS = {
    "activity_count": of_count, "active_days": of_days, "activity_recency": of_recency, "velocity": of_velocity,
    "inactivity": of_silence, "sequence": of_sequence, "engaged_colleagues": of_colleagues, "bands": of_bands, "bands_2d": of_bands_2d,
}  # fmt: skip


def told(line: Line | Silent) -> list[Told]:
    return [(each.number, sorted((did["lead_id"], did["occurred_us"]) for did in each.activities)) for each in line.counted]


def assert_counted(case: Any, name: str) -> Counter[str]:
    """Compare every line of every lead, and every rule that gave nothing; return how often some activity was counted, by rule."""
    plain, facts, as_of, known_at = case
    document, engine, world = document_of(plain), engine_called(name), World(plain, facts, as_of, known_at)
    rules = {rule["id"]: rule for axis in oracle.AXES for rule in plain[axis].get("rules") or []}
    wanted = Wanted(by_rule=True, detail=True, counted=True)
    running, plan = run(engine, document, facts_of(engine, document, facts), Instants(as_of, known_at), wanted)
    compared: Counter[str] = Counter()
    try:
        for lead_id, lead in world.leads.items():
            found = explanation(running, document, plan, lead_id)
            for line in found.lines if found else ():
                rule = rules.get(line.rule_id, {})
                of_kind = KINDS.get(rule.get("kind", "")) if line.part == "rule" else None
                expected = of_kind(rule, lead, world) if of_kind else []
                assert sorted(told(line), key=str) == sorted(expected, key=str), (lead_id, rule)
                compared[line.rule_id] += any(did for _number, did in expected)
            for silent in found.silent if found else ():
                rule = rules[silent.rule_id]
                expected = KINDS[rule["kind"]](rule, lead, world) if rule["kind"] in KINDS else []
                assert sorted(told(silent), key=str) == sorted(expected, key=str), (lead_id, rule)
                compared[f"{silent.rule_id} gave nothing"] += any(did for _number, did in expected)
    finally:
        running.close()
    return compared


# Every kind that counts, with windows, a condition, colleagues and a pair; they fire even where nothing was counted, if their kind can.
EVERY_KIND: list[Row] = [
    {"id": "count", "kind": "activity_count", "activity": "page_viewed", "where": {"path": {"contains": "s"}}, "within": "30d",
     "bands": [{"at_least": 2, "points": 7}, {"at_least": 0, "points": 1}]},
    {"id": "all", "kind": "activity_count", "activities": list(ACTIVITIES), "bands": [{"at_least": 1, "points": 1}]},
    {"id": "days", "kind": "active_days", "activities": list(ACTIVITIES), "within": "60d", "bands": [{"at_least": 1, "points": 2}]},
    {"id": "recent", "kind": "activity_recency", "activity": "page_viewed", "bands": [{"within": "60d", "points": 2}]},
    {"id": "fast", "kind": "velocity", "activities": ["page_viewed", "webinar"], "at_least": 2, "within": "3d", "points": 9,
     "half_life": "7d"},
    {"id": "silent", "kind": "inactivity", "activities": ["form_submitted", "page_viewed"], "after": "1d", "points": -1},
    {"id": "then", "kind": "sequence", "first": {"activity": "page_viewed"}, "then": {"activities": ["webinar", "form_submitted"]},
     "within": "7d", "points": 3, "fade": "60d"},
    {"id": "committee", "kind": "engaged_colleagues", "activities": list(ACTIVITIES), "within": "60d",
     "bands": [{"at_least": 1, "points": 4}]},
    {"id": "warm", "kind": "bands", "input": {"activity": "page_viewed", "faded": "1d"}, "bands": [{"from": 0, "points": 1}]},
    {"id": "since", "kind": "bands", "input": {"activity": "webinar", "days_since": True},
     "bands": [{"known": False, "points": 1}, {"from": 0, "points": 2}]},
    {"id": "pair", "kind": "bands_2d", "points": [[1]],
     "first": {"input": {"activity": "page_viewed", "count": True, "within": "2w"}, "bands": [{"from": 0}]},
     "second": {"input": {"activity": "form_submitted", "distinct_days": True}, "bands": [{"from": 0}]}},
]  # fmt: skip
KIND_DOCUMENT: Row = {
    "format": 1, "name": "counting",
    "inputs": {"fields": {}, "account_fields": {}, "activities": ACTIVITIES},
    "profile": {"rules": [], "letters": {"A": 3, "B": 2, "C": 1}},
    "engagement": {"rules": EVERY_KIND, "floor": "none", "digits": {1: 3, 2: 2, 3: 1}},
}  # fmt: skip


@pytest.mark.parametrize(("name", "examples", "rules"), [("duckdb", 2, 6), ("sqlite", 50, len(EVERY_KIND))])
def test_what_was_counted_is_what_the_rule_counted(name: str, examples: int, rules: int) -> None:
    compared: Counter[str] = Counter()

    @seed(20261127)
    @drawn(examples)
    @given(cases())
    def check(case: Any) -> None:
        _document, facts, as_of, known_at = case
        compared.update(assert_counted((KIND_DOCUMENT, facts, as_of, known_at), name))

    check()
    assert sum(number > 0 for rule_id, number in compared.items() if "nothing" not in rule_id) >= rules, compared
    assert any(number > 0 for rule_id, number in compared.items() if "nothing" in rule_id), compared


def test_so_it_is_of_made_models() -> None:
    compared: Counter[str] = Counter()

    @seed(20261127)
    @drawn(5)
    @given(cases())
    def check(case: Any) -> None:
        compared.update(assert_counted(case, "sqlite"))

    check()
    assert compared.total() >= 5


def test_explain_says_which_activities_were_counted() -> None:
    rules = [
        {"id": "keen", "kind": "activity_count", "activity": "page_viewed", "where": {"path": "/pricing"}, "within": "30d",
         "bands": [{"at_least": 2, "points": 60}]},
        {"id": "warm", "kind": "bands", "input": {"activity": "email_clicked", "faded": "1d"}, "bands": [{"from": 0, "points": 1}]},
        {"id": "committee", "kind": "engaged_colleagues", "activity": "form_submitted", "within": "30d", "at_least": 2, "points": 5},
    ]  # fmt: skip
    nothing = floor(DAY * log2(2000)) + 1  # the first age at which less than half a thousandth is left
    counted = [did(DAY, path="/pricing", message_id="a"), did(29 * DAY, path="/Pricing", message_id="b")]
    activities = [
        *counted, counted[0],  # sent twice
        did(30 * DAY, path="/pricing"), did(DAY, path="/blog"), did(-HOUR, path="/pricing"),
        did(2 * DAY, path="/pricing", is_machine=True), did(3 * DAY, path="/pricing", received=-HOUR),
        did(4 * DAY, path="/pricing", is_machine=True, machine_known=-HOUR, message_id="c"),  # marked after the instant that is asked for
        did(nothing - 1, "email_clicked", message_id="last"), did(nothing, "email_clicked", message_id="nothing left of it"),
        did(DAY, "form_submitted"), did(5 * DAY, "form_submitted", lead_id="M"), did(2 * DAY, "form_submitted", lead_id="M"),
        did(2 * DAY, "form_submitted", lead_id="N"),
    ]  # fmt: skip
    people = [{"lead_id": "L", "account_id": "a"}, {"lead_id": "M", "account_id": "a"}, {"lead_id": "N", "account_id": "b"}]
    document = document_of({**KIND_DOCUMENT, "inputs": INPUTS, "engagement": {**KIND_DOCUMENT["engagement"], "rules": rules}})
    engine = shared_engine()
    tables = {name: [] for name in TABLES} | {"leads": people, "activities": activities}
    found = explain(engine, document, facts_of(engine, document, tables), Instants(AS_OF, AS_OF), "L")
    assert found is not None
    keen, warm, committee = (line.counted[0] for line in found.lines)
    assert (keen.stat, keen.number, [did["message_id"] for did in keen.activities]) == ("count", 3, ["a", "c", "b"])
    assert [did["message_id"] for did in warm.activities] == ["last"]
    assert (committee.stat, committee.number) == ("colleagues", 2)
    assert [(did["lead_id"], AS_OF - did["occurred_us"]) for did in committee.activities] == [("L", DAY * 10**6), ("M", 2 * DAY * 10**6)]


@pytest.mark.parametrize("name", ["duckdb", "sqlite"])
def test_activities_of_one_instant_stand_in_one_order_however_they_came(name: str) -> None:
    rules = [
        {"id": "each", "kind": "activity", "activity": "page_viewed", "points": 3},
        {"id": "keen", "kind": "activity_count", "activity": "page_viewed", "within": "30d", "bands": [{"at_least": 2, "points": 60}]},
    ]
    at_once = [did(DAY, message_id=each) for each in "qwertyuiop"]
    document = document_of(KIND_DOCUMENT | {"inputs": INPUTS, "engagement": KIND_DOCUMENT["engagement"] | {"rules": rules}})
    found = []
    for activities in (at_once, at_once[::-1]):
        tables = {name: [] for name in TABLES} | {"leads": [{"lead_id": "L"}], "activities": activities}
        facts = facts_of(engine_called(name), document, tables)
        running, plan = run(engine_called(name), document, facts, Instants(AS_OF, AS_OF), Wanted(by_rule=True, detail=True, counted=True))
        found.append(explanation(running, document, plan, "L"))
        running.close()
    assert found[0] == found[1] and len(found[0].lines[0].activities) == 10  # type: ignore[union-attr]
