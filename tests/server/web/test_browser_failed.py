"""A part of a page that does not come says so, and comes when it is asked for again; no skeleton is left standing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.running import Running, running
from tests.server.web.chromium import needs_chromium
from tests.server.web.keyboard import focused, tab_to
from tests.server.web.test_browser import NARROW, enter, keep_in_both, opened
from tests.server.world import leads

pytestmark = needs_chromium
LATE_MS = 21_000


@pytest.fixture(scope="module")
def anna(company: Any) -> str:
    return f"/leads/{leads()['anna@acme.example'].pk}"


@pytest.fixture(scope="module")
def server(anna: str, database: Path) -> Iterator[Running]:
    with running(database, role="web", processes=1, VAGLIO_DEMO="1") as found:
        yield found


@pytest.fixture
def page(server: Running, browser: Any) -> Any:
    found, _complaints = opened(browser)
    enter(found, server)
    return found


def lost(route: Any) -> None:
    route.abort("connectionreset")


def broken(route: Any) -> None:
    route.fulfill(status=500, content_type="text/html", body="<!doctype html><html><body><h1>Something went wrong</h1></body></html>")


def never(_route: Any) -> None:
    """Answer nothing, and do not say so."""


@pytest.mark.parametrize(
    ("fails", "said"),
    [(lost, "cannot be reached"), (broken, "answered with an error"), (never, "took too long")],
    ids=["lost", "error", "late"],
)
def test_a_why_that_does_not_come_says_so_and_comes_when_asked_again(page: Any, server: Running, anna: str, fails: Any, said: str) -> None:
    if fails is never:
        page.clock.install()
    page.route("**/why*", fails)
    page.goto(f"{server.address}{anna}")
    if fails is never:
        page.wait_for_selector("#why .skeleton")
        page.clock.fast_forward(LATE_MS)
    page.wait_for_selector("#why [role=alert]")
    assert page.locator("#why .skeleton").count() == 0
    assert page.inner_text("#why [role=alert]").split("\n")[0].startswith("Why the lead has this rating could not be shown.")
    assert said in page.inner_text("#why [role=alert]")
    assert page.locator("#why h1").count() == 0  # a page of an error is no part of this one
    # It fails again: it is said again, and the keyboard stays on the button.
    tab_to(page, "Try again")
    if fails is not never:
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.activeElement.closest('#why [role=alert]') !== null")
        assert focused(page)["name"] == "Try again"
    page.unroute("**/why*")
    page.keyboard.press("Enter")
    page.wait_for_selector("#why .step", timeout=30_000)
    assert page.locator("#why [role=alert]").count() == 0
    assert page.evaluate("document.activeElement.id") == "why"


def test_what_comes_later_elsewhere_says_so_too(page: Any, server: Running, anna: str) -> None:
    page.route("**/outlook", lost)
    page.route("**/leads/count*", broken)
    page.route("**/fields/*", lost)
    page.goto(f"{server.address}{anna}")
    page.wait_for_selector("text=What comes next could not be shown.")
    page.click("details.was summary >> nth=0")
    page.wait_for_selector("text=What it was before could not be shown.")
    page.unroute("**/fields/*")
    page.click("details.was[open] >> text=Try again")
    page.wait_for_selector("details.was[open] [role=alert]", state="detached")
    assert page.inner_text("details.was[open] div").strip() != ""
    page.goto(f"{server.address}/leads")
    page.wait_for_selector("text=How many there are could not be counted.")
    page.unroute("**/leads/count*")
    page.click(".count >> text=Try again")
    page.wait_for_selector(".count >> text=/4 leads/")


def test_a_list_that_is_not_fetched_is_not_taken_for_the_answer(page: Any, server: Running) -> None:
    page.goto(f"{server.address}/leads")
    page.wait_for_selector("#rows .person")
    page.route("**/leads?*", lost)
    page.fill("#filters input[name=q]", "Bruno")
    page.wait_for_selector("form.filters + [role=alert] >> text=below is what was asked for before")
    assert page.locator("#rows .person").count() == 4
    page.unroute("**/leads?*")
    page.click("text=Try again")
    page.wait_for_selector("form.filters + [role=alert]", state="detached")
    assert page.locator("#rows .person").count() == 1


def test_a_page_that_asks_for_itself_says_when_it_has_stopped_and_goes_on_by_itself(page: Any, server: Running) -> None:
    page.goto(f"{server.address}/")
    page.route(f"{server.address}/", broken)
    page.wait_for_selector("text=has stopped following what happens", timeout=10_000)
    assert page.locator("#live .matrix").count() == 1  # what was known stays
    page.wait_for_timeout(4_500)
    assert page.locator("[role=alert]").count() == 1
    page.unroute(f"{server.address}/")
    page.wait_for_selector("[role=alert]", state="detached", timeout=10_000)


def test_who_is_no_longer_signed_in_is_told_and_gets_to_the_page_to_sign_in(page: Any, server: Running, anna: str) -> None:
    page.goto(f"{server.address}{anna}")
    page.wait_for_selector("#why .step", timeout=30_000)
    page.context.clear_cookies(name="sessionid")
    opens = page.locator("#deed-note")
    width = opens.bounding_box()["width"]
    opens.click()
    page.fill("[name=text]", "Call back")
    page.click("details[open] .menu-in .btn-primary")
    page.wait_for_selector(".menu-in >> text=You are no longer signed in.")
    assert opens.bounding_box()["width"] == width and page.input_value("[name=text]") == "Call back"
    page.keyboard.press("Escape")
    page.click("details.was summary >> nth=0")
    page.wait_for_selector("details.was[open] >> text=You are no longer signed in.")
    page.click("details.was[open] >> text=Sign in")
    page.wait_for_url("**/login/**")


@pytest.mark.parametrize(("scheme", "width", "height"), NARROW)
def test_it_can_be_read_and_used_by_everybody(server: Running, browser: Any, anna: str, scheme: str, width: int, height: int) -> None:
    page, _complaints = opened(browser, scheme, width, height)
    enter(page, server)
    for part in ("**/why*", "**/outlook"):
        page.route(part, lost)
    page.goto(f"{server.address}{anna}")
    page.wait_for_selector("text=What comes next could not be shown.")
    page.wait_for_selector("#why [role=alert]")
    keep_in_both(page, "failed", scheme, width)
