"""CSV files: delimiter, encoding and header found here; every cell read as text by DuckDB."""

import codecs
import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

from vaglio.errors import DataError
from vaglio.files import sql
from vaglio.files.source import Source

MAX_COLUMNS = 5_000
DELIMITERS = (",", ";", "\t", "|")
_HEAD_BYTES = 1 << 20
_MAX_LINE_BYTES = 16 << 20
_MARK = b"\xef\xbb\xbf"  # of UTF-8
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SAYS_DELIMITER = re.compile(rb'sep=([^\w"\r\n\x80-\xff])(?:\r\n|\n|\r)', re.IGNORECASE)
_OTHER_FORMATS = {
    b"PAR1": ("a Parquet file", "rename it to .parquet"),
    b"PK\x03\x04": ("a spreadsheet or an archive (ZIP)", "open it and save the sheet as CSV"),
    b"\xd0\xcf\x11\xe0": ("an old spreadsheet (XLS)", "open it and save the sheet as CSV"),
    b"\x1f\x8b": ("a compressed file (gzip)", "unpack it first"),
    b"%PDF": ("a PDF document", "export the table as CSV"),
}


def open_csv(table: str, path: Path, rejects: str, folder: Callable[[], Path]) -> Source:
    """Return a CSV file as a source; ``folder`` takes a UTF-8 copy of a UTF-16 file.

    Raises
    ------
    DataError
        ``file_not_csv``, ``file_binary``, ``file_too_wide``, ``file_encoding``, ``file_quote_open``, ``file_empty``.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    read_from = path
    if head.startswith(_UTF16):
        read_from = _as_utf8(table, path, folder() / f"{table}.csv")
        with read_from.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    _refuse_other_formats(table, path, head)
    marked, text = _marked(head)
    delimiter, names = _header(table, path, text, marked, whole=len(head) < _HEAD_BYTES)
    references = tuple(f"c{position}" for position in range(len(names)))
    columns = ", ".join(f"{sql.literal(reference)}: 'VARCHAR'" for reference in references)
    options = (
        f"{sql.path(read_from)}, auto_detect = false, header = true, delim = {sql.literal(delimiter)}, quote = '\"', "
        f"escape = '\"', columns = {{{columns}}}, max_line_size = {_MAX_LINE_BYTES}{_line_end(text)}{', skip = 1' if marked else ''}"
    )
    rejecting = f"store_rejects = true, rejects_table = {sql.literal(rejects)}, rejects_scan = {sql.literal(rejects + '_scans')}"
    types = ("VARCHAR",) * len(names)
    return Source(table, path, "csv", names, references, types, f"read_csv({options}, {rejecting})",
                  f"read_csv({options}, ignore_errors = true)", rejects, delimiter, _is_clean(read_from),
                  None if read_from == path else read_from, int(bool(marked)))  # fmt: skip


def _as_utf8(table: str, path: Path, copy: Path) -> Path:
    try:
        with path.open(encoding="utf-16", newline="") as file, copy.open("w", encoding="utf-8", newline="") as out:
            while piece := file.read(1 << 20):
                out.write(piece)
    except UnicodeError as error:
        raise DataError("file_encoding", f"{path} begins as UTF-16 but is not UTF-16 throughout",
                        "save it again as UTF-8", table=table) from error  # fmt: skip
    return copy


def _refuse_other_formats(table: str, path: Path, head: bytes) -> None:
    for magic, (what, hint) in _OTHER_FORMATS.items():
        if head.startswith(magic):
            raise DataError("file_not_csv", f"{path} is {what}, though its name says CSV", hint, table=table)
    start = head[:65_536]
    controls = sum(start.count(bytes([code])) for code in (*range(9), 11, 12, *range(14, 32)))
    if controls * 50 > len(start):
        raise DataError("file_binary", f"{path} is not text: it holds control characters throughout",
                        "export the table as CSV in UTF-8, or as Parquet", table=table)  # fmt: skip


def _marked(head: bytes) -> tuple[str, bytes]:
    """Return the delimiter that a first row such as ``sep=;`` says, as Excel's own, else nothing, and the text from the column names on."""
    text = head.removeprefix(_MARK)
    said = _SAYS_DELIMITER.match(text)
    return (said[1].decode(), text[said.end() :]) if said else ("", text)


def _header(table: str, path: Path, text: bytes, said: str, *, whole: bool) -> tuple[str, tuple[str, ...]]:
    line, complete = _first_record(text)
    counts = {delimiter: _count_outside_quotes(line, delimiter) for delimiter in ((said,) if said else DELIMITERS)}
    delimiter = max(counts, key=lambda each: counts[each])
    if counts[delimiter] >= MAX_COLUMNS:
        raise DataError("file_too_wide", f"{path} has more than {MAX_COLUMNS:,} columns",
                        "keep the columns the model reads; is this table on its side?", table=table, row=1)  # fmt: skip
    if not complete and not whole:
        raise DataError("file_not_csv", f"{path}: row 1 does not end within {_HEAD_BYTES:,} bytes",
                        "the first row must hold the column names, and quotes in it must be closed", table=table, row=1)  # fmt: skip
    if not complete and line.count(b'"') % 2:
        raise DataError("file_quote_open", f"{path}: a quote opened in row 1 is never closed",
                        "close the quote, or double it inside a quoted cell", table=table, row=1)  # fmt: skip
    try:
        names = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError("file_encoding", f"{path}: row 1, the column names, is not UTF-8",
                        "save the file as UTF-8", table=table, row=1) from error  # fmt: skip
    cells = tuple(cell.strip() for cell in next(csv.reader(io.StringIO(names, newline=""), delimiter=delimiter), []))
    if not any(cells):
        raise DataError("file_empty", f"{path} has no column names: its first row is blank",
                        "write them into its first row", table=table, row=1)  # fmt: skip
    return delimiter, cells


def _first_record(head: bytes) -> tuple[bytes, bool]:
    """Return the first row, and whether its end was found; line ends inside quotes do not end it."""
    ends = [position for position in (head.find(b"\n"), head.find(b"\r")) if position >= 0]
    while ends:
        end = min(ends)
        if head.count(b'"', 0, end) % 2 == 0:
            return head[:end], True
        ends = [position for position in (head.find(b"\n", end + 1), head.find(b"\r", end + 1)) if position >= 0]
    return head, False


def _line_end(text: bytes) -> str:
    """Return the option that says how lines end, where a column name holds a line end: DuckDB would take that one, and may find no rows."""
    names, _complete = _first_record(text)
    if b"\r" not in names and b"\n" not in names:
        return ""
    ends = {b"\r\n": "\\r\\n", b"\n": "\\n", b"\r": "\\r"}
    return next((f", new_line = '{said}'" for end, said in ends.items() if text.startswith(end, len(names))), "")


def _count_outside_quotes(line: bytes, delimiter: str) -> int:
    return sum(part.count(delimiter.encode()) for part in line.split(b'"')[::2])


def _is_clean(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                if b"\0" in piece:
                    return False
                decoder.decode(piece)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
