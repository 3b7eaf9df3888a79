"""Days as forms give them."""

from datetime import date, datetime, time, tzinfo

from django.utils import timezone
from django.utils.translation import gettext as _

from vaglio_server.refused import Refused

FIRST, LAST = 2000, 2100  # years: others are slips of the keyboard


def instant_on(text: str, hour: time, zone: tzinfo | None = None) -> datetime | None:
    """Return an hour of a day as a form gives it, by default where whoever asks works; None where it gives none.

    Raises
    ------
    Refused
        It is no day, or one of another century.
    """
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Refused(_("“{text}” is no day.").format(text=text[:20])) from error
    if not FIRST <= day.year <= LAST:
        raise Refused(_("“{text}” is no day of these years.").format(text=text[:20]))
    return datetime.combine(day, hour, zone or timezone.get_current_timezone())
