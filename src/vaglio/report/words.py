"""The report's words: translated texts, numbers, shares, instants and lengths of time as people read them."""

import gettext as catalogues
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date as Date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from vaglio.dates import from_microseconds
from vaglio.terms import format_points

_LOCALE = Path(__file__).resolve().parents[1] / "locale"
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


@lru_cache
def _catalogue(language: str) -> catalogues.NullTranslations:
    # The languages are named, because gettext would otherwise read the environment.
    return catalogues.translation("vaglio", localedir=_LOCALE, languages=[language], fallback=True)


_speaking: ContextVar[str] = ContextVar("language of the report", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language inside the block."""
    token = _speaking.set(language)
    try:
        yield
    finally:
        _speaking.reset(token)


def _(text: str) -> str:
    """Return a text in the language spoken."""
    return _catalogue(_speaking.get()).gettext(text)


def ngettext(one: str, many: str, n: int) -> str:
    """Return the form of a text that fits a number."""
    return _catalogue(_speaking.get()).ngettext(one, many, n)


def number(value: float | int | Decimal) -> str:
    """Return a number with thousands separators and no needless decimals."""
    return _separated(f"{value:,.{0 if value == int(value) else 1}f}")


def _separated(text: str) -> str:
    # Translators give the two separators of their language, such as ".," for Italian.
    marks = _(",.")
    return text.translate({ord(","): marks[0], ord("."): marks[1]})


def percent(share: float) -> str:
    """Return a measured share (0-1) in per cent: whole ones from 10 % on, one decimal below, never 0 for something."""
    value = share * 100
    if 0 < value < 0.05:
        return _("under 0.1%")
    places = 0 if value >= 9.95 or value == 0 else 1
    return _("{number}%").format(number=_separated(f"{value:,.{places}f}"))


def stated(share: Decimal | float) -> str:
    """Return a share somebody wrote down in per cent, without needless decimals."""
    return _("{number}%").format(number=_separated(f"{Decimal(str(share)) * 100:,f}".rstrip("0").rstrip(".") if share else "0"))


def points(millipoints: int) -> str:
    """Return millipoints as signed exact points with a true minus sign."""
    return minus(format_points(millipoints))


def minus(text: str) -> str:
    """Return a number that is written already with a true minus sign."""
    return text.replace("-", "\u2212")


def signed(value: float) -> str:
    """Return points to one decimal with their sign; 0 has none."""
    return minus(f"{value:+.1f}") if value else "0"


def score(millipoints: int) -> str:
    """Return a total as points with three decimals and no plus sign."""
    return points(millipoints).removeprefix("+")


def whole_points(millipoints: float) -> str:
    """Return points to one decimal, for sums over many leads."""
    value = millipoints / 1000
    rounded = round(value) if abs(value) >= 1000 else round(value, 1)
    return minus(number(rounded))


def mean_points(millipoints: float) -> str:
    """Return a mean in points, always to one decimal."""
    return minus(_separated(f"{millipoints / 1000:,.1f}"))


def instant(microseconds: int) -> str:
    """Return an instant to the minute, in UTC."""
    at = from_microseconds(microseconds)
    return _("{date}, {time} UTC").format(date=day(microseconds), time=f"{at:%H:%M}")


def day(microseconds: int) -> str:
    """Return the day of an instant, such as ``3 May 2026``."""
    return date_words(from_microseconds(microseconds).date())


def date_words(date: Date) -> str:
    """Return a date, such as ``3 May 2026``."""
    return _("{day} {month} {year}").format(day=date.day, month=_month(date.month), year=date.year)


def _month(month: int) -> str:
    names = (
        _("January"), _("February"), _("March"), _("April"), _("May"), _("June"), _("July"), _("August"), _("September"),
        _("October"), _("November"), _("December"),
    )  # fmt: skip
    return names[month - 1]


def length(seconds: int) -> str:
    """Return a length of time in words, such as ``4 hours``."""
    unit_seconds, unit = next((size, name) for size, name in _UNITS if seconds % size == 0)
    n = seconds // unit_seconds
    forms = {
        "day": ngettext("{n} day", "{n} days", n),
        "hour": ngettext("{n} hour", "{n} hours", n),
        "minute": ngettext("{n} minute", "{n} minutes", n),
        "second": ngettext("{n} second", "{n} seconds", n),
    }
    return forms[unit].format(n=number(n))


def plain(name: str) -> str:
    """Return a document's name as words: ``hot_start`` becomes ``hot start``."""
    return name.replace("_", " ")
