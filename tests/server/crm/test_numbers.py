"""Numbers as people write them, and where pages take them so."""

from typing import Any

import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.world import HOST, leads, make_field, make_source, send, take
from vaglio_server.crm.logic.numbers import as_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12,5", "12.5"), ("1.234,5", "1234.5"), ("1,234.5", "1234.5"), ("1 234,50", "1234.50"), ("-0,5", "-0.5"), ("12", "12"),
        ("1,234", "1234"), ("1.234", "1.234"), ("1.234.567", "1234567"), ("1'234.5", "1234.5"), ("0,125", "0.125"),
        ("1.234.567,8", "1234567.8"), ("1234,567", "1234.567"),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(text: str, number: str) -> None:
    assert as_number(text) == number


@pytest.mark.parametrize(("text", "number"), [("1,234", "1.234"), ("1.234", "1234"), ("12,5", "12.5"), ("1,234.5", "1234.5")])
def test_where_the_text_does_not_tell_the_readers_own_way_does(text: str, number: str) -> None:
    assert as_number(text, ",") == number


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


@pytest.mark.parametrize(("millipoints", "shown"), [(53_999, "54"), (74_960, "74.96"), (-53_999, "\u221254"), (0, "0"), (12_345, "12.35")])
def test_lists_show_points_to_the_hundredth(millipoints: int, shown: str) -> None:
    from vaglio_server.web.words import near_points

    assert near_points(millipoints) == shown
