"""What the values of a column could be of, found out by all of them: what a new field of it would be, and which cells would be lost."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from vaglio_server.crm.logic.fields import Definition, Unfit, check
from vaglio_server.imports.logic.days import DAY_FIRST, MONTH_FIRST, day
from vaglio_server.imports.logic.people import typed

MOST_VALUES = 50  # of a column that could be a choice, each as long as a choice may be
LONGEST = 100
ROWS = 100  # taken in together
MOST_WAITING = 5_000  # texts of a column that are looked at once, however often they are there
ENOUGH = 1_000  # values by which a kind is given up that a quarter of them is not
NEARLY_ALL = 20  # of so many values one may be none of the kind
# What values look like that are of a kind.
_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,14})")  # not 00123, which is a code, and no telephone number
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,2}(?:[.,\s'’\u00a0]\d{3})+|[1-9]\d*)(?:[.,]\d+)?")
_STARTS = re.compile(r"\d{1,4}[/.\-]\d")
_CODE = re.compile(r"0\d|\+\d|(?=\S*\d)\S*[^\W\d_]\S*$|\S*\d[/\-_]\S*$")  # digits, and no number: 00123, A12, +39 011, 50-100
_CLOCK = re.compile(r"[ T]((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)")
_MIDNIGHT = frozenset(["00:00", "00:00:00"])
_WAYS = {"boolean": ("boolean",), "integer": ("integer",), "number": ("number",), "date": (DAY_FIRST, MONTH_FIRST)}


class _Told(NamedTuple):
    """Which kinds a text does not look like, in which ways it cannot be read, and whether it is a code."""

    unlike: tuple[str, ...]
    unread: tuple[str, ...]
    is_code: bool


@lru_cache(maxsize=20_000)
def _told(text: str) -> _Told:
    reads = {
        **{kind: _is_read(kind, text) for kind in ("boolean", "integer", "number")},
        **{order: text[:1].isdigit() and len(text) >= 8 and day(text, order) is not None for order in (DAY_FIRST, MONTH_FIRST)},
    }
    looks = {
        "boolean": reads["boolean"],
        "integer": bool(_WHOLE.fullmatch(text)),
        "number": bool(_NUMBER.fullmatch(text)),
        "date": bool(_STARTS.match(text)) and (reads[DAY_FIRST] or reads[MONTH_FIRST]),
    }
    unlike, unread = (tuple(name for name, does in found.items() if not does) for found in (looks, reads))
    return _Told(unlike, unread, not looks["number"] and bool(_CODE.match(text)))


def _is_read(kind: str, text: str) -> bool:
    of = Definition(kind, kind, kind)
    try:
        return check(of, typed(of, text)) is not None
    except Unfit:
        return False


@dataclass
class _Column:
    """``unlike``: by kind, how many of the values ``seen`` do not look like it; ``unread``: how many cannot be read so.

    Kinds that were given up are in neither. ``timed``: days with a time.
    """

    seen: int = 0
    unlike: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_WAYS, 0))
    unread: dict[str, int] = field(default_factory=lambda: dict.fromkeys((way for ways in _WAYS.values() for way in ways), 0))
    values: dict[str, None] | None = field(default_factory=dict)
    timed: int = 0
    has_codes: bool = False
    waiting: Counter[str] = field(default_factory=Counter)

    def note(self, cells: Sequence[str]) -> None:
        """Take cells in, to be looked at now or, where they may come again, later."""
        if self.values is None and self.unlike.keys() <= {"integer", "number"}:
            is_plain = (_WHOLE if "integer" in self.unlike else _NUMBER).fullmatch
            strange = [cell for cell in cells if not is_plain(cell)]
            self.seen += len(cells) - len(strange)
            self.waiting.update(strange)
        else:
            self.waiting.update(self._without_times(cells) if self.values is None else cells)
        if self.seen < ENOUGH or len(self.waiting) > MOST_WAITING:
            self.look()

    def look(self) -> None:
        """Look at what waits."""
        counted = Counter[str]()
        for cell, count in self.waiting.items():
            if text := cell.strip():
                counted[text] += count
        self.waiting = Counter()
        if self.values is not None:
            self.values |= dict.fromkeys(counted)
            if len(self.values) > MOST_VALUES or any(len(text) > LONGEST for text in counted):
                self.values = None
        self.seen += counted.total()
        for text, count in self._days(counted) if "date" in self.unlike else counted.items():
            told = _told(text)
            self.has_codes |= told.is_code
            _add(self.unlike, told.unlike, count)
            _add(self.unread, told.unread, count)
        self._give_up()

    def _without_times(self, cells: Sequence[str]) -> Sequence[str]:
        """Return cells without the times behind their days, which are counted; as they are where something else stands there."""
        clocks = Counter([cell[10:] for cell in cells])
        if "date" not in self.unlike or any(clock and not _CLOCK.fullmatch(clock) for clock in clocks):
            return cells
        self.timed += sum(count for clock, count in clocks.items() if clock and clock[1:] not in _MIDNIGHT)
        return [cell[:10] for cell in cells]

    def _days(self, counted: Mapping[str, int]) -> Iterable[tuple[str, int]]:
        """Count the times of days, and return what is left without them: days come again, their times do not."""
        days = Counter[str]()
        for text, count in counted.items():
            clock = _CLOCK.fullmatch(text, 10) if len(text) > 10 and text[:1].isdigit() else None
            days[text[:10] if clock else text] += count
            self.timed += count if clock and clock[1] not in _MIDNIGHT else 0
        return days.items()

    def _give_up(self) -> None:
        if self.seen < ENOUGH:
            return
        for kind in list(self.unlike):
            if min(self.unread[way] for way in _WAYS[kind]) * 4 > self.seen:
                del self.unlike[kind]
                for way in _WAYS[kind]:
                    del self.unread[way]

    @property
    def is_open(self) -> bool:
        return bool(self.unlike) or self.values is not None

    @property
    def guess(self) -> str:
        """The kind that nearly all values look like; a number only where no other value is a code."""
        fits = {kind: count for kind, count in self.unlike.items() if count * NEARLY_ALL <= self.seen}
        likely = [kind for kind, count in fits.items() if not (count and self.has_codes and kind != "date")]
        return min(likely, key=lambda kind: fits[kind], default="string")


def _add(counts: dict[str, int], names: Iterable[str], count: int) -> None:
    for name in names:
        if name in counts:
            counts[name] += count


@dataclass
class Kinds:
    """Finds out, by all values of a file, what each column could be."""

    _columns: dict[int, _Column] = field(default_factory=dict)
    _rows: list[Sequence[str]] = field(default_factory=list)

    def note(self, cells: Sequence[str]) -> None:
        """Look at a row; all are as wide as the first."""
        self._rows.append(cells)
        if len(self._rows) >= ROWS:
            self._take()

    def _take(self) -> None:
        rows, self._rows = self._rows, []
        if not self._columns and rows:
            self._columns = {place: _Column() for place in range(len(rows[0]))}
        for column, cells in zip(self._columns.values(), zip(*rows, strict=True), strict=False):  # none where no row is left
            if column.is_open:
                column.note(cells)

    def found(self) -> dict[str, dict[str, Any]]:
        """Return, of each column with values, the likeliest kind of a field of it, its values where they are few, and what would be lost.

        ``unread``: by ways of reading, how many cells cannot be read so; a way that is not there is wrong for a quarter and more of them.
        ``timed``: how many have a time, which a field of days has no room for.
        """
        self._take()
        for column in self._columns.values():
            column.look()
        return {
            str(place): {"guess": column.guess, "values": list(column.values or ()), "unread": column.unread, "timed": column.timed}
            for place, column in self._columns.items() if column.seen
        }  # fmt: skip
