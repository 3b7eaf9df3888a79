"""Measures of activities: how many, how recent, on how many days, by how many colleagues; and the instants of runs and sequences."""

import ibis
from ibis import _

from vaglio.ask import Follow, Match, Measure, Moment
from vaglio.plan.arithmetic import age_seconds, divide_down, faded, halved, whole
from vaglio.plan.joins import inner_join, left_join
from vaglio.plan.readers import Reader, Readers, Scored, measures
from vaglio.plan.session import Session
from vaglio.plan.signatures import Signatures
from vaglio.terms import DAY_SECONDS, MICROSECONDS

Chosen = list[tuple[Reader, dict[str, int]]]


def stats(session: Session, signatures: Signatures, readers: Readers, rules: tuple[Scored, ...], as_of: int) -> ibis.Table | None:
    """Return ``lead_id, reader, n, latest_us, days, faded``: one row per lead and reader with a matching activity.

    ``days`` and ``faded`` [thousandths] are there only where some measure needs them.
    """
    chosen = [
        (reader, {"reader": reader.number, "horizon": reader.horizon, "half_life": half_life or 0})
        for (_matches, _within, half_life), reader in readers.stats.items()
    ]
    rows = _aged(session, signatures, "stat_rules", chosen, as_of)
    if rows is None:
        return None
    columns = {"n": rows.count(), "latest_us": rows.occurred_us.max()}
    kinds = {measure.stat for measure in measures(rules)}
    if "distinct_days" in kinds:
        columns["days"] = (rows.occurred_us - rows.occurred_us % (DAY_SECONDS * MICROSECONDS)).nunique()
    if "faded" in kinds:
        share = halved(whole(1000), rows.age, rows.half_life.nullif(0))
        columns["faded"] = share.fill_null(0).sum()
    return session.keep("stats", rows.group_by("lead_id", "reader").aggregate(**columns))


def _aged(session: Session, signatures: Signatures, name: str, chosen: Chosen, as_of: int) -> ibis.Table | None:
    matched = signatures.matched(session, name, chosen)
    if matched is None:
        return None
    longest = max(reader.horizon for reader, _constants in chosen)
    if longest < 2**40:
        matched = matched.filter(_.occurred_us > as_of - longest * MICROSECONDS)
    return matched.mutate(age=age_seconds(matched.occurred_us, as_of)).filter(_.age < _.horizon)


def measure_columns(table: ibis.Table | None, people: ibis.Table, readers: Readers, wanted: list[Measure], as_of: int) -> ibis.Table:
    """Return people with one column ``m_<position>`` per measure."""
    own = [(position, measure) for position, measure in enumerate(wanted) if measure.stat != "colleagues"]
    if table is None:
        return people.mutate(**{f"m_{position}": _absent(people, measure) for position, measure in enumerate(wanted)})
    if own:
        people = _with_own(table, people, readers, own, as_of)
    for position, measure in enumerate(wanted):
        if measure.stat == "colleagues":
            people = _with_colleagues(table, people, reader_of(readers, measure), position)
    return people


def reader_of(readers: Readers, measure: Measure) -> Reader:
    """Return the reader that answers a measure."""
    return readers.stat((measure.match,), measure.within_seconds, measure.half_life_seconds)


def _absent(people: ibis.Table, measure: Measure) -> ibis.Value:
    """Return a measure without any activity: 0, or no value where there is nothing to measure."""
    if measure.stat in ("age", "days_since"):
        return ibis.null("int64")
    if measure.stat == "colleagues":
        return ibis.ifelse(people.account_id.isnull(), ibis.null("int64"), whole(0))
    return whole(0)


_COLUMN = {"count": "n", "age": "latest_us", "days_since": "latest_us", "distinct_days": "days", "faded": "faded"}


