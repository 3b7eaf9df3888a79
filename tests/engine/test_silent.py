"""A rule that gave nothing says why not, exactly: what the engine's answers tell against what the oracle finds in the facts."""

from collections import Counter
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, seed

from tests.engine import oracle
from tests.engine.oracle_facts import Lead, Row, World
from tests.engine.oracle_points import award, millipoints, worth
from tests.engine.rules.score import AS_OF, DAY, HOUR, INPUTS, TABLES, did
from tests.engine.strategies import cases, drawn
from tests.engine.tables import document_of, engine_called, facts_of, shared_engine
from tests.engine.test_counted import KINDS as COUNTING
from vaglio.explanation import Silent, explanation
from vaglio.kept import run
from vaglio.plan import Instants, Wanted
from vaglio.scoring import explain


def paid(rule: Row) -> Row:
    """Return a rule of which everything that may hold gives a point."""
    made = deepcopy(rule)
    for name in ("weight", "at_most"):
        made.pop(name, None)
    made["points"] = [[1 for _points in row] for row in rule["points"]] if isinstance(rule.get("points"), list) else 1
    for band in made.get("bands", ()):
        band.pop("award", None)
        band["points"] = 1
    return made


def gives_nothing_ever(rule: Row) -> bool:
    points = rule.get("points")
    if isinstance(points, list):
        return not any(millipoints(each) for row in points for each in row)
    return not any(award(band, rule) for band in rule["bands"]) if "bands" in rule else not worth(rule)


def reason(rule: Row, lead: Lead, world: World) -> str:
    """Return why a rule gave a lead nothing, from the facts alone."""
    kind = rule["kind"]
    if gives_nothing_ever(rule):
        return "worthless"
    if kind in ("list_member", "inactivity"):
        return {"list_member": "unlisted", "inactivity": "awake"}[kind]
    if kind == "activity":
        return "over" if world.matching(rule, lead.lead_id) else "none"
    if kind in ("velocity", "sequence"):
        return "over" if any(found for _number, found in COUNTING[kind](rule, lead, world)) else "never"
    return _of_bands(rule, lead, world)


def _of_bands(rule: Row, lead: Lead, world: World) -> str:
    kind = rule["kind"]
    if oracle.KINDS[kind](paid(rule), lead, world):
        return "worthless"
    sides = [rule] if kind != "bands_2d" else [rule["first"], rule["second"]]
    asked = [side["input"] for side in sides] if kind in ("bands", "bands_2d") else [rule]
    fields = oracle.inputs_of(rule) if kind in ("fields", "bands", "bands_2d") else set()
    measured = [each for each in asked if "field" not in each] if kind != "fields" else []
    if not measured:
        return "unheld" if any(lead.values[name].value is not None for name in fields) else "unknown"
    if fields or kind == "engaged_colleagues" or any(found for _number, found in COUNTING[kind](rule, lead, world)):
        return "unheld"
    return "over" if any(world.matching(each, lead.lead_id) for each in measured) else "none"


@pytest.mark.parametrize(("name", "examples"), [("duckdb", 2), ("sqlite", 6)])
def test_why_not_is_what_the_facts_say(name: str, examples: int) -> None:
    compared: Counter[str] = Counter()

    @seed(20261127)
    @drawn(examples)
    @given(cases())
    def check(case: Any) -> None:
        plain, facts, as_of, known_at = case
        document, engine, world = document_of(plain), engine_called(name), World(plain, facts, as_of, known_at)
        rules = {rule["id"]: rule for axis in oracle.AXES for rule in (plain.get(axis) or {}).get("rules") or []}
        running, plan = run(engine, document, facts_of(engine, document, facts), Instants(as_of, known_at), WANTED)
        try:
            for lead_id, lead in world.leads.items():
                if (found := explanation(running, document, plan, lead_id)) is None:
                    continue
                gave = {line.rule_id for line in found.lines if line.part == "rule"}
                assert [each.rule_id for each in found.silent] == [rule_id for rule_id in rules if rule_id not in gave]
                for each in found.silent:
                    assert each.reason == reason(rules[each.rule_id], lead, world), (lead_id, rules[each.rule_id])
                    assert (each.latest is not None) == (
                        each.reason == "over" and rules[each.rule_id]["kind"] not in ("velocity", "sequence")
                    )
                    compared[each.reason] += 1
        finally:
            running.close()

    check()
    assert len(compared) >= (3 if examples < 6 else 7), compared


