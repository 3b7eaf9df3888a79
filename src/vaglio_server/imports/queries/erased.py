"""Rows of people who were erased: they are refused, and what they say is not kept."""

from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from vaglio_server.crm.models import ErasedKey
from vaglio_server.imports.logic.headings import EXTERNAL_ID
from vaglio_server.imports.logic.sheets import Row
from vaglio_server.imports.models import Import
from vaglio_server.imports.queries.keys import Key, system_in
from vaglio_server.tracking.logic.calls import email_of


def without_erased(each: Import, rows: list[Row]) -> list[Row]:
    """Return rows, of which those that name somebody who was erased are empty and say why they cannot be taken."""
    if not ErasedKey.objects.exists():
        return rows
    named = [keys_in(each, row) for row in rows]
    gone = ErasedKey.objects.among({key for keys in named for key in keys})
    if not gone:
        return rows
    fault = _("it is of somebody who was erased, so what it says was not kept")
    return [
        replace(row, cells=[""] * len(row.cells), fault=fault) if gone.intersection(keys) else row
        for row, keys in zip(rows, named, strict=True)
    ]


def keys_in(each: Import, row: Row) -> list[Key]:
    """Return by what the cells of a row name somebody: mail addresses wherever they stand, and the other system's id."""
    found: list[Key] = [("email", email) for email in _addresses(row.cells)]
    for name, cell in zip(each.columns, row.cells, strict=False):
        if name == EXTERNAL_ID and cell.strip():
            found.append(("user_id", f"{system_in(each)}:{cell.strip()}"))
    return found


def _addresses(cells: Iterable[str]) -> Iterable[str]:
    return (email for cell in cells if "@" in cell and (email := email_of(cell)))
