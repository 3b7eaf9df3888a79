"""Take the rows of a file: good ones into a table or a view of canonical columns, bad ones aside with the reason."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

import duckdb
import pyarrow as pa

from vaglio.engines.duckdb import DuckDBEngine
from vaglio.errors import DataError
from vaglio.files import sql
from vaglio.files.columns import Found
from vaglio.files.convert import REASONS, cell, is_blank, one_of
from vaglio.files.rejects import SCHEMA, all_bad, file_rows, malformed, refuse, rejected_rows
from vaglio.files.source import Source

_ROW_NUMBER = "file_row_number"  # as DuckDB calls it


@dataclass(frozen=True)
class Check:
    """What makes a row bad: ``raw`` holds (SQL over the file's own columns) and, unless empty, ``target`` is null or blank."""

    column: str
    reason: str
    raw: str = ""
    target: str = ""
    blank: bool = False


@dataclass(frozen=True)
class Shape:
    """What is made of a file: canonical columns (name → SQL), checks in the order they are reported, and the unique column.

    ``unchecked``: columns that cost less where their checks are known to hold.
    """

    columns: dict[str, str]
    checks: tuple[Check, ...]
    unique: str = ""
    cheap: bool = False
    unchecked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """A relation of good rows, and how to find the rows set aside (a view's only when asked, which takes a pass over the file)."""

    relation: str
    rejected: Callable[[], pa.Table]


def shape(source: Source, found: Sequence[Found], no_value: tuple[str, ...], *, unique: str = "", judged: str = "") -> Shape:
    """Return what is made of a file's columns; optional ones are judged only in rows where ``judged`` holds."""
    columns: dict[str, str] = {}
    unchecked: dict[str, str] = {}
    checks: list[Check] = []
    cheap = source.kind == "parquet"
    for place in found:
        want = place.want
        made = cell(source, place, no_value)
        cheap = cheap and made.cheap
        if want.among:
            made = one_of(made, want.among)
        columns[want.target] = made.value
        if made.unchecked:
            unchecked[want.target] = made.unchecked
        if want.among:
            checks.append(Check(want.name, f"is none of {', '.join(want.among)}", made.bad, want.target))
        elif made.bad:
            raw = made.bad if want.always or not judged else f"{made.bad} AND {judged}"
            checks.append(Check(want.name, REASONS[want.kind], raw, want.target))
        if want.filled:
            checks.append(Check(want.name, "is empty", "", want.target, blank=want.kind == "string"))
    return Shape(columns, tuple(checks), unique, cheap, unchecked)


def take_rows(engine: DuckDBEngine, source: Source, made: Shape, name: str, *, strict: bool = False) -> Taken:
    """Read a file once into a temporary table named ``name``.

    Raises
    ------
    DataError
        ``row_bad`` when strict and a row is bad; ``rows_all_bad``; ``file_quote_open``.
    """
    checks = (*_whole_row_checks(source), *made.checks)
    _create(engine, source, f"CREATE TEMP TABLE {sql.name(name)} AS {judged_rows(source, made, checks)}")
    rough = malformed(engine, source)
    if made.unique:
        checks = (*checks, Check(made.unique, "is a duplicate of an earlier row"))
        _mark_duplicates(engine, name, made.unique, len(checks))
    rejected = pa.concat_tables([rough, _bad_rows(engine, source, name, checks, rough)]).sort_by("row")
    if strict and rejected.num_rows:
        raise refuse(source, rejected)
    if rejected.num_rows:
        engine.raw.execute(f"DELETE FROM {sql.name(name)} WHERE fault <> 0")
        if not _count(engine, name):
            raise all_bad(source, rejected)
    return Taken(name, lambda: rejected)


def view_rows(engine: DuckDBEngine, source: Source, made: Shape, name: str, *, strict: bool = False, looked: str = "") -> Taken:
    """Make a view named ``name`` over the good rows of a Parquet file.

    Bad rows are found when they are asked for, but at once when ``strict``; ``looked``: the FROM clause, with row numbers, of the rows
    that they are looked for among, if not all.

    Raises
    ------
    DataError
        As :func:`take_rows`.
    """

    @cache
    def rejected() -> pa.Table:
        if not made.checks:
            return SCHEMA.empty_table()
        position = f", {sql.name(row_number(source))} AS position"
        rows = judged_rows(source, made, made.checks, position, looked or with_row_numbers(source))
        found = _fetch(engine, source, f"SELECT position, fault FROM ({rows}) WHERE fault <> 0 ORDER BY position")
        return _explained(engine, source, found, made.checks, SCHEMA.empty_table())

    if strict and rejected().num_rows:
        raise refuse(source, rejected())
    _create(engine, source, f"CREATE TEMP VIEW {sql.name(name)} AS {good_rows(source, made, source.relation)}")
    if not _fetch(engine, source, f"SELECT 1 AS found FROM {sql.name(name)} LIMIT 1").num_rows and rejected().num_rows:
        raise all_bad(source, rejected())
    return Taken(name, rejected)


def good_rows(source: Source, made: Shape, relation: str) -> str:
    """Return the SQL of the good rows of a FROM clause over a file."""
    places = _places(source, made)
    good = " AND ".join(_passes(check, places) for check in made.checks) or "true"
    rows = f"SELECT *, {', '.join(f'{value} AS {places[target]}' for target, value in made.columns.items())}"
    named = ", ".join(f"{place} AS {sql.name(target)}" for target, place in places.items())
    return f"SELECT {named} FROM ({rows} FROM {relation}) WHERE {good}"


def _places(source: Source, made: Shape) -> dict[str, str]:
    """Return how SQL names what is made of a file beside the file's own columns."""
    return {target: sql.name(source.free(f"vaglio {position}")) for position, target in enumerate(made.columns)}


def _create(engine: DuckDBEngine, source: Source, query: str) -> None:
    with _reading(source):
        engine.raw.execute(query)


def _fetch(engine: DuckDBEngine, source: Source, query: str) -> pa.Table:
    with _reading(source):
        return engine.raw.sql(query).to_arrow_table()


@contextmanager
def _reading(source: Source) -> Iterator[None]:
    """Turn what DuckDB says of a file into ours.

    Raises
    ------
    DataError
        ``file_damaged``: DuckDB cannot read it.
    """
    try:
        yield
    except (duckdb.InvalidInputException, duckdb.IOException) as error:
        reason = str(error).splitlines()[0]
        hint = "copy or export it again" + ("; line ends must be the same throughout" if source.kind == "csv" else "")
        raise DataError("file_damaged", f"{source.path} cannot be read: {reason}", hint, table=source.table) from error


def judged_rows(source: Source, made: Shape, checks: Sequence[Check], more: str = "", relation: str = "") -> str:
    """Return the SQL of every row as canonical columns and ``fault``, the number of the first check it fails (0 for none)."""
    places = _places(source, made)
    inner = ", ".join(f"{value} AS {places[target]}" for target, value in made.columns.items())
    faults = [f"WHEN {_fails(check, places)} THEN {number}" for number, check in enumerate(checks, 1)]
    fault = f"CASE {' '.join(faults)} ELSE 0 END" if faults else "0"
    outer = ", ".join(f"{place} AS {sql.name(target)}" for target, place in places.items())
    return f"SELECT {outer}, {fault} AS fault{more} FROM (SELECT *, {inner} FROM {relation or source.relation}) AS cells"


def _fails(check: Check, places: dict[str, str]) -> str:
    """Return when a row fails a check. CASE, unlike AND, leaves what is costly to the rows that need it."""
    if not check.target:
        return check.raw
    place = places[check.target]
    missing = is_blank(place) if check.blank else f"{place} IS NULL"
    return f"CASE WHEN {missing} THEN {check.raw or 'true'} ELSE false END"


def _passes(check: Check, places: dict[str, str]) -> str:
    """Return when a row passes a check, as a filter that costs a comparison where it can."""
    if check.raw or not check.target:
        return f"NOT ({_fails(check, places)})"
    place = places[check.target]
    return f"({place} >= '!' OR regexp_matches({place}, '\\S'))" if check.blank else f"{place} IS NOT NULL"


def row_number(source: Source) -> str:
    """Return what the column is called that :func:`with_row_numbers` adds to a file."""
    return source.free(_ROW_NUMBER)


def with_row_numbers(source: Source) -> str:
    """Return the FROM clause of a Parquet file with one more column: the number of each row, from 0."""
    if row_number(source) == _ROW_NUMBER:
        return source.relation.removesuffix(")") + f", {_ROW_NUMBER} = true)"
    # DuckDB has no other name for it than the file has for something else; counting takes longer.
    return f"(SELECT *, row_number() OVER () - 1 AS {sql.name(row_number(source))} FROM {source.relation}) AS numbered"


def _whole_row_checks(source: Source) -> tuple[Check, ...]:
    """Reading every column also makes DuckDB look for bytes that are not UTF-8 in all of them."""
    if source.is_clean:
        return ()
    cells = ", ".join(sql.name(reference) for reference in source.references)
    return (Check("", "holds a NUL character", f"contains(concat_ws('', {cells}), chr(0))"),)


def _count(engine: DuckDBEngine, name: str) -> int:
    return int(engine.raw.execute(f"SELECT count(*) FROM {sql.name(name)}").fetchall()[0][0])


def _mark_duplicates(engine: DuckDBEngine, name: str, unique: str, number: int) -> None:
    table, column = sql.name(name), sql.name(unique)
    total, distinct = engine.raw.execute(f"SELECT count(*), count(DISTINCT {column}) FROM {table} WHERE fault = 0").fetchall()[0]
    if total == distinct:
        return
    later = f"SELECT rowid, row_number() OVER (PARTITION BY {column} ORDER BY rowid) AS place FROM {table} WHERE fault = 0"
    engine.raw.execute(f"UPDATE {table} SET fault = {number} WHERE rowid IN (SELECT rowid FROM ({later}) WHERE place > 1)")


def _bad_rows(engine: DuckDBEngine, source: Source, name: str, checks: Sequence[Check], rough: pa.Table) -> pa.Table:
    query = f"SELECT rowid AS position, fault FROM {sql.name(name)} WHERE fault <> 0 ORDER BY position"
    return _explained(engine, source, _fetch(engine, source, query), checks, rough)


def _explained(engine: DuckDBEngine, source: Source, bad: pa.Table, checks: Sequence[Check], rough: pa.Table) -> pa.Table:
    """Return bad rows (position, fault) with their reasons and texts, which a second look at the file gives."""
    if not bad.num_rows:
        return SCHEMA.empty_table()
    places = range(len(source.names))
    cells = ", ".join(f"coalesce({source.text(place)}, CAST({source.reference(place)} AS VARCHAR), '')" for place in places)
    numbered = f"SELECT row_number() OVER () - 1 AS position, [{cells}] AS cells FROM {source.again}"
    engine.raw.register("vaglio_bad_rows", bad)
    try:
        query = f"SELECT {_as_line(source)} AS text FROM ({numbered}) AS rows SEMI JOIN vaglio_bad_rows USING (position) ORDER BY position"
        texts = _fetch(engine, source, query)
    finally:
        engine.raw.unregister("vaglio_bad_rows")
    faults = [checks[number - 1] for number in bad.column("fault").to_pylist()]
    lines = file_rows(source, bad.column("position").to_numpy(), rough).tolist()
    rows = [(line, check.column, check.reason, text)
            for line, check, text in zip(lines, faults, texts.column("text").to_pylist(), strict=True)]  # fmt: skip
    return rejected_rows(source, rows)


def _as_line(source: Source) -> str:
    """Return the SQL of ``cells`` as a line of CSV, with quotes where a cell would else look like several."""
    awkward = sql.literal(f'[{re.escape(source.delimiter)}"\r\n]')
    quoted = """'"' || replace(cell, '"', '""') || '"'"""
    written = f"list_transform(cells, lambda cell: CASE WHEN regexp_matches(cell, {awkward}) THEN {quoted} ELSE cell END)"
    return f"replace(array_to_string({written}, {sql.literal(source.delimiter)}), chr(0), '\\0')"