def _with_own(table: ibis.Table, people: ibis.Table, readers: Readers, own: list[tuple[int, Measure]], as_of: int) -> ibis.Table:
    columns = {
        f"m_{position}": table[_COLUMN[measure.stat]].max(where=table.reader == reader_of(readers, measure).number)
        for position, measure in own
    }
    wide = table.group_by("lead_id").aggregate(**columns).rename(measured_id="lead_id")
    joined = left_join(people, wide, "lead_id", "measured_id").drop("measured_id")
    changed = {}
    for position, measure in own:
        value = joined[f"m_{position}"]
        if measure.stat in ("age", "days_since"):
            age = age_seconds(value, as_of)
            changed[f"m_{position}"] = age if measure.stat == "age" else divide_down(age, DAY_SECONDS)
        else:
            changed[f"m_{position}"] = value.fill_null(0)
    return joined.mutate(**changed)


def _with_colleagues(table: ibis.Table, people: ibis.Table, reader: Reader, position: int) -> ibis.Table:
    active = table.filter(_.reader == reader.number).select(active_id="lead_id")
    placed = inner_join(active, people.select("lead_id", "account_id"), [("active_id", "lead_id")])
    counted = placed.filter(_.account_id.notnull()).group_by("account_id").aggregate(n=_.count()).rename(counted_id="account_id")
    joined = left_join(people, counted, "account_id", "counted_id")
    count = ibis.ifelse(joined.account_id.isnull(), ibis.null("int64"), joined.n.fill_null(0))
    return joined.mutate(**{f"m_{position}": count}).drop("counted_id", "n")


def latest(table: ibis.Table | None, readers: Readers, match: Match) -> ibis.Table | None:
    """Return ``lead_id, latest_us`` of the activities of an idle rule."""
    if table is None:
        return None
    reader = readers.stat((match,), None)
    return table.filter(_.reader == reader.number).select("lead_id", "latest_us")


def moment_lines(
    session: Session, signatures: Signatures, readers: Readers, rules: list[tuple[Scored, int]], as_of: int
) -> list[ibis.Table]:
    """Return ``lead_id, slot, value`` of runs and sequences, one table for each."""
    lines = []
    for kind, name in ((False, "run_rules"), (True, "sequence_rules")):
        chosen = [(scored, slot) for scored, slot in rules if isinstance(scored.ask.at, Follow) == kind]
        constants = [pair for scored, slot in chosen for pair in _moment_constants(readers, scored, slot)]
        rows = _aged(session, signatures, name, constants, as_of) if constants else None
        if rows is not None:
            moments = _follows(rows) if kind else _runs(rows, [scored.ask.at.at_least for scored, _slot in chosen])
            lines.append(_worth(moments, as_of))
    return lines


def _moment_constants(readers: Readers, scored: Scored, slot: int) -> list[tuple[Reader, dict[str, int]]]:
    ask: Moment = scored.ask
    values = {
        "rule": scored.number,
        "slot": slot,
        "span": ask.at.within_seconds * MICROSECONDS,
        "at_least": getattr(ask.at, "at_least", 0),
        "magnitude": abs(ask.millipoints),
        "sign": -1 if ask.millipoints < 0 else 1,
        "half_life": ask.fading.half_life_seconds or 0,
        "fade": ask.fading.fade_seconds or 0,
        "at_most_age": ask.fading.at_most_age_seconds or 2**62,
    }
    found = readers.moments[scored.number]
    return [(reader, values | {"horizon": reader.horizon, "then": position}) for position, reader in enumerate(found)]


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


def _worth(moments: ibis.Table, as_of: int) -> ibis.Table:
    aged = moments.mutate(age=age_seconds(moments.moment_us, as_of)).filter(_.age < _.at_most_age)
    value = ibis.cases(
        (aged.half_life > 0, halved(aged.magnitude, aged.age, aged.half_life.nullif(0))),
        (aged.fade > 0, faded(aged.magnitude, aged.age, aged.fade.nullif(0))),
        else_=aged.magnitude,
    )
    return aged.select("lead_id", "slot", value=value * aged["sign"])
