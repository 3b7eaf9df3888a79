"""Totals: rule caps, group caps, floor and cap of each axis, and the line each bound that bites leaves behind."""

from dataclasses import dataclass

import ibis
import pyarrow as pa
from ibis import _

from vaglio.document import ModelDocument
from vaglio.plan.arithmetic import bounded, whole
from vaglio.plan.joins import inner_join, left_join
from vaglio.plan.lines import Answers, Slots, is_marked
from vaglio.plan.readers import Scored
from vaglio.terms import AXES, to_millipoints


@dataclass(frozen=True)
class Totals:
    """``table``: per scored lead ``b_<bucket>`` (unbounded), ``g_<bucket>`` (bounded), ``fired_<rule>``, and for each axis
    ``raw_``, ``floored_`` and ``score_``; ``capped``: the lines with what their rule's cap kept.
    """

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
        fired = {f"fired_{rule.number}": _fires(capped, rule, placed).any() for rule in marked}
        wide = capped.group_by("lead_id").aggregate(**sums, **fired).rename(summed_id="lead_id")
        scored = left_join(scored, wide, "lead_id", "summed_id").drop("summed_id")
        columns = {name: scored[name].fill_null(0).cast("int64") for name in sums}
        columns |= {name: scored[name].fill_null(False) for name in fired}
    else:
        columns = {f"b_{n}": whole(0) for n in range(len(placed.buckets))}
        columns |= {f"fired_{rule.number}": ibis.literal(False) for rule in marked}
    kept = [name for name in answers.people.table.columns if name not in ("account_id", "created_us")]
    table = scored.select(*kept, **columns, **_bounds(document, placed, columns))
    return Totals(answers.session.keep("totals", table), capped)


def _fires(capped: ibis.Table, rule: Scored, placed: Slots) -> ibis.Value:
    """Whether a line shows that a rule fired: it gave points, or a band of fields held, if only for 0 points."""
    own = capped.slot == placed.of_rule[rule.number]
    return own if rule.rule.kind == "fields" else own & (capped.value != 0)


def _audience(answers: Answers) -> ibis.Table:
    table = answers.people.table
    return table.filter(answers.people.condition(answers.document.audience_expr())) if answers.document.audience else table


def _bounds(document: ModelDocument, placed: Slots, table: dict[str, ibis.Value]) -> dict[str, ibis.Value]:
    groups = {
        f"g_{n}": table[f"b_{n}"] if bucket.cap is None else bounded(table[f"b_{n}"], bucket.cap)
        for n, bucket in enumerate(placed.buckets)
    }
    for axis in AXES:
        ruleset = document.axis(axis)
        raw: ibis.Value = whole(to_millipoints(ruleset.intercept))
        for n, bucket in enumerate(placed.buckets):
            if bucket.axis == axis:
                raw = raw + groups[f"g_{n}"]
        floored = raw
        if ruleset.floor is not None:
            floored = ibis.greatest(raw, whole(to_millipoints(ruleset.floor)))
        score = floored if ruleset.at_most is None else ibis.least(floored, whole(to_millipoints(ruleset.at_most)))
        groups |= {f"raw_{axis}": raw, f"floored_{axis}": floored, f"score_{axis}": score}
    return groups


def contributions(answers: Answers, placed: Slots, found: Totals) -> ibis.Table:
    """Return ``lead_id, axis, rule_id, part, millipoints``: lines that sum to the scores, none of them 0."""
    parts = _bound_lines(answers, placed, found.table)
    if found.capped is not None:
        names = answers.session.upload("rule_names", rule_names(answers))
        inside = found.table.select(scored_id="lead_id")
        named = inner_join(found.capped, names, ["slot"])
        # Activities of people outside the audience, or of nobody, gave lines too.
        named = inner_join(named, inside, [("lead_id", "scored_id")])
        parts.append(_line(named, named.axis, named.rule_id, "rule", named.value))
        if any(rule.rule.at_most is not None for rule in answers.rules):
            parts.append(_line(named, named.axis, named.rule_id, "cap", named.kept - named.value))
    if not parts:
        parts = [_line(found.table, "profile", "none", "rule", whole(0))]
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def rule_names(answers: Answers) -> pa.Table:
    """Return the axis and id of each rule's own slot as a mapping ``slot, axis, rule_id``."""
    return pa.table({
        "slot": pa.array([rule.number for rule in answers.rules], pa.int64()),
        "axis": pa.array([rule.axis for rule in answers.rules], pa.string()),
        "rule_id": pa.array([rule.rule.id for rule in answers.rules], pa.string()),
    })  # fmt: skip


def _line(table: ibis.Table, axis: ibis.Value | str, rule_id: ibis.Value | str, part: str, value: ibis.Value) -> ibis.Table:
    return table.select(
        lead_id="lead_id",
        axis=ibis.literal(axis, "string") if isinstance(axis, str) else axis,
        rule_id=ibis.literal(rule_id, "string") if isinstance(rule_id, str) else rule_id,
        part=ibis.literal(part, "string"),
        millipoints=value.cast("int64"),
    ).filter(_.millipoints != 0)


def _bound_lines(answers: Answers, placed: Slots, table: ibis.Table) -> list[ibis.Table]:
    parts = []
    for axis in AXES:
        ruleset = answers.document.axis(axis)
        if ruleset.intercept:
            parts.append(_line(table, axis, "intercept", "rule", whole(to_millipoints(ruleset.intercept))))
        if ruleset.floor is not None:
            parts.append(_line(table, axis, axis, "floor", table[f"floored_{axis}"] - table[f"raw_{axis}"]))
        if ruleset.at_most is not None:
            parts.append(_line(table, axis, axis, "cap", table[f"score_{axis}"] - table[f"floored_{axis}"]))
    for n, bucket in enumerate(placed.buckets):
        if bucket.group:
            parts.append(_line(table, bucket.axis, bucket.group, "cap", table[f"g_{n}"] - table[f"b_{n}"]))
    return parts
