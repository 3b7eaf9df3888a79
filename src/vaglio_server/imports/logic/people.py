"""Rows of a file as what they say of a person: values by field, or why they cannot be taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vaglio.text import without_apostrophe
from vaglio_server.crm.logic.countries import country
from vaglio_server.crm.logic.fields import Definition, check_all, shown
from vaglio_server.crm.logic.numbers import TwoNumbers, as_number
from vaglio_server.imports.logic.days import DAY_FIRST, day
from vaglio_server.imports.logic.headings import EXTERNAL_ID, OWNER
from vaglio_server.tracking.logic.calls import LONGEST_ID, NOBODY, email_of

_YES = frozenset(["true", "yes", "y", "1", "x", "si", "sì", "da", "vero", "adevarat", "adevărat"])
_NO = frozenset(["false", "no", "n", "0", "nu", "falso", "fals"])


@dataclass(frozen=True)
class Person:
    """What a row says: who it is in the other system (None: it does not say), and values by field, a mail address among them.

    ``owner``: what it calls whose they are; empty: it does not say. ``left_out``: which cells cannot be read, and why.
    """

    external_id: str | None
    values: dict[str, Any]
    owner: str = ""
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spelling:
    """How a file writes values: of fields with days, whether the day or the month is first; what texts mean that name no country.

    ``headings``: what it calls the columns of fields.
    """

    orders: Mapping[str, str] = field(default_factory=dict)
    countries: Mapping[str, str] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)


AS_USUAL = Spelling()


class Unfit(Exception):
    """Why a row cannot be taken."""


def texts(cells: Sequence[str], columns: Sequence[str | None]) -> dict[str, str]:
    """Return what the cells of a row say by the fields of their columns; what is empty or left out is not there."""
    told = zip(columns, cells, strict=True)
    return {column: without_apostrophe(cell.strip()) for column, cell in told if column is not None and cell.strip()}


def person(cells: Sequence[str], columns: Sequence[str | None], fields: Mapping[str, Definition], spelling: Spelling = AS_USUAL) -> Person:
    """Return what a row says by the fields of its columns; a cell that does not fit is left out, with why.

    Raises
    ------
    Unfit
        It names nobody; what cannot be read of it is named too.
    """
    said = texts(cells, columns)
    external_id, owner = said.pop(EXTERNAL_ID, None), said.pop(OWNER, "")
    if external_id is not None and external_id.casefold() in NOBODY:
        external_id = None
    spelled = {name: typed(fields.get(name), text, spelling) for name, text in said.items()}
    checked = check_all({name: fields.get(name) or Definition(name, name, "string") for name in said}, spelled)
    faults = [as_written(fault, said, spelled, fields, spelling) for fault in checked.faults]
    values = {name: value for name, value in checked.values.items() if value is not None}
    if "email" in values:
        address = email_of(str(values["email"]))
        if address is None:
            faults.append(called(f'email: "{values["email"]}" is no mail address', fields, spelling))
            del values["email"]
        else:
            values["email"] = address
    if external_id is not None and len(external_id) > LONGEST_ID:
        faults.append(f"the id is longer than {LONGEST_ID} characters")
        external_id = None
    if not external_id and not values.get("email"):
        raise Unfit("; ".join([*faults, "it names nobody: neither a mail address nor an id of another system"]))
    return Person(external_id, values, owner, tuple(faults))


def called(fault: str, fields: Mapping[str, Definition], spelling: Spelling) -> str:
    """Return a fault with what the file calls the field's column, or else pages the field, instead of the field's name."""
    name, colon, why = fault.partition(":")
    label = spelling.headings.get(name) or (fields[name].label if name in fields else name)
    return f"{label}{colon}{why}"


def as_written(
    fault: str, said: Mapping[str, str], spelled: Mapping[str, str], fields: Mapping[str, Definition], spelling: Spelling
) -> str:
    """Return the fault of a cell as its row has it: with the heading of the column, and the cell as it stands there."""
    name = fault.partition(":")[0]
    if name in said:
        fault = fault.replace(shown(spelled[name]), shown(said[name]), 1)
    return called(fault, fields, spelling)


def who(said: dict[str, str], faults: list[str]) -> tuple[str | None, str | None]:
    """Take out of what a row says by what somebody who is there already is known: the other system's id and the mail address.

    What is wrong with that is added to ``faults``.
    """
    external_id, address = said.pop(EXTERNAL_ID, ""), said.pop("email", "")
    email = email_of(address)
    external_id = "" if external_id.casefold() in NOBODY else external_id
    if address and email is None:
        faults.append(f'email: "{address}" is no mail address')
    elif not external_id and not email:
        faults.append("it names nobody: neither a mail address nor an id of another system")
    if len(external_id) > LONGEST_ID - 50:
        faults.append(f"an id is longer than {LONGEST_ID - 50} characters")
    return external_id or None, email


def typed(of: Definition | None, text: str, spelling: Spelling = AS_USUAL) -> str:
    """Return a text as the field's kind spells it; what cannot be is left, to be named as a fault."""
    if of is None:
        return text
    if of.kind in {"integer", "number", "amount"}:
        return _number(text)
    if of.kind == "boolean":
        low = text.casefold()
        return "true" if low in _YES else "false" if low in _NO else text
    if of.kind == "date":
        found = day(text, spelling.orders.get(of.name, DAY_FIRST))
        return found.isoformat() if found else text
    if of.kind == "country":
        return country(text, spelling.countries)
    return text


def _number(text: str) -> str:
    """Return ``1.250,50``, ``1,250.50`` and ``1 250`` as programs write them; in files ``1.250`` is one thousand and more."""
    try:
        return as_number(text)
    except TwoNumbers as either:
        return either.large
