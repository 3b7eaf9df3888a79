"""A first look at files nobody has described yet: their columns, types and commonest values."""

import tempfile
from pathlib import Path
from typing import Any

from vaglio.connections import connect
from vaglio.errors import DataError
from vaglio.files.needs import Needs
from vaglio.files.open import open_source
from vaglio.files.want import wants
from vaglio.text import snake_case

SAMPLE_ROWS = 20_000
MOST_VALUES = 200  # a text column with more distinct values is no list to choose from
MOST_TYPES = 50  # of activities
_WHOLE = r"[-+]?\d{1,15}(\.0+)?"
_NUMBER = r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?"
_DATE = r"\d{4}-\d{2}-\d{2}([T ].*)?"


def columns(path: Path) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return name, type and commonest values of each column; names are made fit for a document, ids and dates of creation left out."""
    with tempfile.TemporaryDirectory(prefix="vaglio-") as folder, connect() as raw:
        source = open_source(raw, "leads", path, "look_rejects", lambda: Path(folder))
        found: list[tuple[str, str, tuple[str, ...]]] = []
        for position, name in enumerate(source.names):
            plain = snake_case(name)
            if not plain or plain.split("_")[-1] in ("id", "number") or plain in ("created_at", "creation_time", "create_date"):
                continue
            if not plain[0].isalpha() or plain in (earlier[0] for earlier in found):
                continue
            found.append((plain, *_judge(raw, source.relation, source.text(position))))
    return found


def _judge(raw: Any, relation: str, text: str) -> tuple[str, tuple[str, ...]]:
    rows = raw.execute(
        f"SELECT value, count(*) FROM (SELECT trim({text}) AS value FROM {relation} LIMIT {SAMPLE_ROWS}) AS sample "
        "WHERE value <> '' GROUP BY value ORDER BY count(*) DESC, value"
    ).fetchall()
    values = [row[0] for row in rows]
    kind = _kind(raw, values)
    common = tuple(values[:6]) if kind == "string" and 1 < len(values) <= MOST_VALUES else ()
    return kind, common


def _kind(raw: Any, values: list[str]) -> str:
    import re

    if not values:
        return "string"
    if {value.lower() for value in values} <= {"true", "false", "yes", "no"}:
        return "boolean"
    for kind, pattern in (("integer", _WHOLE), ("number", _NUMBER), ("date", _DATE)):
        if all(re.fullmatch(pattern, value) for value in values):
            return kind
    return "string"


def activity_types(path: Path) -> dict[str, int]:
    """Return the commonest activity types of a file, with how often each occurs, the commonest first.

    Those whose names are not fit for a document, as *Page Viewed*, are left out: what is read of a file, and what is not, is counted then.

    Raises
    ------
    DataError
        The file has no column activity_type.
    """
    with tempfile.TemporaryDirectory(prefix="vaglio-") as folder, connect() as raw:
        source = open_source(raw, "activities", path, "look_rejects", lambda: Path(folder))
        position = next((n for n, name in enumerate(source.names) if snake_case(name) == "activity_type"), None)
        if position is None:
            message = f"{path} has no column activity_type"
            raise DataError("column_missing", message, "name the column that says what was done", table="activities")
        wanted = source.text(position)
        rows = raw.execute(
            f"SELECT {wanted}, count(*) FROM {source.relation} WHERE {wanted} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
        ).fetchall()
    return dict([(name, times) for name, times in rows if snake_case(name) == name][:MOST_TYPES])


def texts_of_activities(path: Path) -> list[str]:
    """Return the columns of a file of activities that say in words what they were about, under names fit for a document."""
    known = {want.name for want in wants("activities", Needs())}
    return [name for name, kind, _common in columns(path) if kind == "string" and name not in known]
