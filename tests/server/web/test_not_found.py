"""An address that is written a little wrong leads to the page that is meant; what is none says so, and nobody is led elsewhere."""

from typing import Any

import pytest

from tests.server.web.people import signed_in
from tests.server.web.reading import read

pytestmark = pytest.mark.usefixtures("tables")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/leads/", "/leads"),
        ("/leads/?q=anna%20rossi&rating=A1&rating=A2", "/leads?q=anna+rossi&rating=A1&rating=A2"),
        ("/models//", "/models"),
        ("/accounts/login", "/accounts/login/"),  # the pages to sign in have one
    ],
)
def test_a_slash_too_many_or_too_few_leads_to_the_page(people: dict[str, Any], typed: str, meant: str) -> None:
    answer = signed_in(people["marta"]).get(typed)
    assert answer.status_code in (301, 302) and answer["Location"] == meant


@pytest.mark.parametrize("typed", ["/lead/", "/no/such/page", "/\\leads/", "/leads/1/nothing/"])
def test_what_is_no_page_says_so(people: dict[str, Any], typed: str) -> None:
    answer = signed_in(people["marta"]).get(typed)
    assert answer.status_code == 404 and "<h1>" in read(answer)


def test_what_is_sent_is_not_led_elsewhere(people: dict[str, Any]) -> None:
    assert signed_in(people["marta"]).post("/leads/new/", {"email": "anna@acme.example"}).status_code == 404
