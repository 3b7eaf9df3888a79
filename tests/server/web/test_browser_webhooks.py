"""An administrator has another system told: the address is checked at once, a test answers, and what is sent is seen as it comes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.connectors.receiver import Came, Receiver, Say, receiving
from tests.server.lifecycle.world import live, rated
from tests.server.running import Running, running, wait_for
from tests.server.web.axe import violations
from tests.server.web.chromium import needs_chromium
from tests.server.web.people import PASSWORD, make_people
from tests.server.web.shots import shot
from tests.server.web.test_browser import WIDTHS, enter, opened

# In `make test` test_webhooks walks through the same without a browser, test_browser_craft looks at the pages.
pytestmark = [needs_chromium, pytest.mark.drill]
PAGES = {"webhooks": "/webhooks", "webhook": "/webhooks/1", "nurture": "/nurture", "nurtured": "/nurture/newsletter"}

# How many of two clicks on "Make another secret" are sent.
TWICE = """() => {
  let sent = 0;
  addEventListener("submit", (event) => { sent += !event.defaultPrevented; event.preventDefault(); });
  const form = document.querySelector("form[action$='/secret']");
  form.requestSubmit();
  form.requestSubmit();
  return sent;
}"""


def answer(came: Came) -> Say:
    if b"clock" in came.body:
        return Say(500, text=b"no such lead")
    return Say(after_seconds=2.0) if b"ping" in came.body else Say()


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving(answer) as found:
        yield found


@pytest.fixture(scope="module")
def server(database: Path, receiver: Receiver) -> Iterator[Running]:
    from tests.server.conftest import empty_tables

    empty_tables()
    make_people(PASSWORD)
    live()
    with running(database, processes=1, VAGLIO_DEMO="1", VAGLIO_WEBHOOK_HOSTS=f"127.0.0.1:{receiver.port}") as found:
        yield found


def test_another_system_is_told(server: Running, receiver: Receiver, browser: Any) -> None:
    page, complaints = opened(browser)
    enter(page, server, "ada")
    page.goto(f"{server.address}/webhooks")
    page.fill("#name", "Mail system")
    page.fill("#address", "https://169.254.169.254/latest/meta-data")
    page.click("text=Make it, and show its secret")
    page.wait_for_selector("text=169.254.169.254 is an address inside a network")
    shot(page, "webhooks-refused", is_whole=True)
    page.fill("#address", receiver.url())
    page.click("text=Make it, and show its secret")
    assert page.text_content("#secret").startswith("whsec_")
    page.click("text=Then send it a test")
    page.click("text=Send a test")
    page.click("#deliveries summary")  # it waits still
    page.focus("#deliveries details[open] button")
    page.wait_for_selector("#deliveries .state.good >> text=200", timeout=60_000)
    assert page.locator("#deliveries details[open]").count() == 1, "what is read stays open while it goes on"
    assert page.evaluate("document.activeElement.closest('#deliveries details') !== null")
    make_leads()
    wait_for(lambda: len(receiver.came) > 10, 60)
    page.reload()
    page.wait_for_selector("#deliveries .state.good >> nth=9", timeout=30_000)
    assert complaints == [] or all("422" in each for each in complaints)
    assert page.evaluate(TWICE) == 1
    for scheme, width, height in WIDTHS:
        seen, complaints = opened(browser, scheme, width, height)
        enter(seen, server, "ada")
        for name, path in PAGES.items():
            seen.goto(f"{server.address}{path}")
            if name == "webhook":
                seen.click("#deliveries summary >> nth=2")
            shot(seen, f"{name}-{scheme}-{width}", is_whole=True)
            assert violations(seen) == []
            assert seen.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert complaints == []


def make_leads() -> None:
    """Have leads rated beside the server, from a thread of its own: the browser's allows no questions of the database."""
    import threading

    def make() -> None:
        from django.db import connection

        for number in range(12):
            rated(("B2", "C1", "A1", "D4")[number % 4])
        connection.close()

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
