"""Sums of activities: one pass over them, one row per lead, a column for each sum.

Each signature carries the amounts its readers ask for, packed into *lanes*: the n-th amount that goes to the same sum and fades
the same way. So the rows that are grouped are the activities, however many rules look at each of them.

Sums are added up as doubles, which engines do faster than with 64-bit integers. Whole numbers add exactly up to 2^53: nine million
activities of a million points each, for one lead and one sum.
"""

from dataclasses import dataclass

import ibis
import pyarrow as pa
from ibis import _

from vaglio.plan.arithmetic import age_double, faded, halving, period_start, rounded_down, whole
from vaglio.plan.packing import packed, packs, unpacked
from vaglio.plan.session import Session
from vaglio.plan.signatures import Signatures
from vaglio.terms import DAY_SECONDS, EPOCH_DAYS, MICROSECONDS

MAX_COLUMNS = 48  # sums in one pass: with a million leads, 1.5 GB of them are open at once
MANY = 2048  # activities of one lead that sums are first given room for


@dataclass(frozen=True)
class Share:
    """How much of an amount is left at an age: halving, evenly to nothing, or all of it; nothing from ``within`` on [seconds]."""

    half_life: int | None = None
    fade: int | None = None
    within: int | None = None


@dataclass(frozen=True)
class Sum:
    """What each activity that a reader matches adds to a column; amounts are rounded to whole numbers one by one."""

    column: str
    reader: int
    amount: int
    share: Share = Share()


@dataclass(frozen=True)
class Latest:
    """The instant of the latest activity that a reader matches."""

    column: str
    reader: int


@dataclass(frozen=True)
class Days:
    """The number of distinct days with an activity that a reader matches."""

    column: str
    reader: int
    within: int | None


@dataclass(frozen=True)
class Exit:
    """The instant at which the next activity that a reader matches grows older than a window [seconds]."""

    reader: int
    within: int

    @property
    def column(self) -> str:
        """The column, shared by all readers with this window."""
        return f"x_{self.within}"


Wanted = Sum | Latest | Days | Exit


@dataclass(frozen=True)
class Lane:
    """A column of the mapping: amounts that go to one sum, share their fading and have one sign."""

    column: str
    share: Share
    negative: bool
    place: int


def sums(session: Session, signatures: Signatures, wanted: list[Wanted], as_of: int) -> list[ibis.Table]:
    """Return tables ``lead_id, <columns>`` that together hold every wanted column that any activity can touch."""
    # Sums over the same signatures go together, so that each pass meets only the activities it counts.
    first = {number: place for place, (_key, numbers) in reversed(list(enumerate(signatures.rows))) for number in numbers}
    columns = list(dict.fromkeys(each.column for each in sorted(wanted, key=lambda each: first.get(each.reader, -1))))
    passes = [columns[start : start + MAX_COLUMNS] for start in range(0, len(columns), MAX_COLUMNS)]
    found = []
    for number, chosen in enumerate(passes):
        part = [each for each in wanted if each.column in set(chosen)]
        table = _one_pass(session, signatures, part, as_of, number)
        if table is not None:
            found.append(table)
    return found


def _one_pass(session: Session, signatures: Signatures, wanted: list[Wanted], as_of: int, number: int) -> ibis.Table | None:
    lanes, rows = _lanes(signatures, wanted)
    marks = {_mark(each): pa.int64() for each in wanted if not isinstance(each, Sum)}
    kinds = {name: pa.float64() for name in lanes.values()}
    table = signatures.joined(session, f"lanes_{number}", rows, kinds | marks)
    if table is None:
        return None
    table = table.select("lead_id", "occurred_us", *kinds, *marks, age=age_double(table.occurred_us, as_of))
    shares = {lane.share for lane in lanes} | {Share(within=each.within) for each in wanted if isinstance(each, Days)}
    used = ["lead_id", "age", *(["occurred_us"] if marks else []), *kinds, *marks]
    table = table.select(*used, **_share_columns(table, shares))
    made: dict[str, ibis.Value] = {}
    for each in wanted:
        if isinstance(each, Sum):
            continue
        counted = table[_mark(each)] == 1
        if isinstance(each, Latest):
            made[each.column] = table.occurred_us.max(where=counted)
        elif isinstance(each, Exit):
            made[each.column] = table.occurred_us.min(where=counted & (table.age < each.within)) + each.within * MICROSECONDS
        else:
            if each.within is not None:
                counted &= table[_within(each.within)] == 1
            day = DAY_SECONDS * MICROSECONDS
            made[each.column] = period_start(table.occurred_us, day, EPOCH_DAYS * day).nunique(where=counted)
    by_column: dict[str, list[Lane]] = {}
    for lane in lanes:
        by_column.setdefault(lane.column, []).append(lane)
    values = {column: _value(table, its_lanes, lanes) for column, its_lanes in by_column.items()}
    return _summed(session, f"sums_{number}", table, values, _largest(by_column, lanes, rows), made)


