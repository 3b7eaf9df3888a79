"""Reading files that were brought in, and what they would do."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any

from django.db.models import QuerySet

from vaglio_server.crm.logic.standard import TAKEN
from vaglio_server.crm.queries import fields_of
from vaglio_server.imports.logic.countries import NamedCountry
from vaglio_server.imports.logic.fact_headings import MEMBER_FIELDS, OUTCOME_FIELDS
from vaglio_server.imports.logic.headings import DOING_FIELDS, EXTERNAL_ID, LIST, OWNER
from vaglio_server.imports.logic.sheets import Format, Row, Sheet, open_sheet
from vaglio_server.imports.models import Holds, Import, ImportPart, ImportState, RefusedRow, RowAgain
from vaglio_server.imports.queries.owners import NamedOwner
from vaglio_server.imports.queries.rows import Said, read_rows

LOOKED_AT = 1_000  # rows of a preview
SHOWN = 5
FAULTS = 50
SAMPLES = 3
# What columns can be of files that say something of leads that are there.
FIELDS: dict[str, tuple[str, ...]] = {Holds.ACTIVITIES: DOING_FIELDS, Holds.MEMBERS: MEMBER_FIELDS, Holds.OUTCOMES: OUTCOME_FIELDS}


class _Parts(io.RawIOBase):
    """The pieces of a file, one after the other."""

    def __init__(self, of: int) -> None:
        numbers = ImportPart.objects.filter(of=of).order_by("number").values_list("pk", flat=True)
        self._left = list(numbers)
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        if not self._piece and self._left:
            self._piece = memoryview(bytes(ImportPart.objects.get(pk=self._left.pop(0)).body))
        size = min(len(into), len(self._piece))
        into[:size] = self._piece[:size]
        self._piece = self._piece[size:]
        return size


def sheet_of(each: Import) -> Sheet:
    """Return the heading and the rows of a file that was stored.

    Raises
    ------
    BadFile
        It breaks off, while rows are read.
    """
    file: IO[bytes] = io.BufferedReader(_Parts(each.pk), 1 << 20)
    if each.kind == "xlsx":
        file = io.BytesIO(file.read())  # is read from its end; such files are not large
    return open_sheet(file, Format(each.kind, each.encoding, each.delimiter))


@dataclass(frozen=True)
class Column:
    """A column: its heading, the field it is (None: left out), and some of its values."""

    place: int
    heading: str
    field: str | None
    samples: list[str]


@dataclass(frozen=True)
class Preview:
    """What the first rows of a file would do: how many were looked at, are new, are known already, and cannot be taken.

    ``faults``: these, by line, with why; ``partly``: those that are taken without cells that cannot be read.
    Of those known, these name somebody ``again``, with the line that does so first; of the new ones so many are ``alike`` to a lead.
    ``owners``: what rows call those whose leads or contacts are, those who are nobody here first; ``countries``: what they call countries
    and is none.
    ``first``: the first rows that can be taken, as they stand in the file, with what they say.
    """

    looked_at: int
    new: int
    known: int
    refused: int
    columns: list[Column]
    faults: list[tuple[int, str]] = field(default_factory=list)
    again: list[tuple[int, int]] = field(default_factory=list)
    alike: int = 0
    first: list[tuple[Row, Said]] = field(default_factory=list)
    owners: list[NamedOwner] = field(default_factory=list)
    countries: list[NamedCountry] = field(default_factory=list)
    partly: list[tuple[int, str]] = field(default_factory=list)


def preview(each: Import) -> Preview:
    """Return what the first rows would do with the columns as they are mapped now."""
    rows = list(islice(sheet_of(each).rows, LOOKED_AT))
    read = read_rows(each, rows)
    by_line = {row.line: row for row in rows}
    samples = [_samples(row.cells[place] for row in rows) for place in range(len(each.heading))]
    return Preview(
        again=read.again,
        alike=read.alike,
        looked_at=len(rows),
        new=len(read.taken) - read.known,
        known=read.known,
        refused=len(read.refused),
        columns=[Column(place, *both) for place, both in enumerate(zip(each.heading, each.columns, samples, strict=True))],
        faults=[(row.line, reason) for row, reason in read.refused[:FAULTS]],
        first=[(by_line[line], found) for line, found in read.taken[:SHOWN]],
        owners=read.owners,
        countries=read.countries,
        partly=[(row.line, reason) for row, reason in read.partly],
    )


def _samples(cells: Iterator[str]) -> list[str]:
    return list(islice(dict.fromkeys(cell.strip()[:60] for cell in cells if cell.strip()), SAMPLES))


def choices(each: Import) -> list[tuple[str, str]]:
    """Return what a column of a file can be, with what it is called; where that is empty, its page knows."""
    if each.holds in FIELDS:
        return [(name, "") for name in FIELDS[each.holds]]
    if each.holds == Holds.COMPANIES:
        return [("name", ""), ("domain", ""), (LIST, ""), *((name, field.label) for name, field in fields_of("account").items()
                                                            if not field.is_retired)]  # fmt: skip
    if each.holds == Holds.CONTACTS:
        return [(EXTERNAL_ID, ""), (OWNER, ""), *((name, field.label) for name, field in fields_of("contact").items()
                                                  if not field.is_retired)]  # fmt: skip
    return [
        (EXTERNAL_ID, ""),
        (OWNER, ""),
        *((name, field.label) for name, field in fields_of("lead").items() if not field.is_retired and name not in TAKEN),
    ]


def imports() -> QuerySet[Import]:
    """Return all imports, newest first."""
    return Import.objects.select_related("by").order_by("-id")


def started_imports() -> QuerySet[Import]:
    """Return the imports that brought something, newest first."""
    return Import.objects.exclude(state=ImportState.READY).order_by("-id")


def running_imports() -> QuerySet[Import]:
    """Return the imports that workers bring in or take back, the first one first."""
    return Import.objects.filter(state__in=[ImportState.RUNNING, ImportState.UNDOING]).order_by("id")


def refused_rows(each: Import) -> Iterator[RefusedRow]:
    """Yield the rows that could not be taken, or not whole, by line, however many there are."""
    return RefusedRow.objects.filter(of=each).order_by("line").iterator(chunk_size=1_000)


def rows_again(each: Import, limit: int) -> list[tuple[int, int]]:
    """Return the first rows that name somebody whom an earlier row of the file names, with the lines of both."""
    return list(RowAgain.objects.filter(of=each).order_by("line").values_list("line", "first_line")[:limit])
