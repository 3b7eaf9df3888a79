"""Files as people have them: each is read, or refused with a sentence that says what to do."""

import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest

from vaglio_server.imports.logic import sheets
from vaglio_server.imports.logic.sheets import BadFile, Row, format_of, open_sheet


def read(body: bytes) -> tuple[list[str], list[Row]]:
    file = io.BytesIO(body)
    sheet = open_sheet(file, format_of(file))
    return sheet.heading, list(sheet.rows)


def cells(body: bytes) -> list[list[str]]:
    heading, rows = read(body)
    assert not [row.fault for row in rows if row.fault]
    return [heading, *(row.cells for row in rows)]


NAMES = "Nome;Città;Azienda\nNiccolò;Forlì;Società agricola è così\nPaola;Cefalù;Perché no\n"
ROMANIAN = "Nume,Oraș\nȘtefănescu,Iași\nȚurcanu,Brașov\n"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (NAMES.encode(), "Niccolò"),
        (b"\xef\xbb\xbf" + NAMES.encode(), "Niccolò"),
        (NAMES.encode("cp1252"), "Niccolò"),
        (NAMES.encode("utf-16"), "Niccolò"),
        (ROMANIAN.encode(), "Ștefănescu"),
        (ROMANIAN.replace("Ș", "Ş").replace("ș", "ş").replace("Ț", "Ţ").encode("cp1250"), "Ştefănescu"),
    ],
    ids=["utf-8", "with a mark", "windows-1252", "utf-16", "romanian", "windows-1250"],
)
def test_any_usual_encoding_is_read(body: bytes, wanted: str) -> None:
    found = cells(body)
    assert found[1][0] == wanted
    assert {len(row) for row in found} == {len(found[0])}


MIXED = "Nicolò;Forlì\n".encode() * 3 + "Nicolò;Cefalù\n".encode("cp1252") * 3


@pytest.mark.parametrize("first", [b"Nome;Citta\n", "Nome;Città\n".encode(), "Nome;Città\n".encode("cp1252")])
def test_lines_of_two_encodings_are_each_read_in_their_own(first: bytes) -> None:
    assert format_of(io.BytesIO(first + MIXED)).encoding == "utf-8-sig+cp1252"
    assert cells(first + MIXED)[1:] == [["Nicolò", "Forlì"]] * 3 + [["Nicolò", "Cefalù"]] * 3


def test_a_capital_before_a_sign_makes_no_other_encoding() -> None:
    body = ("Nome;Città\n" + "Niccolò;Forlì è già più là\n" * 9 + "LIBERTÀ»;UNIVERSITÀ°\n").encode("cp1252")
    assert format_of(io.BytesIO(body)).encoding == "cp1252"
    assert cells(body)[-1] == ["LIBERTÀ»", "UNIVERSITÀ°"]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("told", ["sep=;\r\n", '"sep=;"\r\n', "SEP=;\r\n"])
def test_the_line_that_tells_excel_the_delimiter_is_no_heading(mark: str, told: str) -> None:
    assert cells(f"{mark}{told}Name;Email\r\nRossi, Anna;a@acme.it\r\n".encode()) == [["Name", "Email"], ["Rossi, Anna", "a@acme.it"]]


TITLES = "New leads\nAs of 26/11/2026\nFiltered by:;\n\n"


@pytest.mark.parametrize("titles", ["New leads\n\n", TITLES])
def test_titles_of_a_report_above_the_heading_are_skipped(titles: str) -> None:
    heading, rows = read(f"{titles}Name;Email;Company\nAnna;a@acme.it;Acme\n".encode())
    assert heading == ["Name", "Email", "Company"]
    assert [(row.line, row.cells) for row in rows] == [(titles.count("\n") + 2, ["Anna", "a@acme.it", "Acme"])]


def test_titles_above_the_heading_of_a_spreadsheet_are_skipped() -> None:
    rows = [["New leads"], [], ["Name", "Email", "Company"], ["Anna", "a@acme.it", "Acme"]]
    assert cells(workbook(rows)) == [["Name", "Email", "Company"], ["Anna", "a@acme.it", "Acme"]]


