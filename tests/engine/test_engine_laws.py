"""The laws of scoring, asked of the engine itself on models and facts that hypothesis makes."""

import random
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.engines import spark
from tests.engine.oracle import OracleResult
from tests.engine.oracle_examples import DAY
from tests.engine.oracle_text import SECOND
from tests.engine.strategies import LAWS as MODELS
from tests.engine.strategies import Case, drawn, models
from tests.engine.tables import all_on
from tests.engine.test_equals_oracle import engine_answer
from tests.engine.test_oracle_laws import moved, unordered, without_the_later
from vaglio.kept import Kept

LAWS = settings(drawn(MODELS), derandomize=True)
# Another document has another fingerprint, and another time is another time; nothing else may differ.
PLANS = Kept()  # of one document, whatever is known and when, there is one plan
ASIDE = ("fingerprint", "as_of", "known_at", "model")


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=pytest.mark.drill), spark(pytest.mark.drill)], autouse=True)
def engine_name(request: pytest.FixtureRequest) -> Iterator[str]:
    with all_on(request.param):
        yield request.param


def answer(case: Any) -> OracleResult:
    scores, lines = engine_answer(case, by_rule=True, plans=PLANS)
    kept = {lead_id: {name: value for name, value in row.items() if name not in ASIDE} for lead_id, row in scores.items()}
    return OracleResult(kept, sorted(lines))


@LAWS
@given(models())
def test_parts_sum_to_the_score(case: Case) -> None:
    found = answer(case)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for lead_id, axis, _, _, millipoints in found.contributions:
        assert millipoints != 0
        sums[lead_id, axis] += millipoints
    for lead_id, row in found.scores.items():
        assert row["profile_millipoints"] == sums[lead_id, "profile"]
        assert row["engagement_millipoints"] == sums[lead_id, "engagement"]
    assert sorted(row["rank"] for row in found.scores.values()) == [*range(1, len(found.scores) + 1)]


@LAWS
@given(models(), st.integers(0, 1000))
def test_the_order_of_rows_and_rules_changes_nothing(case: Case, seed: int) -> None:
    document, facts, as_of, known_at = deepcopy(case)
    shuffle = random.Random(seed).shuffle
    for rows in [*facts.values(), document["profile"]["rules"], document["engagement"]["rules"]]:
        shuffle(rows)
    assert unordered(answer((document, facts, as_of, known_at))) == unordered(answer(case))


@LAWS
@given(models())
def test_a_rule_that_never_fires_changes_nothing(case: Case) -> None:
    document, facts, as_of, known_at = deepcopy(case)
    silent = {
        "id": "silent",
        "kind": "activity",
        "activity": "page_viewed",
        "where": {"path": "/nobody-ever-goes-here"},
        "points": 50,
        "within": "9d",
    }
    document["engagement"]["rules"].append(silent)
    assert answer((document, facts, as_of, known_at)) == answer(case)


@LAWS
@given(models(absolute_dates=False), st.integers(-50, 50))
def test_moving_all_times_by_whole_weeks_changes_nothing(case: Case, weeks: int) -> None:
    document, facts, as_of, known_at = case
    by = weeks * 7 * DAY * SECOND
    assert answer((document, moved(facts, document, by), as_of + by, known_at + by)) == answer(case)


@LAWS
@given(models())
def test_what_became_known_later_changes_nothing(case: Case) -> None:
    document, facts, as_of, known_at = case
    assert answer((document, without_the_later(facts, known_at), as_of, known_at)) == answer(case)
