"""Nothing that is written for a spreadsheet is a formula there, and all of it is read back as it was."""

import csv
from pathlib import Path

import pyarrow as pa
import pytest
from openpyxl import load_workbook

from vaglio.engines.duckdb import DuckDBEngine
from vaglio.files import write_table
from vaglio.files.sheets import read_sheet, write_sheet
from vaglio.text import FORMULAS, in_workbook, no_formula, without_apostrophe

HIDDEN = ("\x01=1+1", "\x00\x1f@x", "\x0b\x0c＝A1", "\x0e\t=1")  # what a workbook cannot hold, before the sign of a formula


@pytest.mark.parametrize("sign", FORMULAS)
def test_a_text_that_begins_as_a_formula_gets_an_apostrophe_and_loses_it_again(sign: str) -> None:
    assert no_formula(f"{sign}1") == f"'{sign}1" and without_apostrophe(f"'{sign}1") == f"{sign}1"
    assert without_apostrophe("'tis") == "'tis" and no_formula("1=1") == "1=1" and no_formula("") == ""


def test_what_a_workbook_cannot_hold_goes_first(tmp_path: Path) -> None:
    assert [in_workbook(text)[:1] for text in HIDDEN] == ["'"] * len(HIDDEN)
    write_sheet(tmp_path / "s.xlsx", ["lead_id", "\x01=name"], [[text, "x"] for text in HIDDEN])
    cells = [cell for row in load_workbook(tmp_path / "s.xlsx").active.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or str(cell.value).startswith(FORMULAS)]
    assert [row["lead_id"] for _number, row in read_sheet(tmp_path / "s.xlsx")] == ["=1+1", "@x", "＝A1", "\t=1"]


def test_results_as_csv_hold_no_formula_in_cells_and_headings(tmp_path: Path) -> None:
    texts = [f"{sign}1" for sign in FORMULAS]
    engine = DuckDBEngine(threads=1)
    try:
        write_table(engine, engine.load("found", pa.table({"text": texts, "＝heading": texts})), tmp_path / "s.csv")
    finally:
        engine.close()
    with (tmp_path / "s.csv").open(newline="", encoding="utf-8") as file:
        heading, *rows = csv.reader(file)
    assert heading == ["text", "'＝heading"] and rows == [[f"'{text}"] * 2 for text in texts]
