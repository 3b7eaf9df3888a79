"""Sums of activities: one pass over them, one row per lead, a column for each sum.

Each signature carries the amounts its readers ask for, packed into *lanes*: the n-th amount that goes to the same sum and fades
the same way. So the rows that are grouped are the activities, however many rules look at each of them.

Sums are added up as doubles, which engines do faster than with 64-bit integers. Whole numbers add exactly up to 2^53: nine million
activities of a million points each, for one lead and one sum.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache, partial

import ibis
import pyarrow as pa
from ibis import _

from vaglio.plan.arithmetic import age_double, faded, halving, period_start, rounded_down, whole
from vaglio.plan.chains import total
from vaglio.plan.layout import Judged
from vaglio.plan.packing import packed, packs, unpacked
from vaglio.plan.signatures import Signatures
from vaglio.plan.steps import Found, Steps
from vaglio.terms import DAY_SECONDS, EPOCH_DAYS, MICROSECONDS

MAX_COLUMNS = 48  # sums in one pass: with a million leads, 1.5 GB of them are open at once
KNOWN = 4_096  # sets of readers whose amounts are kept between runs
ROOMS = (2_048, 65_536)  # activities of one lead that packed sums have room for; more are not packed


@dataclass(frozen=True)
class Share:
    """How much of an amount is left at an age: halving, evenly to nothing, or all of it; nothing from ``within`` on [seconds]."""

    half_life: int | None = None
    fade: int | None = None
    within: int | None = None

    def is_rounded(self) -> bool:
        """Whether amounts lose worth little by little, so that each is rounded by itself."""
        return bool(self.half_life or self.fade)


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


Kind = tuple[str, Share, bool]


def sums(signatures: Signatures, wanted: list[Wanted], expected: Judged) -> list[ibis.Table]:
    """Return tables ``lead_id, <columns>`` that together hold every wanted column.

    ``expected`` are signatures that facts are likely to hold: they decide which sums are made together, and how many lanes and how
    much room they get. Facts that need more of either get it, in more rows or in another way of packing.
    """
    # Sums over the same signatures go together, so that each pass meets only the activities it counts.
    first = {number: place for place, (_key, numbers) in reversed(list(enumerate(expected))) for number in numbers}
    columns = list(dict.fromkeys(each.column for each in sorted(wanted, key=lambda each: first.get(each.reader, -1))))
    passes = [columns[start : start + MAX_COLUMNS] for start in range(0, len(columns), MAX_COLUMNS)]
    return [
        _one_pass(signatures, [each for each in wanted if each.column in set(chosen)], expected, number)
        for number, chosen in enumerate(passes)
    ]  # fmt: skip


def _one_pass(signatures: Signatures, wanted: list[Wanted], expected: Judged, number: int) -> ibis.Table:
    lanes = Lanes(wanted, expected)
    marks = {_mark(each): pa.int64() for each in wanted if not isinstance(each, Sum)}
    kinds = {name: pa.float64() for name in lanes.names.values()}

    def rows(found: Found) -> list[tuple[int, dict[str, int]]]:
        return lanes.rows(found.concluded(signatures.rows))

    def largest(found: Found) -> dict[str, int]:
        return lanes.largest(found.concluded(signatures.rows))

    table = signatures.joined(f"lanes_{number}", kinds | marks, rows)
    table = table.select("lead_id", "occurred_us", *kinds, *marks, age=age_double(table.occurred_us, signatures.steps.now.as_of))
    shares = {lane.share for lane in lanes.names} | {Share(within=each.within) for each in wanted if isinstance(each, Days)}
    used = ["lead_id", "age", *(["occurred_us"] if marks else []), *kinds, *marks]
    by_row = signatures.steps.by_row
    table = table.select(*used, **_share_columns(table, shares, halved=not by_row))
    values = {
        column: _value([(_amount(table, lane, lanes.names[lane], by_row=by_row), lane.negative) for lane in its])
        for column, its in lanes.by_column().items()
    }

    others = {each.column: _other(table, each) for each in wanted if not isinstance(each, Sum)}
    return _summed(signatures.steps, f"sums_{number}", table, values, Room(lanes.expected_largest(expected), largest), others)


def _other(table: ibis.Table, each: Latest | Days | Exit) -> ibis.Value:
    counted = table[_mark(each)] == 1
    if isinstance(each, Latest):
        return table.occurred_us.max(where=counted)
    if isinstance(each, Exit):
        return table.occurred_us.min(where=counted & (table.age < each.within)) + each.within * MICROSECONDS
    if each.within is not None:
        counted &= table[_within(each.within)] == 1
    day = DAY_SECONDS * MICROSECONDS
    return period_start(table.occurred_us, day, EPOCH_DAYS * day).nunique(where=counted)


@dataclass(frozen=True)
class Room:
    """The largest absolute value that one row is expected to add to each column, and what a run's rows really add at most."""

    expected: dict[str, int]
    largest: Callable[[Found], dict[str, int]]

    def of(self, rows: int) -> dict[str, int]:
        """Return the largest absolute value of each sum of so many rows."""
        return {column: value * rows for column, value in self.expected.items()}

    def fits(self, found: Found, rows: int, most: int) -> bool:
        """Return whether sums with room for so many rows of the expected size hold the ``most`` rows that some lead has."""
        return all(value * most <= self.expected[column] * rows for column, value in found.concluded(self.largest).items())


