"""Two results side by side: moves between cells, and the rules behind them."""

from functools import reduce
from typing import Any

import ibis
from ibis import _

from vaglio.counted import Groups, groups_of
from vaglio.document import ModelDocument
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


def moving_rules(engine: Engine, documents: tuple[ModelDocument, ModelDocument], before: Any, after: Any) -> list[dict[str, Any]]:
    """Return the rules that give leads that move more or less, after their caps, the strongest first.

    A group that either model caps is one for that lead, by its name: :func:`vaglio.counted.changed` for many leads, where these are.
    """
    pairs = _pairs(before.scores, after.scores)
    moved = pairs.filter(pairs.old != pairs.new).select("lead_id")
    keys = ["lead_id", "axis", "rule_id", "part"]
    sides = [
        _grouped(its.contributions.select(*keys, millipoints=its.contributions.millipoints * sign), groups_of(document))
        for its, document, sign in zip((before, after), documents, (-1, 1), strict=True)
    ]
    lines = _netted(ibis.union(*sides).semi_join(moved, "lead_id"))
    changed = lines.group_by(keys).aggregate(change=_.millipoints.sum()).filter(_.change != 0)
    columns = {"leads": _.count(), "millipoints": _.change.sum(), "strength": _.change.abs().sum()}
    summed = changed.group_by("axis", "rule_id", "part").aggregate(**columns)
    ordered = summed.order_by(ibis.desc("strength"), "axis", "rule_id", "part").limit(_LIMIT).drop("strength")
    return engine.arrow(ordered).to_pylist()


def _grouped(lines: ibis.Table, groups: Groups) -> ibis.Table:
    """Return lines with the group of their rule, and the group from which they took something where they are its cap."""
    nothing = ibis.literal(None, type="string")
    of = [((lines.axis == axis) & (lines.rule_id == rule), group) for (axis, rule), group in sorted(groups.items())]
    caps = [
        (lines.axis == axis) & (lines.rule_id == name) for axis, name in sorted({(axis, name) for (axis, _rule), name in groups.items()})
    ]
    is_cap = reduce(lambda one, other: one | other, caps, ibis.literal(False)) & (lines.part == "cap")
    return lines.mutate(of_group=ibis.cases(*of) if of else nothing, capped=ibis.ifelse(is_cap, lines.rule_id, nothing))


def _netted(lines: ibis.Table) -> ibis.Table:
    """Return lines by what they are told as: a rule with its own cap, a group that was capped for that lead, or a bound of an axis."""
    as_one = lines.filter(lines.capped.notnull()).select(lead="lead_id", of_axis="axis", name="capped").distinct()
    found = lines.left_join(as_one, [lines.lead_id == as_one.lead, lines.axis == as_one.of_axis, lines.of_group == as_one.name])
    return found.select(
        "lead_id",
        "axis",
        "millipoints",
        rule_id=ibis.coalesce(found.name, found.rule_id),
        part=ibis.ifelse(found.rule_id == found.axis, found.part, "rule"),
    )
