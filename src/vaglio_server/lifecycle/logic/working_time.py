"""Working time: how much of it lies between two instants, and when a promised amount of it is over.

A calendar has the hours of each day of the week, in its own time zone, and days on which nobody works. Hours are what the clock on
the wall says: a night shift has an hour less when clocks go forward, and one more when they go back. During a pause no working time passes.

Source: ours; a promise of ``1d`` in a model document is as long as a working day, one of ``1w`` as long as a working week.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

Span = tuple[datetime, datetime]
Hours = tuple[tuple[int, int], ...]  # of a day, in minutes since its midnight: ((540, 780), (840, 1080))
DAY_SECONDS, WEEK_SECONDS = 86_400, 7 * 86_400
MINUTES = 24 * 60
LONGEST_DAYS = 10 * 366  # so far ahead an end is looked for
_HOUR_SECONDS = 3600
_ONE_DAY = timedelta(days=1)


class NeverWorking(ValueError):
    """A calendar that has no working hours for years, so that no promise ever ends."""


@dataclass(frozen=True)
class Calendar:
    """When somebody works. ``week``: the hours of Monday to Sunday; ``holidays``: days without any."""

    timezone: str
    week: tuple[Hours, ...]
    holidays: frozenset[date] = frozenset()
    _spans: dict[date, tuple[tuple[float, float], ...]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def zone(self) -> ZoneInfo:
        """Its time zone."""
        return ZoneInfo(self.timezone)

    @cached_property
    def week_seconds(self) -> int:
        """How much is worked in a week without holidays."""
        return 60 * sum(end - start for hours in self.week for start, end in hours)

    @cached_property
    def day_seconds(self) -> int:
        """How long a working day is, on average."""
        days = sum(1 for hours in self.week if hours)
        return round(self.week_seconds / days) if days else 0

    def is_open(self, at: datetime) -> bool:
        """Return whether somebody works at an instant."""
        now, day = at.timestamp(), at.astimezone(self.zone).date()
        return any(start <= now < end for each in (day - _ONE_DAY, day) for start, end in self.spans(each))

    def begins(self, day: date) -> datetime | None:
        """Return when work begins on a day; None where nobody works."""
        spans = self.spans(day)
        return datetime.fromtimestamp(spans[0][0], UTC) if spans else None

    def spans(self, day: date) -> tuple[tuple[float, float], ...]:
        """Return when it is worked on a day, as seconds since 1970."""
        found = self._spans.get(day)
        if found is None:
            hours = self.week[day.weekday()]
            found = self._spans_of(day, hours) if hours and day not in self.holidays else ()
            self._spans[day] = found
        return found

    def _spans_of(self, day: date, hours: Hours) -> tuple[tuple[float, float], ...]:
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        offset = midnight.utcoffset()
        after = midnight + _ONE_DAY * -(-max(end for _start, end in hours) // MINUTES)  # a night shift goes on into the next day
        if offset is None or offset != after.utcoffset():  # the clocks are changed
            return tuple((self._shown(day, start), self._shown(day, end)) for start, end in hours)
        zero = (day.toordinal() - _EPOCH) * DAY_SECONDS - offset.total_seconds()
        return tuple([(zero + start * 60, zero + end * 60) for start, end in hours])

    def _shown(self, day: date, minute: int) -> float:
        """Return when the clock on the wall shows a minute; where it never does, when it jumps over it."""
        days, rest = divmod(minute, MINUTES)
        wall = datetime(day.year, day.month, day.day, rest // 60, rest % 60, tzinfo=self.zone) + timedelta(days=days)
        at = wall.timestamp()
        if datetime.fromtimestamp(at, self.zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
            return at
        low, high = wall.replace(fold=1).timestamp(), at  # before the jump, after it
        before = datetime.fromtimestamp(low, self.zone).utcoffset()
        while high - low > 1:
            middle = (low + high) // 2
            is_before = datetime.fromtimestamp(middle, self.zone).utcoffset() == before
            low, high = (middle, high) if is_before else (low, middle)
        return high


_EPOCH = date(1970, 1, 1).toordinal()


def promised_seconds(calendar: Calendar, seconds: int) -> int:
    """Return how much working time a promise of a document is: whole weeks and days are working weeks and days."""
    if seconds % WEEK_SECONDS == 0:
        return seconds // WEEK_SECONDS * calendar.week_seconds
    if seconds % DAY_SECONDS == 0:
        return seconds // DAY_SECONDS * calendar.day_seconds
    return seconds


def elapsed_seconds(calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Span] = ()) -> float:
    """Return the working time between two instants, without pauses [seconds]; 0 where the end is not after the start."""
    first, last = start.timestamp(), end.timestamp()
    if last <= first:
        return 0.0
    stops = _joined(pauses)
    day, until = _day_before(calendar, start), end.astimezone(calendar.zone).date()
    total = 0.0
    while day <= until:
        for begins, ends in calendar.spans(day):
            total += _between(begins if begins > first else first, ends if ends < last else last, stops)
        day += _ONE_DAY
    return total


def ends_at(calendar: Calendar, start: datetime, seconds: float, pauses: Sequence[Span] = ()) -> datetime:
    """Return when so much working time is over, without pauses; one that goes on is given as going on until now.

    Raises
    ------
    NeverWorking
        The calendar has no hours, or none for years.
    """
    first, left, stops = start.timestamp(), float(seconds), _joined(pauses)
    day = _day_before(calendar, start)
    for _day in range(LONGEST_DAYS):
        for begins, ends in calendar.spans(day):
            for low, high in _parts(max(begins, first), ends, stops):
                if high - low >= left:
                    return datetime.fromtimestamp(low + left, UTC)
                left -= high - low
        day += _ONE_DAY
    raise NeverWorking(f"in {LONGEST_DAYS // 366} years after {start:%Y-%m-%d} nobody works for {seconds / _HOUR_SECONDS:g} hours")


def _day_before(calendar: Calendar, at: datetime) -> date:
    """Return the day before an instant's: its night shift goes on into that."""
    return at.astimezone(calendar.zone).date() - _ONE_DAY


def _joined(pauses: Iterable[Span]) -> list[tuple[float, float]]:
    """Return pauses in order, those that overlap as one."""
    found: list[tuple[float, float]] = []
    for low, high in sorted((start.timestamp(), end.timestamp()) for start, end in pauses):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        elif high > low:
            found.append((low, high))
    return found


def _between(low: float, high: float, stops: list[tuple[float, float]]) -> float:
    if not stops or high <= stops[0][0] or low >= stops[-1][1]:
        return high - low if high > low else 0.0
    return sum(end - start for start, end in _parts(low, high, stops))


def _parts(low: float, high: float, stops: list[tuple[float, float]]) -> Iterable[tuple[float, float]]:
    """Yield what is left of a span without pauses."""
    for start, end in stops:
        if start >= high:
            break
        if start > low:
            yield low, min(start, high)
        low = max(low, end)
    if low < high:
        yield low, high
