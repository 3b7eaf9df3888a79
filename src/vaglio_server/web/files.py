"""Rows as files to take away. What a spreadsheet would take for a formula starts with an apostrophe, as imports read it back."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone

from vaglio.text import in_workbook, no_formula

Cell = str | int | float | bool | date | datetime | None
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIRST_DAY = date(1900, 3, 1)  # of which all spreadsheets have the same idea; what lies before is a text there
NARROWEST, WIDEST = 20, 40  # signs: an instant is shown as #### where it does not fit
IN_MEMORY = 5_000_000  # bytes; what is longer goes to disk meanwhile


class _Echo:
    def write(self, text: str) -> str:
        return text


def csv_file(
    name: str, heading: Sequence[str], rows: Iterable[Sequence[Cell]], *, delimiter: str = ",", encoding: str = ""
) -> StreamingHttpResponse:
    """Return rows as a CSV file, made while it is sent: UTF-8 with its mark, which Excel needs, or in an encoding of one byte a sign."""
    one_byte = encoding if encoding.startswith("cp") else ""
    lines = _lines(heading, rows, delimiter)
    # What such an encoding has no sign for can only be in our reasons: the rest was read from it.
    told: Iterable[str | bytes] = (line.encode(one_byte, "replace") for line in lines) if one_byte else chain(["\ufeff"], lines)
    answer = StreamingHttpResponse(told, content_type=f"text/csv; charset={one_byte or 'utf-8'}")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _lines(heading: Sequence[str], rows: Iterable[Sequence[Cell]], delimiter: str) -> Iterator[str]:
    writer = csv.writer(_Echo(), delimiter=delimiter)
    yield writer.writerow([_safe(title) for title in heading])
    for row in rows:
        yield writer.writerow([_safe(cell.isoformat() if isinstance(cell, date) else cell) for cell in row])


def xlsx_file(name: str, heading: Sequence[str], rows: Iterable[Sequence[Cell]]) -> FileResponse:
    """Return rows as an Excel workbook, days and instants as cells that are dates there.

    Instants are those of whoever asks, without their zone, which a heading names.
    """
    from openpyxl import Workbook  # type: ignore[import-untyped] # it brings numpy, for which no start of a process is to wait
    from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"  # the heading stays while one scrolls
    for place, title in enumerate(heading, 1):
        sheet.column_dimensions[get_column_letter(place)].width = min(WIDEST, max(NARROWEST, len(title) + 2))
    sheet.append([_titled(sheet, in_workbook(title)) for title in heading])
    for row in rows:
        sheet.append([_in_book(cell) for cell in row])
    held: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the answer closes it
    book.save(held)
    held.seek(0)
    return FileResponse(held, as_attachment=True, filename=f"{name}.xlsx", content_type=SPREADSHEET)


def _titled(sheet: Any, title: str) -> Any:
    from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
    from openpyxl.styles import Font  # type: ignore[import-untyped]

    cell = WriteOnlyCell(sheet, title)
    cell.font = Font(bold=True)
    return cell


def _in_book(cell: Cell) -> Any:
    if isinstance(cell, datetime):
        return timezone.make_naive(cell)
    if isinstance(cell, date):
        return cell if cell >= FIRST_DAY else cell.isoformat()
    return in_workbook(cell) if isinstance(cell, str) else cell


def _safe(cell: Any) -> Any:
    return no_formula(cell) if isinstance(cell, str) else cell
