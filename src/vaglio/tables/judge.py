"""A table's columns as a fact table's, and what keeps a row from being one."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import ibis
import ibis.expr.datatypes as dt

from vaglio.dates import FIRST_US, LAST_US
from vaglio.engine import Engine
from vaglio.errors import DataError
from vaglio.files.columns import ColumnMap, Found
from vaglio.files.source import Source
from vaglio.files.want import Want
from vaglio.plan.facts import COLUMN_TYPES

SHOWN = {
    "string": "text", "integer": "a whole number", "number": "a number", "boolean": "a boolean", "flag": "a boolean",
    "date": "a date or an instant",
}  # fmt: skip


class Holder(Engine, Protocol):
    """An engine with tables of the user's own."""

    def find(self, name: str, what: str) -> tuple[ibis.Table, dict[str, str]]:
        """Return a table by its name, and what its types are called; DataError ``table_missing``."""

    def save(self, table: ibis.Table, name: str) -> None:
        """Write a result as a table; DataError ``table_taken``."""

    def at_once(self) -> AbstractContextManager[None]:
        """Let tables that are saved meanwhile be there together, or none of them, where the engine can."""

    def microseconds(self, value: ibis.Value) -> ibis.Value:
        """Return a date or an instant as microseconds UTC; one without end is null."""


@dataclass(frozen=True)
class Named:
    """A table of the user's, as ``what`` kind of facts it is read."""

    what: str
    name: str
    table: ibis.Table
    types: dict[str, str]

    def source(self) -> Source:
        """Return the table as what columns are looked for in."""
        names = tuple(self.table.columns)
        return Source(self.what, Path(self.name), "parquet", names, names, tuple(self.types[name] for name in names), "", "")


@dataclass(frozen=True)
class Judged:
    """Rows as facts, with ``fault``: the number of the first of ``faults`` (column, reason) that a row has, 0 for none."""

    named: Named
    rows: ibis.Table
    faults: tuple[tuple[str, str], ...]
    unread: tuple[str, ...]

    def good(self) -> ibis.Table:
        """Return the rows without a fault."""
        return self.rows.filter(self.rows.fault == 0).drop("fault", "text") if self.faults else self.rows.drop("fault", "text")

    def bad(self) -> ibis.Table:
        """Return the fault and the text of every row that has one."""
        return self.rows.filter(self.rows.fault > 0).select("fault", "text")


def judged(engine: Holder, named: Named, wants: Sequence[Want], columns: ColumnMap) -> Judged:
    """Return the rows of a table as facts.

    Raises
    ------
    DataError
        ``column_missing``, ``column_ambiguous``; ``column_type``: a column of another type; ``columns_invalid``.
    """
    found = columns.resolve(named.source(), wants)
    table, cells, faults = named.table, {}, []
    for place in found:
        raw = table[table.columns[place.position]]
        value = cells[place.want.target] = _cell(engine, named, place, raw)
        faults += _faults(place, raw, value)
    number = ibis.cases(*((bad, ibis.literal(n, "int64")) for n, (_where, bad) in enumerate(faults, 1)), else_=ibis.literal(0, "int64"))
    number = number if faults else ibis.literal(0, "int64")
    positions = {place.position for place in found}
    unread = tuple(name for n, name in enumerate(table.columns) if n not in positions)
    rows = table.select(**cells, fault=number, text=_text(table, found))
    return Judged(named, rows, tuple(where for where, _bad in faults), unread)


def _cell(engine: Holder, named: Named, place: Found, raw: ibis.Value) -> ibis.Value:
    want, kind = place.want, raw.type()
    if place.format:
        raise DataError("columns_invalid", f"--columns says how {raw.get_name()!r} is written, and a table's columns have types",
                        "leave the format out; cast it in a view", table=named.what, column=want.name)  # fmt: skip
    if not _fits(want.kind, kind):
        said = f"{named.name}: the column {raw.get_name()!r} is {named.types[raw.get_name()]}, but {want.name} must be {SHOWN[want.kind]}"
        raise DataError("column_type", said, "cast it in a view, and name that", table=named.what, column=want.name)
    if want.kind == "date":
        at = engine.microseconds(raw)
        return ibis.ifelse(at.between(FIRST_US, LAST_US), at, ibis.null("int64"))
    if want.among:
        return raw.cast("string").strip().lower()
    if want.blank_is_none:
        text = raw.cast("string")
        return ibis.ifelse(text.strip() == "", ibis.null("string"), text)
    return raw if want.kind == "flag" else raw.cast(COLUMN_TYPES[want.kind])


def _fits(wanted: str, kind: dt.DataType) -> bool:
    fitting: dict[str, bool] = {
        "string": kind.is_string() or kind.is_integer(),
        "integer": kind.is_integer(),
        "number": kind.is_numeric() and not kind.is_boolean(),
        "boolean": kind.is_boolean(),
        "flag": kind.is_boolean(),
        "date": kind.is_timestamp() or kind.is_date(),
    }
    return fitting[wanted]


def _faults(place: Found, raw: ibis.Value, value: ibis.Value) -> list[tuple[tuple[str, str], ibis.Value]]:
    want, found = place.want, []
    if want.filled:
        empty = value.isnull() | (value.strip() == "") if want.kind == "string" else raw.isnull()
        found.append(((want.name, "is empty"), empty))
    if want.kind == "date":
        found.append(((want.name, "is not a date of the years 1000 to 9999"), raw.notnull() & value.isnull()))
    if want.kind == "number" and (raw.type().is_floating() or raw.type().is_decimal()):  # PostgreSQL's numeric may be NaN, too
        found.append(((want.name, "is not a number"), raw.notnull() & (value.isnan() | value.isinf())))
    if want.among:
        found.append(((want.name, f"is none of {', '.join(want.among)}"), ~value.isin(want.among)))
    return found


def _text(table: ibis.Table, found: Sequence[Found]) -> Any:
    """Return what a row says, as people are shown it."""
    parts = [table[table.columns[place.position]].cast("string").fill_null("") for place in found]
    return ibis.literal(",").join(parts) if len(parts) > 1 else parts[0]
