"""Open a file by what its name says it is, and refuse what is no table."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from vaglio.errors import DataError
from vaglio.files import sql
from vaglio.files.csv import open_csv
from vaglio.files.parquet import open_parquet
from vaglio.files.source import Source

CSV_ENDINGS = (".csv", ".tsv", ".txt")
PARQUET_ENDINGS = (".parquet", ".pq")


def open_source(raw: Any, table: str, path: Path, rejects: str, folder: Callable[[], Path]) -> Source:
    """Return a file as a source; ``raw`` is a DuckDB connection.

    Raises
    ------
    DataError
        The file is missing, a folder, empty, not readable, or not what its name says.
    """
    ending = path.suffix.lower()
    try:
        _refuse_no_file(table, path)
        if ending in PARQUET_ENDINGS:
            return open_parquet(raw, table, path)
        if ending in CSV_ENDINGS:
            return open_csv(table, path, rejects, folder)
    except OSError as error:
        raise DataError("file_unreadable", f"{path} cannot be read: {error.strerror or error}",
                        "check its name and its permissions", table=table) from error  # fmt: skip
    raise unknown_ending(path, table)


def _refuse_no_file(table: str, path: Path) -> None:
    if not path.exists():
        raise DataError("file_missing", f"{path} does not exist", f"give the path of the {table} file", table=table)
    if path.is_dir():
        raise DataError("file_is_folder", f"{path} is a folder", f"give the path of one {table} file", table=table)
    if path.is_file() and path.stat().st_size == 0:
        raise DataError("file_empty", f"{path} is empty", "it needs at least a row of column names", table=table)
    with path.open("rb"):
        pass
    if not sql.is_readable_name(path):
        raise DataError("file_unreadable", f"{path} cannot be read: its path holds a backslash beside * or ? or [",
                        "give it a plainer name", table=table)  # fmt: skip


def unknown_ending(path: Path, table: str = "") -> DataError:
    """Return the error for a name that says neither CSV nor Parquet."""
    return DataError("file_ending_unknown", f"{path} ends in neither .csv nor .parquet", "name it .csv or .parquet", table=table)
