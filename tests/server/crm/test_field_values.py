"""What fits a field, how it is kept, and what is said of what does not."""

from decimal import Decimal
from typing import Any

import pytest

from vaglio_server.crm.logic.fields import Definition, Unfit, check, check_all, name_fault
from vaglio_server.crm.logic.standard import COLUMNS, STANDARD, SUBJECTS

CHOICES = ("Gold", "Silver")


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("string", " Acme ", "Acme"),
        ("string", "  ", None),
        ("string", None, None),
        ("integer", 90, 90),
        ("integer", 90.0, 90),
        ("integer", " -90 ", -90),
        ("integer", "", None),
        ("integer", "1500000.00", 1_500_000),
        ("integer", "-90.0", -90),
        ("number", 12.5, 12.5),
        ("number", "10000.00", 10_000),
        ("number", "999999999999999999.00", 999_999_999_999_999_999),
        ("number", "1e3", 1_000),
        ("number", "12.50", 12.5),
        ("number", 3, 3),
        ("number", "1e300", 1e300),
        ("boolean", True, True),
        ("boolean", "False", False),
        ("date", "2026-10-01", "2026-10-01"),
        ("choice", "Gold", "Gold"),
        ("choice", "silver", "Silver"),
        ("amount", "1500.5", Decimal("1500.50")),
        ("amount", 0.1, Decimal("0.10")),
        ("domain", "https://www.Acme.example/about", "acme.example"),
        ("domain", "mail.acme.co.uk", "acme.co.uk"),
    ],
)
def test_it_works(kind: str, value: Any, kept: Any) -> None:
    found = check(Definition("field", "Field", kind, CHOICES), value)
    assert found == kept and type(found) is type(kept)


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("string", 5, '5 is no text; put it in quotes, such as "5"'),
        ("string", "x" * 5001, "has 5,001 characters"),
        ("string", "a\x00b", "NUL"),
        ("string", "a\ud800b", "half a character"),
        ("integer", "many", '"many" is not a whole number; give one such as 90'),
        ("integer", "1.000", "not a whole number"),
        ("integer", "90.50", "not a whole number"),
        ("integer", True, "not a whole number"),
        ("integer", 1.5, "not a whole number"),
        ("integer", 10**19, "too large"),
        ("integer", "²", "not a whole number"),
        ("number", "x", "not a number"),
        ("number", 10**400, "not a number"),
        ("number", float("inf"), "not a number"),
        ("number", False, "not a number"),
        ("boolean", "yes", "neither true nor false"),
        ("boolean", 1, "neither true nor false"),
        ("date", "2026-02-30", "not a day; give one such as 2026-10-01"),
        ("date", "20261001", "not a day"),
        ("date", 2026, "not a day"),
        ("choice", "bronze", "none of its choices; give one of Gold, Silver"),
        ("amount", "-1", "no amount"),
        ("amount", 1.005, "no amount"),
        ("amount", "NaN", "no amount"),
        ("amount", True, "no amount"),
        ("amount", 10**13, "no amount"),
        ("domain", "gmail.com", "no company's domain"),
        ("domain", "anna@acme.example", "no company's domain"),
        ("domain", "localhost", "no company's domain"),
    ],
)
def test_it_rejects_what_does_not_fit(kind: str, value: Any, said: str) -> None:
    with pytest.raises(Unfit) as found:
        check(Definition("field", "Field", kind, CHOICES), value)
    assert said in str(found.value)


def test_every_fault_is_named_at_once_and_what_is_held_may_be_cleared() -> None:
    definitions = {
        "employees": Definition("employees", "Employees", "integer"),
        "old": Definition("old", "Old", "string", is_retired=True),
        "name": Definition("name", "Name", "string", is_needed=True),
    }
    found = check_all(definitions, {"employees": "many", "colour": "red", "old": "x", "name": " "}, held=("old",))
    assert found.values == {}
    assert found.faults == (
        'employees: "many" is not a whole number; give one such as 90',
        "colour: is no field of this record; define it first, or leave it out",
        "old: was retired; clear it with null, or leave it out",
        "name: cannot be without a value; give one",
    )
    cleared = check_all(definitions, {"old": None, "stray": None, "employees": None}, held=("old", "stray"))
    assert cleared.values == {"old": None, "stray": None, "employees": None} and cleared.faults == ()
    assert check_all(definitions, {"name": None}, held=("name",)).faults == ("name: cannot be without a value; give one",)


@pytest.mark.parametrize("name", ["Name", "a__b", "_a", "a_", "1a", "a b", "", "x" * 101, "é"])
def test_it_rejects_a_name_that_is_none(name: str) -> None:
    assert "use small letters" in (name_fault("name", name, "contract_end") or "")


def test_what_ships_has_good_names_and_clashes_with_nothing() -> None:
    for subject in SUBJECTS:
        names = [each.name for each in (*COLUMNS[subject], *STANDARD[subject])]
        assert len(names) == len(set(names))
        assert [name for name in names if name_fault("name", name, "contract_end")] == []
