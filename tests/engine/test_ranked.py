"""Ranks are the places of a sort, also over many rows, several threads and the parts of a cluster."""

import random
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from tests.engine.engines import needs_spark
from tests.engine.tables import engine_called
from vaglio.engines.duckdb import DuckDBEngine
from vaglio.plan import Facts, Instants, Plan
from vaglio.plan.facts import facts_of_shape
from vaglio.plan.steps import Order

ROWS = 250_000  # three of DuckDB's row groups of 122,880
PARTS = "spark.sql.shuffle.partitions"


def drawn(rows: int) -> pa.Table:
    made = random.Random(3)
    names = [f"L{number:07}" for number in range(rows)]
    made.shuffle(names)
    return pa.table({"lead_id": pa.array(names, pa.string()), "total": pa.array([made.randrange(50) for _ in names], pa.int64())})


def ranks(engine: Any, rows: pa.Table) -> dict[str, int]:
    """Return the rank of each lead: the most first, then by name."""
    table = engine.load("to_rank", rows)
    facts, steps = Facts(table), engine.steps("run_")
    leads = facts_of_shape(facts.shape(), steps.token).leads
    ranked = steps.ranked("ranked", leads, [Order("total", down=True), Order("lead_id")])
    plan = Plan(steps.token, tuple(steps.made), {"ranked": ranked})
    running = engine.run(facts, Instants(0, 0))
    try:
        running.carry_out(plan)
        found = running.arrow(plan, "ranked")
    finally:
        running.close()
    return dict(zip(found.column("lead_id").to_pylist(), found.column("rank").to_pylist(), strict=True))


def places(rows: pa.Table) -> dict[str, int]:
    ordered = sorted((-row["total"], row["lead_id"]) for row in rows.to_pylist())
    return {name: place for place, (_total, name) in enumerate(ordered, start=1)}


def test_ranks_of_many_rows_are_those_of_a_sort() -> None:
    rows, engine = drawn(ROWS), DuckDBEngine(threads=4)
    try:
        assert ranks(engine, rows) == places(rows)
    finally:
        engine.close()


@pytest.fixture
def in_parts() -> Iterator[Any]:
    """Spark, which sorts into several parts meanwhile."""
    engine: Any = engine_called("spark")
    before = engine.session.spark.conf.get(PARTS)
    engine.session.spark.conf.set(PARTS, "5")
    yield engine
    engine.session.spark.conf.set(PARTS, before)


@needs_spark
@pytest.mark.parametrize("number", [3_000, 2, 0])
def test_ranks_go_on_from_part_to_part(in_parts: Any, number: int) -> None:
    rows = drawn(number)
    assert ranks(in_parts, rows) == places(rows)


@needs_spark
def test_a_sort_is_in_parts(in_parts: Any) -> None:
    in_parts.load("to_sort", drawn(3_000))
    kept = in_parts.session.kept("SELECT * FROM to_sort", [Order("total")])
    assert kept.rdd.getNumPartitions() > 2
    in_parts.session.release(kept)
