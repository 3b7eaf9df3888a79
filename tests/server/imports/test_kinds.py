"""What a column seems to be of: what nearly all its cells are, said with the cells that would be lost."""

from typing import Any

import pytest

from tests.server.imports.test_imports import mapped, marta, run, upload  # noqa: F401
from tests.server.imports.test_sheets import workbook
from vaglio_server.crm.logic.fields import Definition
from vaglio_server.imports.logic.kinds import Kinds
from vaglio_server.imports.logic.people import AS_USUAL, person

DAYS = [f"{n % 28 + 1:02}/{n % 12 + 1:02}/2026" for n in range(58)]


def found(cells: list[str]) -> dict[str, Any]:
    kinds = Kinds()
    for cell in cells:
        kinds.note([cell])
    return kinds.found()["0"]


@pytest.mark.parametrize(
    ("cells", "guess"),
    [
        ([*DAYS, "31/02/2026"], "date"),
        (["31/02/2026", *DAYS[:5]], "string"),  # of six one is too many
        ([f"{n}.500,00" for n in range(1, 60)] + ["circa molti"], "number"),
        ([str(n) for n in range(59)] + ["n/d", ""], "integer"),
        ([str(n) for n in range(59)] + ["12,50"], "number"),
        ([str(n) for n in range(1, 60)] + ["00123"], "string"),  # codes
        ([str(n) for n in range(1, 60)] + ["A12"], "string"),
        ([f"333{n:07}" for n in range(59)] + ["+39 333 1"], "string"),
        (["no", "yes"] * 30, "boolean"),
        ([f"remark {n}" for n in range(3_000)], "string"),
        (DAYS * 40, "date"),
        ([str(n) for n in range(3_000)] + ["circa molti"] * 40, "integer"),
        ([f" {n}" for n in range(3_000)] + ["circa molti"] * 400, "string"),
    ],
)
def test_a_kind_is_what_nearly_all_cells_are(cells: list[str], guess: str) -> None:
    assert found(cells)["guess"] == guess


def test_cells_that_would_be_lost_are_counted_however_many_rows_there_are() -> None:
    many = found([f"{n}.500,25" for n in range(1, 999)] * 4 + ["circa molti"] * 3 + ["1.000,00"] * 5)
    assert (many["guess"], many["unread"]) == ("number", {"number": 3})  # no whole number, no day, by far
    days = found(DAYS * 100 + ["31/02/2026"] * 7 + ["2026-01-01 10:30", "2026-01-02 00:00:00", "2026-01-03 99:99"])
    assert (days["guess"], days["unread"]["dmy"], days["timed"]) == ("date", 8, 1)


@pytest.mark.parametrize(
    "text",
    ["90", "90,00", "90.0", "1.500.000,00", "1,500.25", "1.250", "12,50", "-3", "+3", "00123", "1 250", "circa molti", "1.5.2", "12,", "",
     "31/02/2026", "28/02/2026", "02/28/2026", "2026-02-28 10:30", "2026-02-28T10:30", "20260228", "sì", "x", "A12", "1e3"],
)  # fmt: skip
def test_what_is_counted_as_unread_is_what_rows_lose(text: str) -> None:
    unread = found([text, "?"])["unread"]
    for kind, way in (("integer", "integer"), ("number", "number"), ("boolean", "boolean"), ("date", "dmy")):
        fields = {"email": Definition("email", "Email", "string"), "field": Definition("field", "Field", kind)}
        lost = person(["anna@acme.example", text], ["email", "field"], fields, AS_USUAL).left_out
        assert unread[way] - 1 == len(lost), (kind, lost)


def test_one_impossible_day_leaves_a_column_of_days_one_and_is_told(marta: Any) -> None:  # noqa: F811
    from vaglio_server.crm.models import FieldDefinition

    made = upload(marta, "Email;Scade\n" + "".join(f"p{n}@acme.example;{day}\n" for n, day in enumerate([*DAYS, "31/02/2026"])))
    page = marta.get(f"/imports/{made.pk}").content.decode()
    assert "1 cell cannot be read as a day" in page
    mapped(marta, made)
    run()
    assert dict(FieldDefinition.objects.values_list("name", "kind")) == {"scade": "date"}
    made.refresh_from_db()
    assert made.rows_partly == 1


def test_a_field_that_is_there_tells_too_what_it_cannot_hold(marta: Any) -> None:  # noqa: F811
    made = upload(marta, "Email;Title;No. of Employees\n" + "".join(f"p{n}@acme.example;CTO;circa {n}\n" for n in range(1_200)))
    page = marta.get(f"/imports/{made.pk}").content.decode()
    assert made.columns[2] == "employees" and "Most cells cannot be read as a whole number" in page
    assert "Choose text to keep it as it is" not in page  # of what kind that field is was said long ago


def test_the_time_of_a_spreadsheets_days_is_not_cut_in_silence(marta: Any) -> None:  # noqa: F811
    from datetime import datetime

    rows: list[list[Any]] = [
        ["Email", "Title", "Visited"],
        *([f"p{n}@acme.example", "CTO", datetime(2026, 2, n + 1, 10, 30 * (n % 2))] for n in range(6)),
    ]
    rows.append(["p9@acme.example", "CTO", datetime(2026, 2, 20)])
    made = upload(marta, workbook(rows), "visits.xlsx")
    page = marta.get(f"/imports/{made.pk}").content.decode()
    assert "6 cells have a time, which a day has no room for" in page and "Choose text to keep it as it is" in page
