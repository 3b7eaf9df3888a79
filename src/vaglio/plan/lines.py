"""Lines: what each rule gives each lead, before bounds, one row per lead and slot.

A *slot* is where contributions are summed: the rule itself, or, when nobody asked for contributions and the rule has neither
cap nor flag, straight its *bucket* (its group, or its axis outside any group).
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import ibis
import pyarrow as pa
from ibis import _

from vaglio.ask import Banded, EachActivity, Idle, Listed, Moment
from vaglio.condition import Expr, Leaf, evaluate
from vaglio.document import ModelDocument
from vaglio.plan.arithmetic import age_seconds, divide_down, whole
from vaglio.plan.each import Each, each_lines
from vaglio.plan.facts import Instants
from vaglio.plan.joins import inner_join, left_join
from vaglio.plan.people import Input, People, input_tests
from vaglio.plan.readers import Readers, Scored
from vaglio.plan.session import Session
from vaglio.plan.signatures import Signatures
from vaglio.plan.stats import latest, moment_lines
from vaglio.terms import AXES, Axis, to_millipoints

MAX_PRODUCT = 2_000  # above so many combinations of classes, only those that occur are judged


@dataclass(frozen=True)
class Bucket:
    """Where slots are summed after their own caps: a group, or an axis."""

    axis: Axis
    group: str | None
    cap: int | None


@dataclass(frozen=True)
class Slots:
    """Which slot each rule's contributions go to, and which bucket each slot is summed in."""

    buckets: tuple[Bucket, ...]
    of_rule: tuple[int, ...]
    rows: tuple[tuple[int, int | None, int], ...]  # slot, cap, bucket

    def table(self) -> pa.Table:
        """Return slots as a mapping ``slot, cap, bucket``."""
        slots, caps, buckets = zip(*self.rows, strict=True)
        return pa.table({
            "slot": pa.array(slots, pa.int64()), "cap": pa.array([2**62 if cap is None else cap for cap in caps], pa.int64()),
            "bucket": pa.array(buckets, pa.int64()),
        })  # fmt: skip


def slots(document: ModelDocument, rules: tuple[Scored, ...], *, by_rule: bool) -> Slots:
    """Return the slots of a document; ``by_rule`` gives each rule its own."""
    buckets = [Bucket(axis, None, None) for axis in AXES]
    for axis in AXES:
        buckets += [Bucket(axis, name, to_millipoints(group.at_most)) for name, group in document.axis(axis).groups.items()]
    places = {(bucket.axis, bucket.group): position for position, bucket in enumerate(buckets)}
    of_rule, rows = [], {}
    for scored in rules:
        bucket = places[scored.axis, scored.rule.group]
        own = by_rule or scored.rule.at_most is not None or is_marked(scored)
        slot = scored.number if own else -1 - bucket
        cap = to_millipoints(scored.rule.at_most) if scored.rule.at_most is not None else None
        of_rule.append(slot)
        rows[slot] = (slot, cap if own else None, bucket)
    return Slots(tuple(buckets), tuple(of_rule), tuple(rows.values()))


def is_marked(scored: Scored) -> bool:
    """Whether a rule names something that shows when it fires."""
    rule = scored.rule
    return bool(rule.flag or getattr(rule, "role", None) or getattr(rule, "answer", None))


@dataclass
class Answers:
    """Everything the stages before know of one pass."""

    session: Session
    document: ModelDocument
    rules: tuple[Scored, ...]
    readers: Readers
    people: People
    signatures: Signatures | None
    stats: ibis.Table | None
    at: Instants


def lines(answers: Answers, placed: Slots) -> ibis.Table | None:
    """Return ``lead_id, slot, value`` [millipoints], kept; None when no rule can give anything."""
    parts = _activity_lines(answers, placed)
    parts += _banded_lines(answers, placed)
    parts += [_listed(answers, scored, placed) for scored in answers.rules if isinstance(scored.ask, Listed)]
    parts += [_idle(answers, scored, placed) for scored in answers.rules if isinstance(scored.ask, Idle)]
    if not parts:
        return None
    return answers.session.keep("lines", ibis.union(*parts) if len(parts) > 1 else parts[0])


def _activity_lines(answers: Answers, placed: Slots) -> list[ibis.Table]:
    if answers.signatures is None:
        return []
    each = each_rules(answers, placed)
    moments = [(scored, placed.of_rule[scored.number]) for scored in answers.rules if isinstance(scored.ask, Moment)]
    found = each_lines(answers.session, answers.signatures, each, answers.at.as_of)
    return found + moment_lines(answers.session, answers.signatures, answers.readers, moments, answers.at.as_of)


