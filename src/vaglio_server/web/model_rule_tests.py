"""What a rule may ask of a value, by the kind of the value, and how what is typed becomes a condition of a document."""

import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vaglio.countries import code_of
from vaglio.terms import InputType
from vaglio_server.crm.logic.countries import COUNTRY
from vaglio_server.web.model_typed import read_day, read_duration

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?", re.ASCII)
_BETWEEN = re.compile(r"(-?[0-9.]+)\s*(?:-|–|…|,\s|to)\s*(-?[0-9.]+)", re.ASCII)
_THOUSANDS = re.compile(r"[0-9],[0-9]{3}(?![0-9])", re.ASCII)  # a number as the English write it, or two without a space
_COMMA = "\ue000"  # stands for one inside a value, a sign that means nothing anywhere
_TEXTS = {
    "any_word": gettext_lazy("has one of the words"), "in": gettext_lazy("is one of"), "not_in": gettext_lazy("is none of"),
    "contains": gettext_lazy("contains one of"), "starts_with": gettext_lazy("starts with one of"),
}  # fmt: skip
_NUMBERS = {
    "from": gettext_lazy("is at least"), "below": gettext_lazy("is below"), "between": gettext_lazy("is from … to below …"),
    "in": gettext_lazy("is one of"),
}  # fmt: skip
_DATES = {
    "newer_than": gettext_lazy("is newer than"), "older_than": gettext_lazy("is older than"), "from": gettext_lazy("is at least"),
    "below": gettext_lazy("is before"),
}  # fmt: skip
_KNOWN = {"known": gettext_lazy("is filled in"), "unknown": gettext_lazy("is empty")}
OPERATORS: dict[InputType, Mapping[str, str | Promise]] = {
    "string": _TEXTS | _KNOWN,
    "integer": _NUMBERS | _KNOWN,
    "number": _NUMBERS | _KNOWN,
    "boolean": {"yes": gettext_lazy("is yes"), "no": gettext_lazy("is no"), "unknown": gettext_lazy("is not known")},
    "date": _DATES | _KNOWN,
}
# What each operator of a document is called, also those that the form of a new rule leaves to the text.
TITLES: dict[str, str | Promise] = {
    "equals": gettext_lazy("is"), "ends_with": gettext_lazy("ends with one of"), "matches": gettext_lazy("matches"),
    "at_least": gettext_lazy("at least"), "within": gettext_lazy("within"), **_DATES, **_NUMBERS, **_TEXTS,
}  # fmt: skip
EXAMPLES: dict[InputType, str] = {"string": "chief, head", "integer": "50", "number": "50", "boolean": "", "date": "90d"}
ALONE: dict[str, dict[str, Any]] = {  # operators that need no value
    "yes": {"equals": True}, "no": {"equals": False}, "known": {"known": True}, "unknown": {"known": False},
}  # fmt: skip


def test_of(operator: str, typed: str, kind: InputType, field: str, offered: Collection[str] = ()) -> dict[str, Any]:
    """Return the operators of a condition with their values; ``offered``: values that may hold commas themselves.

    Raises
    ------
    ValueError
        What is typed is no value of that kind; its text says what to write.
    """
    if operator in ALONE:
        return dict(ALONE[operator])
    if not typed:
        raise ValueError(_("write a value"))
    if operator == "between":
        found = _BETWEEN.fullmatch(typed)
        if not found:
            raise ValueError(_("write two numbers, such as 50 to 5000"))
        return {"from": _of_kind(found[1], kind), "below": _of_kind(found[2], kind)}
    if operator in ("newer_than", "older_than"):
        return {operator: read_duration(typed)}
    if operator in ("from", "below"):
        return {operator: _READ[kind](typed, kind)}
    parts = parts_of(typed, kind, offered)
    if operator == "any_word" and any(len(part.split()) > 1 for part in parts):
        raise ValueError(_("write single words here; several that belong together are for “contains one of”"))
    values = list(dict.fromkeys(_READ[kind](each, kind) for each in parts))
    if field.rpartition(".")[2] == COUNTRY and operator in ("in", "not_in"):
        values = [code_of(each) or each for each in values]
    return {operator: values}


def parts_of(typed: str, kind: InputType, offered: Collection[str] = ()) -> list[str]:
    """Return what stands between commas; raises ValueError with what to write instead."""
    if kind in ("integer", "number") and _THOUSANDS.search(typed):
        raise ValueError(_("write numbers without separators, and a space after each comma between two"))
    for whole in sorted((each for each in offered if "," in each), key=len, reverse=True):
        typed = re.sub(rf"(?<![^\s,]){re.escape(whole)}(?![^\s,])", lambda found: found[0].replace(",", _COMMA), typed, flags=re.IGNORECASE)
    if "\0" in typed:
        raise ValueError(_("there is a sign in it that cannot be seen; type it anew"))
    parts = [part.strip().replace(_COMMA, ",") for part in typed.split(",")]
    if not any(parts):
        raise ValueError(_("write a value"))
    return [part for part in parts if part]


def read_number(text: str) -> int | Decimal:
    """Return a number of any size; raises ValueError with what to write instead."""
    if re.fullmatch(r"-?[0-9]{1,3}\.[0-9]{3}", text, re.ASCII):
        raise ValueError(_("write thousands without a point, and 1.5 for one and a half"))
    if not _NUMBER.fullmatch(text):
        raise ValueError(_("write a number such as 50, without separators"))
    return Decimal(text) if "." in text else int(text)


def _of_kind(text: str, kind: InputType) -> int | Decimal:
    found = read_number(text)
    if kind == "integer" and isinstance(found, Decimal):
        raise ValueError(_("write a whole number"))
    return found


_READ: dict[InputType, Callable[[str, InputType], Any]] = {
    "string": lambda text, _kind: text, "integer": _of_kind, "number": _of_kind, "date": lambda text, _kind: read_day(text),
}  # fmt: skip
