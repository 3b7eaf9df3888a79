"""Values: what each rule gives each lead, as expressions over people."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import ibis

from vaglio.ask import Banded, Idle, Listed
from vaglio.condition import Expr, evaluate, leaves
from vaglio.plan.arithmetic import divide_down, whole
from vaglio.plan.chains import some, total
from vaglio.plan.context import Context
from vaglio.plan.people import Input, People
from vaglio.plan.readers import Scored
from vaglio.plan.signatures import Signatures
from vaglio.plan.slots import Slot
from vaglio.terms import MICROSECONDS


@dataclass(frozen=True)
class Answers(Context):
    """The context of one pass with what the stages before found out."""

    people: People
    signatures: Signatures | None


def slot_value(answers: Answers, slot: Slot) -> ibis.Value:
    """Return what a slot's rules give together, before bounds [millipoints]."""
    table = answers.people.table
    parts = [table[name] for name in (f"s_{slot.number}", f"o_{slot.number}") if name in table.columns]
    for scored in slot.rules:
        rule_value = _VALUES.get(type(scored.ask))
        if rule_value:
            parts.append(rule_value(answers, scored))
    return total(parts) if parts else whole(0)


def fired(answers: Answers, scored: Scored, value: ibis.Value) -> ibis.Value:
    """Return whether a rule fired: it gave points, or a band of fields held, if only for 0 points."""
    if scored.rule.kind != "fields":
        return value != 0
    return some(answers.people.condition(expr) for expr, _millipoints in scored.ask.cases)


def _banded(answers: Answers, scored: Scored) -> ibis.Value:
    inputs = {leaf.input for expr, _millipoints in scored.ask.cases for leaf in leaves(expr)}
    if len(inputs) == 1 and inputs <= answers.people.classes.keys():
        return _by_class(answers.people, inputs.pop(), scored.ask.cases)
    branches = [(answers.people.condition(expr), whole(millipoints)) for expr, millipoints in scored.ask.cases]
    return ibis.cases(*branches, else_=whole(0)) if branches else whole(0)


def _by_class(people: People, source: Input, cases: Sequence[tuple[Expr, int]]) -> ibis.Value:
    """Return what bands of one number give: worked out here for each of its classes, so that an engine finds it by a comparison a band."""
    classes, column = people.classes[source], people.table[people.columns[source]]

    def given(number: int) -> int:
        return next((points for expr, points in cases if evaluate(expr, lambda leaf: classes.holds(number, leaf))), 0)

    points = [given(number) for number in range(len(classes.vectors))]
    ends = [number for number, (one, other) in enumerate(pairwise(points)) if one != other]
    branches = [(column <= number, whole(points[number])) for number in ends]
    return ibis.cases(*branches, else_=whole(points[-1])) if branches else whole(points[-1])


def _listed(answers: Answers, scored: Scored) -> ibis.Value:
    return ibis.ifelse(answers.people.on_list(scored.ask.list), whole(scored.ask.millipoints), whole(0))


def _idle(answers: Answers, scored: Scored) -> ibis.Value:
    ask: Idle = scored.ask
    # Whole steps of microseconds are as many as whole steps of whole seconds; what is yet to come is idle for less than nothing.
    over = answers.at.as_of - first_step(answers, ask, answers.people.table)
    times: ibis.Value = whole(1)
    if ask.every_seconds:
        times = divide_down(over, ask.every_seconds * MICROSECONDS) + 1
    return ibis.ifelse(over >= 0, times * whole(ask.millipoints), whole(0))


def first_step(answers: Answers, ask: Idle, table: ibis.Table) -> ibis.Value:
    """Return the instant from which on a lead is idle for long enough, be it yet to come; null when nothing is known of it."""
    return last_sign(answers, ask, table) + ask.after_seconds * MICROSECONDS


def last_sign(answers: Answers, ask: Idle, table: ibis.Table) -> ibis.Value:
    """Return the later of a lead's creation, be it yet to come, and its latest matching activity; null when neither is known."""
    column = f"l_{answers.readers.of_idle(ask).number}"
    last = table.created_us
    if column in table.columns:
        nothing = -(2**62)
        last = ibis.greatest(table.created_us.fill_null(nothing), table[column].fill_null(nothing)).nullif(nothing)
    return last


_VALUES: dict[type, Callable[[Answers, Scored], ibis.Value]] = {Banded: _banded, Listed: _listed, Idle: _idle}
