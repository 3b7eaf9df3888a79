"""When people work, and when promised responses are due."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Value

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.logic.working_time import (
    LONGEST_DAYS,
    Calendar,
    NeverWorking,
    Span,
    elapsed_seconds,
    ends_at,
    promised_seconds,
)
from vaglio_server.lifecycle.models import BusinessCalendar, ClockPause, Seller, SlaClock
from vaglio_server.tracking.queries import first_after
from vaglio_server.users.models import User

LONGEST_WAIT = timedelta(days=7)  # so long does a clock stand at most because we wait for the lead; longer where it asked for a day
# Where no calendar is kept: Monday to Friday, nine to six with an hour's break, as clocks in UTC say.
USUAL = Calendar("UTC", (((540, 780), (840, 1080)),) * 5 + ((), ()))


@lru_cache(maxsize=64)
def _calendar(timezone: str, week: tuple[Any, ...], holidays: frozenset[date]) -> Calendar:
    """Return a calendar; kept, as it knows the hours of days that it was asked for."""
    return Calendar(timezone, week, holidays)


def calendar_of(kept: BusinessCalendar | None) -> Calendar:
    """Return a stored calendar as plain values."""
    if kept is None:
        return USUAL
    week = tuple(tuple((start, end) for start, end in hours) for hours in kept.week)
    return _calendar(kept.timezone, week, frozenset(date.fromisoformat(each[:10]) for each in kept.holidays))


def usual_calendar() -> Calendar:
    """Return the calendar of whoever has none of their own."""
    return calendar_of(BusinessCalendar.objects.filter(is_default=True).first())


def calendars_of(users: Collection[int | None]) -> dict[int | None, Calendar]:
    """Return the calendar by which each of some users works; that of nobody is the default."""
    default = usual_calendar()
    own: dict[int | None, Calendar] = {
        each.user_id: calendar_of(each.calendar)
        for each in Seller.objects.filter(user__in=users, calendar__isnull=False).select_related("calendar")
    }
    return {user: own.get(user, default) for user in users}


def zone_of(user: User) -> ZoneInfo:
    """Return the time zone in which the days of somebody begin, by one question."""
    own = Seller.objects.filter(user=user, calendar__isnull=False).values_list("calendar__timezone").annotate(is_own=Value(1))
    usual = BusinessCalendar.objects.filter(is_default=True).values_list("timezone").annotate(is_own=Value(0))
    found = own.union(usual).order_by("-is_own").first()
    return ZoneInfo(found[0]) if found is not None else USUAL.zone


@dataclass(frozen=True)
class Due:
    """A promised response that runs: when it is over, and how much working time is left [seconds], less than 0 where it is late."""

    clock: SlaClock
    due_at: datetime
    left_seconds: float
    paused_since: datetime | None
    paused_until: datetime | None  # at the latest
    promised_seconds: int
    calendar: Calendar  # of whom it is promised by
    pauses: tuple[Span, ...]
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of whom it is promised by."""
        return self.calendar.zone

    @property
    def is_paused(self) -> bool:
        """Whether it stands."""
        return self.paused_since is not None

    @property
    def is_late(self) -> bool:
        """Whether it is over."""
        return self.left_seconds < 0

    def used_share(self, since: datetime) -> float:
        """Return how much of what was promised has passed since an instant; from the start of the clock on, 1 when it is over."""
        is_whole = since == self.clock.started_at  # of most clocks nothing else is asked
        passed = self.promised_seconds - self.left_seconds if is_whole else elapsed_seconds(self.calendar, since, self.now, self.pauses)
        return passed / self.promised_seconds if self.promised_seconds else float("inf")


def due_of(clocks: Sequence[SlaClock], owners: dict[int, int | None], now: datetime) -> dict[int, Due]:
    """Return when promised responses are due, by lead; ``clocks`` come with their pauses, ``owners`` says whose calendar counts."""
    calendars = calendars_of(set(owners.values())) if clocks else {}
    answered = answered_at([pause for each in clocks for pause in each.pauses.all()], {each.pk: each.lead_id for each in clocks})
    return {each.lead_id: _due(each, calendars[owners[each.lead_id]], answered, now) for each in clocks}


def answered_at(pauses: Iterable[ClockPause], leads: Mapping[int, int]) -> dict[int, datetime]:
    """Return when the wait for a lead was over that goes on still as nobody said otherwise, by pause; ``leads``: of each clock.

    It is when the lead next did something by itself, else as long as one waits at most. Both are read from what happened, so what comes
    late, or turns out to be a machine's, counts as if it had been known.
    """
    waits = [each for each in pauses if each.to_at is None]
    did = first_after({leads[each.clock_id]: each.from_at for each in waits}) if waits else {}
    return {each.pk: min(did.get(leads[each.clock_id], each.from_at + LONGEST_WAIT), each.from_at + LONGEST_WAIT) for each in waits}


def _due(clock: SlaClock, calendar: Calendar, answered: Mapping[int, datetime], now: datetime) -> Due:
    ends = {each: each.to_at or answered[each.pk] for each in clock.pauses.all()}
    # One of which nobody knows yet when it ends is counted as far as now.
    pauses = tuple((each.from_at, end if each.to_at else min(end, max(now, each.from_at))) for each, end in ends.items())
    going = max(((end, each.from_at) for each, end in ends.items() if each.from_at <= now < end), default=(None, None))
    promised = promised_seconds(calendar, clock.promised_seconds)
    until = _until(calendar, clock.started_at, promised, pauses)
    passed = elapsed_seconds(calendar, clock.started_at, now, pauses)
    return Due(clock, until, promised - passed, going[1], going[0], promised, calendar, pauses, now)


def _until(calendar: Calendar, start: datetime, seconds: int, pauses: Sequence[Span]) -> datetime:
    """Return when a promise is over; one longer than all that is worked in years is not over then."""
    try:
        return ends_at(calendar, start, seconds, pauses)
    except NeverWorking:
        return start + timedelta(days=LONGEST_DAYS)


def due_for(lead: Lead, now: datetime) -> Due | None:
    """Return when the promised response to a lead is due; None where none runs."""
    running = list(SlaClock.objects.filter(lead=lead, ended_at=None).prefetch_related("pauses"))
    return due_of(running, {lead.pk: lead.owner_id}, now)[lead.pk] if running else None


def is_waited_for(lead: Lead, now: datetime) -> bool | None:
    """Return whether the clock of a lead stands because we wait for it; None: none runs."""
    clock = SlaClock.objects.filter(lead=lead, ended_at=None).first()
    if clock is None:
        return None
    ends = answered_at(ClockPause.objects.filter(clock=clock, to_at=None), {clock.pk: lead.pk})
    return any(now < end for end in ends.values())
