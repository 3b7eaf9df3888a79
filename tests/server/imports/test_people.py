"""Rows as what they say of a person."""

import pytest

from vaglio_server.crm.logic.fields import Definition
from vaglio_server.crm.logic.standard import shipped
from vaglio_server.imports.logic.people import Unfit, person

FIELDS = shipped("lead") | {
    "since": Definition("since", "Since", "date"),
    "size": Definition("size", "Size", "choice", ("small", "large")),
    "worth": Definition("worth", "Worth", "number"),
}
COLUMNS = ["external_id", "email", "employees", "since", "is_suspicious", "size", "worth", "favourite_colour", None]


def row(**cells: str) -> list[str]:
    return [cells.get(name or "", "left out") if name else "left out" for name in COLUMNS]


def said(**cells: str) -> dict[str, object]:
    return person([cells.get(name, "") if name else "left out" for name in COLUMNS], COLUMNS, FIELDS).values


def test_values_are_spelled_as_fields_keep_them() -> None:
    found = said(
        email=" Anna@Acme.Example ",
        employees="1.250",
        since="31/12/2026",
        is_suspicious="Sì",
        size="LARGE",
        worth="1.234,5",
        favourite_colour="red",
    )
    assert found == {
        "email": "anna@acme.example",
        "employees": 1250,
        "since": "2026-12-31",
        "is_suspicious": True,
        "size": "large",
        "worth": 1234.5,
        "favourite_colour": "red",
    }


@pytest.mark.parametrize(("text", "number"), [("90", 90), ("1,250", 1250), ("1 250", 1250), ("90.0", 90), ("1'250'000", 1_250_000)])
def test_whole_numbers_as_people_write_them(text: str, number: int) -> None:
    assert said(email="a@b.example", employees=text)["employees"] == number


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026-10-01", "2026-10-01"), ("01.10.2026", "2026-10-01"), ("1/10/2026", "2026-10-01"), ("2026-10-01 09:30:00", "2026-10-01")],
)
def test_days_as_people_write_them(text: str, day: str) -> None:
    assert said(email="a@b.example", since=text)["since"] == day


def test_an_apostrophe_before_a_sign_is_the_exports() -> None:
    assert said(email="a@b.example", favourite_colour="'+39 02 1234") == {"email": "a@b.example", "favourite_colour": "+39 02 1234"}
    assert said(email="a@b.example", favourite_colour="'＋39")["favourite_colour"] == "＋39"  # in full width, as they are written too
    assert said(email="a@b.example", favourite_colour="'t Hart")["favourite_colour"] == "'t Hart"


FAULTS = ('"anna at acme" is no mail address', '"many" is not a whole number', '"soon" is not a day', "small, large")


def test_every_fault_is_named_at_once_where_a_row_names_nobody() -> None:
    with pytest.raises(Unfit) as refused:
        said(email="anna at acme", employees="many", since="soon", size="medium")
    assert all(word in str(refused.value) for word in (*FAULTS, "names nobody"))


def test_cells_that_do_not_fit_are_left_out_and_named_and_the_rest_is_taken() -> None:
    cells = {"external_id": "00Q5", "email": "anna at acme", "employees": "many", "since": "soon", "size": "medium", "worth": "12,5"}
    found = person([cells.get(name or "", "") for name in COLUMNS], COLUMNS, FIELDS)
    assert (found.external_id, found.values) == ("00Q5", {"worth": 12.5})
    assert any(each.startswith("Employees: ") for each in found.left_out)
    assert len(found.left_out) == len(FAULTS) and all(word in " ".join(found.left_out) for word in FAULTS)
    found = person(["x" * 256, "a@b.example", *[""] * 7], COLUMNS, FIELDS)
    assert (found.external_id, found.values, found.left_out) == (None, {"email": "a@b.example"}, ("the id is longer than 255 characters",))


def test_who_names_nobody_is_refused_and_an_id_is_enough() -> None:
    with pytest.raises(Unfit, match="names nobody"):
        said(favourite_colour="red")
    found = person(["00Q5", *[""] * 7, "x"], COLUMNS, FIELDS)
    assert (found.external_id, found.values) == ("00Q5", {})
    for nothing in ("0", "N/A", "null"):
        with pytest.raises(Unfit, match="names nobody"):
            said(external_id=nothing)
    with pytest.raises(Unfit, match="longer than 255"):
        said(external_id="x" * 256)
