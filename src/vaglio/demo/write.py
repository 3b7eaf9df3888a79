"""Write a table in pieces, beside its final name, and rename it when complete."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

Format = Literal["csv", "parquet"]

# Row groups have a size of their own: cut like the pieces handed in, the bytes would depend on those.
ROW_GROUP_ROWS = 262_144
DICTIONARY_PAGE_BYTES = 4 * 1024 * 1024
SAID = ("lead_id", "activity_type")  # texts that no activity may lack


class TableFile:
    """One table on its way to disk; use as a context manager.

    Parameters
    ----------
    path : Path
        Final name. Nothing appears under it until the ``with`` block ends without an error.
    file_format : {'csv', 'parquet'}
        CSV is UTF-8 with a header, empty for no value, instants as ``2026-05-03T09:12:33.250Z``.
    unique : tuple of str
        Columns whose values hardly repeat, which Parquet should not try to keep as a dictionary.
    """

    def __init__(self, path: Path, file_format: Format, *, unique: tuple[str, ...] = ()) -> None:
        self._path = path
        self._aside = path.with_name(f".{path.name}.part")
        self._format = file_format
        self._unique = unique
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0
        self._writer: Any = None
        self.rows = 0

    def __enter__(self) -> TableFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is None and self._waiting_rows:
                self._write_rows(self._waiting_rows)
            if self._writer is not None:
                self._writer.close()
            if kind is None:
                os.replace(self._aside, self._path)
        finally:
            self._aside.unlink(missing_ok=True)

    def write(self, table: pa.Table) -> None:
        """Append rows; every table has the same columns, text plain or dictionary-encoded."""
        self.rows += table.num_rows
        if self._format == "csv":
            table = _as_csv(table)
        if self._writer is None:
            self._writer = self._open(table.schema)
        if self._format == "csv":
            self._writer.write_table(table)
            return
        self._waiting.append(table)
        self._waiting_rows += table.num_rows
        while self._waiting_rows >= ROW_GROUP_ROWS:
            self._write_rows(ROW_GROUP_ROWS)

    def _open(self, schema: pa.Schema) -> Any:
        if self._format == "csv":
            options = pacsv.WriteOptions(quoting_style="needed")
            return pacsv.CSVWriter(self._aside, schema, write_options=options)
        # The stored schema would carry the encoding of the first piece; readers want plain text.
        return pq.ParquetWriter(
            self._aside,
            schema,
            compression="snappy",
            use_dictionary=[name for name in schema.names if name not in self._unique],
            dictionary_pagesize_limit=DICTIONARY_PAGE_BYTES,
            # Smallest and largest texts would be half of the writing time; of some, readers learn that none is missing.
            write_statistics=[field.name for field in schema if field.name in SAID or not _is_text(field.type)],
            store_schema=False,
        )

    def _write_rows(self, count: int) -> None:
        waiting = pa.concat_tables(self._waiting)
        # In one chunk, because Arrow ends pages where chunks end.
        self._writer.write_table(waiting.slice(0, count).combine_chunks(), row_group_size=count)
        self._waiting_rows -= count
        self._waiting = [waiting.slice(count)] if self._waiting_rows else []


def _as_csv(table: pa.Table) -> pa.Table:
    return pa.table([_as_text(column) for column in table.columns], names=table.column_names)


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_dictionary(type_))


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        # Milliseconds: arrow writes as many decimals as the unit has.
        return pc.strftime(column.cast(pa.timestamp("ms", "UTC")), format="%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_dictionary(column.type):
        return column.cast(pa.string())
    return column
