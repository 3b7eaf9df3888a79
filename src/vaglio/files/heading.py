"""Column names that do not stand in the first row, as below a title: said where columns are missing, for then it is likely."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace

from vaglio.errors import DataError
from vaglio.files.columns import ColumnMap, Found
from vaglio.files.csv import DELIMITERS
from vaglio.files.source import Source
from vaglio.files.want import Want

_LOOKED_AT = 1 << 16  # bytes
_LOWEST = 20  # row that is looked at


def resolve(columns: ColumnMap, source: Source, wants: Sequence[Want]) -> list[Found]:
    """Return where each wanted column is.

    Raises
    ------
    DataError
        As :meth:`vaglio.files.columns.ColumnMap.resolve`; where a lower row seems to hold the column names, that is said.
    """
    try:
        return columns.resolve(source, wants)
    except DataError as error:
        row = _lower(columns, source, wants) if error.code == "column_missing" and source.kind == "csv" else None
        if row is None:
            raise
        hint = f"its column names seem to be in row {row}, not in the first: delete the rows above them"
        raise DataError(error.code, error.message, hint, table=source.table, column=error.column, row=row) from error


def _lower(columns: ColumnMap, source: Source, wants: Sequence[Want]) -> int | None:
    """Return the row that has all wanted columns, else the first with several cells where the first row has one."""
    rows = list(_rows(source))
    for number, cells in rows:
        try:
            columns.resolve(replace(source, names=cells), wants)
        except DataError:
            continue
        return number
    if _filled(source.names) > 1:
        return None
    return next((number for number, cells in rows if _filled(cells) > 1 and all(cells[: _filled(cells)])), None)


def _rows(source: Source) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the rows below the first, each cut by the delimiter that it has most of."""
    with (source.copy or source.path).open("rb") as file:
        text = file.read(_LOOKED_AT).decode("utf-8-sig", errors="replace")
    lines = list(enumerate(io.StringIO(text, newline=None), 1))[source.first_row - 1 : _LOWEST]
    for number, line in lines:
        delimiter = max(DELIMITERS, key=line.count)
        yield number, tuple(cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), []))


def _filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell)
