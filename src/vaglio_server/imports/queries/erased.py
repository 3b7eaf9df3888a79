"""Rows of people who were erased: they are refused, and what they say is not kept."""

from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from vaglio_server.crm.logic.erased import Naming
from vaglio_server.crm.models import ErasedKey
from vaglio_server.imports.logic.headings import EXTERNAL_ID
from vaglio_server.imports.logic.sheets import Row
from vaglio_server.imports.models import Import
from vaglio_server.imports.queries.keys import Key, system_in
from vaglio_server.tracking.queries import addresses_in

EMAIL = "email"


def without_erased(each: Import, rows: list[Row]) -> list[Row]:
    """Return rows, of which those of somebody who was erased are empty and say why they cannot be taken.

    Where another's row names them, such as their manager's address, that cell is empty.
    """
    if not ErasedKey.objects.out().exists():
        return rows
    named = [[(place, key) for place, cell in enumerate(row.cells) for key in keys_in(each, place, cell)] for row in rows]
    gone = ErasedKey.objects.among({key for its in named for _place, key in its})
    return [_without(each, row, [both for both in its if both[1] in gone]) for row, its in zip(rows, named, strict=True)] if gone else rows


def _without(each: Import, row: Row, named: list[tuple[int, Key]]) -> Row:
    """Return a row without cells that name somebody who was erased, each a place and what stands there."""
    if not named:
        return row
    if any(is_key(each, place) for place, _key in named):
        return replace(row, cells=[""] * len(row.cells), fault=_("it is of somebody who was erased, so what it says was not kept"))
    gone = Naming.of(key for _place, key in named)
    return replace(row, cells=[gone.without(cell) for cell in row.cells])


def is_key(each: Import, place: int) -> bool:
    """Whether a column says who a row is of."""
    return place < len(each.columns) and each.columns[place] in (EMAIL, EXTERNAL_ID)


def keys_in(each: Import, place: int, cell: str) -> Iterable[Key]:
    """Return by what a cell names somebody: mail addresses wherever they stand, and the other system's id."""
    yield from ((EMAIL, email) for email in (addresses_in(cell) if "@" in cell else ()))
    if place < len(each.columns) and each.columns[place] == EXTERNAL_ID and cell.strip():
        yield "user_id", f"{system_in(each)}:{cell.strip()}"


def is_of_row(each: Import, cells: list[str], keys: Iterable[Key]) -> bool:
    """Whether a row that was not taken is of somebody, by the columns that say so."""
    known = set(keys)
    return any(key in known for place, cell in enumerate(cells) if is_key(each, place) for key in keys_in(each, place, cell))
