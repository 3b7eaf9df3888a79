"""Values: what each rule gives each lead, as expressions over people."""

from collections.abc import Callable
from dataclasses import dataclass

import ibis

from vaglio.ask import Banded, Idle, Listed
from vaglio.plan.arithmetic import age_seconds, divide_down, whole
from vaglio.plan.context import Context
from vaglio.plan.people import People
from vaglio.plan.readers import Scored
from vaglio.plan.signatures import Signatures
from vaglio.plan.slots import Slot


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
    total = parts[0] if parts else whole(0)
    for part in parts[1:]:
        total = total + part
    return total


def fired(answers: Answers, scored: Scored, value: ibis.Value) -> ibis.Value:
    """Return whether a rule fired: it gave points, or a band of fields held, if only for 0 points."""
    if scored.rule.kind != "fields":
        return value != 0
    held: ibis.Value = ibis.literal(False)
    for expr, _millipoints in scored.ask.cases:
        held = held | answers.people.condition(expr)
    return held


def _banded(answers: Answers, scored: Scored) -> ibis.Value:
    branches = [(answers.people.condition(expr), whole(millipoints)) for expr, millipoints in scored.ask.cases]
    return ibis.cases(*branches, else_=whole(0)) if branches else whole(0)


def _listed(answers: Answers, scored: Scored) -> ibis.Value:
    return ibis.ifelse(answers.people.on_list(scored.ask.list), whole(scored.ask.millipoints), whole(0))


def _idle(answers: Answers, scored: Scored) -> ibis.Value:
    ask: Idle = scored.ask
    idle = age_seconds(idle_since(answers, ask, answers.people.table), answers.at.as_of)
    times: ibis.Value = whole(1)
    if ask.every_seconds:
        times = divide_down(idle - ask.after_seconds, ask.every_seconds) + 1
    return ibis.ifelse(idle >= ask.after_seconds, times * whole(ask.millipoints), whole(0)).fill_null(0)


def idle_since(answers: Answers, ask: Idle, table: ibis.Table) -> ibis.Value:
    """Return the later of a lead's creation and its latest matching activity, null when neither is known or it is yet to come."""
    last = last_sign(answers, ask, table)
    return ibis.ifelse(last <= answers.at.as_of, last, ibis.null("int64"))


def last_sign(answers: Answers, ask: Idle, table: ibis.Table) -> ibis.Value:
    """Return the later of a lead's creation, be it yet to come, and its latest matching activity; null when neither is known."""
    column = f"l_{answers.readers.of_idle(ask).number}"
    last = table.created_us
    if column in table.columns:
        nothing = -(2**62)
        last = ibis.greatest(table.created_us.fill_null(nothing), table[column].fill_null(nothing)).nullif(nothing)
    return last


_VALUES: dict[type, Callable[[Answers, Scored], ibis.Value]] = {Banded: _banded, Listed: _listed, Idle: _idle}
