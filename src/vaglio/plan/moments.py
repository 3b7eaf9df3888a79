"""Runs and sequences: the instant that closes the latest one, and what it is worth at its age."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import ibis
from ibis import _

from vaglio.ask import Fading, Follow, Moment
from vaglio.plan.arithmetic import age_seconds
from vaglio.plan.each import aged_rows, identity, worth, worth_constants
from vaglio.plan.joins import inner_join
from vaglio.plan.readers import FOREVER, Reader, Readers, Scored
from vaglio.plan.signatures import Signatures
from vaglio.plan.slots import Slots
from vaglio.terms import MICROSECONDS


def moment_lines(signatures: Signatures, rules: tuple[Scored, ...], placed: Slots) -> list[ibis.Table]:
    """Return ``lead_id, slot, value`` of runs and sequences, one table for each."""
    as_of = signatures.steps.now.as_of
    return [_worth(each.moments, each.fadings, as_of) for each in _decided(signatures, rules, placed, "rules", told=False)]


def moment_rows(signatures: Signatures, rules: tuple[Scored, ...], placed: Slots) -> list[ibis.Table]:
    """Return the activities that decided each moment, however old: all of the run that it closes, or the two that followed one another."""
    return [each.deciding(each) for each in _decided(signatures, rules, placed, "counted", told=True)]


@dataclass(frozen=True)
class _Decided:
    """Rows of activities, and the latest moment that they make of each lead and rule."""

    rows: ibis.Table
    moments: ibis.Table
    fadings: list[Fading]
    deciding: Callable[["_Decided"], ibis.Table]


def _decided(signatures: Signatures, rules: tuple[Scored, ...], placed: Slots, purpose: str, *, told: bool) -> Iterator[_Decided]:
    for kind, name in ((False, f"run_{purpose}"), (True, f"sequence_{purpose}")):
        chosen = [scored for scored in rules if isinstance(scored.ask, Moment) and isinstance(scored.ask.at, Follow) == kind]
        constants = [
            pair for scored in chosen for pair in _moment_constants(signatures.readers, scored, placed.of_rule[scored.number], ever=told)
        ]  # fmt: skip
        rows = aged_rows(signatures, name, constants, told=told)
        if rows is not None:
            moments = _follows(rows) if kind else _runs(rows, [scored.ask.at.at_least for scored in chosen])
            moments = signatures.steps.shallow(f"{name}_moments", moments)
            yield _Decided(rows, moments, [scored.ask.fading for scored in chosen], _pair if kind else _run)


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


def _moment_constants(readers: Readers, scored: Scored, slot: int, *, ever: bool) -> list[tuple[Reader, dict[str, int]]]:
    ask: Moment = scored.ask
    values = {
        "rule": scored.number,
        "slot": slot,
        "span": ask.at.within_seconds * MICROSECONDS,
        "at_least": getattr(ask.at, "at_least", 0),
        "at_most_age": ask.fading.at_most_age_seconds or 2**62,
        **worth_constants(ask.millipoints, ask.fading),
    }
    found = readers.moments[scored.number]
    return [(reader, values | {"horizon": FOREVER if ever else reader.horizon, "then": position}) for position, reader in enumerate(found)]


_RULE = ["lead_id", "rule", "slot", "span", "at_least", "magnitude", "sign", "half_life", "fade", "at_most_age"]


def _runs(rows: ibis.Table, lengths: list[int]) -> ibis.Table:
    """Return the latest instant that closes a run, per lead and rule."""
    window = ibis.window(group_by=["lead_id", "rule"], order_by="occurred_us")
    branches = []
    for length in sorted(set(lengths)):
        first = rows.occurred_us if length == 1 else rows.occurred_us.lag(length - 1).over(window)
        branches.append((rows.at_least == length, first))
    placed = rows.mutate(first_us=ibis.cases(*branches))
    closing = placed.filter(_.first_us.notnull() & (_.occurred_us - _.first_us < _.span))
    return closing.group_by(_RULE).aggregate(moment_us=_.occurred_us.max())


def _follows(rows: ibis.Table) -> ibis.Table:
    """Return the latest ``then`` instant that follows a ``first`` one, per lead and rule."""
    instants = rows.group_by([*_RULE, "occurred_us"]).aggregate(has_first=(_.then == 0).any(), has_then=(_.then == 1).any())
    first = ibis.ifelse(instants.has_first, instants.occurred_us, ibis.null("int64"))
    before = ibis.window(group_by=["lead_id", "rule"], order_by="occurred_us", preceding=(None, 1))
    placed = instants.mutate(first_us=first.max().over(before))
    closing = placed.filter(_.has_then & _.first_us.notnull() & (_.occurred_us - _.first_us < _.span))
    return closing.group_by(_RULE).aggregate(moment_us=_.occurred_us.max())


def _worth(moments: ibis.Table, fadings: list[Fading], as_of: ibis.Value) -> ibis.Table:
    aged = moments.mutate(age=age_seconds(moments.moment_us, as_of)).filter(_.age < _.at_most_age)
    return aged.select("lead_id", "slot", value=worth(aged, fadings))
