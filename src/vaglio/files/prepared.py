"""Activities prepared for being read often: in the order of leads, with a number beside each for what its columns say.

What the numbers mean lies in the file's own metadata. Other tools may keep that and change the rows, so it is believed only of a file that
DuckDB wrote, which copies no metadata it was not given: any other file is read as if it had no numbers.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from vaglio.engines.duckdb import DuckDBEngine
from vaglio.errors import DataError, InternalError
from vaglio.files import sql
from vaglio.files.columns import ColumnMap, Found
from vaglio.files.needs import Needs
from vaglio.files.open import PARQUET_ENDINGS, open_source
from vaglio.files.source import Source
from vaglio.files.take import Shape
from vaglio.files.want import wants
from vaglio.files.write import copied

COLUMN = "vaglio_signature"
META = "vaglio_signatures"
MOST_VALUES = 5_000  # of one column
MOST_SIGNATURES = 20_000  # they are judged one by one in each run, some microseconds each
_WRITTEN_AS_READ = (  # a value of these types is the same when it was a text meanwhile
    "VARCHAR", "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "DECIMAL", "FLOAT",
    "DOUBLE", "DATE", "TIMESTAMP",
)  # fmt: skip


@dataclass(frozen=True)
class Prepared:
    """What was written: activities, distinct ``signatures`` of them, the columns these are made of, and those left out of them with
    about how many values each has, which is None where its type is never numbered.
    """

    activities: int
    signatures: int
    columns: tuple[str, ...]
    left_out: dict[str, int | None]


def prepare(engine: DuckDBEngine, path: Path, out: Path, columns: ColumnMap) -> Prepared:
    """Write a Parquet file of activities again: every row and column of it, by lead and time, with the number of its signature.

    Raises
    ------
    DataError
        ``prepare_needs_parquet``, ``prepare_types_many``, ``file_not_written``; what is no file of activities, as
        :func:`vaglio.files.read_facts`.
    EngineError
        The engine failed, or ran out of memory or disk.
    """
    for each in (path, out):
        if each.suffix.lower() not in PARQUET_ENDINGS:
            raise DataError("prepare_needs_parquet", f"{each} does not end in .parquet", "only Parquet files keep what is prepared")
    source = open_source(engine.raw, "activities", path, "", Path)
    places = {place.want.target: place.position for place in columns.resolve(source, wants("activities", Needs()))}
    with engine.failing():
        before = _rows(engine.raw, source.relation)  # of a file that may be gone when it is written
        chosen, left_out = _chosen(engine.raw, source, places)
        _write(engine, source, places, chosen, out)
        after, signatures = _rows(engine.raw, sql.file(out)), _rows(engine.raw, "prepared_signatures")
    if before != after:
        raise InternalError(f"{before} activities became {after} in {out}; keep {path}")
    return Prepared(after, signatures, tuple(source.names[each] for each in chosen), left_out)


def _chosen(raw: Any, source: Source, places: dict[str, int]) -> tuple[list[int], dict[str, int | None]]:
    """Make the table of signatures; return the columns that they are made of, the type first, and about how many values the rest have."""
    others = [n for n, name in enumerate(source.names) if n not in places.values() and not _is_number(name)]
    free = [n for n in others if source.types[n].startswith(_WRITTEN_AS_READ) and not source.types[n].endswith("]")]
    never: dict[str, int | None] = {source.names[n]: None for n in others if n not in free}
    counted = ", ".join(f"approx_count_distinct({source.reference(n)})" for n in free)
    values = raw.execute(f"SELECT {counted} FROM {source.relation}").fetchall()[0] if free else ()
    about = dict(sorted(zip(free, values, strict=True), key=lambda each: each[1]))
    few = [n for n, number in about.items() if number <= MOST_VALUES]
    while True:
        chosen = [places["activity_type"], *few]
        listed = ", ".join(source.reference(n) for n in chosen)
        every = f"SELECT DISTINCT {listed} FROM {source.relation} ORDER BY ALL"
        numbered_from_0 = f"CAST(row_number() OVER () - 1 AS INTEGER) AS {COLUMN}"
        raw.execute(f"CREATE OR REPLACE TEMP TABLE prepared_signatures AS SELECT {numbered_from_0}, * FROM ({every})")
        signatures = _rows(raw, "prepared_signatures")
        if signatures <= MOST_SIGNATURES:
            return chosen, {source.names[n]: number for n, number in about.items() if n not in few} | never
        if not few:
            raise DataError(
                "prepare_types_many", f"{source.path} has activities of {signatures:,} types; at most {MOST_SIGNATURES:,} can be numbered",
                "say which column holds the type: --columns activity_type=…", table="activities", column="activity_type",
            )  # fmt: skip
        few.pop()  # the one with the most values


def _rows(raw: Any, relation: str) -> int:
    return int(raw.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0])


def _write(engine: DuckDBEngine, source: Source, places: dict[str, int], chosen: list[int], out: Path) -> None:
    names = [source.reference(n) for n in chosen]
    texts = ", ".join(f"CAST({name} AS VARCHAR)" for name in names)
    rows = engine.raw.execute(f"SELECT {texts} FROM prepared_signatures ORDER BY {COLUMN}").fetchall()
    said = json.dumps({"columns": [source.names[n] for n in chosen], "rows": rows}, separators=(",", ":"))
    same = " AND ".join(f"a.{name} IS NOT DISTINCT FROM s.{name}" for name in names)
    every = ", ".join(f"a.{source.reference(n)}" for n, name in enumerate(source.names) if not _is_number(name))
    order = ", ".join(f"a.{source.reference(places[target])}" for target in ("lead_id", "occurred_us"))
    query = (f"SELECT {every}, s.{COLUMN} FROM {source.relation} AS a "
             f"JOIN prepared_signatures AS s ON {same} ORDER BY {order}")  # fmt: skip
    copied(engine.raw, query, f"FORMAT parquet, COMPRESSION snappy, KV_METADATA {{{META}: {sql.literal(said)}}}", out)


def _is_number(name: str) -> bool:
    return name.lower() == COLUMN  # DuckDB's names are alike in small and capital letters


def numbered(engine: DuckDBEngine, source: Source, found: Sequence[Found], made: Shape, name: str) -> Shape | None:
    """Make a view of what the numbers in a file mean, and return the shape of its activities with these; None where it has none, or where
    something is read that they do not tell.
    """
    said = _said(engine.raw, source)
    told = {place.want.target: place.position for place in found if place.want.target.startswith("p_")}
    told["activity_type"] = next(place.position for place in found if place.want.target == "activity_type")
    if said is None or not {source.names[position] for position in told.values()} <= set(said["columns"]):
        return None
    texts = [pa.array(column, pa.string()) for column in zip(*said["rows"], strict=True)]
    rows = pa.table([pa.array(range(len(said["rows"])), pa.int32()), *texts], names=[COLUMN, *said["columns"]])
    engine.load(f"{name}_told", rows)
    types = dict(zip(source.names, source.types, strict=True))
    cast = ", ".join(f"CAST({sql.name(each)} AS {types[each]}) AS {sql.name(each)}" for each in said["columns"])
    columns = ", ".join(f"{made.columns[target]} AS {sql.name(target)}" for target in told)
    engine.raw.execute(f"CREATE TEMP VIEW {sql.name(name)} AS SELECT {COLUMN} AS stored, {columns} "
                       f"FROM (SELECT {COLUMN}, {cast} FROM {sql.name(f'{name}_told')})")  # fmt: skip
    return Shape(made.columns | {"stored": COLUMN}, made.checks, made.unique, made.cheap)


def _said(raw: Any, source: Source) -> dict[str, Any] | None:
    if COLUMN not in source.names:
        return None
    path = sql.path(source.path)
    (writer,) = raw.execute(f"SELECT created_by FROM parquet_file_metadata({path})").fetchone()
    told = raw.execute(f"SELECT decode(value) FROM parquet_kv_metadata({path}) WHERE decode(key) = '{META}'").fetchone()
    if told is None or not str(writer).startswith("DuckDB"):
        return None
    said: dict[str, Any] = json.loads(told[0])
    return said if said["rows"] and set(said["columns"]) <= set(source.names) else None
