"""How long there is to answer, in words: what is left in working time where clocks say otherwise, what is over by the clock."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vaglio_server.lifecycle.queries import Due

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def left(due: Due | None) -> str:
    """Return how long there is to answer."""
    if due is None:
        return _("no promise")
    if due.paused_since is not None and due.paused_until is not None:
        since = date_format(timezone.localtime(due.paused_since), "j M, H:i")
        until = date_format(timezone.localtime(due.paused_until), "j M")
        return _("paused since {since}, at the latest until {until}").format(since=since, until=until)
    if due.is_late:
        return _("{length} late").format(length=_by_the_clock((due.now - due.due_at).total_seconds()))
    by_the_clock = (due.due_at - due.now).total_seconds()
    if abs(by_the_clock - due.left_seconds) < _MINUTE:
        return _("{length} left").format(length=_length(due.left_seconds))
    return _working(due.left_seconds)


def _length(seconds: float) -> str:
    """Return a length of less than a day or so, in the unit that says most."""
    if seconds < _HOUR:
        return ngettext("{n} minute", "{n} minutes", n := _minutes(seconds)).format(n=n)
    hours, minutes = int(seconds // _HOUR), int(seconds % _HOUR // _MINUTE)
    return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes) if minutes else _("{hours} h").format(hours=hours)


def _by_the_clock(seconds: float) -> str:
    """Return a length as clocks and calendars say it: nights and weekends count."""
    if seconds < _DAY:
        return _length(seconds)
    days, hours = int(seconds // _DAY), int(seconds % _DAY // _HOUR)
    said = ngettext("{n} day", "{n} days", days).format(n=days)
    return _("{days} {hours} h").format(days=said, hours=hours) if hours else said


def _working(seconds: float) -> str:
    """Return how much of the time in which somebody works is left."""
    if seconds < _HOUR:
        return ngettext("{n} working minute left", "{n} working minutes left", n := _minutes(seconds)).format(n=n)
    hours, minutes = int(seconds // _HOUR), int(seconds % _HOUR // _MINUTE)
    if minutes:
        return _("{hours}:{minutes} working hours left").format(hours=hours, minutes=f"{minutes:02}")
    return ngettext("{n} working hour left", "{n} working hours left", hours).format(n=hours)


def _minutes(seconds: float) -> int:
    return max(1, int(seconds // _MINUTE))  # never none: what is over is late, what is not has some left
