"""Contributions: the totals taken apart again, a line per rule and per bound that bites; they sum exactly to the scores."""

from typing import Any

import ibis
import pyarrow as pa
from ibis import _

from vaglio.plan.arithmetic import bounded, whole
from vaglio.plan.joins import inner_join
from vaglio.plan.slots import Slots
from vaglio.plan.values import Answers
from vaglio.terms import AXES, to_millipoints


def contributions(answers: Answers, placed: Slots, table: ibis.Table) -> ibis.Table:
    """Return ``lead_id, axis, rule_id, part, millipoints``, none of them 0; every rule of ``placed`` has a slot of its own."""
    lines = [*_rule_lines(placed, table), *_bound_lines(answers, placed, table)]
    if not lines:
        lines = [(("profile", "none", "rule"), whole(0))]
    table_of_names = _names([name for name, _value in lines])
    names = answers.steps.mapping("line_names", table_of_names.schema, lambda _found: table_of_names)
    parts = [
        table.select("lead_id", line=whole(number), millipoints=value).filter(_.millipoints != 0)
        for number, (_name, value) in enumerate(lines)
    ]  # fmt: skip
    rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
    return inner_join(rows, names, ["line"]).select("lead_id", "axis", "rule_id", "part", "millipoints")


Lines = list[tuple[tuple[str, str, str], Any]]  # (axis, rule id, part), value


def _names(names: list[tuple[str, str, str]]) -> pa.Table:
    columns: dict[str, Any] = {"line": pa.array(range(len(names)), pa.int64())}
    for place, column in enumerate(("axis", "rule_id", "part")):
        columns[column] = pa.array([name[place] for name in names], pa.string())
    return pa.table(columns)


def _rule_lines(placed: Slots, table: ibis.Table) -> Lines:
    found: Lines = []
    for slot in placed.slots:
        (scored,) = slot.rules
        value = table[f"t_{slot.number}"]
        found.append(((scored.axis, scored.rule.id, "rule"), value))
        if slot.cap is not None:
            found.append(((scored.axis, scored.rule.id, "cap"), bounded(value, slot.cap) - value))
    return found


def _bound_lines(answers: Answers, placed: Slots, table: ibis.Table) -> Lines:
    found: Lines = []
    for axis in AXES:
        ruleset = answers.document.axis(axis)
        if ruleset.intercept:
            found.append(((axis, "intercept", "rule"), whole(to_millipoints(ruleset.intercept))))
        if ruleset.floor is not None:
            found.append(((axis, axis, "floor"), table[f"floored_{axis}"] - table[f"raw_{axis}"]))
        if ruleset.at_most is not None:
            found.append(((axis, axis, "cap"), table[f"score_{axis}"] - table[f"floored_{axis}"]))
    for n, bucket in enumerate(placed.buckets):
        if bucket.group:
            found.append(((bucket.axis, bucket.group, "cap"), table[f"g_{n}"] - table[f"b_{n}"]))
    return found
