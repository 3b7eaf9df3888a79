"""Sheets that people fill in: rows out as CSV or as an Excel workbook, and what they wrote read back."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from vaglio.aside import aside
from vaglio.errors import DataError
from vaglio.files.open import CSV_ENDINGS
from vaglio.files.write import write_arrow
from vaglio.text import in_workbook, without_apostrophe

WORKBOOKS = (".xlsx",)
WIDEST = 60  # signs, of a column of a workbook
Cells = dict[str, str]


def write_sheet(path: Path, heading: Sequence[str], rows: Sequence[Sequence[str]], wide: Sequence[str] = ()) -> None:
    """Write rows of texts, CSV or XLSX by the ending, under the final name once all is written; formulas are neutralised.

    Raises
    ------
    DataError
        ``file_ending_unknown``, ``file_not_written``, ``library_missing``.
    """
    if path.suffix.lower() in CSV_ENDINGS:
        columns = [pa.array([row[place] for row in rows], pa.string()) for place in range(len(heading))]
        write_arrow(pa.table(columns, list(heading)), path)
        return
    if path.suffix.lower() not in WORKBOOKS:
        raise DataError("file_ending_unknown", f"{path} ends in neither .csv nor .xlsx", "name it .csv or .xlsx")
    try:
        with aside(path) as hidden:
            _book(heading, rows, wide).save(hidden)
    except OSError as error:
        raise DataError("file_not_written", f"{path} cannot be written: {error.strerror or error}", "check the folder") from error


def _book(heading: Sequence[str], rows: Sequence[Sequence[str]], wide: Sequence[str]) -> Any:
    openpyxl = _openpyxl()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([in_workbook(name) for name in heading])
    for row in rows:
        sheet.append([in_workbook(text) for text in row])
    sheet.freeze_panes = "B2"
    for place, name in enumerate(heading):
        longest = max((len(text) for text in (name, *(row[place] for row in rows))), default=0)
        letter = openpyxl.utils.get_column_letter(place + 1)
        sheet.column_dimensions[letter].width = min(WIDEST, longest + 2)
        for cell in sheet[letter]:
            cell.alignment = openpyxl.styles.Alignment(wrap_text=name in wide, vertical="top")
            if cell.row == 1:
                cell.font = openpyxl.styles.Font(bold=True)
    return book


def _openpyxl() -> Any:
    try:
        import openpyxl  # type: ignore[import-untyped]
        import openpyxl.styles  # type: ignore[import-untyped]
        import openpyxl.utils  # type: ignore[import-untyped]
    except ImportError:
        raise DataError(
            "library_missing", "an Excel workbook needs openpyxl", "install it with: pip install openpyxl, or use .csv"
        ) from None
    return openpyxl


def read_sheet(path: Path) -> list[tuple[int, Cells]]:
    """Return the rows of a sheet by the names of its columns (lower case), with their numbers as a spreadsheet shows them.

    Raises
    ------
    DataError
        The file is missing, or no sheet.
    """
    if not path.is_file():
        raise DataError("file_missing", f"{path} does not exist", "give the path of a marked sheet")
    rows = _of_book(path) if path.suffix.lower() in WORKBOOKS else _of_text(path)
    if not rows:
        raise DataError("file_empty", f"{path} is empty", "it needs at least a row of column names")
    heading = [name.strip().lower() for name in rows[0]]
    return [
        (number, {name: without_apostrophe(cell.strip()) for name, cell in zip(heading, cells, strict=False)})
        for number, cells in enumerate(rows[1:], 2) if any(cell.strip() for cell in cells)
    ]  # fmt: skip


def _of_book(path: Path) -> list[list[str]]:
    openpyxl = _openpyxl()
    try:
        sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
        return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    except Exception as error:  # whatever a broken archive makes the library raise
        raise DataError(
            "file_unreadable", f"{path} is no Excel workbook: {type(error).__name__}", "save it as XLSX or CSV again"
        ) from error


def _of_text(path: Path) -> list[list[str]]:
    if path.suffix.lower() not in CSV_ENDINGS:
        raise DataError("file_ending_unknown", f"{path} ends in neither .csv nor .xlsx", "save it as CSV or XLSX")
    raw = path.read_bytes()
    if b"\0" in raw:
        raise DataError("file_unreadable", f"{path} is no sheet of text: it holds control characters", "save it as CSV or XLSX again")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")  # what a spreadsheet in Western Europe saves, unless it is told otherwise
    first = text.split("\n", 1)[0]
    delimiter = max((",", ";", "\t"), key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False))
    except csv.Error as error:
        raise DataError("file_unreadable", f"{path} is no sheet of text: {error}", "save it as CSV or XLSX again") from error
