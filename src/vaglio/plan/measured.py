"""What is measured of each lead's activities: which sums the rules of a document need, and the measures read from them."""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
from ibis import _

from vaglio.ask import EachActivity, Idle, Measure, Moment
from vaglio.plan.arithmetic import age_seconds, divide_down, whole
from vaglio.plan.each import Each, once_lines
from vaglio.plan.joins import inner_join
from vaglio.plan.lanes import Days, Latest, Share, Sum, Wanted, sums
from vaglio.plan.layout import Judged
from vaglio.plan.moments import moment_lines
from vaglio.plan.readers import Readers, Scored, measures
from vaglio.plan.signatures import Signatures
from vaglio.plan.slots import Slots
from vaglio.plan.straight import Straight, straight
from vaglio.terms import DAY_SECONDS


@dataclass(frozen=True)
class Measured:
    """Tables of one row per lead: columns ``s_<slot>`` [millipoints], ``n_``, ``l_``, ``d_``, ``f_<reader>``; and ``o_<slot>``
    [millipoints] of what cannot be summed activity by activity. Slots that are ``straight`` are only columns there, of their buckets.
    """

    tables: tuple[ibis.Table, ...] = ()
    straight: tuple[Straight, ...] = ()

    def columns(self) -> list[str]:
        """Return every column but the lead's id."""
        return [name for table in self.tables for name in table.columns if name != "lead_id"]


def measured(signatures: Signatures, rules: tuple[Scored, ...], placed: Slots, expected: Judged, more: Sequence[Wanted] = ()) -> Measured:
    """Return everything that activities give, and ``more`` that the caller wants measured in the same pass.

    ``expected``: see :func:`vaglio.plan.lanes.sums`.
    """
    readers = signatures.readers
    wanted = [*_rule_sums(rules, readers, placed), *_measure_sums(readers, rules), *more]
    parts = [straight(table, placed, number) for number, table in enumerate(sums(signatures, wanted, expected))]
    others = _others(signatures, rules, placed)
    return Measured((*(part.narrow() for part in parts), *([others] if others is not None else [])), tuple(parts))


def each_rules(rules: tuple[Scored, ...], readers: Readers, placed: Slots) -> list[Each]:
    """Return the rules over single activities with their slots."""
    return [
        Each(scored, readers.each[scored.number], placed.of_rule[scored.number])
        for scored in rules
        if isinstance(scored.ask, EachActivity)
    ]  # fmt: skip


def _rule_sums(rules: tuple[Scored, ...], readers: Readers, placed: Slots) -> list[Wanted]:
    found: list[Wanted] = []
    for each in each_rules(rules, readers, placed):
        if not each.ask.once_per:
            fading = each.ask.fading
            share = Share(fading.half_life_seconds, fading.fade_seconds, fading.at_most_age_seconds)
            found.append(Sum(f"s_{each.slot}", each.reader.number, each.ask.millipoints, share))
    return found


def _measure_sums(readers: Readers, rules: tuple[Scored, ...]) -> list[Wanted]:
    found: dict[Wanted, None] = {}
    for measure in measures(rules):
        reader = readers.of_measure(measure).number
        if measure.stat in ("age", "days_since"):
            found[Latest(f"l_{reader}", reader)] = None
        elif measure.stat == "distinct_days":
            found[Days(f"d_{reader}", reader, measure.within_seconds)] = None
        elif measure.stat == "faded":
            found[Sum(f"f_{reader}", reader, 1000, Share(measure.half_life_seconds, None, measure.within_seconds))] = None
        else:
            found[Sum(f"n_{reader}", reader, 1, Share(within=measure.within_seconds))] = None
    for scored in rules:
        if isinstance(scored.ask, Idle):
            reader = readers.of_idle(scored.ask).number
            found[Latest(f"l_{reader}", reader)] = None
    for stage in readers.document.journey:
        reader = readers.of_stage(stage).number
        found[Sum(f"n_{reader}", reader, 1, Share(within=stage.within))] = None
    return list(found)


def _others(signatures: Signatures, rules: tuple[Scored, ...], placed: Slots) -> ibis.Table | None:
    """Return what rules give whose contributions compete before they are summed: once per period, bursts, sequences."""
    once = [each for each in each_rules(rules, signatures.readers, placed) if each.ask.once_per]
    lines = once_lines(signatures, once) + moment_lines(signatures, rules, placed)
    if not lines:
        return None
    table = ibis.union(*lines) if len(lines) > 1 else lines[0]
    given = sorted({placed.of_rule[scored.number] for scored in rules if not _is_summed(scored)})
    columns = {f"o_{slot}": table["value"].sum(where=table.slot == slot) for slot in given}
    return signatures.steps.keep("others", table.group_by("lead_id").aggregate(**columns))


def _is_summed(scored: Scored) -> bool:
    return not isinstance(scored.ask, Moment) and not (isinstance(scored.ask, EachActivity) and scored.ask.once_per)


_COLUMN = {"count": "n", "age": "l", "days_since": "l", "distinct_days": "d", "faded": "f"}


def measure_value(table: ibis.Table, readers: Readers, measure: Measure, as_of: ibis.Value) -> ibis.Value:
    """Return a measure of each row of people joined to what was measured; without any activity 0, or no value of an age."""
    column = f"{_COLUMN[measure.stat]}_{readers.of_measure(measure).number}"
    aged = measure.stat in ("age", "days_since")
    if column not in table.columns:
        return ibis.null("int64") if aged else whole(0)
    if not aged:
        return table[column].fill_null(0)
    age = age_seconds(table[column], as_of)
    if measure.within_seconds is not None:
        age = ibis.ifelse(age < measure.within_seconds, age, ibis.null("int64"))
    return age if measure.stat == "age" else divide_down(age, DAY_SECONDS)


def colleagues(found: Measured, people: ibis.Table, readers: Readers, measure: Measure) -> ibis.Table | None:
    """Return ``account_id, n``: how many leads of each account have a matching activity; None when no lead has one."""
    column = f"n_{readers.of_measure(measure).number}"
    table = next((table for table in found.tables if column in table.columns), None)
    if table is None:
        return None
    active = table.filter(table[column] > 0).select(active_id="lead_id")
    placed = inner_join(active, people.select("lead_id", "account_id"), [("active_id", "lead_id")])
    return placed.filter(_.account_id.notnull()).group_by("account_id").aggregate(n=_.count())