def _summed(
    steps: Steps, name: str, table: ibis.Table, values: dict[str, ibis.Value], room: Room, others: dict[str, ibis.Value]
) -> ibis.Table:
    """Return sums by lead, kept. Packed ones come first; should some lead have more than they have room for, they are made again."""

    def grouped(rows: int) -> ibis.Table:
        together = packs(room.of(rows))
        sums = {f"pack_{n}": packed(values, digits).sum() for n, digits in enumerate(together)}
        counted = table.group_by("lead_id").aggregate(**others, **sums, activities=_.count())
        apart: dict[str, ibis.Value] = {}
        for n, digits in enumerate(together):
            apart |= unpacked(counted[f"pack_{n}"], digits)
        return counted.select("lead_id", "activities", *others, **{column: apart[column] for column in values})

    def alone() -> ibis.Table:
        sums = {column: value.sum().cast("int64") for column, value in values.items()}
        return table.group_by("lead_id").aggregate(activities=_.count(), **others, **sums).select("lead_id", "activities", *others, *values)

    def fits(found: Found, way: int, most: int) -> bool:
        return way == len(rooms) or room.fits(found, rooms[way], most)

    rooms = [rows for rows in ROOMS if steps.packs and any(len(digits) > 1 for digits in packs(room.of(rows)))]
    ways: list[Callable[[], ibis.Table]] = [*(partial(grouped, rows) for rows in rooms), alone]
    kept = steps.attempt(name, [cache(way) for way in ways], fits) if rooms else steps.keep(name, alone())
    return kept.drop("activities")


