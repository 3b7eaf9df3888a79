"""Two results side by side: moves between cells, and the rules behind them."""

from typing import Any

import ibis
from ibis import _

from vaglio.engine import Engine

_LIMIT = 200


def _cells(scores: ibis.Table, prefix: str) -> ibis.Table:
    cell = ibis.ifelse(_.rating.isnull(), "excluded", _.rating)
    return scores.select(**{f"{prefix}_id": "lead_id", f"{prefix}_cell": cell})


def _pairs(before: ibis.Table, after: ibis.Table) -> ibis.Table:
    joined = _cells(before, "old").outer_join(_cells(after, "new"), [("old_id", "new_id")])
    return joined.select(
        lead_id=ibis.coalesce(joined.old_id, joined.new_id),
        old=joined.old_cell.fill_null("no row"),
        new=joined.new_cell.fill_null("no row"),
    )


def moves(engine: Engine, before: ibis.Table, after: ibis.Table) -> list[dict[str, Any]]:
    """Return how many leads go from each cell to each cell."""
    counted = _pairs(before, after).group_by("old", "new").aggregate(leads=_.count())
    rows = engine.arrow(counted.order_by(ibis.desc("leads"), "old", "new")).to_pylist()
    return [{"from": row["old"], "to": row["new"], "leads": row["leads"]} for row in rows]


def moving_rules(engine: Engine, before: Any, after: Any) -> list[dict[str, Any]]:
    """Return the rules whose contributions differ for leads that move, the strongest first."""
    pairs = _pairs(before.scores, after.scores)
    moved = pairs.filter(pairs.old != pairs.new).select("lead_id")
    keys = ["lead_id", "axis", "rule_id", "part"]
    old = before.contributions.select(*keys, millipoints=-before.contributions.millipoints)
    new = after.contributions.select(*keys, "millipoints")
    lines = ibis.union(old, new).semi_join(moved, "lead_id")
    changed = lines.group_by(keys).aggregate(change=_.millipoints.sum()).filter(_.change != 0)
    columns = {"leads": _.count(), "millipoints": _.change.sum(), "strength": _.change.abs().sum()}
    summed = changed.group_by("axis", "rule_id", "part").aggregate(**columns)
    ordered = summed.order_by(ibis.desc("strength"), "axis", "rule_id", "part").limit(_LIMIT).drop("strength")
    return engine.arrow(ordered).to_pylist()
