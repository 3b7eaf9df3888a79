"""The clock: a safe lower bound of the next instant at which a lead's rating, flags or exclusion could differ by time alone.

Two things move with time. *Events* are instants known now: an activity leaves a window, a list entry begins or ends, a date
grows older than a test allows, silence reaches its next step, a fact that is already stored comes into force. *Fading* moves a score by
at most so much a second, so it cannot reach the nearest threshold before the distance divided by that speed. Both err on the early
side: the price is a look too many, never a rating that is late.
"""

from collections.abc import Iterable
from math import floor, log2
from typing import Any

import ibis
from ibis import _

from vaglio.ask import EachActivity, Fading, Idle, Measure, Moment
from vaglio.condition import Test
from vaglio.plan.aging import NEVER, after, date_event, soonest
from vaglio.plan.arithmetic import whole
from vaglio.plan.facts import property_column
from vaglio.plan.joins import inner_join, left_joins
from vaglio.plan.lanes import Exit, Share, Sum, Wanted
from vaglio.plan.layout import property_tests
from vaglio.plan.people import document_exprs, input_tests, used_fields
from vaglio.plan.readers import Readers, Scored, halving_horizon, measures
from vaglio.plan.slots import is_marked
from vaglio.plan.steps import Now, Steps
from vaglio.plan.values import Answers, first_step
from vaglio.terms import AXES, DAY_SECONDS, MICROSECONDS, Axis, to_millipoints

LAST = 253_402_300_799_000_000  # the end of the year 9999: calendars end there, and dates beyond are never
LN2 = 0.694  # a little more than it is: the speed of halving may be overstated, never understated


def clock_sums(rules: tuple[Scored, ...], readers: Readers) -> list[Wanted]:
    """Return what the clock needs measured: ``w_<axis>_…`` (what is left to fade), ``q_<axis>`` (how many fade), ``x_<window>``.

    A run or a sequence gives its points once, however many activities may close it, so what it has left stands alone and is bounded.
    """
    found: dict[Wanted, None] = {}
    for scored in rules:
        for reader in _fading_readers(scored, readers):
            for wanted in _fading(scored, reader):
                found[wanted] = None
    for source, tests in input_tests(document_exprs(readers.document, rules)).items():
        if isinstance(source, Measure):
            reader = readers.of_measure(source).number
            for age in _ages(source, tests):
                found[Exit(reader, age)] = None
            if source.stat == "faded":
                found[Sum(f"q_{reader}", reader, 1, Share(within=halving_horizon(1000, source.half_life_seconds or 1)))] = None
    for stage in readers.document.journey:
        if stage.within is not None:
            found[Exit(readers.of_stage(stage).number, stage.within)] = None
    return list(found)


def _fading_readers(scored: Scored, readers: Readers) -> list[int]:
    if isinstance(scored.ask, EachActivity):
        return [readers.each[scored.number].number]
    if isinstance(scored.ask, Moment):  # any activity that may close a run or a sequence; those it does not close are a look too many
        return [readers.moments[scored.number][-1].number]
    return []


def _fading(scored: Scored, reader: int) -> Iterable[Wanted]:
    fading: Fading = scored.ask.fading
    amount = abs(scored.ask.millipoints)
    if fading.at_most_age_seconds is not None:
        yield Exit(reader, fading.at_most_age_seconds)
    window = None
    if fading.half_life_seconds is not None:
        window = halving_horizon(amount, fading.half_life_seconds)
        yield Sum(f"{_mass(scored)}_half_{fading.half_life_seconds}", reader, amount, Share(half_life=fading.half_life_seconds))
    elif fading.fade_seconds is not None:
        window = fading.fade_seconds
        yield Sum(f"{_mass(scored)}_fade_{window}", reader, amount, Share(within=window))
    if window is not None and not isinstance(scored.ask, Moment):
        yield Sum(f"q_{scored.axis}", reader, 1, Share(within=window))
    if is_marked(scored) and amount:
        # A mark goes out in the last of these seconds; the worker may look in each of them.
        last = _last_age(fading, amount)
        yield from (Exit(reader, age) for age in range(last, last + 4) if age > 0) if last is not None else ()