def _summed(
    session: Session, name: str, table: ibis.Table, values: dict[str, ibis.Value], largest: dict[str, int], others: dict[str, ibis.Value]
) -> ibis.Table:
    """Return sums by lead, kept. Should some lead have more activities than sums were given room for, they are made again."""
    room = MANY
    while True:
        together = packs({column: value * room for column, value in largest.items()})
        sums = {f"pack_{n}": packed(values, digits).sum() for n, digits in enumerate(together)}
        grouped = table.group_by("lead_id").aggregate(**others, **sums, activities=_.count())
        apart: dict[str, ibis.Value] = {}
        for n, digits in enumerate(together):
            apart |= unpacked(grouped[f"pack_{n}"], digits)
        kept = session.keep(f"{name}_{room}", grouped.select("lead_id", "activities", *others, **apart))
        most = _most(session, kept) if any(len(digits) > 1 for digits in together) else 0
        if most <= room:
            return kept.drop("activities")
        room = 2 ** most.bit_length()


def _most(session: Session, table: ibis.Table) -> int:
    rows = session.fetch(table.aggregate(most=_.activities.max())).column("most").to_pylist()
    return next((number for number in rows if number), 0)


def _lanes(signatures: Signatures, wanted: list[Wanted]) -> tuple[dict[Lane, str], list[tuple[int, dict[str, int]]]]:
    """Return the lanes with their names, and each signature's place with its amounts by name."""
    by_reader: dict[int, list[Wanted]] = {}
    for each in wanted:
        by_reader.setdefault(each.reader, []).append(each)
    lanes: dict[Lane, str] = {}
    rows = []
    for place, (_key, numbers) in enumerate(signatures.rows):
        row: dict[str, int] = {}
        places: dict[tuple[str, Share, bool], int] = {}
        for each in (each for number in numbers for each in by_reader.get(number, ())):
            if not isinstance(each, Sum):
                row[_mark(each)] = 1
                continue
            if not each.share.half_life and not each.share.fade:
                # Nothing is rounded, so amounts that count whole until they count no more are one.
                name = lanes.setdefault(Lane(each.column, each.share, negative=False, place=0), f"m_{len(lanes)}")
                row[name] = row.get(name, 0) + each.amount
                continue
            kind = (each.column, each.share, each.amount < 0)
            places[kind] = places.get(kind, -1) + 1
            name = lanes.setdefault(Lane(*kind, places[kind]), f"m_{len(lanes)}")
            row[name] = abs(each.amount)
        if row:
            rows.append((place, row))
    return lanes, rows


def _mark(each: Latest | Days | Exit) -> str:
    return f"e_{each.within}" if isinstance(each, Exit) else f"r_{each.reader}"


def _within(seconds: int) -> str:
    return f"within_{seconds}"


def _halved(share: Share) -> str:
    return f"share_{share.half_life}_{share.within or 0}"


def _share_columns(table: ibis.Table, shares: set[Share]) -> dict[str, ibis.Value]:
    """Return what lanes are multiplied with; each power is worked out once per activity, whatever number of rules uses it."""
    made: dict[str, ibis.Value] = {}
    for share in sorted(shares, key=str):
        inside = (table.age < share.within).cast("float64") if share.within is not None else None
        if share.half_life:
            left = halving(table.age, ibis.literal(float(share.half_life), "float64"))
            made[_halved(share)] = left if inside is None else left * inside
        elif inside is not None and share.within is not None:
            made[_within(share.within)] = inside
    return made


def _largest(by_column: dict[str, list[Lane]], names: dict[Lane, str], rows: list[tuple[int, dict[str, int]]]) -> dict[str, int]:
    """Return the largest absolute value that one activity can add to each column."""
    return {
        column: max(sum(abs(row.get(names[lane], 0)) for lane in its_lanes) for _place, row in rows)
        for column, its_lanes in by_column.items()
    }  # fmt: skip


def _value(table: ibis.Table, its_lanes: list[Lane], names: dict[Lane, str]) -> ibis.Value:
    values = [_amount(table, lane, names[lane]) for lane in its_lanes]
    total = -values[0] if its_lanes[0].negative else values[0]
    for lane, value in zip(its_lanes[1:], values[1:], strict=True):
        total = total - value if lane.negative else total + value
    return total


def _amount(table: ibis.Table, lane: Lane, name: str) -> ibis.Value:
    share = lane.share
    if share.half_life:
        return rounded_down(table[name] * table[_halved(share)] + 0.5)
    amount = table[name]
    if share.fade:
        amount = faded(amount.cast("int64"), table.age.cast("int64"), whole(share.fade)).cast("float64")
    return amount * table[_within(share.within)] if share.within is not None else amount