class Lanes:
    """The lanes of one pass: of each kind as many as some expected signature needs. One that needs more has several rows."""

    def __init__(self, wanted: list[Wanted], expected: Judged) -> None:
        self._by_reader: dict[int, list[Wanted]] = {}
        for each in wanted:
            self._by_reader.setdefault(each.reader, []).append(each)
        self.names: dict[Lane, str] = {}
        for each in wanted:
            if isinstance(each, Sum):
                self._add(_kind(each), 0)
        for _key, numbers in expected:
            for kind, amounts in self._amounts(numbers).items():
                for place in range(len(amounts)):
                    self._add(kind, place)
        self._alone = {column: max(abs(each.amount) for each in its) for column, its in _columns(wanted).items()}
        self._lanes = {column: [self.names[lane] for lane in its] for column, its in self.by_column().items()}
        # Many signatures have the same readers, and the runs of a plan mostly the same signatures.
        self._rows = lru_cache(KNOWN)(self._rows_of)
        self._largest = lru_cache(KNOWN)(self._largest_of)

    def _add(self, kind: Kind, place: int) -> None:
        self.names.setdefault(Lane(*kind, place), f"m_{len(self.names)}")

    def _amounts(self, numbers: tuple[int, ...]) -> dict[Kind, list[int]]:
        """Return what the readers of a signature give each kind of lane."""
        found: dict[Kind, list[int]] = {}
        for each in (each for number in numbers for each in self._by_reader.get(number, ())):
            if isinstance(each, Sum):
                found.setdefault(_kind(each), []).append(abs(each.amount) if each.share.is_rounded() else each.amount)
        # Nothing is rounded of amounts that count whole until they count no more, so they are one.
        return {kind: amounts if kind[1].is_rounded() else [sum(amounts)] for kind, amounts in found.items()}

    def rows(self, judged: Judged) -> list[tuple[int, dict[str, int]]]:
        """Return each signature's place with its amounts and marks by name."""
        return [(place, row) for place, (_key, numbers) in enumerate(judged) for row in self._rows(numbers)]

    def _rows_of(self, numbers: tuple[int, ...]) -> list[dict[str, int]]:
        rows: list[dict[str, int]] = [{_mark(each): 1 for number in numbers for each in self._by_reader.get(number, ())
                                       if not isinstance(each, Sum)}]  # fmt: skip
        for kind, amounts in self._amounts(numbers).items():
            names = [self.names[lane] for n in range(len(amounts)) if (lane := Lane(*kind, n)) in self.names]
            for n, amount in enumerate(amounts):
                row, lane_number = divmod(n, len(names))
                if row == len(rows):
                    rows.append({})
                rows[row][names[lane_number]] = amount
        return [row for row in rows if row]

    def by_column(self) -> dict[str, list[Lane]]:
        """Return the lanes of each column."""
        found: dict[str, list[Lane]] = {}
        for lane in self.names:
            found.setdefault(lane.column, []).append(lane)
        return found

    def largest(self, judged: Judged) -> dict[str, int]:
        """Return the largest absolute value that one row adds to each column."""
        found = dict.fromkeys(self._lanes, 0)
        for numbers in {numbers for _key, numbers in judged}:
            for column, value in self._largest(numbers).items():
                found[column] = max(found[column], value)
        return found

    def _largest_of(self, numbers: tuple[int, ...]) -> dict[str, int]:
        rows = self._rows(numbers)
        return {
            column: value
            for column, names in self._lanes.items()
            if (value := max((sum(abs(row.get(name, 0)) for name in names) for row in rows), default=0))
        }

    def expected_largest(self, expected: Judged) -> dict[str, int]:
        """Return what one row of the expected signatures adds at most, and never less than one reader gives."""
        return {column: max(value, self._alone[column], 1) for column, value in self.largest(expected).items()}


def _columns(wanted: list[Wanted]) -> dict[str, list[Sum]]:
    found: dict[str, list[Sum]] = {}
    for each in wanted:
        if isinstance(each, Sum):
            found.setdefault(each.column, []).append(each)
    return found


def _kind(each: Sum) -> Kind:
    return (each.column, each.share, each.share.is_rounded() and each.amount < 0)


def _mark(each: Latest | Days | Exit) -> str:
    return f"e_{each.within}" if isinstance(each, Exit) else f"r_{each.reader}"


def _within(seconds: int) -> str:
    return f"within_{seconds}"


def _halved(share: Share) -> str:
    return f"share_{share.half_life}_{share.within or 0}"


def _share_columns(table: ibis.Table, shares: set[Share], *, halved: bool) -> dict[str, ibis.Value]:
    """Return what lanes are multiplied with; if ``halved`` also powers, each once per activity, whatever number of rules uses it."""
    made: dict[str, ibis.Value] = {}
    for share in sorted(shares, key=str):
        if share.half_life:
            made |= {_halved(share): _left(table, share)} if halved else {}
        elif share.within is not None:
            made[_within(share.within)] = _inside(table, share.within)
    return made


def _inside(table: ibis.Table, within: int) -> ibis.Value:
    return (table.age < within).cast("float64")


def _left(table: ibis.Table, share: Share) -> ibis.Value:
    left = halving(table.age, ibis.literal(float(share.half_life or 0), "float64"))
    return left if share.within is None else left * _inside(table, share.within)


def _value(amounts: list[tuple[ibis.Value, bool]]) -> ibis.Value:
    return total(-value if is_negative else value for value, is_negative in amounts)


def _amount(table: ibis.Table, lane: Lane, name: str, *, by_row: bool) -> ibis.Value:
    """Return an amount; ``by_row`` only where there is one: most activities are no matter of most rules, and powers are slow."""
    share, amount = lane.share, table[name]
    if share.half_life:
        amount = rounded_down(amount * (_left(table, share) if by_row else table[_halved(share)]) + 0.5)
    else:
        if share.fade:
            amount = faded(amount.cast("int64"), table.age.cast("int64"), whole(share.fade)).cast("float64")
        if share.within is not None:
            amount = amount * table[_within(share.within)]
    nothing = ibis.literal(0.0, "float64")
    return ibis.ifelse(table[name] == nothing, nothing, amount) if by_row and share.is_rounded() else amount
