"""Numbers and times of a model as people type them into a form."""

import re
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from vaglio.terms import RATINGS, parse_duration
from vaglio_server.scoring.logic.tuning import Value

_NUMBER = re.compile(r"[-−]?[0-9]{1,7}(\.[0-9]{1,3})?", re.ASCII)
_SHARE = re.compile(r"([0-9]{1,3}(\.[0-9]{1,4})?) ?%?", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,6}", re.ASCII)


def read_points(text: str) -> Value:
    """Return points, such as 30 or 2.5; raises ValueError with what to write instead."""
    if not _NUMBER.fullmatch(text) or text.endswith(".000"):  # which a thousand is where points part thousands
        raise ValueError(_("write a number such as 30 or 2.5"))
    return Decimal(text.replace("−", "-"))


def read_share(text: str) -> Value:
    """Return a share, such as 60%; raises ValueError with what to write instead."""
    found = _SHARE.fullmatch(text)
    if not found or Decimal(found[1]) > 100:
        raise ValueError(_("write a share such as 60%"))
    return f"{found[1]}%"


def read_duration(text: str) -> Value:
    """Return a length of time as a document writes it, such as 14d; raises ValueError with what to write instead."""
    try:
        parse_duration(text)
    except ValueError:
        raise ValueError(_("write a number and a unit, such as 30m, 4h, 14d or 2w")) from None
    return text


def read_count(text: str) -> Value:
    """Return a whole number; raises ValueError with what to write instead."""
    if not _COUNT.fullmatch(text):
        raise ValueError(_("write a whole number"))
    return int(text)


def read_day(text: str) -> Value:
    """Return a day as a document writes it; raises ValueError with what to write instead."""
    try:
        return str(date.fromisoformat(text))
    except ValueError:
        raise ValueError(_("write a day as 2026-01-31")) from None


def read_ratings(text: str) -> Value:
    """Return ratings, such as A1, B1, each once; raises ValueError with what to write instead."""
    found = text.upper().replace(",", " ").split()
    if not set(found) <= set(RATINGS) or len(found) != len(set(found)):
        raise ValueError(_("write ratings such as A1, B1, A2, each once"))
    return list(found)
