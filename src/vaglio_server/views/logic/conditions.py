"""A condition on a lead, as it stands in an address: ``lead.country:is:Italy``, ``activity.demo_request:did:30``."""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial

from vaglio.countries import in_one_form
from vaglio_server.crm.logic.numbers import TwoNumbers, as_number

SUBJECTS = ("lead", "account", "activity", "list", "score", "model", "record", "file")
LONGEST = 200  # characters of a name or a value
MOST_DAYS = 36_500
MOST_TIMES = 1_000_000
ANY = "*"  # any activity
# What can be asked of a value, by its kind.
HOWS: dict[str, tuple[str, ...]] = {
    "text": ("is", "is_not", "contains", "starts", "known", "unknown"),
    "country": ("is", "is_not", "contains", "starts", "known", "unknown"),
    "number": ("least", "most", "is", "known", "unknown"),
    "boolean": ("is", "known", "unknown"),
    "date": ("after", "before", "last", "known", "unknown"),
    "instant": ("last", "after", "before"),
    "activity": ("did", "did_not", "often"),
    "list": ("on", "off"),
    "word": ("is", "is_not"),
    "file": ("brought", "not_brought"),
}
ALONE = frozenset({"known", "unknown", "on", "off", "brought", "not_brought"})  # need no value
_TRUE, _FALSE = "true", "false"


@dataclass(frozen=True)
class Condition:
    """One condition: of what, which of it, how it is compared, and with what."""

    subject: str
    name: str
    how: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.subject}.{self.name}:{self.how}:{self.value}"

    @property
    def numbers(self) -> tuple[int, ...]:
        """The whole numbers of a value such as ``30`` or ``3/30``."""
        return tuple(int(part) for part in self.value.split("/"))

    @property
    def asks(self) -> str:
        """What it asks of what: of conditions that ask a value what it is, or how it starts, one is enough, as it is only one."""
        return f"{self.subject}.{self.name}:{self.how}" if self.how in ("is", "starts") else str(self)


def side_by_side(conditions: Iterable[Condition]) -> list[list[Condition]]:
    """Return conditions in groups, of each of which one is enough."""
    found: dict[str, list[Condition]] = {}
    for each in conditions:
        found.setdefault(each.asks, []).append(each)
    return list(found.values())


class Unclear(Exception):
    """Why a condition is none, as half a sentence, and what to do."""


def read(text: str) -> Condition:
    """Return the condition that a text spells; whether its value fits is for :func:`checked` to say.

    Raises
    ------
    Unclear
        It spells none.
    """
    subject, dot, rest = text.partition(".")
    name, colon, rest = rest.partition(":")
    how, _colon, value = rest.partition(":")
    if not (dot and colon and name) or subject not in SUBJECTS or "\x00" in text or max(len(name), len(value)) > LONGEST:
        raise Unclear("is no filter; choose one under “Add a filter”")
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise Unclear("holds half a character; choose it again under “Add a filter”")
    return Condition(subject, name, how, value.strip())


def checked(condition: Condition, kind: str, field_kind: str = "") -> Condition:
    """Return a condition with its value as it is compared, where it can be asked of a value of a kind.

    ``field_kind``: of the field that is asked, which says more of numbers than that they are.

    Raises
    ------
    Unclear
        It cannot, or its value does not fit.
    """
    if condition.how not in HOWS[kind]:
        raise Unclear(f"cannot be asked of {condition.name}; choose the filter again")
    if condition.how in ALONE:
        return Condition(condition.subject, condition.name, condition.how)
    if not condition.value:
        raise Unclear("has no value; give one")
    return Condition(condition.subject, condition.name, condition.how, _fits(condition, kind, field_kind or kind))


def _fits(condition: Condition, kind: str, field_kind: str) -> str:
    if kind == "country" and condition.how in ("is", "is_not"):
        return in_one_form(condition.value)
    by_how: dict[str, Callable[[str], str]] = {"last": _days, "did": _days, "did_not": _days, "often": _often}
    by_kind: dict[str, Callable[[str], str]] = {
        "number": partial(_number, kind=field_kind), "boolean": _boolean, "date": _day, "instant": _day,
    }  # fmt: skip
    return by_how.get(condition.how, by_kind.get(kind, str))(condition.value)


def _whole(text: str, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or not 1 <= int(text) <= most:
        raise Unclear(f"needs a whole number from 1 to {most:,}, not “{text}”")
    return int(text)


def _days(text: str) -> str:
    return str(_whole(text, MOST_DAYS))


def _often(text: str) -> str:
    times, slash, days = text.partition("/")
    if not slash:
        raise Unclear("needs how many times and in how many days")
    return f"{_whole(times, MOST_TIMES)}/{_whole(days, MOST_DAYS)}"


def _number(text: str, kind: str) -> str:
    try:
        found = float(as_number(text, kind))
    except TwoNumbers as either:
        raise Unclear(f"can be two numbers; {either}") from None
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise Unclear(f"needs a number, not “{text}”")
    return repr(int(found)) if found.is_integer() and abs(found) < 1e15 else repr(found)


def _boolean(text: str) -> str:
    if text.lower() not in {_TRUE, _FALSE}:
        raise Unclear(f"needs yes or no, not “{text}”")
    return text.lower()


def _day(text: str) -> str:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise Unclear(f"needs a day such as 2026-10-01, not “{text}”")
