"""Rows set aside: which, why, and the file that lists them."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from vaglio.aside import gone
from vaglio.engines.duckdb import DuckDBEngine
from vaglio.errors import DataError
from vaglio.files import sql
from vaglio.files.source import Source
from vaglio.files.write import write_arrow
from vaglio.paths import rejected_path

SCHEMA = pa.schema([
    ("file", pa.string()), ("row", pa.int64()), ("column", pa.string()), ("reason", pa.string()), ("text", pa.string()),
])  # fmt: skip
_MALFORMED = {
    "MISSING COLUMNS": "has too few cells",
    "TOO MANY COLUMNS": "has too many cells",
    "INVALID ENCODING": "is not UTF-8",
    "UNQUOTED VALUE": "has text after a closing quote",
    "LINE SIZE OVER MAXIMUM": "is too long",
}


def malformed(engine: DuckDBEngine, source: Source) -> pa.Table:
    """Return the rows that DuckDB could not cut into cells, in order.

    Raises
    ------
    DataError
        ``file_quote_open``: a quote is never closed, so that rows were swallowed.
    """
    if source.kind != "csv":
        return SCHEMA.empty_table()
    found = engine.raw.execute(
        "SELECT line, min_by(error_type, byte_position), min_by(csv_line, byte_position), min(line_byte_position), "
        f"min(byte_position) FILTER (error_type = 'UNQUOTED VALUE') FROM {sql.name(source.rejects)} GROUP BY line ORDER BY line"
    ).fetchall()
    if not found:
        return SCHEMA.empty_table()
    rows = []
    with (source.copy or source.path).open("rb") as file:
        for line, type_, said, start, cut in found:
            text = (said if start is None else _as_written(file, type_, said, start - 1, cut and cut - 1)).strip("\r\n")
            if (cut and not _ends(source, text)) or (type_ == "LINE SIZE OVER MAXIMUM" and text.count('"') % 2):
                raise DataError("file_quote_open", f"{source.path}: a quote opened in row {line} is not closed where its cell ends",
                                "close the quote, or double it inside a quoted cell", table=source.table, row=line)  # fmt: skip
            rows.append((line, "", _MALFORMED.get(type_, "cannot be read"), text))
    return rejected_rows(source, rows)


def _as_written(file: BinaryIO, type_: str, said: str, start: int, cut: int | None) -> str:
    """Return a row that begins at a byte as the file has it, where DuckDB's copy of it is none.

    DuckDB puts two question marks for a byte that is not UTF-8 and the one after it, and sometimes shows the row before the one that was
    ``cut`` short at some byte.
    """
    length = len(said.encode())
    is_other = cut is not None and start + length < cut
    if type_ != "INVALID ENCODING" and not is_other:
        return said
    file.seek(start)
    if cut is None or not is_other:
        return file.read(length).decode(errors="backslashreplace")
    before = re.split(rb"[\r\n]", file.read(cut - start))[-1]
    return (before + re.split(rb"[\r\n]", file.readline(), maxsplit=1)[0]).decode(errors="backslashreplace")


def _ends(source: Source, text: str) -> bool:
    """Return whether a row with text after a closing quote ends where its text does, for sure: else rows after it are in its cells."""
    delimiter = re.escape(source.delimiter)
    whole = rf'"(?:[^"]|"")*+" *+(?={delimiter}|\Z)'
    with_more = rf'"(?:[^"\r\n]|"")*+"[^{delimiter}\r\n]*+'
    cell = rf'(?:{whole}|{with_more}| *+(?!")[^{delimiter}\r\n]*+)'
    return re.fullmatch(rf"{cell}(?:{delimiter}{cell})*+", text) is not None


def rejected_rows(source: Source, rows: Sequence[tuple[int, str, str, str]]) -> pa.Table:
    """Return rows (row, column, reason, text) as rejected rows of a file."""
    lines, columns, reasons, texts = zip(*rows, strict=True) if rows else ((), (), (), ())
    return pa.table([[str(source.path)] * len(rows), lines, columns, reasons, texts], schema=SCHEMA)


def file_rows(source: Source, positions: Any, malformed_rows: pa.Table) -> Any:
    """Return the row numbers people see of the rows at some positions (from 0), counting the malformed rows between them."""
    lines = malformed_rows.column("row").to_numpy()
    before = lines - np.arange(len(lines))
    rows = np.asarray(positions, dtype=np.int64) + source.first_row
    return rows + np.searchsorted(before, rows, side="right")


def describe(row: dict[str, Any]) -> str:
    """Return one rejected row as a clause of a message."""
    column = f", column {row['column']!r}" if row["column"] else ""
    return f"{row['file']}, row {row['row']}{column}: {row['reason']}"


def refuse(source: Source, rejected: pa.Table) -> DataError:
    """Return the error of ``--strict`` for the first bad row."""
    first = rejected.sort_by("row").slice(0, 1).to_pylist()[0]
    text = f" ({first['text'][:120]})" if first["text"] else ""
    return DataError("row_bad", describe(first) + text, "correct the row, or leave out --strict to set bad rows aside",
                     table=source.table, column=first["column"], row=first["row"])  # fmt: skip


def all_bad(source: Source, rejected: pa.Table) -> DataError:
    """Return the error for a file without one good row, by its commonest reason."""
    rejected = rejected.sort_by("row")
    reasons = Counter(zip(rejected.column("column").to_pylist(), rejected.column("reason").to_pylist(), strict=True))
    (column, reason), count = reasons.most_common(1)[0]
    first = next(row for row in rejected.to_pylist() if (row["column"], row["reason"]) == (column, reason))
    where = f"column {column!r} {reason}" if column else reason
    return DataError("rows_all_bad", f"{source.path}: every row is bad; {count:,} of {rejected.num_rows:,}: {where}",
                     f"the first is row {first['row']}: {first['text'][:120]}",
                     table=source.table, column=column, row=first["row"])  # fmt: skip


def counts(rejected: pa.Table) -> dict[str, int]:
    """Return how many rows were set aside for each reason, commonest first, then by name."""
    pairs = zip(rejected.column("column").to_pylist(), rejected.column("reason").to_pylist(), strict=True)
    found = Counter(f"{column} {reason}".strip() for column, reason in pairs)
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def write_rejected(rejected: pa.Table, out: Path) -> Path | None:
    """Write rejected rows beside a result, as ``<out>.rejected.csv``; return its path, None when there is none to write.

    A file of that name left by an earlier run is removed then.
    """
    path = rejected_path(out)
    if not rejected.num_rows:
        gone(path)
        return None
    write_arrow(rejected, path)
    return path