@pytest.mark.parametrize("body", ["Email\na@acme.it\nb@acme.it\n", "Email\na@acme.it,Anna,Acme\n", "Number\n7,8,9\n", "Name\nAnna,Acme\n"])
def test_a_heading_of_one_column_is_one(body: str) -> None:
    assert read(body.encode())[0] == [body.partition("\n")[0]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_usual_delimiter_is_found(delimiter: str) -> None:
    body = f'"Name, first; last|all"{delimiter}Email\r\n"Rossi, Anna"{delimiter}anna@acme.example\r\n'
    assert cells(body.encode()) == [["Name, first; last|all", "Email"], ["Rossi, Anna", "anna@acme.example"]]


def test_a_cell_may_hold_lines_and_quotes_and_empty_rows_are_none() -> None:
    body = b'Name,Note\n"Anna ""the boss""","two\nlines"\n,\n\nBob,\n'
    heading, rows = read(body)
    assert [(row.line, row.cells) for row in rows] == [(3, ['Anna "the boss"', "two\nlines"]), (6, ["Bob", ""])]
    assert heading == ["Name", "Note"]


def test_a_ragged_row_is_a_fault_of_its_own() -> None:
    _heading, rows = read(b"Name,Email\nAnna\nBob,bob@acme.example,,\nCarla,c@acme.example,more\nDan,d@acme.example\n")
    assert [row.cells for row in rows] == [
        ["Anna", ""],
        ["Bob", "bob@acme.example"],
        ["Carla", "c@acme.example", "more"],
        ["Dan", "d@acme.example"],
    ]
    assert [bool(row.fault) for row in rows] == [False, False, True, False]
    assert "3 cells where the heading has 2" in rows[2].fault


@pytest.mark.parametrize("rows", [0, 1, 3_000])
def test_a_quote_that_never_ends_is_no_row(rows: int) -> None:
    body = b'Name,Email\nAnna,a@acme.example\n"Bob,b@acme.example\n' + b"Carla,c@acme.example\n" * rows
    with pytest.raises(BadFile, match="A quote opens in line 3 and is never closed"):
        read(body)


def test_a_quote_in_the_middle_of_a_cell_is_one() -> None:
    assert cells(b'Name,Size\nAnna "the boss",15" screen\n"Bob" Stone,1') == [
        ["Name", "Size"],
        ['Anna "the boss"', '15" screen'],
        ["Bob Stone", "1"],
    ]


def workbook(rows: list[list[Any]]) -> bytes:
    from openpyxl import Workbook

    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def test_a_spreadsheet_is_read_as_it_shows_itself() -> None:
    body = workbook(
        [
            ["Name", "Since", "At", "Employees", "Share", "Yes"],
            ["Anna", date(2026, 10, 1), datetime(2026, 10, 1, 9, 30), 90.0, 0.5, True],
            [],
            ["Bob"],
        ]
    )
    assert cells(body)[1:] == [["Anna", "2026-10-01", "2026-10-01 09:30:00", "90", "0.5", "true"], ["Bob", "", "", "", "", ""]]


def test_a_long_spreadsheet_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_XLSX_ROWS", 3)
    assert len(cells(workbook([["Name"], *[["Anna"]] * 3]))) == 4
    with pytest.raises(BadFile, match="more than 3 rows"):
        read(workbook([["Name"], *[["Anna"]] * 4]))


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(21):
                sheet.write(bytes(1 << 20))
    return out.getvalue()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b" \n\n ", "empty"),
        (b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n1\n", "1,000,000 columns"),
        (b"%PDF-1.7 and so on", "PDF"),
        (b"\x1f\x8b\x08\x00rest", "unpack"),
        (b"\xd0\xcf\x11\xe0rest", "old spreadsheet"),
        (b"PAR1rest", "Parquet"),
        (bytes(range(256)) * 40, "control characters"),
        (b"PK\x03\x04 no archive at all", "damaged"),
        (b"Name,Note\n" + b"Anna,fine\n" * 200_000 + b"Bob,\xff\xfe broken\n", "not utf-8"),
        (workbook([["Name"], ["Anna"]])[:-200], "damaged"),
    ],
    ids=["empty", "blank", "wide", "pdf", "gzip", "xls", "parquet", "binary", "no zip", "mixed encodings", "cut"],
)
def test_what_is_no_table_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(BadFile, match=says):
        read(body)


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_INFLATED", 20 << 20)
    body = bomb()
    assert len(body) < 40 * 1024
    with pytest.raises(BadFile, match="more than 2 GB"):
        read(body)


def test_an_archive_is_no_spreadsheet() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("leads.csv", "Name\nAnna\n")
    with pytest.raises(BadFile, match="Unpack it"):
        read(out.getvalue())