def each_rules(answers: Answers, placed: Slots) -> list[Each]:
    """Return the rules over single activities with their slots."""
    return [
        Each(scored, answers.readers.each[scored.number], placed.of_rule[scored.number])
        for scored in answers.rules
        if isinstance(scored.ask, EachActivity)
    ]


def _listed(answers: Answers, scored: Scored, placed: Slots) -> ibis.Table:
    table = answers.people.table.filter(answers.people.on_list(scored.ask.list))
    return table.select("lead_id", slot=whole(placed.of_rule[scored.number]), value=whole(scored.ask.millipoints))


def _idle(answers: Answers, scored: Scored, placed: Slots) -> ibis.Table:
    ask: Idle = scored.ask
    table = answers.people.table.select("lead_id", "created_us")
    seen = latest(answers.stats, answers.readers, ask.match)
    last = table.created_us
    if seen is not None:
        seen = seen.rename(seen_id="lead_id")
        table = left_join(table, seen, "lead_id", "seen_id")
        last = ibis.greatest(table.created_us.fill_null(-(2**62)), table.latest_us.fill_null(-(2**62))).nullif(-(2**62))
    known = table.mutate(last_us=last).filter(_.last_us.notnull() & (_.last_us <= answers.at.as_of))
    idle = known.mutate(idle=age_seconds(known.last_us, answers.at.as_of)).filter(_.idle >= ask.after_seconds)
    times: ibis.Value = whole(1)
    if ask.every_seconds:
        times = divide_down(idle.idle - ask.after_seconds, ask.every_seconds) + 1
    return idle.select("lead_id", slot=whole(placed.of_rule[scored.number]), value=times * whole(ask.millipoints))


def _banded_lines(answers: Answers, placed: Slots) -> list[ibis.Table]:
    """Rules that read the same inputs share one mapping from the classes of these inputs to rules and points."""
    by_inputs: dict[tuple[Input, ...], list[Scored]] = {}
    for scored in answers.rules:
        if isinstance(scored.ask, Banded):
            inputs = tuple(input_tests(expr for expr, _value in scored.ask.cases))
            by_inputs.setdefault(inputs, []).append(scored)
    found = []
    for position, (inputs, rules) in enumerate(by_inputs.items()):
        mapping = _band_mapping(answers, inputs, rules, placed)
        columns = [answers.people.columns[source] for source in inputs]
        uploaded = answers.session.upload(f"bands_{position}", mapping)
        joined = inner_join(answers.people.table.select("lead_id", *columns), uploaded, columns)
        found.append(joined.select("lead_id", "slot", "value"))
    return found


def _band_mapping(answers: Answers, inputs: tuple[Input, ...], rules: list[Scored], placed: Slots) -> pa.Table:
    columns = [answers.people.columns[source] for source in inputs]
    combinations = _combinations(answers, inputs, columns)
    found: dict[tuple[tuple[int, ...], int], int] = {}
    for numbers in combinations:
        holds = _judge(answers, dict(zip(inputs, numbers, strict=True)))
        for scored in rules:
            value = first_case(scored.ask.cases, holds)
            if value or (value is not None and is_marked(scored) and scored.rule.kind == "fields"):
                key = (numbers, placed.of_rule[scored.number])
                found[key] = found.get(key, 0) + value
    rows: dict[str, list[int]] = {column: [] for column in [*columns, "slot", "value"]}
    for (numbers, slot), value in found.items():
        for column, item in zip(rows, (*numbers, slot, value), strict=True):
            rows[column].append(item)
    return pa.table({column: pa.array(items, pa.int64()) for column, items in rows.items()})


def _combinations(answers: Answers, inputs: tuple[Input, ...], columns: list[str]) -> list[tuple[int, ...]]:
    sizes = [range(len(answers.people.classes[source].vectors)) for source in inputs]
    total = 1
    for size in sizes:
        total *= len(size)
    if total <= MAX_PRODUCT:
        return list(product(*sizes))
    distinct = answers.session.fetch(answers.people.table.select(columns).distinct())
    return list(zip(*(distinct.column(column).to_pylist() for column in columns), strict=True))


def _judge(answers: Answers, numbers: dict[Input, int]) -> Callable[[Leaf], bool]:
    def holds(leaf: Leaf) -> bool:
        return answers.people.classes[leaf.input].holds(numbers[leaf.input], leaf)

    return holds


def first_case(cases: tuple[tuple[Expr, int], ...], holds: Callable[[Leaf], bool]) -> int | None:
    """Return the points of the first case that holds [millipoints], None when none does."""
    return next((value for expr, value in cases if evaluate(expr, holds)), None)


