"""Ranks are the places of a sort, also over many rows and several threads."""

import random

import pyarrow as pa

from vaglio.engines.duckdb import DuckDBEngine
from vaglio.plan import Facts, Instants, Plan
from vaglio.plan.facts import facts_of_shape
from vaglio.plan.steps import Order

ROWS = 500_000  # several of DuckDB's row groups of 122,880


def test_ranks_of_many_rows_are_those_of_a_sort() -> None:
    drawn = random.Random(3)
    names = [f"L{number:07}" for number in range(ROWS)]
    drawn.shuffle(names)
    totals = [drawn.randrange(50) for _ in names]
    engine = DuckDBEngine(threads=4)
    try:
        table = engine.load("to_rank", pa.table({"lead_id": names, "total": totals}))
        facts, steps = Facts(table), engine.steps("run_")
        leads = facts_of_shape(facts.shape(), steps.token).leads
        ranked = steps.ranked("ranked", leads, [Order("total", down=True), Order("lead_id")])
        plan = Plan(steps.token, tuple(steps.made), {"ranked": ranked})
        running = engine.run(facts, Instants(0, 0))
        running.carry_out(plan)
        found = running.arrow(plan, "ranked")
    finally:
        engine.close()
    wanted = {name: place for place, (_total, name) in enumerate(sorted(zip((-t for t in totals), names, strict=True)), start=1)}
    assert dict(zip(found.column("lead_id").to_pylist(), found.column("rank").to_pylist(), strict=True)) == wanted
