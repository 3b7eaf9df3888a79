"""The engine against the independent oracle: hypothesis-made models and histories, to the last millipoint."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.engine import oracle
from tests.engine.engines import SPARK, spark
from tests.engine.strategies import cases, models
from tests.engine.tables import document_of, engine_called, facts_of, shared_engine
from vaglio.kept import Kept, run
from vaglio.plan import Instants, Wanted

EXAMPLES = int(os.environ.get("VAGLIO_ORACLE_EXAMPLES", "150"))
# Where a statement takes ten times as long, and a hundred times.
FEWER = {"postgres": int(os.environ.get("VAGLIO_FEWER_EXAMPLES", "50")), "spark": int(os.environ.get("VAGLIO_SPARK_EXAMPLES", "10"))}
FEWER_PARTS = 5
PARTS = 25  # small enough that no worker is left alone with the last
# The same examples on every run, so that a red run can be run again; a drill draws fresh ones by another number here.
SEED = int(os.environ.get("VAGLIO_ORACLE_SEED", "20261121"))

# Shrinking takes minutes for each red part, so it is asked for when somebody sits down to look: VAGLIO_ORACLE_SHRINK=1.
PHASES = (Phase.generate, Phase.shrink) if os.environ.get("VAGLIO_ORACLE_SHRINK") else (Phase.generate,)


def engine_answer(
    case: Any, *, by_rule: bool, name: str | None = None, plans: Kept | None = None
) -> tuple[dict[str, dict[str, Any]], list[tuple[Any, ...]]]:  # fmt: skip
    """Return scores by lead and contributions, as the oracle gives them; without ``plans`` they are planned anew."""
    plain, facts, as_of, known_at = case
    document = document_of(plain)
    engine = engine_called(name) if name else shared_engine()
    running, plan = run(engine, document, facts_of(engine, document, facts), Instants(as_of, known_at), Wanted(by_rule), plans or Kept())
    try:
        rows = {row["lead_id"]: row for row in running.arrow(plan, "scores").to_pylist()}
        lines = running.arrow(plan, "contributions").to_pylist() if by_rule else []
    finally:
        running.close()
    return rows, [(line["lead_id"], line["axis"], line["rule_id"], line["part"], line["millipoints"]) for line in lines]


def expected_answer(case: Any) -> oracle.OracleResult:
    plain, facts, as_of, known_at = case
    return oracle.score(plain, facts, as_of, known_at)


def assert_equal_scores(found: dict[str, dict[str, Any]], wanted: dict[str, dict[str, Any]]) -> None:
    assert set(found) == set(wanted)
    for lead_id, row in wanted.items():
        for column, value in row.items():
            wanted_value = str(value) if column == "digit" and value is not None else value
            if column == "probability" and value is not None:
                wanted_value = pytest.approx(value, abs=1e-12)
            assert found[lead_id][column] == wanted_value, (lead_id, column, found[lead_id][column], wanted_value)


def assert_equals_oracle(case: Any, name: str = "duckdb") -> None:
    """Compare scores and contributions, to the last millipoint."""
    wanted = expected_answer(case)
    found, lines = engine_answer(case, by_rule=True, name=name)
    assert_equal_scores(found, wanted.scores)
    assert sorted(lines) == sorted(wanted.contributions)


@pytest.mark.parametrize("name", ["duckdb", "sqlite"])
@pytest.mark.parametrize("part", range(PARTS))
def test_it_equals_the_oracle(part: int, name: str) -> None:
    some_equal_the_oracle(name, SEED + part, EXAMPLES // PARTS)


@pytest.mark.parametrize(
    ("part", "name"),
    [(part, "postgres") for part in range(min(FEWER_PARTS, FEWER["postgres"]))]
    + [pytest.param(part, "spark", marks=SPARK) for part in range(min(FEWER_PARTS, FEWER["spark"]))],
)
def test_elsewhere_it_equals_the_oracle(part: int, name: str) -> None:
    some_equal_the_oracle(name, SEED + part, FEWER[name] // FEWER_PARTS)


@pytest.mark.parametrize("name", ["duckdb", "sqlite", "postgres", spark()])
def test_no_rule_equals_the_oracle(name: str) -> None:
    """The simplest case there is."""

    @settings(max_examples=1, deadline=None, database=None, phases=PHASES, suppress_health_check=list(HealthCheck))
    @given(cases())
    def check(case: Any) -> None:
        assert_equals_oracle(case, name)

    check()


def some_equal_the_oracle(name: str, number: int, examples: int) -> None:
    @seed(number)
    @settings(max_examples=max(1, examples), deadline=None, database=None, phases=PHASES, suppress_health_check=list(HealthCheck))
    @given(models())
    def check(case: Any) -> None:
        assert_equals_oracle(case, name)

    check()


@pytest.mark.parametrize("part", range(2))
def test_totals_without_contributions_are_the_same(part: int) -> None:
    @seed(SEED + 100 + part)
    @settings(max_examples=max(1, EXAMPLES // 40), deadline=None, database=None, phases=PHASES,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(models())
    def check(case: Any) -> None:
        found, _lines = engine_answer(case, by_rule=False)
        assert_equal_scores(found, expected_answer(case).scores)

    check()


@pytest.mark.parametrize(
    "limits",
    [
        {"signatures.MAX_SIGNATURES": 3},  # every text property by its classes, the signatures that occur sought
        {"lanes.MAX_COLUMNS": 2},  # many passes over the activities
        {"lanes.ROOMS": (1, 2)},  # sums packed with too little room, and made again
        {"layout.EXPECTED": 0},  # signatures that were not expected: more rows of the mapping, larger sums
    ],
    ids=["classes", "passes", "room", "unexpected"],
)
def test_other_ways_through_large_data_give_the_same(limits: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in limits.items():
        monkeypatch.setattr(f"vaglio.plan.{name}", value)

    @seed(SEED + 200)
    @settings(max_examples=max(1, EXAMPLES // 20), deadline=None, database=None, phases=PHASES, suppress_health_check=list(HealthCheck))
    @given(models())
    def check(case: Any) -> None:
        assert_equals_oracle(case)

    check()
