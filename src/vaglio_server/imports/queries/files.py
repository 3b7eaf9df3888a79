"""Reading files that were brought in, and what they would do."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any

from django.db.models import QuerySet

from vaglio_server.crm.logic.standard import TAKEN
from vaglio_server.crm.queries import fields_of
from vaglio_server.imports.logic.headings import BY_HAND, EXTERNAL_ID, own_name
from vaglio_server.imports.logic.people import Person, Unfit, person
from vaglio_server.imports.logic.sheets import Format, Row, Sheet, open_sheet
from vaglio_server.imports.models import Import, ImportPart, ImportState, RefusedRow
from vaglio_server.tracking.models import Identity

LOOKED_AT = 1_000  # rows of a preview
SHOWN = 4
FAULTS = 50
SAMPLES = 3


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
    """What the first rows of a file would do: how many were looked at, are new, are known already or twice in here, and cannot be taken."""

    looked_at: int
    new: int
    known: int
    refused: int
    columns: list[Column]
    faults: list[tuple[int, str]] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)


def preview(each: Import) -> Preview:
    """Return what the first rows would do with the columns as they are mapped now."""
    rows = list(islice(sheet_of(each).rows, LOOKED_AT))
    taken, refused = people_of(each, rows)
    known = known_among(each, [found for _line, found in taken])
    samples = [_samples(row.cells[place] for row in rows) for place in range(len(each.heading))]
    return Preview(
        looked_at=len(rows),
        new=len(taken) - known,
        known=known,
        refused=len(refused),
        columns=[Column(place, *both) for place, both in enumerate(zip(each.heading, each.columns, samples, strict=True))],
        faults=[(row.line, reason) for row, reason in refused[:FAULTS]],
        people=[found for _line, found in taken[:SHOWN]],
    )


def _samples(cells: Iterator[str]) -> list[str]:
    return list(islice(dict.fromkeys(cell.strip()[:60] for cell in cells if cell.strip()), SAMPLES))


def people_of(each: Import, rows: list[Row]) -> tuple[list[tuple[int, Person]], list[tuple[Row, str]]]:
    """Return what rows say by line, and those that cannot be taken with the reason."""
    fields = fields_of("lead")
    taken: list[tuple[int, Person]] = []
    refused: list[tuple[Row, str]] = []
    for row in rows:
        try:
            if row.fault:
                raise Unfit(row.fault)
            taken.append((row.line, person(row.cells, each.columns, fields)))
        except Unfit as error:
            refused.append((row, str(error)))
    return taken, refused


def user_id(each: Import, found: Person) -> str | None:
    """Return by what a person is known: ids are the other system's, or the column's, so that those of two systems do not meet."""
    if not found.external_id:
        return None
    whose = each.system if each.system != BY_HAND else own_name(each.heading[each.columns.index(EXTERNAL_ID)])
    return f"{whose or BY_HAND}:{found.external_id}"


def known_among(each: Import, people: list[Person]) -> int:
    """Return how many are a lead already, or were named before in the list."""
    keys = [
        {("email", str(found.values["email"]))} if found.values.get("email") else set[tuple[str, str]]() for found in people
    ]  # fmt: skip
    for mine, found in zip(keys, people, strict=True):
        if found.external_id:
            mine.add(("user_id", str(user_id(each, found))))
    held = Identity.objects.filter(links__ended_at=None, links__isnull=False, value__in={value for mine in keys for _kind, value in mine})
    known = set(held.values_list("kind", "value"))
    count = 0
    for mine in keys:
        count += bool(mine & known)
        known |= mine
    return count


def choices() -> list[tuple[str, str]]:
    """Return the fields that a column can be, with what they are called."""
    return [
        (EXTERNAL_ID, ""),
        *((name, each.label) for name, each in fields_of("lead").items() if not each.is_retired and name not in TAKEN),
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
    """Yield the rows that could not be taken, by line, however many there are."""
    return RefusedRow.objects.filter(of=each).order_by("line").iterator(chunk_size=1_000)
