"""Runs and sequences: the instant that closes the latest one, and what it is worth at its age."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import ibis
import pyarrow as pa
from ibis import _

from vaglio.ask import Follow, Moment
from vaglio.plan.arithmetic import age_seconds, whole
from vaglio.plan.each import aged_rows, identity, worth, worth_constants
from vaglio.plan.joins import inner_join
from vaglio.plan.readers import FOREVER, Reader, Readers, Scored
from vaglio.plan.signatures import Signatures
from vaglio.plan.slots import Slots
from vaglio.terms import MICROSECONDS


def moment_lines(signatures: Signatures, rules: tuple[Scored, ...], placed: Slots) -> list[ibis.Table]:
    """Return ``lead_id, slot, value`` of runs and sequences, one table for each."""
    return [_worth(signatures, each, placed) for each in _decided(signatures, rules, "rules", told=False)]


def moment_rows(signatures: Signatures, rules: tuple[Scored, ...]) -> list[ibis.Table]:
    """Return the activities that decided each moment, however old: all of the run that it closes, or the two that followed one another."""
    return [each.deciding(each) for each in _decided(signatures, rules, "counted", told=True)]


@dataclass(frozen=True)
class _Decided:
    """Rows of activities, and the latest moment that they make of each lead and rule: ``lead_id, rule, moment_us``."""

    name: str
    rows: ibis.Table
    moments: ibis.Table
    chosen: list[Scored]
    deciding: Callable[["_Decided"], ibis.Table]


def _decided(signatures: Signatures, rules: tuple[Scored, ...], purpose: str, *, told: bool) -> Iterator[_Decided]:
    for kind, name in ((False, f"run_{purpose}"), (True, f"sequence_{purpose}")):
        chosen = [scored for scored in rules if isinstance(scored.ask, Moment) and isinstance(scored.ask.at, Follow) == kind]
        constants = [pair for scored in chosen for pair in _moment_constants(signatures.readers, scored, ever=told)]
        rows = aged_rows(signatures, name, constants, told=told)
        if rows is not None:
            moments = (_follows if kind else _runs)(rows, {scored.number: scored.ask.at for scored in chosen})
            moments = signatures.steps.shallow(f"{name}_moments", moments)
            yield _Decided(name, rows, moments, chosen, _pair if kind else _run)


def _run(found: _Decided) -> ibis.Table:
    """Return everything inside the span that ends with the moment: the run, and what else belongs to it."""
    return _until(found).filter(_.moment_us - _.occurred_us < _.span)


def _pair(found: _Decided) -> ibis.Table:
    """Return the activity at the moment and the latest one before it that it follows."""
    rows = _until(found).filter(ibis.ifelse(_.then == 1, _.occurred_us == _.moment_us, _.occurred_us < _.moment_us))
    newest = ibis.window(group_by=["lead_id", "rule", "then"], order_by=[ibis.desc(rows.occurred_us), *identity(rows)])
    return rows.mutate(newest=ibis.row_number().over(newest)).filter(_.newest == 0)


def _until(found: _Decided) -> ibis.Table:
    moments = found.moments.select(moment_of="lead_id", moment_rule="rule", moment_us="moment_us")
    joined = inner_join(found.rows, moments, [("lead_id", "moment_of"), ("rule", "moment_rule")])
    return joined.filter(_.occurred_us <= _.moment_us)


def _moment_constants(readers: Readers, scored: Scored, *, ever: bool) -> list[tuple[Reader, dict[str, int]]]:
    """Return each reader of a rule with all that its moments are found by; what they are worth is joined to those few."""
    ask: Moment = scored.ask
    values = {"rule": scored.number, "span": ask.at.within_seconds * MICROSECONDS}
    found = readers.moments[scored.number]
    return [(reader, values | {"horizon": FOREVER if ever else reader.horizon, "then": position}) for position, reader in enumerate(found)]


def _prices(signatures: Signatures, name: str, chosen: list[Scored], placed: Slots) -> ibis.Table:
    """Return ``rule``, its ``slot`` and what a moment of it is worth."""
    rows = [
        {
            "rule": scored.number,
            "slot": placed.of_rule[scored.number],
            "at_most_age": scored.ask.fading.at_most_age_seconds or 2**62,
            **worth_constants(scored.ask.millipoints, scored.ask.fading),
        }
        for scored in chosen
    ]
    table = pa.table({column: pa.array([row[column] for row in rows], pa.int64()) for column in rows[0]})
    return signatures.steps.mapping(name, table.schema, lambda _found: table)


def _keys(asked: dict[int, Any]) -> list[str]:
    """Return the columns that tell apart whose moments are sought; nothing else is carried, for all that is must be sorted, too."""
    return ["lead_id", "rule"] if len(asked) > 1 else ["lead_id"]


def _by_rule(rows: ibis.Table, of: dict[int, int], value: Callable[[int], ibis.Value]) -> ibis.Value:
    """Return the value that belongs to a number, for each row that of its rule."""
    rules: dict[int, list[int]] = {}
    for rule, number in of.items():
        rules.setdefault(number, []).append(rule)
    if len(rules) == 1:
        return value(next(iter(rules)))
    return ibis.cases(*((rows.rule.isin(its), value(number)) for number, its in rules.items()))


def _runs(rows: ibis.Table, asked: dict[int, Any]) -> ibis.Table:
    """Return ``lead_id, rule, moment_us``: the latest instant that closes a run."""
    rows = rows.select(*_keys(asked), "occurred_us")
    window = ibis.window(group_by=_keys(asked), order_by="occurred_us")

    def first(length: int) -> ibis.Value:
        return rows.occurred_us if length == 1 else rows.occurred_us.lag(length - 1).over(window)

    return _latest(rows.mutate(first_us=_by_rule(rows, {rule: at.at_least for rule, at in asked.items()}, first)), asked)


def _follows(rows: ibis.Table, asked: dict[int, Any]) -> ibis.Table:
    """Return ``lead_id, rule, moment_us``: the latest ``then`` instant that follows a ``first`` one."""
    kept = [*_keys(asked), "occurred_us"]
    instants = rows.group_by(kept).aggregate(has_first=(_.then == 0).any(), has_then=(_.then == 1).any())
    first = ibis.ifelse(instants.has_first, instants.occurred_us, ibis.null("int64"))
    before = ibis.window(group_by=_keys(asked), order_by="occurred_us", preceding=(None, 1))
    placed = instants.mutate(first_us=first.max().over(before))
    return _latest(placed.filter(_.has_then), asked)


def _latest(placed: ibis.Table, asked: dict[int, Any]) -> ibis.Table:
    """Return ``lead_id, rule, moment_us`` of the latest row that comes within the rule's span after its ``first_us``."""
    span = _by_rule(placed, {rule: at.within_seconds * MICROSECONDS for rule, at in asked.items()}, whole)
    closing = placed.filter(placed.first_us.notnull() & (placed.occurred_us - placed.first_us < span))
    found = closing.group_by(_keys(asked)).aggregate(moment_us=_.occurred_us.max())
    return found.select("lead_id", rule=_by_rule(found, {rule: rule for rule in asked}, whole), moment_us="moment_us")


def _worth(signatures: Signatures, found: _Decided, placed: Slots) -> ibis.Table:
    moments = inner_join(found.moments, _prices(signatures, f"{found.name}_worth", found.chosen, placed), ["rule"])
    aged = moments.mutate(age=age_seconds(moments.moment_us, signatures.steps.now.as_of)).filter(_.age < _.at_most_age)
    return aged.select("lead_id", "slot", value=worth(aged, [scored.ask.fading for scored in found.chosen]))