def _mass(scored: Scored) -> str:
    """Return how the column of what a rule has left to fade begins."""
    return f"w_{scored.axis}_{scored.number}" if isinstance(scored.ask, Moment) else f"w_{scored.axis}"


def _last_age(fading: Fading, amount: int) -> int | None:
    """Return an age a second before the last at which a contribution is above 0 [seconds]; None where it never fades."""
    if fading.half_life_seconds is not None:
        return floor(fading.half_life_seconds * log2(2 * amount)) - 1
    return floor(fading.fade_seconds * (1 - 1 / (2 * amount))) - 1 if fading.fade_seconds is not None else None


def _ages(measure: Measure, tests: tuple[Test, ...]) -> set[int]:
    """Return the ages of an activity at which a measure may change its class [seconds]."""
    found = {measure.within_seconds} if measure.within_seconds is not None else set()
    if measure.stat in ("age", "days_since"):
        unit = DAY_SECONDS if measure.stat == "days_since" else 1
        for test in tests:
            for cut in _cuts(test):
                found |= {floor(cut) * unit, (floor(cut) + 1) * unit}
    return {age for age in found if 0 < age < LAST // MICROSECONDS}


def _cuts(test: Test) -> list[Any]:
    values = [value for name, value in test.operators().items() if name not in ("known", "older_than", "newer_than")]
    return [item for value in values for item in (value if isinstance(value, tuple) else (value,)) if not isinstance(item, str)]


def next_change(answers: Answers, totals: ibis.Table) -> ibis.Table:
    """Return ``clock_id, next_us`` of each scored lead; null where time alone changes nothing."""
    at = answers.at
    people = _narrowed(answers.people.table, "x_", "y_", "l_", "w_", "q_", "f_")
    others = [(totals.select(its_id="lead_id", score_profile="score_profile", score_engagement="score_engagement"), "lead_id", "its_id")]
    by_lead, by_account = _arrivals(answers)
    together = any(measure.stat == "colleagues" for measure in measures(answers.rules))
    if together:
        by_account += _of_colleagues(answers, by_lead)
    names: list[str] = []
    for key, tables in (("lead_id", by_lead), ("account_id", by_account)):
        for table in tables:
            names.append(f"event_{len(names)}")
            others.append((table.rename({f"id_of_{names[-1]}": "id", names[-1]: "next_us"}), key, f"id_of_{names[-1]}"))
    joined = left_joins(people, others).filter(_.score_profile.notnull())
    events = [joined[name] for name in names] + [joined[name] for name in people.columns if name[:2] in ("x_", "y_")]
    bounds = _fading_bounds(answers, joined)
    idle = {f"first_{scored.number}": scored.ask for scored in answers.rules if isinstance(scored.ask, Idle)}
    # What is named more than once is worked out before: said again and again it would be most of what an engine has to read.
    columns = {name: first_step(answers, ask, joined) for name, ask in idle.items()}
    for number, bound in enumerate(bounds):
        columns |= {f"{name}_{number}": value for name, value in bound.items()}
    table = joined.select("lead_id", soonest=soonest(events), **columns)
    events = [table.soonest, *(_reached(at, table, number) for number in range(len(bounds)))]
    events += [_next_step(at, ask, table[name]) for name, ask in idle.items()]
    table = table.select("lead_id", first=soonest(events))
    # A bound may fall on the instant of the score itself; looking again must be later than now.
    later = ibis.ifelse(table.first >= LAST, ibis.null("int64"), ibis.greatest(table.first, at.as_of + 1))
    return table.select(clock_id="lead_id", next_us=later)


def _narrowed(people: ibis.Table, *beginnings: str) -> ibis.Table:
    """Return people with the columns that begin so: a join names every column once more."""
    return people.select("lead_id", "account_id", "created_us", *(name for name in people.columns if name.startswith(beginnings)))


def _fading_bounds(answers: Answers, table: ibis.Table) -> list[dict[str, ibis.Value]]:
    """Return the columns that :func:`_reached` reads, for each number that fades towards some cut."""
    document = answers.document
    found: list[dict[str, ibis.Value]] = []
    for axis in AXES:
        masses = _masses(answers, table, axis)
        if masses:
            score = table[f"score_{axis}"]
            cuts = [to_millipoints(threshold) for threshold in document.axis(axis).thresholds().values()]
            margin = ibis.least(*[ibis.ifelse(score >= cut, score - cut + 1, cut - score) for cut in cuts])
            rounding = whole(len(masses))  # each run and sequence is rounded once, every other activity by itself
            if f"q_{axis}" in table.columns:
                rounding = rounding + table[f"q_{axis}"].fill_null(0)
            found.append(_fading_columns(margin, rounding, masses))
    for source, tests in input_tests(document_exprs(document, answers.rules)).items():
        if isinstance(source, Measure) and source.stat == "faded" and source.half_life_seconds:
            reader = answers.readers.of_measure(source).number
            if f"f_{reader}" in table.columns:
                value, rounding = table[f"f_{reader}"].fill_null(0), table[f"q_{reader}"].fill_null(0) + 1
                masses = [(value.cast("float64"), source.half_life_seconds / LN2)]
                for cut in {round(cut * 1000) for test in tests for cut in _cuts(test) if abs(cut) < NEVER // 1000}:
                    found.append(_fading_columns((value - cut).abs(), rounding, masses))
    return found


def _fading_columns(margin: ibis.Value, rounding: ibis.Value, masses: list[tuple[ibis.Value, float]]) -> dict[str, ibis.Value]:
    left, speed = masses[0][0], masses[0][0] / masses[0][1]
    for mass, seconds in masses[1:]:
        left, speed = left + mass, speed + mass / seconds
    least = ibis.greatest(margin - rounding, whole(0)).cast("float64")
    return {"margin": margin, "least": least, "left": left, "speed": speed}


def _masses(answers: Answers, table: ibis.Table, axis: Axis) -> list[tuple[ibis.Value, float]]:
    """Return what is left to fade on an axis, each part with the seconds it takes at its speed now."""
    once = {_mass(scored): abs(scored.ask.millipoints) for scored in answers.rules if isinstance(scored.ask, Moment)}
    found = []
    for name in (name for name in table.columns if name.startswith(f"w_{axis}_")):
        mass = table[name].fill_null(0)
        most = once.get(name.rsplit("_", 2)[0])
        found.append(((mass if most is None else ibis.least(mass, whole(most))).cast("float64"), _seconds(name)))
    return found


def _seconds(column: str) -> float:
    kind, seconds = column.split("_")[-2:]
    return int(seconds) / LN2 if kind == "half" else float(seconds)


def _reached(at: Now, table: ibis.Table, number: int) -> ibis.Value:
    """Return when what fades can have moved a number by a margin: never, where less than that is left to fade."""
    margin, least, left, speed = (table[f"{name}_{number}"] for name in ("margin", "least", "left", "speed"))
    seconds = least / speed
    soon = at.as_of + (seconds.floor() * MICROSECONDS).cast("int64")
    return ibis.ifelse((left < margin) | (left <= 0) | (seconds > 4e9), whole(NEVER), soon)


def _next_step(at: Now, ask: Idle, first: ibis.Value) -> ibis.Value:
    if not ask.every_seconds:
        return ibis.ifelse(first > at.as_of, first, ibis.null("int64"))
    step = ask.every_seconds * MICROSECONDS
    # What has passed is not below 0 where it is read; first + steps · step, with what is left of the last step taken off.
    passed = at.as_of - first
    return ibis.ifelse(first > at.as_of, first, at.as_of - passed % step + step)


def _arrivals(answers: Answers) -> tuple[list[ibis.Table], list[ibis.Table]]:
    """Return ``id, next_us`` of facts that are stored already and come into force later: of leads, and of accounts."""
    at = answers.at
    facts = answers.facts
    by_lead = _activity_arrivals(answers)
    newcomers = facts.leads.filter(facts.leads.created_us > at.known_at)
    by_account = [_soonest(newcomers, "account_id", _known(newcomers.created_us, at))]
    if facts.field_changes is not None:
        own, of_account = used_fields(answers.document, answers.rules)
        later = facts.field_changes.filter(_.known_us > at.known_at, _.field.isin(["account_id", *own, *of_account]))
        for subject, found in (("lead", by_lead), ("account", by_account)):
            found.append(_soonest(later.filter(_.subject == subject), "id", _known(later.known_us, at)))
        # Who will belong to an account is news to the colleagues there.
        by_account.append(_soonest(later.filter(_.subject == "lead", _.field == "account_id"), "text", _known(later.known_us, at)))
    names = list(answers.document.lists())
    if facts.lists is not None and names:
        rows = facts.lists.filter(_.list.isin(names))
        instants = [after(rows.from_us, at.as_of), after(rows.to_us, at.as_of), _known(rows.known_us, at)]
        rows = rows.mutate(next_us=soonest(instants))
        for member, found in (("lead", by_lead), ("account", by_account)):
            found.append(_soonest(rows.filter(_.member_type == member), "member_id", rows.next_us))
    return by_lead, by_account


def _known(instant: ibis.Value, at: Now) -> ibis.Value:
    """Return when what became known at an instant counts: both instants of a score move on together."""
    return after(instant, at.known_at) - ibis.greatest(at.known_at - at.as_of, whole(0))


def _activity_arrivals(answers: Answers) -> list[ibis.Table]:
    table, at = answers.facts.activities, answers.at
    if table is None or not answers.readers.all:
        return []
    # Of other types there may be any, or none: some readers leave out what no model of a run reads. Copies of messages they all keep.
    read = table.activity_type.isin(answers.readers.types())
    table = table.filter(read | (table.message_id.fill_null("") != "") if "message_id" in table.columns else read)
    received = table.received_us.fill_null(table.occurred_us) if "received_us" in table.columns else table.occurred_us
    learned = [_known(received, at)] + ([_known(table.machine_us, at)] if "machine_us" in table.columns else [])
    instants = [after(table.occurred_us, at.as_of), *learned, *_property_dates(answers, table)]
    rows = table.select("lead_id", next_us=soonest(instants))
    found = [_soonest(rows, "lead_id", rows.next_us)]
    if "message_id" in table.columns:
        # A copy that comes later, or is later found to be a machine's, concerns everybody with a copy.
        told = table.filter(table.message_id != "").select("message_id", learned=soonest(learned))
        told = told.filter(_.learned < NEVER // 2).group_by("message_id").aggregate(next_us=_.learned.min())
        copies = inner_join(table.select("lead_id", "message_id"), told, ["message_id"])
        found.append(_soonest(copies, "lead_id", copies.next_us))
    return found


def _property_dates(answers: Answers, table: ibis.Table) -> list[ibis.Value]:
    kinds = answers.document.inputs.property_types()
    tests = [pair for by_property in property_tests(answers.readers).values() for pair in by_property.items()]
    events = [date_event(table[property_column(name)], asked, answers.at.as_of) for name, asked in tests if kinds[name] == "date"]
    return [event for event in events if event is not None]


def _of_colleagues(answers: Answers, by_lead: list[ibis.Table]) -> list[ibis.Table]:
    """Return the soonest event of anybody at an account: a colleague may come or go with it."""
    people = _narrowed(answers.people.table, "x_")
    joined = left_joins(people, [(table.rename({f"own_{n}": "id", f"next_{n}": "next_us"}), "lead_id", f"own_{n}")
                                 for n, table in enumerate(by_lead)])  # fmt: skip
    events = [joined[name] for name in people.columns if name.startswith("x_")] + [joined[f"next_{n}"] for n in range(len(by_lead))]
    if not events:
        return []
    rows = joined.filter(_.account_id.notnull()).select("account_id", next_us=soonest(events))
    return [_soonest(rows, "account_id", rows.next_us)]


def _soonest(table: ibis.Table, key: str, instant: ibis.Value) -> ibis.Table:
    rows = table.select(id=key, next_us=instant.name("next_us"))
    return rows.filter(_.next_us < NEVER // 2).group_by("id").aggregate(next_us=_.next_us.min())


def with_next_change(steps: Steps, scores: ibis.Table, clock: ibis.Table) -> ibis.Table:
    """Return scores with a column ``next_change_at``, null where time alone changes nothing."""
    joined = left_joins(scores, [(clock, "lead_id", "clock_id")])
    return joined.select(*scores.columns, next_change_at=steps.instant(joined.next_us))
