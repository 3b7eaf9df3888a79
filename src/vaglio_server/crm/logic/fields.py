"""Whether a value fits a field, and how it is then kept."""

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from vaglio_server.crm.logic.countries import Country, country
from vaglio_server.crm.logic.domains import company_domain

KINDS = ("string", "integer", "number", "boolean", "date", "choice")  # of fields that people define
LONGEST = 5_000  # characters of a text
LONGEST_NAME = 100
LONGEST_SHOWN = 60  # characters of a faulty value in the message
LARGEST = 10**18  # of whole numbers; databases and doubles end not far beyond
LARGEST_AMOUNT = Decimal(10) ** 13
_WHOLE = re.compile(r"([+-]?[0-9]{1,19})(?:\.00?)?")  # also an amount without cents; 1.000 could be a thousand
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@dataclass(frozen=True)
class Definition:
    """A field of a record: its name, what it is called, and what values it takes.

    Some kinds are not for people to choose: ``amount``, money, exact to the hundredth; ``domain``, that a company registered;
    ``country``, in its one form where it is known; ``text``, of any length. ``least``: of whole numbers; None: there is none.
    """

    name: str
    label: str
    kind: str
    choices: tuple[str, ...] = ()
    is_retired: bool = False
    is_needed: bool = False  # a record cannot be without it
    least: int | None = None


class Unfit(Exception):
    """Why a value does not fit, as a half sentence, and what to do."""


@dataclass(frozen=True)
class Checked:
    """Values as they are kept, by name; and every fault, as a sentence each."""

    values: dict[str, Any]
    faults: tuple[str, ...]


def name_fault(what: str, name: str, example: str) -> str | None:
    """Return why a name is none as fields and roles have it, None where it is one."""
    if len(name) <= LONGEST_NAME and _NAME.fullmatch(name):
        return None
    rule = f"small letters, digits and single underscores, such as {example}, at most {LONGEST_NAME}"
    return f"{what}: {shown(name)} is no name; use {rule}"


def check(definition: Definition, value: Any) -> Any:
    """Return a value as a record keeps it; None where it says nothing (null, empty, blank).

    Raises
    ------
    Unfit
        It does not fit the field's kind.
    """
    if isinstance(value, str) and not isinstance(value, Country):
        value = _text(value)
    if value is None:
        if definition.is_needed:
            raise Unfit("cannot be without a value; give one")
        return None
    return _CHECKS[definition.kind](definition, value)


def check_all(definitions: Mapping[str, Definition], values: Mapping[str, Any], held: Collection[str] = ()) -> Checked:
    """Check values by the definitions of their names; what a record holds already may be cleared, whatever it is."""
    kept: dict[str, Any] = {}
    faults: list[str] = []
    for name, value in values.items():
        definition = definitions.get(name)
        try:
            if value is None and name in held and (definition is None or not definition.is_needed):
                kept[name] = None
            elif definition is None:
                raise Unfit("is no field of this record; define it first, or leave it out")
            elif definition.is_retired:
                raise Unfit("was retired; clear it with null, or leave it out")
            else:
                kept[name] = check(definition, value)
        except Unfit as error:
            faults.append(f"{_named(name)}: {error}")
    return Checked(kept, tuple(faults))


def shown(value: Any) -> str:
    """Return a value as a message quotes it."""
    text = f'"{value}"' if isinstance(value, str) else str(value)
    text = text.encode("utf-8", "replace").decode()  # halves of characters cannot be sent
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _named(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_SHOWN]}…"


def _text(value: str) -> str | None:
    if "\x00" in value:
        raise Unfit("holds the character NUL, which no database keeps; leave it out")
    if any("\ud800" <= sign <= "\udfff" for sign in value):
        raise Unfit("holds half a character (a lone surrogate); send whole ones")
    return value.strip() or None


def _string(_definition: Definition, value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit(f'{shown(value)} is no text; put it in quotes, such as "{shown(value)}"')
    if len(value) > LONGEST:
        raise Unfit(f"has {len(value):,} characters; {LONGEST:,} fit")
    return value


def _country(definition: Definition, value: Any) -> str:
    return country(_string(definition, value))


def _any_text(_definition: Definition, value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit(f"{shown(value)} is no text")
    return value


def _integer(definition: Definition, value: Any) -> int:
    is_whole = (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())
    digits = _WHOLE.fullmatch(value) if isinstance(value, str) else None
    if not is_whole and not digits:
        raise Unfit(f"{shown(value)} is not a whole number; give one such as 90")
    found = int(digits[1] if digits else value)
    if abs(found) > LARGEST:
        raise Unfit(f"{shown(value)} is too large; {LARGEST:,} is the largest")
    if definition.least is not None and found < definition.least:
        raise Unfit(f"{shown(value)} is too small; {definition.least:,} is the least")
    return found


def _number(definition: Definition, value: Any) -> int | float:
    try:
        found = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found):
        raise Unfit(f"{shown(value)} is not a number; give one such as 12.5")
    if not found.is_integer() or abs(found) > LARGEST:
        return found
    is_written = isinstance(value, str) and not _WHOLE.fullmatch(value)  # otherwise, such as 1e3
    return _integer(definition, found if is_written else value)


def _boolean(_definition: Definition, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise Unfit(f"{shown(value)} is neither true nor false; give one of them")


def _date(_definition: Definition, value: Any) -> str:
    try:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise Unfit(f"{shown(value)} is not a day; give one such as 2026-10-01")


def _choice(definition: Definition, value: Any) -> str:
    spelled = {choice.lower(): choice for choice in definition.choices}
    if isinstance(value, str) and value.lower() in spelled:
        return value if value in definition.choices else spelled[value.lower()]
    named = ", ".join(definition.choices[:20]) + (", …" if len(definition.choices) > 20 else "")
    raise Unfit(f"{shown(value)} is none of its choices; give one of {named}")


def _amount(_definition: Definition, value: Any) -> Decimal:
    try:
        found = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found < 0 or found >= LARGEST_AMOUNT or found != round(found, 2):
        raise Unfit(f"{shown(value)} is no amount; give one such as 1500 or 1500.50, below {LARGEST_AMOUNT:,}")
    return round(found, 2)


def _domain(_definition: Definition, value: Any) -> str:
    host = re.sub(r"^[a-z]+://", "", value.lower()).partition("/")[0] if isinstance(value, str) else ""
    found = company_domain(f"@{host}") if "@" not in host else None
    if found is None:
        raise Unfit(f"{shown(value)} is no company's domain; give the one of its mail addresses, such as acme.example")
    return found


_CHECKS: dict[str, Callable[[Definition, Any], Any]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "choice": _choice,
    "amount": _amount,
    "text": _any_text,
    "domain": _domain,
    "country": _country,
}
