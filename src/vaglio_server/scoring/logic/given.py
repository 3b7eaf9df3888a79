"""One lead's facts as somebody gives them to be scored, without being stored: checked against what a model reads."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vaglio.dates import parse_instant, to_microseconds
from vaglio.document import ModelDocument
from vaglio.spelling import INSTANT, INTEGER, NO, NUMBER, YES
from vaglio.terms import InputType

LEAD, ACCOUNT = "1", "1"
LONGEST = 10_000  # characters of a text
LONGEST_VALUE = 1_000  # of a text that is a number, a yes or a date, with what spaces are around it
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class GivenActivity:
    """Something the lead did."""

    activity_type: str
    occurred_at: datetime
    properties: Mapping[str, Any]
    is_machine: bool = False


@dataclass(frozen=True)
class Given:
    """One lead: its fields, its company's, what it did, and the lists that it and its company are on."""

    fields: Mapping[str, Any]
    account_fields: Mapping[str, Any]
    activities: list[GivenActivity]
    lists: list[str]
    account_lists: list[str]
    created_at: datetime | None = None


class Misfit(Exception):
    """Values that are not of the type the model reads; ``faults`` names each with what to do."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass
class Tables:
    """Columns of each fact table by name, as the engine reads them; ``kinds``: of each table, the types of those that come from inputs.

    ``ignored`` counts what the model does not read, by name.
    """

    columns: dict[str, dict[str, list[Any]]]
    kinds: dict[str, dict[str, InputType]]
    ignored: dict[str, int] = field(default_factory=dict)


def tables_of(document: ModelDocument, given: Given) -> Tables:
    """Return the fact tables of one lead, whose ``lead_id`` is 1.

    Raises
    ------
    Misfit
        A value is not of its declared type.
    """
    faults: list[str] = []
    inputs = document.inputs
    kinds = {"leads": ("f", inputs.fields), "accounts": ("f", inputs.account_fields), "activities": ("p", inputs.property_types())}
    made = Tables({}, {table: {f"{mark}_{name}": kind for name, kind in types.items()} for table, (mark, types) in kinds.items()})
    leads = _fields("fields", given.fields, inputs.fields, made, faults)
    created = to_microseconds(given.created_at) if given.created_at else None
    made.columns["leads"] = {"lead_id": [LEAD], "account_id": [ACCOUNT], "created_us": [created], **leads}
    if inputs.account_fields:
        made.columns["accounts"] = {
            "account_id": [ACCOUNT], **_fields("account_fields", given.account_fields, inputs.account_fields, made, faults),
        }  # fmt: skip
    if inputs.activities:
        made.columns["activities"] = _activities(document, given, made, faults)
    if document.lists():
        made.columns["lists"] = _lists(given)
    if faults:
        raise Misfit(faults)
    return made


def _fields(where: str, values: Mapping[str, Any], kinds: Mapping[str, InputType], made: Tables, faults: list[str]) -> dict[str, list[Any]]:
    for name in values.keys() - kinds.keys():
        made.ignored[f"{where}.{name}"] = 1
    return {f"f_{name}": [_read(f"{where}.{name}", values.get(name), kind, faults)] for name, kind in kinds.items()}


def _activities(document: ModelDocument, given: Given, made: Tables, faults: list[str]) -> dict[str, list[Any]]:
    declared, kinds = document.inputs.activities, document.inputs.property_types()
    names = ("lead_id", "activity_type", "occurred_us", "received_us", "is_machine", "machine_us")
    columns: dict[str, list[Any]] = {name: [] for name in (*names, *(f"p_{name}" for name in kinds))}
    for place, each in enumerate(given.activities):
        if each.activity_type not in declared:
            key = f"activities.{each.activity_type}"
            made.ignored[key] = made.ignored.get(key, 0) + 1
            continue
        occurred = to_microseconds(each.occurred_at)
        row: dict[str, Any] = {"lead_id": LEAD, "activity_type": each.activity_type, "occurred_us": occurred, "received_us": occurred}
        row |= {"is_machine": each.is_machine, "machine_us": None}
        for name, kind in kinds.items():
            row[f"p_{name}"] = _read(f"activities[{place}].properties.{name}", each.properties.get(name), kind, faults)
        for name, column in columns.items():
            column.append(row[name])
    return columns


def _lists(given: Given) -> dict[str, list[Any]]:
    members = [(name, "lead", LEAD) for name in given.lists] + [(name, "account", ACCOUNT) for name in given.account_lists]
    columns: dict[str, list[Any]] = {
        name: [row[place] for row in members] for place, name in enumerate(("list", "member_type", "member_id"))
    }
    return columns | {name: [None] * len(members) for name in ("from_us", "to_us", "known_us")}


def _read(where: str, value: Any, kind: InputType, faults: list[str]) -> Any:
    if value is None:
        return None
    try:
        return _READERS[kind](value)
    except ValueError as error:
        faults.append(f"{where}: {error}")
        return None


def _text(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("holds what no text may hold, the character NUL or half a character")
    if len(text) > LONGEST:
        raise ValueError(f"is longer than {LONGEST} characters")
    return text


def _integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        found: int | None = value
    elif isinstance(value, float):
        found = int(value) if value.is_integer() else None
    else:
        found = int(value.split(".", 1)[0]) if isinstance(value, str) and _is(value, INTEGER) else None
    if found is None or abs(found) > _LARGEST:
        raise ValueError(f"{value!r:.60} is no whole number")
    return found


def _number(value: Any) -> float:
    is_one = _is(value, NUMBER) if isinstance(value, str) else isinstance(value, int | float) and not isinstance(value, bool)
    try:
        found = float(value) if is_one else math.nan
    except OverflowError:
        found = math.nan
    if not math.isfinite(found):
        raise ValueError(f"{value!r:.60} is no number")
    return found


def _boolean(value: Any) -> int:
    text = str(value)
    if _is(text, YES):
        return 1
    if _is(text, NO):
        return 0
    raise ValueError(f"{value!r:.60} is neither true nor false")


def _is(text: str, pattern: str) -> bool:
    """Return whether a text is of a form of :mod:`vaglio.spelling`, as in files."""
    return len(text) <= LONGEST_VALUE and re.fullmatch(pattern, text, re.IGNORECASE | re.ASCII) is not None


def _date(value: Any) -> int:
    try:
        if not _is(str(value), INSTANT):
            raise ValueError(value)
        return parse_instant(str(value).upper())
    except ValueError as error:
        raise ValueError(f"{value!r:.60} is no date such as 2026-01-31 or 2026-01-31T09:00:00Z") from error


_READERS: dict[InputType, Callable[[Any], Any]] = {
    "string": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
}
