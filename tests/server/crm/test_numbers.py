"""Numbers as people write them, and where pages take them so."""

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.server.web.people import make_people, signed_in
from tests.server.world import HOST, leads, make_field, make_source, send, take
from vaglio_server.crm.logic.fields import Definition
from vaglio_server.crm.logic.numbers import TwoNumbers, as_number, spelled
from vaglio_server.imports.logic.people import typed


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12,5", "12.5"), ("1.234,5", "1234.5"), ("1,234.5", "1234.5"), ("1 234,50", "1234.50"), ("-0,5", "-0.5"), ("12", "12"),
        ("1.234.567", "1234567"), ("1'234.5", "1234.5"), ("0,125", "0.125"), ("0.125", "0.125"), ("1.1250", "1.1250"), ("90.0", "90"),
        ("1.234.567,8", "1234567.8"), ("1234,567", "1234.567"), ("1 234", "1234"), ("1234,00", "1234"),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it_wherever_they_do(text: str, number: str) -> None:
    assert as_number(text) == number
    assert float(typed(Definition("x", "x", "number"), text)) == float(number)


@pytest.mark.parametrize(
    ("text", "large", "small"),
    [
        ("1.500", "1500", "1.5"),
        ("1,125", "1125", "1.1250"),
        ("1.125", "1125", "1.1250"),
        ("-12,000", "-12000", "-12"),
        ("1.230", "1230", "1.23"),
    ],
)
def test_where_the_text_does_not_tell_whoever_types_one_number_is_asked_and_files_mean_thousands(text: str, large: str, small: str) -> None:
    with pytest.raises(TwoNumbers) as asked:
        as_number(text)
    assert str(asked.value) == f"{text}: write {large} or {small}"
    assert (as_number(large), float(as_number(small))) == (large, float(small))  # what is asked for is read
    assert typed(Definition("x", "x", "number"), text) == large


@pytest.mark.parametrize("text", ["1,500", "1.500", "1 500", "1500", "1,500.00"])
@pytest.mark.parametrize("kind", ["integer", "amount"])
def test_three_digits_are_thousands_where_a_value_has_no_three_decimals(text: str, kind: str) -> None:
    assert float(as_number(text, kind)) == 1500


def test_decimals_stay_decimals_whatever_the_kind() -> None:
    assert [as_number("12,5", kind) for kind in ("integer", "amount", "number")] == ["12.5"] * 3
    assert as_number("-12,000", "integer") == "-12000" and as_number("0.125", "amount") == "0.125"


@given(
    st.one_of(
        st.integers(-(10**15), 10**15),
        st.integers(-(10**7), 10**7).map(lambda n: n / 1000),
        st.floats(allow_nan=False, allow_infinity=False),
    )
)
@example(1.125)
@example(-999.001)
@example(1e-07)
@example(1e20)
def test_what_a_page_fills_in_is_read_back_as_it_was(value: float) -> None:
    assert float(as_number(spelled(value))) == value


@pytest.mark.parametrize("text", ["", "many", "1.2.3", "1,2,3", "12.34,5,6", "1e5", "--1", "1.234.5", "01/02", "٣"])
def test_what_is_no_number_stays_as_it_is(text: str) -> None:
    assert as_number(text) == text


def test_pages_take_numbers_with_a_comma(tables: Any) -> None:
    make_field("lead", "worth", "number")
    send(make_source(), {"type": "identify", "traits": {"email": "anna@acme.example"}})
    take()
    anna, marta = leads()["anna@acme.example"], signed_in(make_people()["marta"])
    marta.post(f"/leads/{anna.pk}/do/change", {"field": "worth", "value": "1.234,5"}, headers=HOST)
    anna.refresh_from_db()
    assert anna.fields["worth"] == 1234.5
    for value, is_listed in (("1.234,5", True), ("1.234,6", False), ("1,234.5", True), ("12,5", True)):
        page = marta.get("/leads", {"where": f"lead.worth:least:{value}"}, headers=HOST).content.decode()
        assert (f"/leads/{anna.pk}" in page) is is_listed, value
    for value in ("1,125", "1.125"):
        page = marta.get("/leads", {"where": f"lead.worth:least:{value}"}, headers=HOST).content.decode()
        assert f"{value}: write 1125 or 1.1250" in page


