"""Contributions: the totals taken apart again, a line per rule and per bound that bites; they sum exactly to the scores."""

from collections.abc import Iterator, Sequence

import ibis
import pyarrow as pa

from vaglio.plan.arithmetic import whole
from vaglio.plan.joins import inner_join
from vaglio.plan.slots import Slot, Slots
from vaglio.plan.straight import Straight
from vaglio.plan.values import Answers
from vaglio.terms import AXES, to_millipoints

Name = tuple[str, str, str]  # axis, rule id, part
Lines = list[tuple[Name, ibis.Value]]  # what lines are called, and what they give
_NAMES = pa.schema({"line": pa.int32(), "axis": pa.string(), "rule_id": pa.string(), "part": pa.string()})


def contributions(answers: Answers, placed: Slots, table: ibis.Table, summed: Sequence[Straight]) -> ibis.Table:
    """Return ``lead_id, axis, rule_id, part, millipoints``, none of them 0; every rule of ``placed`` has a slot of its own.

    Kept are lines by number, spelled out when a result is read: texts are most of what writing many of them costs.
    """
    names: list[Name] = []
    parts = []
    for source, lines in [(table, _totals_lines(answers, placed, table)), *(_straight_lines(table, each) for each in summed)]:
        if lines:
            parts.append(answers.steps.taken_apart(source, dict(enumerate((value for _name, value in lines), len(names)))))
            names += [name for name, _value in lines]
    if not parts:
        parts = [answers.steps.taken_apart(table, {0: whole(0)})]
    rows = answers.steps.keep("contributions", ibis.union(*parts) if len(parts) > 1 else parts[0])
    told = pa.Table.from_pylist([dict(zip(_NAMES.names, (line, *name), strict=True)) for line, name in enumerate(names)], _NAMES)
    named = answers.steps.mapping("line_names", told.schema, lambda _found: told)
    return inner_join(rows, named, ["line"]).select("lead_id", "axis", "rule_id", "part", "millipoints")


def _straight_lines(table: ibis.Table, summed: Straight) -> tuple[ibis.Table, Lines]:
    scored = inner_join(summed.table, table.select(scored_id="lead_id"), [("lead_id", "scored_id")])
    return scored, [line for slot in summed.slots for line in _of_slot(slot, scored[f"s_{slot.number}"])]


def _totals_lines(answers: Answers, placed: Slots, table: ibis.Table) -> Lines:
    lines = [line for slot in placed.slots if not slot.is_straight() for line in _of_slot(slot, table[f"t_{slot.number}"])]
    return [*lines, *_bound_lines(answers, placed, table)]


def _of_slot(slot: Slot, value: ibis.Value) -> Iterator[tuple[Name, ibis.Value]]:
    (scored,) = slot.rules
    yield (scored.axis, scored.rule.id, "rule"), value
    if slot.cap is not None:
        yield (scored.axis, scored.rule.id, "cap"), slot.kept(value) - value


def _bound_lines(answers: Answers, placed: Slots, table: ibis.Table) -> Iterator[tuple[Name, ibis.Value]]:
    for axis in AXES:
        ruleset = answers.document.axis(axis)
        if ruleset.intercept:
            yield (axis, "intercept", "rule"), whole(to_millipoints(ruleset.intercept))
        if ruleset.floor is not None:
            yield (axis, axis, "floor"), table[f"floored_{axis}"] - table[f"raw_{axis}"]
        if ruleset.at_most is not None:
            yield (axis, axis, "cap"), table[f"score_{axis}"] - table[f"floored_{axis}"]
    for n, bucket in enumerate(placed.buckets):
        if bucket.group:
            yield (bucket.axis, bucket.group, "cap"), table[f"g_{n}"] - table[f"b_{n}"]
