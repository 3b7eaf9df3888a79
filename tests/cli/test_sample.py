"""``vaglio sample`` as a committee uses it: drawn, marked, compared; and what people hand in that cannot be used."""

import csv
import json
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped]

from tests.cli.company import AS_OF, MODEL, data_options, rows, started, vaglio


@pytest.fixture(scope="module")
def sheets(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A blind sheet and an open one of the same draw, with a page to print."""
    folder = tmp_path_factory.mktemp("sheets")
    for name, more in (("blind", ()), ("open", ("--open", "--report", folder / "open.html"))):
        done = vaglio("sample", MODEL, *data_options(company), *AS_OF, "--per-stage", 4, "--out", folder / f"{name}.csv", *more)
        assert done.returncode == 0, done.stderr
    return folder


def marked(path: Path, sheet: list[dict[str, str]], marks: list[str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, sheet[0])
        writer.writeheader()
        writer.writerows(row | {"mark": mark} for row, mark in zip(sheet, marks, strict=True))
    return path


def of_model(sheets: Path) -> list[str]:
    return [row["rating"] if row["rating"] != "excluded" else "D4" for row in rows(sheets / "open.csv")]


def test_a_sheet_is_blind_unless_it_is_asked_for(sheets: Path) -> None:
    blind, opened = rows(sheets / "blind.csv"), rows(sheets / "open.csv")
    assert [row["lead_id"] for row in blind] == [row["lead_id"] for row in opened]
    assert set(opened[0]) - set(blind[0]) == {"rating", "drawn_from"}
    assert {row["drawn_from"] for row in opened} == {"awareness", "consideration", "decision", "none", "excluded"}
    assert all(not row["mark"] for row in blind) and all(row["name"] and row["lately"] for row in blind)
    page = (sheets / "open.html").read_text(encoding="utf-8")
    assert "leads to read and mark" in page and "What they did lately" in page and "<script" not in page


def test_the_sheet_says_what_was_known_that_day(company: Path, sheets: Path, tmp_path: Path) -> None:
    """A title that was changed later is read as it was."""
    lead = next(row for row in rows(sheets / "blind.csv") if row["job_title"])
    changes = tmp_path / "changes.csv"
    changes.write_text(
        f"lead_id,field,value,known_at\n{lead['lead_id']},job_title,Astronaut,2020-01-01\n{lead['lead_id']},job_title,Pilot,2027-01-01\n"
    )
    options = [changes if str(part).endswith("field_changes.csv") else part for part in data_options(company)]
    done = vaglio("sample", MODEL, *options, *AS_OF, "--per-stage", 400, "--out", tmp_path / "all.csv")
    assert done.returncode == 0, done.stderr
    (again,) = [row for row in rows(tmp_path / "all.csv") if row["lead_id"] == lead["lead_id"]]
    assert again["job_title"] == "Astronaut"


def test_the_sheet_says_what_was_counted(tmp_path: Path) -> None:
    """Of a message that one copy says is a machine's, and of one that another lead had first, nobody is shown anything."""
    (tmp_path / "m.yaml").write_text("""
format: 1
name: m
inputs: {fields: {title: string}, activities: {seen: {}}}
profile: {rules: [], letters: {A: 3, B: 2, C: 1}}
engagement: {rules: [{id: seen, kind: activity, activity: seen, points: 1}], digits: {1: 3, 2: 2, 3: 1}}
""")
    (tmp_path / "l.csv").write_text("lead_id,title\nL1,x\nL2,y\n")
    (tmp_path / "a.csv").write_text(
        "lead_id,activity_type,occurred_at,received_at,message_id,is_machine\n"
        "L1,seen,2026-09-01,2026-09-01,m,no\nL1,seen,2026-09-01,2026-09-02,m,yes\n"
        "L2,seen,2026-09-05,2026-09-06,k,no\nL1,seen,2026-09-05,2026-09-05,k,no\n"
    )
    options = (tmp_path / "m.yaml", "--leads", tmp_path / "l.csv", "--activities", tmp_path / "a.csv", *AS_OF)
    assert vaglio("sample", *options, "--out", tmp_path / "sheet.csv").returncode == 0
    assert vaglio("score", *options, "--out", tmp_path / "scores.csv").returncode == 0
    assert {row["lead_id"]: row["lately"] for row in rows(tmp_path / "sheet.csv")} == {
        "L1": "seen, on 5 September 2026", "L2": "nothing yet",
    }  # fmt: skip
    assert {row["lead_id"]: row["engagement_millipoints"] for row in rows(tmp_path / "scores.csv")} == {"L1": "1000", "L2": "0"}


def test_who_marks_as_the_model_does_agrees_with_it(company: Path, sheets: Path, tmp_path: Path) -> None:
    blind = rows(sheets / "blind.csv")
    same = marked(tmp_path / "anna.csv", blind, of_model(sheets))
    other = marked(tmp_path / "ben.csv", blind, ["D4" if mark[0] in "AB" else mark for mark in of_model(sheets)])
    done = started("sample", MODEL, *data_options(company), "--marks", same, "--marks", other, "--report", tmp_path / "r.html", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    anna, ben = told["agreements"][:2]
    assert anna["kappa"]["value"] == 1 and anna["same"]["hits"] == told["leads"] == len(blind)
    assert ben["kappa"]["value"] < 1 and told["reviewers"] == ["anna", "ben"]
    alone = vaglio("sample", MODEL, *data_options(company), "--marks", other, "--json")
    disputed = json.loads(alone.stdout)["disputed"]
    assert disputed and all(each["marks"]["ben"] == "D4" and each["too_high"] and each["lines"] for each in disputed)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "How far they agree" in page and "<script" not in page


def test_a_workbook_goes_out_and_comes_back(company: Path, sheets: Path, tmp_path: Path) -> None:
    done = vaglio("sample", MODEL, *data_options(company), *AS_OF, "--per-stage", 4, "--out", tmp_path / "anna.xlsx")
    assert done.returncode == 0, done.stderr
    book = load_workbook(tmp_path / "anna.xlsx")
    sheet = book.active
    place = [cell.value for cell in sheet[1]].index("mark") + 1
    for number, mark in enumerate(of_model(sheets), 2):
        sheet.cell(number, place).value = mark.lower()
    book.save(tmp_path / "anna.xlsx")
    done = vaglio("sample", MODEL, *data_options(company), "--marks", tmp_path / "anna.xlsx", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["agreements"][0]["kappa"]["value"] == 1


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_no_formula_of_a_stranger_runs_in_the_sheet(tmp_path: Path, ending: str) -> None:
    leads = tmp_path / "leads.csv"
    heading = "lead_id,created_at,first_name,country,job_title,employees,industry,is_suspicious"
    leads.write_text(f'{heading}\n"=1+1",2026-01-01,"=HYPERLINK(""http://x.example"")",IT,"@SUM(A1)",9,-5,false\n')
    done = vaglio("sample", MODEL, "--leads", leads, *AS_OF, "--out", tmp_path / f"sheet.{ending}")
    assert done.returncode == 0, done.stderr
    if ending == "xlsx":
        cells = [cell for row in load_workbook(tmp_path / "sheet.xlsx").active.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f"]
        texts = [str(cell.value) for cell in cells]
    else:
        texts = [text for row in rows(tmp_path / "sheet.csv") for text in row.values()]
    assert {"'=1+1", "'@SUM(A1)", "'-5"} <= set(texts) and not [text for text in texts if text.startswith(("=", "@"))]
    # And the id is known again when the sheet comes back.
    if ending == "csv":
        back = marked(tmp_path / "anna.csv", rows(tmp_path / "sheet.csv"), ["B2"])
        done = vaglio("sample", MODEL, "--leads", leads, "--marks", back, "--json")
        assert done.returncode == 0 and json.loads(done.stdout)["leads"] == 1, done.stderr


def test_what_cannot_be_used_is_a_line_each_and_the_rest_counts(company: Path, sheets: Path, tmp_path: Path) -> None:
    blind = rows(sheets / "blind.csv")
    marks = of_model(sheets)
    marks[0], marks[1] = "E5", ""
    extra = [blind[2], dict.fromkeys(blind[0], "") | {"lead_id": "L999999"}]
    path = marked(tmp_path / "anna.csv", [*blind, *extra], [*marks, "A1" if marks[2] != "A1" else "D4", "A1"])
    done = vaglio("sample", MODEL, *data_options(company), "--marks", path, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["leads"] == len(blind) - 2
    notes = "\n".join(told["notes"])
    for words in (f"anna.csv row 2: the mark 'E5' of {blind[0]['lead_id']}", f"{blind[2]['lead_id']} is marked a second time",
                  "anna: L999999 has no score", "1 rows have no mark"):  # fmt: skip
        assert words in notes


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"anna.csv": "lead_id,mark\nL000001,\n"}, "holds no mark"),
        ({"anna.csv": "lead_id,mark\nL000001,maybe\n"}, "'maybe'"),
        ({"anna.csv": "lead_id,rating\nL000001,A1\n"}, "no column 'mark'"),
        ({"anna.csv": "lead_id,mark\nnobody,A1\n"}, "none of the leads that anna marked has a score"),
        ({"a/anna.csv": "lead_id,mark\nL000001,A1\n", "b/anna.csv": "lead_id,mark\nL000001,B1\n"}, "two sheets are of the reviewer anna"),
        ({"anna.csv": "lead_id,mark,looked_at\nL000001,A1,2026-01-01\n", "ben.csv": "lead_id,mark,looked_at\nL000001,A1,2026-02-01\n"},
         "2026-01-01 and 2026-02-01"),
        ({"anna.csv": ""}, "is empty"),
        ({"anna.csv": "lead_id,mark\x00\r\x01,\"\n" + "x" * 140_000}, "is no sheet of text"),
        ({"anna.xlsx": "no workbook"}, "is no Excel workbook"),
    ],
)  # fmt: skip
def test_sheets_that_say_nothing_are_refused_in_one_line(company: Path, tmp_path: Path, files: dict[str, str], said: str) -> None:
    options: list[object] = []
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        options += ["--marks", path]
    done = vaglio("sample", MODEL, "--leads", company / "leads.csv", *options)
    assert done.returncode == 2 and said in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "neither a sheet"),
        (("--out", "x.pdf"), "end it in"),
        (("--out", "nowhere/x.csv"), "there is no folder"),
        (("--marks", "none.csv"), "does not exist"),
    ],
)
def test_a_wrong_call_is_one_line(company: Path, tmp_path: Path, options: tuple[object, ...], said: str) -> None:
    done = vaglio("sample", MODEL, "--leads", company / "leads.csv", *options, cwd=tmp_path)
    assert done.returncode == 2 and said in done.stderr and len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_a_sheet_of_another_delimiter_is_read(company: Path, sheets: Path, tmp_path: Path) -> None:
    """As a spreadsheet of a country that writes a comma in numbers saves it."""
    blind = rows(sheets / "blind.csv")
    lines = ["lead_id;mark", *(f"{row['lead_id']};{mark}" for row, mark in zip(blind, of_model(sheets), strict=True))]
    path = tmp_path / "anna.csv"
    path.write_bytes(("\r\n".join(lines)).encode("utf-8-sig"))
    done = vaglio("sample", MODEL, *data_options(company), *AS_OF, "--marks", path, "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["agreements"][0]["kappa"]["value"] == 1, done.stderr


def test_an_empty_workbook_is_refused(company: Path, tmp_path: Path) -> None:
    Workbook().save(tmp_path / "anna.xlsx")
    done = vaglio("sample", MODEL, "--leads", company / "leads.csv", "--marks", tmp_path / "anna.xlsx")
    assert done.returncode == 2 and "is empty" in done.stderr, done.stderr
