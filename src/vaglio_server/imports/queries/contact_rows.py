"""Rows of a file of contacts: whom each means, where they work, whose they are, and which lead they were."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from vaglio_server.imports.logic.contacts import ContactRow
from vaglio_server.imports.logic.sheets import Row
from vaglio_server.imports.models import Import, ImportedContact
from vaglio_server.imports.queries.contacts import Places, Unclear, met, places
from vaglio_server.imports.queries.keys import held, keys, user_id
from vaglio_server.imports.queries.owners import NamedOwner, owner_in, owners_in, users_called

Meant = tuple[Row, ContactRow, int]  # a contact by its number, or by a negative one who is yet to be made


@dataclass(frozen=True)
class Lot:
    """Rows that can be ``taken``, those ``refused`` with why, how many contacts are ``new``.

    ``again``: rows that name one whom an earlier row of the file names, with the lines of both.

    ``rows``: what is to be written, with whom it means. Of these: where they work, which leads they are, and their owners.
    ``named``: what rows that are written call their owners; ``written``: these rows as they stand in the file.
    """

    taken: list[tuple[Row, ContactRow]] = field(default_factory=list)
    refused: list[tuple[Row, str]] = field(default_factory=list)
    new: int = 0
    again: list[tuple[int, int]] = field(default_factory=list)
    rows: list[tuple[int, ContactRow]] = field(default_factory=list)
    places: Places = field(default_factory=Places)
    leads: dict[int, int] = field(default_factory=dict)
    owners: dict[int, int] = field(default_factory=dict)
    named: list[NamedOwner] = field(default_factory=list)
    written: list[tuple[Row, ContactRow]] = field(default_factory=list)


def lot_of(each: Import, said: Sequence[tuple[Row, ContactRow]]) -> Lot:
    """Return what rows mean that name somebody."""
    meant, unclear = _meant(each, said)
    where = places(together((ref, found) for _row, found, ref in meant))
    unclear += [(row, where.unclear[ref]) for row, _found, ref in meant if ref in where.unclear]
    taken = [(row, found, ref) for row, found, ref in meant if ref not in where.unclear]
    refs = [ref for _row, _found, ref in taken]
    first = {ref: place for place, ref in reversed(list(enumerate(refs)))}
    is_first = [first[ref] == place for place, ref in enumerate(refs)]
    kept = [one for one, is_new in zip(taken, is_first, strict=True) if not each.skips_known or (one[2] < 0 and is_new)]
    written = [(ref, found) for _row, found, ref in kept]
    users = users_called()
    return Lot(
        taken=[(row, found) for row, found, _ref in taken],
        refused=unclear,
        new=len({ref for ref in refs if ref < 0}),
        again=_again(each, taken, kept),
        rows=written,
        places=where,
        leads=_leads(each, written),
        owners={ref: owner for ref, found in written if (owner := owner_in(users, found.owner)) is not None},
        named=owners_in(users, (found.owner for _ref, found in written)),
        written=[(row, found) for row, found, _ref in kept],
    )


def _again(each: Import, taken: Sequence[Meant], kept: Sequence[Meant]) -> list[tuple[int, int]]:
    """Return the rows whose contact an earlier row that is written names, with the lines of both."""
    there = ImportedContact.objects.filter(of=each, contact__in={ref for _row, _found, ref in taken if ref > 0}, line__isnull=False)
    first: dict[int, int | None] = dict(there.values_list("contact", "line"))
    lines = {row.line for row, _found, _ref in kept}
    again = []
    for row, _found, ref in taken:
        if (line := first.get(ref)) is not None:
            again.append((row.line, line))
        elif row.line in lines:
            first[ref] = row.line
    return again


def _meant(each: Import, said: Sequence[tuple[Row, ContactRow]]) -> tuple[list[Meant], list[tuple[Row, str]]]:
    """Return whom each row means; and rows of which that is not clear, with why."""
    ids = {key for _row, found in said if (key := user_id(each, found))}
    known = met(ids, {found.email for _row, found in said if found.email})
    meant: list[Meant] = []
    unclear: list[tuple[Row, str]] = []
    for row, found in said:
        try:
            meant.append((row, found, known.meant(user_id(each, found), found)))
        except Unclear as error:
            unclear.append((row, "; ".join([*found.left_out, str(error)])))
    return meant, unclear


def together(rows: Iterable[tuple[int, ContactRow]]) -> dict[int, dict[str, Any]]:
    """Return all that rows say of each contact, the later over the earlier."""
    values: dict[int, dict[str, Any]] = {}
    for ref, found in rows:
        values.setdefault(ref, {}).update(found.values)
    return values


def _leads(each: Import, rows: Sequence[tuple[int, ContactRow]]) -> dict[int, int]:
    """Return which leads contacts are, by the other system's id or their mail address."""
    known = held(keys(each, found) for _ref, found in rows)
    return {ref: known[key] for ref, found in rows for key in reversed(keys(each, found)) if key in known}
