"""Files as people have them, as a heading and rows of texts: CSV in any usual encoding and delimiter, and XLSX. Memory stays flat."""

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain, islice
from typing import IO, Any

from vaglio_server.imports.logic.encodings import as_text, encoding_of

MOST_COLUMNS = 500
LONGEST_CELL = 30_000  # characters; an event holds 32 KB
MOST_XLSX_ROWS = 100_000
MOST_INFLATED = 2 * 1024**3  # bytes of a spreadsheet, unpacked
_HEAD = 1 << 20
_DELIMITERS = ",;\t|"
_SEP = re.compile('\ufeff?"?sep=([,;\t|])"?\\s*[\r\n]', re.IGNORECASE)  # a line by which Excel is told
_TOP = 20  # rows: so many may stand above the heading, such as the title of a report
_OTHERS = {
    b"\xd0\xcf\x11\xe0": "an old spreadsheet (XLS); save it as XLSX or CSV",
    b"\x1f\x8b": "compressed (gzip); unpack it first",
    b"%PDF": "a PDF document; export the table as CSV",
    b"PAR1": "a Parquet file; export the table as CSV",
}


class BadFile(Exception):
    """Why a file cannot be read, as a sentence that says what to do."""


@dataclass(frozen=True)
class Format:
    """How a file is read. ``delimiter`` and ``encoding`` are empty for a spreadsheet."""

    kind: str
    encoding: str = ""
    delimiter: str = ""


@dataclass(frozen=True)
class Row:
    """A row of a file: its line (in a spreadsheet: its row, from 1), and its cells; ``fault``: why it cannot be taken."""

    line: int
    cells: list[str]
    fault: str = ""


def format_of(file: IO[bytes]) -> Format:
    """Return how a file is to be read.

    Raises
    ------
    BadFile
        It is no table.
    """
    head = file.read(_HEAD)
    file.seek(0)
    if not head.strip():
        raise BadFile("The file is empty.")
    if head.startswith(b"PK\x03\x04"):
        _check_archive(file)
        return Format("xlsx")
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            raise BadFile(f"The file is {what}.")
    encoding = encoding_of(head)
    text = head.decode(encoding.partition("+")[0], "replace")
    controls = sum(text.count(chr(code)) for code in (*range(9), 11, 12, *range(14, 32)))
    if controls * 50 > len(text):
        raise BadFile("The file is no text: it is full of control characters. Export the table as CSV.")
    return Format("csv", encoding, _delimiter(text))


def _delimiter(text: str) -> str:
    if told := _SEP.match(text):
        return told[1]
    bare = re.sub(r'"[^"]*"', "", text[: 1 << 16])  # what is quoted may hold any of them
    lines = [line for line in bare.splitlines() if line.strip()][:_TOP]
    first = next((line for line in lines if any(each in line for each in _DELIMITERS)), "")  # a title has none
    return max(_DELIMITERS, key=first.count)


def _check_archive(file: IO[bytes]) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            found = archive.infolist()
            if "xl/workbook.xml" not in {each.filename for each in found}:
                raise BadFile("The file is an archive (ZIP) and no spreadsheet. Unpack it first.")
            if sum(each.file_size for each in found) > MOST_INFLATED or len(found) > 10_000:
                raise BadFile("The spreadsheet is larger than it looks: unpacked it has more than 2 GB. Save the sheet as CSV.")
    except zipfile.BadZipFile as error:
        raise BadFile("The spreadsheet is damaged: it cannot be unpacked. Open and save it again.") from error
    finally:
        file.seek(0)


@dataclass(frozen=True)
class Sheet:
    """A heading, and the rows under it."""

    heading: list[str]
    rows: Iterator[Row]


def open_sheet(file: IO[bytes], form: Format) -> Sheet:
    """Return what a file holds; rows are read as they are asked for.

    Raises
    ------
    BadFile
        There is no heading, or (while rows are read) the file breaks off.
    """
    rows = _of_xlsx(file) if form.kind == "xlsx" else _of_csv(file, form)
    first, rows = _headed(rows)
    if first is None:
        raise BadFile("The file has no rows.")
    heading = [cell.strip() for cell in first.cells]
    while heading and not heading[-1]:
        heading.pop()
    if len(heading) > MOST_COLUMNS:
        raise BadFile(f"The file has {len(heading):,} columns; {MOST_COLUMNS} are taken at most. Leave out those that nobody needs.")
    return Sheet(heading, (_fitted(row, len(heading)) for row in rows))


