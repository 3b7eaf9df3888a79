"""Rows of a file as what they say of a person: values by field, or why they cannot be taken."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vaglio_server.crm.logic.fields import Definition, check_all
from vaglio_server.imports.logic.headings import EXTERNAL_ID
from vaglio_server.tracking.logic.calls import LONGEST_ID, NOBODY, email_of

_YES = frozenset(["true", "yes", "y", "1", "x", "si", "sì", "da", "vero", "adevarat", "adevărat"])
_NO = frozenset(["false", "no", "n", "0", "nu", "falso", "fals"])
_DAYS = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d")
_FORMULA = re.compile(r"^'(?=[=+\-@\t\r])")  # as exports write it, so that no spreadsheet takes it for a formula


@dataclass(frozen=True)
class Person:
    """What a row says: who it is in the other system (None: it does not say), and values by field, a mail address among them."""

    external_id: str | None
    values: dict[str, Any]


class Unfit(Exception):
    """Why a row cannot be taken."""


def person(cells: Sequence[str], columns: Sequence[str | None], fields: Mapping[str, Definition]) -> Person:
    """Return what a row says by the fields of its columns.

    Raises
    ------
    Unfit
        It names nobody, or a value does not fit; every fault is named.
    """
    said = {
        column: _FORMULA.sub("", cell.strip()) for column, cell in zip(columns, cells, strict=True) if column is not None and cell.strip()
    }
    external_id = said.pop(EXTERNAL_ID, None)
    if external_id is not None and external_id.casefold() in NOBODY:
        external_id = None
    checked = check_all({name: fields.get(name) or Definition(name, name, "string") for name in said},
                        {name: _typed(fields.get(name), text) for name, text in said.items()})  # fmt: skip
    faults = list(checked.faults)
    values = {name: value for name, value in checked.values.items() if value is not None}
    if "email" in values:
        address = email_of(str(values["email"]))
        if address is None:
            faults.append(f'email: "{values["email"]}" is no mail address')
        values["email"] = address
    if external_id is not None and len(external_id) > LONGEST_ID:
        faults.append(f"the id is longer than {LONGEST_ID} characters")
    if not external_id and not values.get("email") and not faults:
        faults.append("it names nobody: neither a mail address nor an id of another system")
    if faults:
        raise Unfit("; ".join(faults))
    return Person(external_id, values)


def _typed(field: Definition | None, text: str) -> str:
    """Return a text as the field's kind spells it; what cannot be is left, to be named as a fault."""
    if field is None:
        return text
    if field.kind in {"integer", "number", "amount"}:
        return _number(text)
    if field.kind == "boolean":
        low = text.casefold()
        return "true" if low in _YES else "false" if low in _NO else text
    if field.kind == "date":
        return _day(text)
    return text


def _number(text: str) -> str:
    """Return ``1.250,50``, ``1,250.50`` and ``1 250`` as programs write them."""
    bare = re.sub(r"[\s'’\u00a0]", "", text)
    if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?", bare):
        return bare.replace(".", "").replace(",", ".")
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", bare):
        return bare.replace(",", "")
    found = bare.replace(",", ".") if re.fullmatch(r"[+-]?\d+,\d+", bare) else bare
    return re.sub(r"\.0+$", "", found)


def _day(text: str) -> str:
    for form in _DAYS:
        try:
            return datetime.strptime(text.split(" ", maxsplit=1)[0], form).date().isoformat()
        except ValueError:
            continue
    return re.split("[ T]", text)[0]
