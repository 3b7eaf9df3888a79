"""Bands of an input in words."""

from collections.abc import Mapping
from typing import Any

from vaglio.report.words import _, number

_WORDS = ("any_word", "contains", "starts_with", "ends_with", "matches")


def band_words(kind: str, test: dict[str, Any], *, is_count: bool = False, is_whole: bool = True) -> str:
    """Return a band as a reader takes it: ``50 to below 200``, ``software``, ``no value``; of counts, below 1 is ``none``.

    ``is_whole``: between two numbers there is no other, so that ``3 to below 4`` is 3.
    """
    if is_count and test == {"below": 1}:
        return _("none")
    if kind == "none":
        return _("no value")
    if kind == "others":
        return _("any other value")
    if kind == "range":
        return _range(test, is_whole=is_whole)
    if "equals" in test:
        return {True: _("yes"), False: _("no")}.get(test["equals"], str(test["equals"]))
    named = ", ".join(str(value) for name in ("in", *_WORDS) for value in _listed(test.get(name)))
    others = ", ".join(str(value) for value in _listed(test.get("not_in")))
    return named if not others else _("any but {values}").format(values=others)


def test_words(test: Mapping[str, Any], *, is_whole: bool = True) -> str:
    """Return the test of a learned band as a reader takes it: what kind of band it is, is seen by its operators."""
    if "known" in test:
        return band_words("others" if test["known"] else "none", {})
    return band_words("range" if {"from", "below"} & test.keys() else "", dict(test), is_whole=is_whole)


def _range(test: dict[str, Any], *, is_whole: bool) -> str:
    low, high = test.get("from"), test.get("below")
    if low is None:
        return _("below {number}").format(number=_plain(high))
    if high is None:
        return _("{number} and more").format(number=_plain(low))
    if is_whole and isinstance(low, int) and isinstance(high, int) and high - low == 1:
        return _plain(low)
    return _("{low} to below {high}").format(low=_plain(low), high=_plain(high))


def _plain(value: Any) -> str:
    if isinstance(value, str):  # a date
        return value
    return number(value) if float(value).is_integer() else f"{value:g}"


def _listed(value: Any) -> tuple[Any, ...]:
    return () if value is None else tuple(value) if isinstance(value, list | tuple) else (value,)
