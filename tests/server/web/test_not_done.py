"""What is pressed after somebody was signed out, or on a page from before they signed in anew, is not lost without a word."""

import re
from typing import Any

import pytest

from tests.server.lifecycle.world import rated
from tests.server.web.people import PASSWORD, signed_in
from tests.server.web.reading import read
from tests.server.world import HOST

pytestmark = pytest.mark.usefixtures("tables")
PAGE = "/inbox?status=new&page=2"
FROM_PAGE = {**HOST, "Referer": f"http://localhost{PAGE}"}


def test_who_was_signed_out_is_told_and_comes_back_to_the_page(people: dict[str, Any]) -> None:
    lead = rated("A1", owner=people["luca"])
    people["luca"].set_password(PASSWORD)
    people["luca"].save()
    luca = signed_in(people["luca"])
    luca.logout()  # as in another tab
    answer = luca.post(f"/inbox/{lead.pk}/accept", {}, headers=FROM_PAGE, follow=True)
    ((to_sign_in, _status),) = answer.redirect_chain
    page = read(answer)
    assert "what you pressed was not done. Sign in, and press it again." in page
    assert 'name="next" value="/inbox?status=new&amp;page=2"' in page
    back = luca.post(to_sign_in, {"login": "luca", "password": PASSWORD, "next": PAGE}, headers=HOST)
    assert (back.status_code, back["Location"]) == (302, PAGE)


@pytest.mark.parametrize("came_from", ["", "https://elsewhere.example/inbox", "javascript:alert(1)", "//elsewhere.example/"])
def test_nobody_is_led_elsewhere(people: dict[str, Any], came_from: str) -> None:
    from django.test import Client

    answer = Client(headers=HOST).post("/inbox/1/accept", {}, headers={**HOST, "Referer": came_from})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/")


def test_a_part_of_a_page_is_answered_as_before(people: dict[str, Any]) -> None:
    from django.test import Client

    assert Client(headers=HOST).post("/inbox/1/accept", {}, headers={**FROM_PAGE, "HX-Request": "true"}).status_code == 401


def test_a_page_from_before_a_new_sign_in_says_so(people: dict[str, Any]) -> None:
    from django.test import Client

    strict = Client(headers=HOST, enforce_csrf_checks=True)
    strict.force_login(people["marta"])
    answer = strict.post("/leads/views", {"csrfmiddlewaretoken": "of another sign-in"}, headers=FROM_PAGE)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert "press it again" in read(strict.get("/"))
    part = strict.post("/leads/views", {}, headers={**FROM_PAGE, "HX-Request": "true"})
    assert part.status_code == 403 and re.match("CSRF", part.content.decode())


def test_on_the_demo_one_click_leads_back_too(people: dict[str, Any]) -> None:
    from django.test import Client, override_settings

    with override_settings(DEMO=True):
        for after, there in ((PAGE, PAGE), ("https://elsewhere.example/", "/")):
            answer = Client(headers=HOST).post("/demo/sign-in", {"user": "luca", "next": after}, headers=HOST)
            assert (answer.status_code, answer["Location"]) == (302, there)
        assert 'name="next"' in read(Client(headers=HOST).get("/accounts/login/?next=/inbox")).split("demo/sign-in")[1]
