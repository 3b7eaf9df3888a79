"""How long there is to answer, in words."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vaglio_server.lifecycle.queries import Due

_MINUTE, _HOUR = 60, 3600


def left(due: Due | None) -> str:
    """Return how long there is to answer."""
    if due is None:
        return _("no promise")
    if due.paused_since is not None and due.paused_until is not None:
        since = date_format(timezone.localtime(due.paused_since), "j M, H:i")
        until = date_format(timezone.localtime(due.paused_until), "j M")
        return _("paused since {since}, at the latest until {until}").format(since=since, until=until)
    length = _length(abs(due.left_seconds))
    return _("{length} late").format(length=length) if due.is_late else _("{length} left").format(length=length)


def _length(seconds: float) -> str:
    """Return a length of working time, in the unit that says most."""
    if seconds < _HOUR:
        return ngettext("{n} minute", "{n} minutes", n := int(seconds // _MINUTE)).format(n=n)
    hours, minutes = int(seconds // _HOUR), int(seconds % _HOUR // _MINUTE)
    return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes) if minutes else _("{hours} h").format(hours=hours)
