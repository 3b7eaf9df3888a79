"""Columns of numbers as Italian exports write them: every cell is kept, whole amounts with cents of zero too."""

from typing import Any

import pytest

from tests.server.imports.test_imports import mapped, marta, run, state, upload  # noqa: F401
from tests.server.world import make_field

AMOUNTS = ["1.500.000,00", "10.000,00", "90.000,00", "1.234,56", "12,50", "0,00", "90", "1.250", "-3.000,00"]
NUMBERS = [1_500_000, 10_000, 90_000, 1234.56, 12.5, 0, 90, 1250, -3000]
HEADINGS = {
    "lead": "Email;Title;Fatturato annuo",
    "contact": "Contact ID;Last Name;Fatturato annuo",
    "account": "Company;Website;Fatturato annuo",
}
WHO = {"lead": "p{n}@acme.example;CTO", "contact": "7{n};Rossi", "account": "Acme {n};acme{n}.example"}


def file_of(subject: str, cells: list[str]) -> str:
    return "\n".join([HEADINGS[subject], *(f"{WHO[subject].format(n=n)};{cell}" for n, cell in enumerate(cells))]) + "\n"


def kept(subject: str, name: str) -> list[Any]:
    """Return what was brought in, in the order of the rows."""
    from vaglio_server.crm.models import Account, Contact, Lead

    rows = {"lead": Lead, "contact": Contact, "account": Account}[subject].objects.order_by("id")  # type: ignore[attr-defined]
    return [each.fields.get(name) for each in rows]


@pytest.mark.parametrize("subject", ["lead", "contact", "account"])
@pytest.mark.parametrize("known", ["", "number"])
def test_every_amount_of_an_italian_export_comes_in(marta: Any, subject: str, known: str) -> None:  # noqa: F811
    if known:
        make_field(subject, "fatturato_annuo", known)
    made = upload(marta, file_of(subject, AMOUNTS))
    mapped(marta, made, column2="fatturato_annuo")
    run()
    made.refresh_from_db()
    assert (state(made), made.rows_partly) == (("done", len(AMOUNTS), len(AMOUNTS), 0, 0), 0)
    assert sorted(kept(subject, "fatturato_annuo")) == sorted(NUMBERS)
    assert fields_of_kind(subject) == {"fatturato_annuo": "number"}


def fields_of_kind(subject: str) -> dict[str, str]:
    from vaglio_server.crm.models import FieldDefinition

    return dict(FieldDefinition.objects.filter(subject=subject).values_list("name", "kind"))


@pytest.mark.parametrize("subject", ["lead", "contact", "account"])
def test_a_field_of_whole_numbers_takes_amounts_without_cents(marta: Any, subject: str) -> None:  # noqa: F811
    make_field(subject, "fatturato_annuo", "integer")
    made = upload(marta, file_of(subject, AMOUNTS))
    mapped(marta, made, column2="fatturato_annuo")
    run()
    made.refresh_from_db()
    assert (made.rows_refused, made.rows_partly) == (0, 2)  # 1.234,56 and 12,50
    assert sorted(each for each in kept(subject, "fatturato_annuo") if each is not None) == sorted(n for n in NUMBERS if isinstance(n, int))


@pytest.mark.parametrize("subject", ["lead", "contact", "account"])
def test_what_is_left_out_is_named_by_its_heading_and_quoted_as_it_was_written(marta: Any, subject: str) -> None:  # noqa: F811
    from vaglio_server.imports.models import RefusedRow

    make_field(subject, "fatturato_annuo", "integer")
    made = upload(marta, file_of(subject, ["circa molti", "1.234,56", "90"]))
    mapped(marta, made, column2="fatturato_annuo")
    run()
    assert [each.reason for each in RefusedRow.objects.filter(of=made).order_by("line")] == [
        'Fatturato annuo: "circa molti" is not a whole number; give one such as 90',
        'Fatturato annuo: "1.234,56" is not a whole number; give one such as 90',
    ]
