"""``next_change_at``: nothing changes before it, and where something does change it is there."""

import os
from typing import Any

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from tests.engine.strategies import drawn, models
from tests.engine.tables import document_of, facts_of, shared_engine
from vaglio.plan import Instants
from vaglio.scoring import score_rows

EXAMPLES = int(os.environ.get("VAGLIO_CLOCK_EXAMPLES", "4"))
SHOWN = ("rating", "temperature", "excluded_by", "flags", "roles", "answers", "buying_stage")
AHEAD = [10**6, 60 * 10**6, 3600 * 10**6, 86_400 * 10**6, 8 * 86_400 * 10**6, 40 * 86_400 * 10**6, 400 * 86_400 * 10**6]


def shown(case: Any, as_of: int, *, clock: bool = False, learning: bool = False) -> dict[str, dict[str, Any]]:
    """Return each lead's visible state at an instant, knowing what was known then, or, ``learning``, what is stored and comes due."""
    plain, facts, then, known_at = case
    known_at += as_of - then if learning else 0
    document = document_of(plain)
    engine = shared_engine()
    rows = score_rows(engine, document, facts_of(engine, document, facts), Instants(as_of, known_at), next_change=clock)
    return {row["lead_id"]: row for row in rows}


@pytest.mark.parametrize("part", range(4))
def test_nothing_changes_before_it(part: int) -> None:
    @seed(20261122 + part)
    @drawn(max(1, EXAMPLES // 4))
    @given(models(), st.sampled_from(AHEAD), st.integers(0, 10**6), st.booleans())
    def check(case: Any, ahead: int, more: int, learning: bool) -> None:
        as_of = case[2]
        now = shown(case, as_of, clock=True)
        instants = {_microseconds(row["next_change_at"]) for row in now.values() if row["next_change_at"]}
        # Just before each lead's bound is where a bound that comes too late shows.
        later_instants = {as_of + ahead + more, *(instant - 1 for instant in sorted(instants)[:2])} - {as_of}
        for instant in later_instants:
            then = shown(case, instant, learning=learning)
            for lead_id, row in now.items():
                bound = row["next_change_at"]
                if bound is None or instant < _microseconds(bound):
                    assert {name: then[lead_id][name] for name in SHOWN} == {name: row[name] for name in SHOWN}, (lead_id, bound, instant)

    check()


def _microseconds(instant: Any) -> int:
    return int(instant.timestamp()) * 10**6 + int(instant.microsecond)
