"""Numbers, names and instants as pages show them."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma, naturaltime
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vaglio.countries import name_of, names
from vaglio.terms import RANK_ORDER, format_points
from vaglio.text import fold
from vaglio_server.crm.logic import numbers
from vaglio_server.crm.logic.countries import COUNTRY
from vaglio_server.crm.logic.fields import Definition
from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.models import Stage

register = template.Library()
HEATS = 8
_PLACE = re.compile(r"(?:(?:profile|engagement)\.rules|exclude)\[\d+\] \((?P<name>\w+)\)(?:\.bands\[(?P<band>\d+)\])?(?:\.(?P<key>\w+))*")
COUNTS = ("employees", "annual_revenue")  # never a year, which has no separators
MINUS = "\u2212"
SYSTEMS = {"salesforce": "Salesforce", "hubspot": "HubSpot", "dynamics": "Dynamics 365", "pipedrive": "Pipedrive"}


@register.filter
def points(millipoints: int | None) -> str:
    """Return exact points without needless decimals, such as ``12.434``: of totals whose parts stand beside them, which readers add up."""
    return "" if millipoints is None else signed(millipoints).removeprefix("+")


@register.filter
def near_points(millipoints: int | None) -> str:
    """Return points to the hundredth, as everywhere but where parts and their sum stand together: 53.999 is 54."""
    return "" if millipoints is None else points(int((abs(millipoints) + 5) // 10 * 10) * (-1 if millipoints < 0 else 1))


@register.filter
def near_signed(millipoints: int) -> str:
    """Return points to the hundredth with a sign: what is given more or less, where no sum stands below."""
    return f"{'+' if millipoints > 0 else ''}{near_points(millipoints)}"


@register.filter
def signed(millipoints: int) -> str:
    """Return exact points with a sign, such as ``+12.434``: of parts, see :func:`points`."""
    text = format_points(millipoints).rstrip("0").rstrip(".")
    return text.replace("-", MINUS) or "0"


@register.filter
def whole_points(millipoints: int) -> str:
    """Return a sum over many leads in whole points, such as ``+12,340``."""
    whole = int(abs(millipoints) / 1000 + 0.5)
    return f"{'+' if millipoints > 0 else MINUS if millipoints < 0 else ''}{intcomma(whole)}"


@register.filter
def plain(name: str | None) -> str:
    """Return a name of a document as words: ``hot_start`` becomes ``hot start``."""
    return (name or "").replace("_", " ")


@register.filter
def place_named(path: str) -> str:
    """Return a place of a document as words: ``profile.rules[1] (size).bands[0]`` becomes ``size, band 1``; other places stay."""
    found = _PLACE.fullmatch(path)
    if not found:
        return {"profile.letters": _("Thresholds of fit"), "engagement.digits": _("Thresholds of engagement")}.get(path, path)
    name, band, key = plain(found["name"]), found["band"], found["key"]
    if band:
        return _("{name}, band {n}").format(name=name, n=int(band) + 1)
    return f"{name}, {plain(key)}" if key and key != "when" else name


def near_least_points(thresholds: Mapping[str, Decimal]) -> dict[str, str]:
    """Return the least points of each letter or digit to the hundredth."""
    return {
        name: f"{round(points, 2):f}".rstrip("0").rstrip(".") if "." in f"{points:f}" else f"{points:f}"
        for name, points in thresholds.items()
    }


def least_points(thresholds: Mapping[str, Decimal]) -> dict[str, str]:
    """Return the least points of each letter or digit as the document writes them."""
    return {name: f"{points:f}" for name, points in thresholds.items()}


@register.filter
def heat(rating: str | None) -> int:
    """Return how strongly a rating is coloured, from 8 (call first) to 1; 0 for none."""
    return HEATS - RANK_ORDER.index(rating) * HEATS // len(RANK_ORDER) if rating else 0


@register.filter
def count(number: int) -> str:
    """Return a number with separators."""
    return str(intcomma(number))


@register.filter
def works_as(lead: Lead) -> str:
    """Return a lead's title and company, as far as they are known."""
    return ", ".join(str(each) for each in (lead.fields.get("job_title"), lead.works_at) if each)


