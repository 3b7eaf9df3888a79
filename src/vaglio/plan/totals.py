"""Totals: rule caps, group caps, floor and cap of each axis."""

import ibis

from vaglio.document import ModelDocument
from vaglio.plan.arithmetic import bounded, whole
from vaglio.plan.chains import total
from vaglio.plan.shown import shown
from vaglio.plan.slots import Slots
from vaglio.plan.values import Answers, slot_value
from vaglio.terms import AXES, Axis, to_millipoints


def totals(answers: Answers, placed: Slots, *, keep: bool) -> ibis.Table:
    """Return, for every lead of the audience, what results show and each stage of the sum [millipoints].

    Columns: ``lead_id``, those of :func:`vaglio.plan.shown.shown`, ``t_<slot>`` (a slot before its cap, but for those that are straight),
    ``b_<bucket>`` (before the group's cap), ``g_<bucket>`` (after it), and for each axis ``raw_``, ``floored_`` and ``score_``. With
    ``keep`` they are computed here and now, since more than the ratings is made of them.
    """
    document = answers.document
    people = answers.people.table
    if document.audience:
        people = people.filter(answers.people.condition(document.audience_expr()))
    values = {slot.number: slot_value(answers, slot) for slot in placed.slots if not slot.is_straight()}
    columns = {f"t_{number}": value for number, value in values.items()}
    columns |= {name: people[name] for name in people.columns if name.startswith("p_")}
    table = answers.steps.shallow("slots", people.select("lead_id", **shown(answers, placed, values), **columns))
    buckets = {f"b_{n}": _bucket(table, placed, n) for n in range(len(placed.buckets))}
    table = table.mutate(**buckets)
    groups = {
        f"g_{n}": table[f"b_{n}"] if bucket.cap is None else bounded(table[f"b_{n}"], bucket.cap)
        for n, bucket in enumerate(placed.buckets)
    }  # fmt: skip
    table = table.mutate(**groups, **{f"raw_{axis}": _raw(document, placed, groups, axis) for axis in AXES})
    table = table.mutate(**_bounds(document, table))
    return answers.steps.keep("totals", table) if keep else table


def _bucket(table: ibis.Table, placed: Slots, number: int) -> ibis.Value:
    parts = [table[name] for name in table.columns if name.startswith(f"p_{number}_")]
    parts += [slot.kept(table[f"t_{slot.number}"]) for slot in placed.slots if slot.bucket == number and not slot.is_straight()]
    return total(parts) if parts else whole(0)


def _raw(document: ModelDocument, placed: Slots, groups: dict[str, ibis.Value], axis: Axis) -> ibis.Value:
    given = [groups[f"g_{n}"] for n, bucket in enumerate(placed.buckets) if bucket.axis == axis]
    return total([whole(to_millipoints(document.axis(axis).intercept)), *given])


def _bounds(document: ModelDocument, table: ibis.Table) -> dict[str, ibis.Value]:
    found: dict[str, ibis.Value] = {}
    for axis in AXES:
        ruleset = document.axis(axis)
        floored = table[f"raw_{axis}"]
        if ruleset.floor is not None:
            floored = ibis.greatest(floored, whole(to_millipoints(ruleset.floor)))
        score = floored if ruleset.at_most is None else ibis.least(floored, whole(to_millipoints(ruleset.at_most)))
        found |= {f"floored_{axis}": floored, f"score_{axis}": score}
    return found