def test_a_page_takes_whole_numbers_as_it_shows_them(tables: Any) -> None:
    send(make_source(), {"type": "identify", "traits": {"email": "anna@acme.example"}})
    anna, marta = leads()["anna@acme.example"], signed_in(make_people()["marta"])
    for typed_in, kept in (("1,500", 1500), ("12.000", 12000), ("1,234,567", 1234567), ("90", 90)):
        marta.post(f"/leads/{anna.pk}/do/change", {"field": "employees", "value": typed_in}, headers=HOST)
        anna.refresh_from_db()
        assert anna.fields["employees"] == kept, typed_in
    page = marta.post(f"/leads/{anna.pk}/do/change", {"field": "employees", "value": "12,5"}, headers=HOST, follow=True).content.decode()
    assert "is not a whole number" in page


def test_fewer_than_no_employees_are_refused_on_pages_and_by_the_api(tables: Any) -> None:
    from tests.server.api.test_records import ask
    from tests.server.world import make_account

    acme = make_account(employees=7)
    send(make_source(), {"type": "identify", "traits": {"email": "anna@acme.example"}})
    anna, marta = leads()["anna@acme.example"], signed_in(make_people()["marta"])
    said = "is too small; 0 is the least"
    page = marta.post(f"/leads/{anna.pk}/do/change", {"field": "employees", "value": "-5"}, headers=HOST, follow=True)
    assert said in page.content.decode()
    assert said in marta.post(f"/companies/{acme.pk}/edit", {"employees": "-5"}, headers=HOST).content.decode()
    for path in (f"leads/{anna.pk}", f"accounts/{acme.pk}"):
        answer = ask("PATCH", path, {"fields": {"employees": -5}})
        assert answer.status_code == 422 and f"employees: -5 {said}" in answer.json()["errors"], path
    anna.refresh_from_db(), acme.refresh_from_db()
    assert "employees" not in anna.fields and acme.fields["employees"] == 7


@pytest.mark.parametrize("subject", ["lead", "account"])
def test_a_filter_takes_whole_numbers_as_pages_show_them(tables: Any, subject: str) -> None:
    from tests.server.world import make_account

    make_account(employees=1_500)
    send(make_source(), {"type": "identify", "traits": {"email": "anna@acme.example", "employees": 1_500}})
    anna, marta = leads()["anna@acme.example"], signed_in(make_people()["marta"])
    for value, is_listed in (("1,500", True), ("1.500", True), ("1,501", False), ("1,234,567", False), ("90", True)):
        page = marta.get("/leads", {"where": f"{subject}.employees:least:{value}"}, headers=HOST).content.decode()
        assert (f"/leads/{anna.pk}" in page) is is_listed and "two numbers" not in page, value


def test_a_page_asks_where_a_number_can_be_two_and_saves_its_own_unchanged(tables: Any) -> None:
    make_field("lead", "worth", "number")
    send(make_source(), {"type": "identify", "traits": {"email": "anna@acme.example", "worth": 1.125}})
    take()
    anna, marta = leads()["anna@acme.example"], signed_in(make_people()["marta"])
    there = f"/leads/{anna.pk}/do/change"
    assert "1.500: write 1500 or 1.5" in marta.post(there, {"field": "worth", "value": "1.500"}, headers=HOST, follow=True).content.decode()
    page = marta.get(f"/leads/{anna.pk}/change", {"field": "worth"}, headers=HOST).content.decode()
    filled = re.search(r'name="value"[^>]* value="([^"]*)"', page)
    assert filled is not None
    answer = marta.post(there, {"field": "worth", "value": filled[1]}, headers=HOST, follow=True)
    assert "was so already" in answer.content.decode()
    anna.refresh_from_db()
    assert anna.fields["worth"] == 1.125


@pytest.mark.parametrize(("millipoints", "shown"), [(53_999, "54"), (74_960, "74.96"), (-53_999, "\u221254"), (0, "0"), (12_345, "12.35")])
def test_lists_show_points_to_the_hundredth(millipoints: int, shown: str) -> None:
    from vaglio_server.web.words import near_points

    assert near_points(millipoints) == shown