@register.filter
def at_stage(stage: str) -> str:
    """Return the name of a stage; Django's own way translates the names of all stages for each row."""
    return str(Stage(stage).label)


@register.filter
def ago(at: datetime | None) -> str:
    """Return how long ago something was."""
    return str(naturaltime(at)) if at else _("never")


@register.filter(expects_localtime=True)
def zoned(at: datetime | None, form: str = "j M Y, H:i") -> str:
    """Return an instant in the time zone of whoever looks, and that zone: ``5 Jun 2026, 18:31 (CEST)``."""
    if at is None:
        return ""
    zone = at.tzname() or "UTC"
    return f"{date_format(at, form)} ({zone if zone[0].isalpha() else f'UTC{zone}'})"  # many zones have no name beside their offset


@register.filter
def shown(value: Any) -> str:
    """Return the value of a field."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return count(value) if abs(value) >= 10_000 else str(value)
    return "" if value is None else str(value)


@register.filter
def shown_of(value: Any, name: str) -> str:
    """Return the value of a field by its name: a country by what it is called in the reader's language, how many with separators."""
    bare = name.rpartition(".")[2]
    if isinstance(value, str) and bare == COUNTRY:
        return name_of(value, get_language() or "en")
    return count(value) if bare in COUNTS and isinstance(value, int) and not isinstance(value, bool) else shown(value)


@register.filter
def spelled(value: Any) -> str:
    """Return a value as it is filled in, to be changed: a number so that it is read as the same one when it comes back."""
    if value is None:
        return ""
    return numbers.spelled(value) if isinstance(value, int | float | Decimal) else str(value)


@register.filter
def is_in_lines(field: Definition, value: Any) -> bool:
    """Whether the place for a field has several lines: a description's has, and that of a text that came in lines."""
    return field.kind == "string" and (field.name == "description" or "\n" in lines(str(value or "")))


def lines(text: str) -> str:
    """Return a text with line breaks as they are kept, however a browser or a program sends them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def shown_beside(value: Any, name: str) -> str:
    """Return the value of a field where it is held against what a model asks: a country by its name and its code, ``Italy (IT)``."""
    text = shown_of(value, name)
    return f"{text} ({value})" if isinstance(value, str) and text != value else text


@register.simple_tag
def countries() -> list[tuple[str, str]]:
    """Return all countries to choose from: code and name in the reader's language, in the order of the names."""
    return sorted(names(get_language() or "en").items(), key=lambda each: fold(each[1]))


@register.filter
def percent(share: float | None) -> str:
    """Return a share (0-1) that was counted in per cent: whole ones from 10 % on, one decimal below, and never 0 for something."""
    if share is None:
        return ""
    value = share * 100
    if 0 < value < 0.05:
        return _("under 0.1%")
    return f"{value:.{0 if value >= 9.95 else 1}f}".removesuffix(".0") + "%"


def stated(share: float) -> str:
    """Return a share (0-1) that somebody wrote down in per cent, as it was written: 2.5 % stays that."""
    return f"{(Decimal(str(share)) * 100).normalize():f}%"


@register.filter
def any_of(fields: dict[str, Any], names: str) -> str:
    """Return the first of some fields, named with spaces between, that has a value."""
    return next((shown(fields[name]) for name in names.split() if fields.get(name)), "")


@register.filter
def tel(phone: str) -> str:
    """Return the address by which a number is called: its digits, and the sign before a country's."""
    digits = "".join(sign for sign in phone.partition("(0)")[0] + phone.partition("(0)")[2] if sign in "0123456789")
    return f"tel:{'+' if phone.lstrip().startswith('+') else ''}{digits}"


@register.filter
def of(holder: dict[str, Any], name: str) -> Any:
    """Return a value by name."""
    return holder.get(name)
