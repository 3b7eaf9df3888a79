"""The first rows of a file before anything of it is stored: every column, as it will be kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vaglio_server.imports.logic.sheets import Row
from vaglio_server.imports.models import Import
from vaglio_server.imports.queries import Preview
from vaglio_server.imports.queries.rows import SUBJECT_OF, Said, fields_in
from vaglio_server.web.words import shown_of

LONGEST = 80  # characters of a cell that are shown


@dataclass(frozen=True)
class Head:
    """What the file calls a column, and what it becomes; empty: it is left out."""

    name: str
    becomes: str


@dataclass(frozen=True)
class Cell:
    """What will be kept of a cell; ``lost``: what stands there and cannot be read, ``out``: its column is left out."""

    text: str
    lost: bool = False
    out: bool = False


def heads_of(columns: Iterable[Mapping[str, Any]]) -> list[Head]:
    """Return columns, each with what it can be, by what they are called and become."""
    return [Head(row["column"].heading, str(dict(row["choices"]).get(row["column"].field, ""))) for row in columns]


def first_rows(each: Import, shown: Preview) -> list[tuple[int, list[Cell]]]:
    """Return the first rows that can be taken, by their lines."""
    read = frozenset(fields_in(each)) if each.holds in SUBJECT_OF else frozenset[str]()
    return [(row.line, [_cell(row, place, field, said, read) for place, field in enumerate(each.columns)]) for row, said in shown.first]


def _cell(row: Row, place: int, field: str | None, said: Said, read: frozenset[str]) -> Cell:
    """Return a cell as its field will hold it; what is no field, such as an id or an owner, is as it stands there."""
    as_written = row.cells[place].strip()
    if field is None:
        return Cell(_short(as_written), out=True)
    value = said.values.get(field)
    if value is None:
        return Cell(_short(as_written), lost=bool(as_written) and field in read)
    return Cell(_short(shown_of(value, field)))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