WANTED = Wanted(by_rule=True, detail=True, counted=True)
RULES = [
    {"id": "pricing", "kind": "activity", "activity": "page_viewed", "where": {"path": "/pricing"}, "points": 5, "within": "30d"},
    {"id": "clicks", "kind": "activity", "activity": "email_clicked", "points": 1, "half_life": "1h"},
    {"id": "demo", "kind": "activity", "activity": "form_submitted", "where": {"form": "demo"}, "points": 30},
    {"id": "keen", "kind": "activity_count", "activity": "page_viewed", "bands": [{"at_least": 5, "points": 9}]},
    {"id": "fast", "kind": "velocity", "activity": "page_viewed", "at_least": 2, "within": "2h", "points": 4, "half_life": "1h"},
    {"id": "quiet", "kind": "inactivity", "after": "60d", "points": -5},
    {"id": "named", "kind": "list_member", "list": "partners", "points": 5},
    {"id": "title", "kind": "fields", "field": "job_title", "points": 5, "bands": [{"any_word": "cto"}]},
    {"id": "grown", "kind": "fields", "field": "employees", "points": 5, "bands": [{"from": 50}, {"known": True, "points": 0}]},
    {"id": "large", "kind": "fields", "field": "account.size", "points": 5, "bands": [{"from": 500}]},
]  # fmt: skip


def silent(activities: list[Row], **lead: Any) -> dict[str, Silent]:
    document = document_of({
        "format": 1, "name": "silent", "inputs": INPUTS,
        "profile": {"rules": [], "letters": {"A": 3, "B": 2, "C": 1}},
        "engagement": {"rules": RULES, "floor": "none", "digits": {1: 3, 2: 2, 3: 1}},
    })  # fmt: skip
    tables = {name: [] for name in TABLES} | {"leads": [{"lead_id": "L", **lead}], "activities": activities}
    engine = shared_engine()
    found = explain(engine, document, facts_of(engine, document, tables), Instants(AS_OF, AS_OF), "L")
    assert found is not None
    return {each.rule_id: each for each in found.silent}


def test_each_reason_is_told() -> None:
    long_ago = [did(40 * DAY, path="/pricing", message_id="a"), did(40 * DAY + HOUR, path="/pricing", message_id="b")]
    found = silent([*long_ago, did(30 * DAY, "email_clicked"), did(DAY, "form_submitted", form="news")], job_title="Clerk", employees=3)
    assert {rule_id: each.reason for rule_id, each in found.items()} == {
        "pricing": "over", "clicks": "over", "demo": "none", "keen": "unheld", "fast": "over", "quiet": "awake", "named": "unlisted",
        "title": "unheld", "grown": "worthless", "large": "unknown",
    }  # fmt: skip
    assert found["pricing"].latest is not None and found["pricing"].latest["message_id"] == "a"
    assert found["grown"].branch == "+0 when employees is filled in" and found["title"].branch == ""
    assert [(each.stat, each.number) for each in found["keen"].counted] == [("count", 2)]
    assert [each["message_id"] for each in found["fast"].counted[0].activities] == ["a", "b"]


def test_what_nobody_did_and_machines_did_is_none() -> None:
    found = silent([did(DAY, path="/pricing", is_machine=True), did(-HOUR, path="/pricing"), did(2 * DAY, path="/pricing", received=-HOUR)])
    assert {rule_id: found[rule_id].reason for rule_id in ("pricing", "keen", "fast", "title")} == {
        "pricing": "none", "keen": "none", "fast": "never", "title": "unknown",
    }  # fmt: skip
    assert found["pricing"].latest is None
