"""A first look at files nobody has described yet: their columns, types and commonest values."""

import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaglio.connections import connect
from vaglio.engines.duckdb import failing
from vaglio.errors import DataError
from vaglio.files.columns import NUMBERS, ColumnMap, Found
from vaglio.files.countries import COUNTRY
from vaglio.files.event_names import NAME as NAME_IN_WORDS
from vaglio.files.heading import resolve
from vaglio.files.needs import Needs
from vaglio.files.open import open_source
from vaglio.files.source import Source
from vaglio.files.want import Want, wants
from vaglio.quantities import LONGEST_NAME, NAME
from vaglio.text import event_name, snake_case

SAMPLE_ROWS = 20_000
MOST_VALUES = 200  # a text column with more distinct values is no list to choose from
MOST_TYPES = 50  # of activities
_WHOLE = r"[-+]?\d{1,15}(\.0+)?"
_NUMBER = r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?"
_DATE = r"\d{4}-\d{2}-\d{2}([T ].*)?"


AS_READ = ColumnMap()


@dataclass(frozen=True)
class ActivityTypes:
    """The activity types of a file with how often each occurs, the commonest first.

    ``named`` can be names in a document, ``unnamed`` as *Page Viewed* cannot; ``rare`` is how many more types could be, but are too many.
    """

    named: dict[str, int]
    unnamed: dict[str, int]
    rare: int = 0


@contextmanager
def _opened(table: str, path: Path) -> Iterator[tuple[Any, Source]]:
    with tempfile.TemporaryDirectory(prefix="vaglio-") as folder, failing(), connect() as raw:
        yield raw, open_source(raw, table, path, "look_rejects", lambda: Path(folder))


def need_rows(table: str, path: Path, said: ColumnMap) -> tuple[str, ...]:
    """Return the columns of a file as it spells them, if it could be scored: with the columns that any model needs, and rows.

    Raises
    ------
    DataError
        ``column_missing``, ``file_empty``.
    """
    with _opened(table, path) as (raw, source):
        resolve(said, source, wants(table, Needs()))
        if not raw.execute(f"SELECT 1 FROM {source.relation} LIMIT 1").fetchall():
            raise DataError("file_empty", f"{path} has column names and no rows", f"give a file of {table} with rows", table=table)
        return source.names


def columns(path: Path, said: ColumnMap = AS_READ, table: str = "leads") -> list[tuple[str, str, tuple[str, ...]]]:
    """Return name, type and commonest values of each column; names are made fit for a document.

    Ids, dates of creation and what has a name too long for a document are left out. A column that ``said`` names otherwise has that name,
    and is a date or a number where it says how these are written.
    """
    with _opened(table, path) as (raw, source):
        found: list[tuple[str, str, tuple[str, ...]]] = []
        called = _called(said, source)
        for position, name in enumerate(source.names):
            plain = called[position].want.name if position in called else snake_case(name)
            if not is_field(plain) or plain in (earlier[0] for earlier in found):
                continue
            kind, common = _judge(raw, source.relation, source.text(position))
            written = called[position].format if position in called else ""
            told = "number" if written in NUMBERS else "date" if written not in ("", COUNTRY, NAME_IN_WORDS) else ""
            found.append((plain, told, ()) if told else (plain, kind, common))
    return found


def is_field(plain: str) -> bool:
    """Whether a column with a name fit for a document is a field of a model: ids and dates of creation are none."""
    if not plain or plain.rsplit("_", maxsplit=1)[-1] in ("id", "number") or plain in ("created_at", "creation_time", "create_date"):
        return False
    return plain[0].isalpha() and len(plain) <= LONGEST_NAME


def _called(said: ColumnMap, source: Source) -> dict[int, Found]:
    """Return the columns that are said to be called otherwise, by their places."""
    names = [each.name for each in said.mappings if each.table in ("", source.table) and re.fullmatch(NAME, each.name)]
    return {place.position: place for place in said.resolve(source, [Want(name, name) for name in dict.fromkeys(names)])}


def _judge(raw: Any, relation: str, text: str) -> tuple[str, tuple[str, ...]]:
    rows = raw.execute(
        f"SELECT value, count(*) FROM (SELECT trim({text}) AS value FROM {relation} LIMIT {SAMPLE_ROWS}) AS sample "
        "WHERE value <> '' GROUP BY value ORDER BY count(*) DESC, value"
    ).fetchall()
    values = [row[0] for row in rows]
    kind = _kind(values)
    common = tuple(values[:6]) if kind == "string" and 1 < len(values) <= MOST_VALUES else ()
    return kind, common


def _kind(values: list[str]) -> str:
    if not values:
        return "string"
    if {value.lower() for value in values} <= {"true", "false", "yes", "no"}:
        return "boolean"
    for kind, pattern in (("integer", _WHOLE), ("number", _NUMBER), ("date", _DATE)):
        if all(re.fullmatch(pattern, value) for value in values):
            return kind
    return "string"


def activity_types(path: Path, said: ColumnMap = AS_READ) -> ActivityTypes:
    """Return the activity types of a file.

    Raises
    ------
    DataError
        ``column_missing``: there is no column activity_type.
    """
    only = [want for want in wants("activities", Needs()) if want.name == "activity_type"]
    with _opened("activities", path) as (raw, source):
        place = resolve(said, source, only)[0]
        wanted = source.text(place.position)
        rows = raw.execute(
            f"SELECT {wanted}, count(*) FROM {source.relation} WHERE trim({wanted}) <> '' GROUP BY 1 ORDER BY 2 DESC, 1"
        ).fetchall()
    if place.format == NAME_IN_WORDS:
        rows = _as_names(rows)
    named = [(name, times) for name, times in rows if re.fullmatch(NAME, name) and len(name) <= LONGEST_NAME]
    told = dict(named)
    return ActivityTypes(
        dict(named[:MOST_TYPES]), {name: times for name, times in rows if name not in told}, max(0, len(named) - MOST_TYPES)
    )


def _as_names(rows: list[tuple[str, int]]) -> list[tuple[str, int]]:
    found: Counter[str] = Counter()
    for text, times in rows:
        found[event_name(text) or text] += times
    return sorted(found.items(), key=lambda each: (-each[1], each[0]))


def texts_of_activities(path: Path) -> list[str]:
    """Return the columns of a file of activities that say in words what they were about, under names fit for a document."""
    known = {want.name for want in wants("activities", Needs())}
    return [name for name, kind, _common in columns(path, table="activities") if kind == "string" and name not in known]
