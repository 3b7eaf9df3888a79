"""Write a table as CSV or Parquet: aside, then renamed, so that no half a file is ever seen."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa

from vaglio.aside import aside
from vaglio.connections import connect
from vaglio.engines.duckdb import DuckDBEngine, failed, within_memory
from vaglio.errors import DataError
from vaglio.files import sql
from vaglio.files.open import CSV_ENDINGS, PARQUET_ENDINGS, unknown_ending
from vaglio.text import FORMULAS, no_formula

_DANGEROUS = " || ".join(f"chr({ord(sign)})" for sign in FORMULAS)


def write_table(engine: DuckDBEngine, table: ibis.Table, path: Path) -> None:
    """Write a result under its final name once it is complete.

    CSV is UTF-8 with a header, a comma between cells, empty for no value, instants as ``2026-01-31T09:30:00Z``, and a leading
    ``'`` before texts that a spreadsheet would take for a formula; numbers are never changed. Parquet keeps everything as it is.

    Raises
    ------
    DataError
        ``file_ending_unknown``, ``file_not_written``.
    EngineError
        The engine failed while computing the rows.
    """
    _write(engine.raw, lambda: engine.typed_sql(table), Path(path))


def write_arrow(rows: pa.Table, path: Path) -> None:
    """Write rows in memory by the same rules."""
    raw = connect()
    try:
        raw.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")
        raw.register("rows_to_write", rows)
        _write(raw, lambda: "SELECT * FROM rows_to_write", path)
    finally:
        raw.close()


def _write(raw: Any, query: Callable[[], str], path: Path) -> None:
    ending = path.suffix.lower()
    if ending not in CSV_ENDINGS + PARQUET_ENDINGS:
        raise unknown_ending(path)
    _need_folder(path)
    selected = query()
    if ending in CSV_ENDINGS:
        copied(raw, _safe(raw, selected), f"FORMAT csv, HEADER true, DELIMITER {_delimiter(ending)}", path)
    else:
        copied(raw, selected, "FORMAT parquet, COMPRESSION snappy", path)


def _need_folder(path: Path) -> None:
    if path.is_dir() or not path.absolute().parent.is_dir():
        reason = "is a folder" if path.is_dir() else "cannot be written: its folder does not exist"
        raise DataError("file_not_written", f"{path} {reason}", "name a file in a folder that exists")


def copied(raw: Any, query: str, options: str, path: Path) -> None:
    """Write what a query gives, under its final name once it is complete; ``options`` are those of DuckDB's COPY.

    Raises
    ------
    DataError
        ``file_not_written``.
    EngineError
        The engine failed while computing the rows.
    """
    _need_folder(path)
    try:
        with aside(path) as hidden, within_memory(), _not_hidden(hidden, path):
            raw.execute(f"COPY ({query}) TO {sql.literal(str(hidden.absolute()))} ({options}, USE_TMP_FILE false)")
    except OSError as error:
        raise DataError("file_not_written", f"{path} cannot be written: {error.strerror or error}",
                        "check the folder's permissions and the free space") from error  # fmt: skip
    except duckdb.Error as error:
        raise failed(error) from error


@contextmanager
def _not_hidden(hidden: Path, path: Path) -> Iterator[None]:
    """Let what DuckDB says of a file it cannot write be said of the one that was asked for."""
    try:
        yield
    except duckdb.IOException as error:
        raise OSError(str(error).splitlines()[0].replace(str(hidden.absolute()), str(path))) from error


def _delimiter(ending: str) -> str:
    return "chr(9)" if ending == ".tsv" else "','"


def _safe(raw: Any, query: str) -> str:
    columns = [(column[0], str(column[1])) for column in raw.execute(f"DESCRIBE {query}").fetchall()]
    cells = ", ".join(f"{_safe_cell(sql.name(name), type_)} AS {sql.name(no_formula(name))}" for name, type_ in columns)
    return f"SELECT {cells} FROM ({query}) AS result"


def _safe_cell(cell: str, type_: str) -> str:
    if type_.startswith("TIMESTAMP"):
        micros = f"CAST({cell} AS TIMESTAMP)"
        whole = f"strftime({micros}, '%Y-%m-%dT%H:%M:%SZ')"
        return f"CASE WHEN epoch_us({micros}) % 1000000 = 0 THEN {whole} ELSE strftime({micros}, '%Y-%m-%dT%H:%M:%S.%fZ') END"
    if type_.endswith("[]"):
        cell, type_ = f"array_to_string({cell}, ', ')", "VARCHAR"
    if type_ == "VARCHAR":
        # No IN: of so many values DuckDB makes a join, and rows are written in no order.
        return f"CASE WHEN {cell} <> '' AND contains({_DANGEROUS}, left({cell}, 1)) THEN '''' || {cell} ELSE {cell} END"
    return cell
