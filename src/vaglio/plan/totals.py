"""Totals: rule caps, group caps, floor and cap of each axis, and the line each bound that bites leaves behind."""

from dataclasses import dataclass

import ibis
import pyarrow as pa
from ibis import _

from vaglio.document import ModelDocument
from vaglio.plan.arithmetic import bounded, whole
from vaglio.plan.joins import inner_join, left_join
from vaglio.plan.lines import Answers, Slots, is_marked
from vaglio.terms import AXES, to_millipoints


@dataclass(frozen=True)
class Totals:
    """``table``: per scored lead ``b_<bucket>`` (unbounded), ``g_<bucket>`` (bounded), ``raw_``, ``floored_``, ``score_<axis>``, ``fired_<rule>``."""

    table: ibis.Table
    capped: ibis.Table | None


def totals(answers: Answers, placed: Slots, found: ibis.Table | None) -> Totals:
    """Return the totals of every lead in the audience."""
    document = answers.document
    scored = _audience(answers)
    marked = [rule for rule in answers.rules if is_marked(rule)]
    capped = None
    if found is not None:
        mapping = answers.session.upload("slots", placed.table())
        capped = inner_join(found, mapping, ["slot"]).mutate(kept=bounded(_.value, _.cap))
        sums = {f"b_{n}": capped.kept.sum(where=capped.bucket == n) for n in range(len(placed.buckets))}
        fired = {f"fired_{rule.number}": (capped.slot == placed.of_rule[rule.number]).any() for rule in marked}
        wide = capped.group_by("lead_id").aggregate(**sums, **fired).rename(summed_id="lead_id")
        scored = left_join(scored, wide, "lead_id", "summed_id").drop("summed_id")
        scored = scored.mutate(
            **{name: scored[name].fill_null(0).cast("int64") for name in sums},
            **{name: scored[name].fill_null(False) for name in fired},
        )
    else:
        scored = scored.mutate(**{f"b_{n}": whole(0) for n in range(len(placed.buckets))},
                               **{f"fired_{rule.number}": ibis.literal(False) for rule in marked})  # fmt: skip
    return Totals(answers.session.keep("totals", _bounds(document, placed, scored)), capped)


def _audience(answers: Answers) -> ibis.Table:
    table = answers.people.table
    return table.filter(answers.people.condition(answers.document.audience_expr())) if answers.document.audience else table


def _bounds(document: ModelDocument, placed: Slots, table: ibis.Table) -> ibis.Table:
    groups = {
        f"g_{n}": table[f"b_{n}"] if bucket.cap is None else bounded(table[f"b_{n}"], bucket.cap)
        for n, bucket in enumerate(placed.buckets)
    }
    table = table.mutate(**groups)
    for axis in AXES:
        ruleset = document.axis(axis)
        raw: ibis.Value = whole(to_millipoints(ruleset.intercept))
        for n, bucket in enumerate(placed.buckets):
            if bucket.axis == axis:
                raw = raw + table[f"g_{n}"]
        table = table.mutate(**{f"raw_{axis}": raw})
        floored = table[f"raw_{axis}"]
        if ruleset.floor is not None:
            floored = ibis.greatest(floored, whole(to_millipoints(ruleset.floor)))
        score = floored if ruleset.at_most is None else ibis.least(floored, whole(to_millipoints(ruleset.at_most)))
        table = table.mutate(**{f"floored_{axis}": floored, f"score_{axis}": score})
    return table


def contributions(answers: Answers, placed: Slots, found: Totals) -> ibis.Table:
    """Return ``lead_id, axis, rule_id, part, millipoints``: lines that sum to the scores, none of them 0."""
    parts = [_bound_lines(answers, placed, found.table)]
    if found.capped is not None:
        names = answers.session.upload("rule_names", pa.table({
            "slot": pa.array([rule.number for rule in answers.rules], pa.int64()),
            "axis": pa.array([rule.axis for rule in answers.rules], pa.string()),
            "rule_id": pa.array([rule.rule.id for rule in answers.rules], pa.string()),
        }))  # fmt: skip
        inside = found.table.select(scored_id="lead_id")
        named = inner_join(found.capped, names, ["slot"])
        named = inner_join(named, inside, [("lead_id", "scored_id")])
        parts.append(_line(named, named.axis, named.rule_id, "rule", named.value))
        parts.append(_line(named, named.axis, named.rule_id, "cap", named.kept - named.value))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _line(table: ibis.Table, axis: ibis.Value | str, rule_id: ibis.Value | str, part: str, value: ibis.Value) -> ibis.Table:
    return table.select(
        lead_id="lead_id",
        axis=ibis.literal(axis, "string") if isinstance(axis, str) else axis,
        rule_id=ibis.literal(rule_id, "string") if isinstance(rule_id, str) else rule_id,
        part=ibis.literal(part, "string"),
        millipoints=value.cast("int64"),
    ).filter(_.millipoints != 0)


def _bound_lines(answers: Answers, placed: Slots, table: ibis.Table) -> ibis.Table:
    parts = []
    for axis in AXES:
        ruleset = answers.document.axis(axis)
        parts.append(_line(table, axis, "intercept", "rule", whole(to_millipoints(ruleset.intercept))))
        parts.append(_line(table, axis, axis, "floor", table[f"floored_{axis}"] - table[f"raw_{axis}"]))
        parts.append(_line(table, axis, axis, "cap", table[f"score_{axis}"] - table[f"floored_{axis}"]))
    for n, bucket in enumerate(placed.buckets):
        if bucket.group:
            parts.append(_line(table, bucket.axis, bucket.group, "cap", table[f"g_{n}"] - table[f"b_{n}"]))
    return ibis.union(*parts)