def _headed(rows: Iterator[Row]) -> tuple[Row | None, Iterator[Row]]:
    """Return the row that names the columns, and those below it: reports have a title, by whom and of when, one to a line, above it."""
    below, top = _without_sep(rows), list[Row]()
    for row in below:
        top.append(row)
        if not _is_title(row) or len(top) > _TOP:
            break
    if len(top) > 1 and _names_columns(top[-1]):
        del top[:-1]
    return (top[0] if top else None), chain(top[1:], below)


def _without_sep(rows: Iterator[Row]) -> Iterator[Row]:
    """Leave out a first line by which Excel is told the delimiter."""
    first = next(rows, None)
    if first is not None and not first.cells[0].casefold().startswith("sep="):
        yield first
    yield from rows


def _is_title(row: Row) -> bool:
    return sum(1 for cell in row.cells if cell.strip()) == 1


def _names_columns(row: Row) -> bool:
    """Whether a row below titles is a heading: some names, and nothing that only rows have."""
    names = [cell for cell in row.cells if cell.strip()]
    return len(names) >= 3 and not any("@" in name or name.strip()[:1].isdigit() for name in names)


def _fitted(row: Row, width: int) -> Row:
    """Return a row as wide as the heading: empty cells at the end come and go, others are a fault."""
    cells = row.cells
    while len(cells) > width and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) > width:
        return Row(
            row.line, cells, f"it has {len(cells)} cells where the heading has {width}; is a quote missing, or a delimiter inside a cell?"
        )
    if any(len(cell) > LONGEST_CELL for cell in cells):
        return Row(row.line, [cell[:100] for cell in cells], f"a cell has more than {LONGEST_CELL:,} characters; is a quote missing?")
    return Row(row.line, cells + [""] * (width - len(cells)), row.fault)


def _of_csv(file: IO[bytes], form: Format) -> Iterator[Row]:
    csv.field_size_limit(1 << 24)
    text = as_text(file, form.encoding)
    held: list[str] = []  # the lines of a row
    reader = csv.reader(_keeping(text, held), delimiter=form.delimiter)
    last: list[str] = []
    try:
        for cells in reader:
            last = held.copy()
            held.clear()
            if any(cell.strip() for cell in cells):
                yield Row(reader.line_num, [cell.replace("\x00", "") for cell in cells])
        _check_end(last, form.delimiter, reader.line_num)
    except UnicodeDecodeError as error:
        raise BadFile(f"After line {reader.line_num} the file is not {form.encoding} any more. Save it again as UTF-8.") from error
    except csv.Error as error:
        raise BadFile(f"Line {reader.line_num + 1} cannot be read: {error}. Is a quote missing?") from error
    finally:
        with suppress(ValueError):  # closed already, where nobody reads to the end and all of it is forgotten together
            text.detach()


def _keeping(lines: Iterable[str], held: list[str]) -> Iterator[str]:
    for line in lines:
        held.append(line)
        yield line


def _check_end(last: list[str], delimiter: str, end: int) -> None:
    """Refuse a file whose last row ends inside of quotes: who knows how many rows that row has swallowed."""
    try:
        list(csv.reader(last, delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise BadFile(f"A quote opens in line {end - len(last) + 1} and is never closed. Close it, or take it out.") from error


def _of_xlsx(file: IO[bytes]) -> Iterator[Row]:
    from openpyxl import load_workbook  # type: ignore[import-untyped]

    try:
        book = load_workbook(file, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for number, cells in enumerate(islice(sheet.iter_rows(values_only=True), MOST_XLSX_ROWS + 2), 1):
            if number > MOST_XLSX_ROWS + 1:
                raise BadFile(f"The sheet has more than {MOST_XLSX_ROWS:,} rows. Save it as CSV, which may have any number.")
            texts = [_text(cell) for cell in cells]
            if any(text.strip() for text in texts):
                yield Row(number, texts)
    except BadFile:
        raise
    except Exception as error:  # openpyxl fails in many ways on what is damaged
        raise BadFile("The spreadsheet is damaged: its first sheet cannot be read to the end. Open and save it again.") from error


def _text(cell: Any) -> str:
    """Return what a cell shows."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)
