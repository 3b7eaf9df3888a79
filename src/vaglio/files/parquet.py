"""Parquet files: typed columns, read where they lie."""

from pathlib import Path
from typing import Any

import duckdb

from vaglio.engines.duckdb import within_memory
from vaglio.errors import DataError
from vaglio.files import sql
from vaglio.files.source import Source

_MAGIC = b"PAR1"


def open_parquet(raw: Any, table: str, path: Path) -> Source:
    """Return a Parquet file as a source.

    Raises
    ------
    DataError
        ``file_not_parquet``, ``file_damaged``.
    """
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(max(0, path.stat().st_size - 4))
        end = file.read(4)
    if start != _MAGIC:
        raise DataError("file_not_parquet", f"{path} is not a Parquet file, though its name says so",
                        "name a CSV file .csv, or write it again as Parquet", table=table)  # fmt: skip
    if end != _MAGIC:
        raise _damaged(table, path)
    relation = sql.file(path)
    try:
        with within_memory():
            columns = raw.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    except duckdb.Error as error:
        raise _damaged(table, path) from error
    names = tuple(column[0] for column in columns)
    return Source(table, path, "parquet", names, names, tuple(column[1] for column in columns), relation, relation)


def _damaged(table: str, path: Path) -> DataError:
    return DataError("file_damaged", f"{path} is a damaged Parquet file: its end is missing or unreadable",
                     "copy or export it again; a download may have stopped early", table=table)  # fmt: skip
