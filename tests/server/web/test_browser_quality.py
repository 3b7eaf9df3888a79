"""Suspicious leads and machine clicks in Chromium: whole in every view, chosen and decided with mouse and keyboard."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.running import Running, running
from tests.server.web.chromium import needs_chromium
from tests.server.web.test_browser import WIDE, enter, keep_in_both, opened

# In `make test` test_quality decides without a browser, and test_browser_craft chooses and looks at the pages.
pytestmark = [needs_chromium, pytest.mark.drill]
PAGES = {"suspicious": "/suspicious", "machines": "/machines"}
WHO = (
    ("asdf@mailinator.com", "asdf", "qwer", "123456789"), ("rosa.conti@yopmail.com", "Rosa", "Conti", ""),
    ("info@piastrellenova.it", "", "", ""), ("hgtrfc@gmail.com", "Hgtrfc", "Vbnhjm", ""),
    ("luigi.ferri@gmail.com", "Luigi", "Ferri", "+39 12"), ("john@test.com", "John", "Doe", ""),
)  # fmt: skip


@pytest.fixture(scope="module")
def server(company: Any, database: Any) -> Iterator[Running]:
    from tests.server.tracking.test_marks import click, sweep
    from tests.server.world import make_source, send

    source = make_source("scanned")
    names = ("email", "firstName", "lastName", "phone")
    send(source, *({"type": "identify", "userId": who[0], "traits": {n: v for n, v in zip(names, who, strict=True) if v}} for who in WHO))
    send(source, *(click("anna", 4 + place / 5, f"https://acme.example/{link}") for place, link in enumerate("abcde")))
    send(source, *(click("bruno", 9 + place / 3, f"https://acme.example/{link}") for place, link in enumerate("abcd")))
    send(source, click("anna", 90, "/x", "curl/8.5.0"))
    sweep()
    with running(database, role="web", processes=1, VAGLIO_DEMO="1") as found:
        yield found


@pytest.mark.parametrize(("scheme", "width", "height"), WIDE)
def test_every_page_is_whole(server: Running, browser: Any, scheme: str, width: int, height: int) -> None:
    page, complaints = opened(browser, scheme, width, height)
    enter(page, server)
    for name, address in PAGES.items():
        page.goto(f"{server.address}{address}")
        if name == "machines":
            page.click(".acts-of summary >> nth=0")
        keep_in_both(page, name, scheme, width)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} wide on a screen of {width}"
    assert complaints == []


def test_all_are_chosen_and_decided_on(server: Running, browser: Any) -> None:
    page, complaints = opened(browser)
    enter(page, server)
    page.goto(f"{server.address}/suspicious")
    there = page.locator(".chooser tbody tr").count()  # these, and whoever of the company is called like a program
    assert there >= len(WHO)
    page.focus("[data-choose-all]")
    page.keyboard.press("Space")
    assert page.inner_text("[data-chosen-count]") == str(there)
    page.uncheck("input[aria-label='Rosa Conti']")
    assert page.inner_text("[data-chosen-count]") == str(there - 1)
    page.click("button[value=spam]")
    page.wait_for_selector(f"text={there - 1} leads are spam now.")
    assert page.locator(".chooser tbody tr").count() == 1
    page.goto(f"{server.address}/machines")
    page.check("[data-choose-all] >> nth=0")
    page.click("button[value=undo]")
    page.wait_for_selector("text=2 are undone")
    page.check("input[value='curl/8.5.0']", timeout=5_000)
    page.click("section:has(#named-title) >> text=These were people")
    page.wait_for_selector("text=1 activity counts again from now on.")
    assert page.locator("#named-title").count() == 0
    assert complaints == []
