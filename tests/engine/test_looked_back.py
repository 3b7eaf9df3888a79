"""How far back rules look: what is older gives no points and is counted nowhere, and what no rule names is missing."""

from typing import Any

from hypothesis import given, seed

from tests.engine.oracle_facts import World
from tests.engine.rules.score import DAY, INPUTS
from tests.engine.strategies import cases, drawn
from tests.engine.tables import document_of, engine_called, facts_of
from vaglio.explanation import explanation
from vaglio.kept import run
from vaglio.plan import Instants, Wanted
from vaglio.plan.readers import FOREVER, halving_horizon, looked_back


def far(*rules: dict[str, Any]) -> dict[str, int]:
    return looked_back(document_of({
        "format": 1, "name": "far", "inputs": INPUTS, "profile": {"rules": [], "letters": {"A": 3, "B": 2, "C": 1}},
        "engagement": {"rules": list(rules), "digits": {1: 3, 2: 2, 3: 1}},
        "journey": [{"stage": "decision", "any": [{"activity": "form_submitted"}]}],
    }))  # fmt: skip


def test_it_is_the_farthest_of_all_rules_that_name_the_type() -> None:
    viewed = {"id": "viewed", "kind": "activity", "activity": "page_viewed", "points": 5, "within": "30d"}
    faded = {"id": "faded", "kind": "activity", "activity": "email_clicked", "points": 5, "half_life": "1d"}
    count = {"id": "count", "kind": "activity_count", "activity": "page_viewed", "within": "90d", "bands": [{"at_least": 2, "points": 1}]}
    fast = {"id": "fast", "kind": "velocity", "activities": ["page_viewed"], "at_least": 2, "within": "3d", "points": 9, "fade": "100d"}
    silent = {"id": "silent", "kind": "inactivity", "activities": ["email_clicked"], "after": "1d", "points": -1}
    assert far(viewed) == {"page_viewed": 30 * DAY}  # a journey gives no points
    assert far(viewed, count) == {"page_viewed": 90 * DAY}
    assert far(viewed, count, fast) == {"page_viewed": 103 * DAY}
    assert far(faded) == {"email_clicked": halving_horizon(5_000, DAY)}
    assert far(faded, silent) == far(faded) and far(silent) == {}  # what is taken for silence is given for no activity
    assert far(faded, count | {"activity": "email_clicked", "within": None}) == {"email_clicked": FOREVER}
    assert far({"id": "any", "kind": "engaged_colleagues", "within": "7d", "at_least": 2, "points": 1}) == dict.fromkeys(
        INPUTS["activities"], 7 * DAY
    )


def test_nothing_older_gave_points_or_was_counted() -> None:
    seen = {"older": 0, "read": 0}

    @seed(20261127)
    @drawn(6)
    @given(cases())
    def check(case: Any) -> None:
        plain, facts, as_of, known_at = case
        document, engine = document_of(plain), engine_called("sqlite")
        limits = looked_back(document)
        running, plan = run(engine, document, facts_of(engine, document, facts), Instants(as_of, known_at),
                            Wanted(by_rule=True, detail=True, counted=True))  # fmt: skip
        seen["older"] += sum((as_of - act["occurred_at"]) // 10**6 >= limits.get(act["activity_type"], 0) for act in facts["activities"])
        try:
            for lead_id in World(plain, facts, as_of, known_at).leads:
                found = explanation(running, document, plan, lead_id)
                for line in found.lines if found else ():
                    for act in (
                        *line.activities,
                        *(act for counted in line.counted if counted.stat != "silence" for act in counted.activities),
                    ):
                        assert (as_of - act["occurred_us"]) // 10**6 < limits[act["activity_type"]], (line, act)
                        seen["read"] += 1
        finally:
            running.close()

    check()
    assert min(seen.values()) >= 20, seen
