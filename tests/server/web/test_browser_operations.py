"""What is looked after, in Chromium: somebody is invited, comes in, and is out at once; screenshots stay in build/screenshots."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.running import Running, running, wait_for
from tests.server.web.chromium import chromium, needs_chromium
from tests.server.web.test_browser import NARROW, UNNAMED, WIDTHS, come_in, enter, keep, keep_in_both, opened
from tests.server.world import AT, make_field, make_source

pytestmark = needs_chromium
PAGES = {
    "users": "/users",
    "tokens": "/tokens",
    "fields": "/fields",
    "field": "/fields/lead/tier",
    "audit": "/audit",
    "activities": "/activities",
    "jobs": "/jobs",
    "settings": "/settings",
}
PASSPHRASE = "four words are enough"


@pytest.fixture(scope="module")
def house(company: dict[str, Any], database: Path) -> Iterator[tuple[Running, dict[str, str]]]:
    """A server with tokens and fields, and what is to be known of it before the browser runs, which allows no questions here."""
    from vaglio_server.users.actions import create_token

    for name, kind, choices in (("tier", "choice", ("Gold", "Silver", "Bronze")), ("contract_ends", "date", ())):
        make_field("lead", name, kind, choices)
    for name, whose in (("warehouse", "ada"), ("spreadsheet of the south", "luca")):
        create_token(user=company[whose], name=name, scope="read", by=whose, at=AT)
    known = {"key": make_source("shop").write_key, "luca": f"/users/{company['luca'].pk}"}
    with running(database, processes=1, VAGLIO_DEMO="1") as found:
        yield found, known


@pytest.fixture(scope="module")
def browser(house: Any) -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.mark.drill  # in `make test` test_browser_craft looks at every page, in one view each
@pytest.mark.parametrize(("scheme", "width", "height"), WIDTHS)
def test_every_page_is_whole(house: Any, browser: Any, scheme: str, width: int, height: int) -> None:
    server, known = house
    page, complaints = opened(browser, scheme, width, height)
    enter(page, server, "ada")
    for name, address in {**PAGES, "user": known["luca"]}.items():
        page.goto(f"{server.address}{address}")
        keep_in_both(page, name, scheme, width)
        assert page.locator("h1").count() == 1
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} wide on a screen of {width}"
        assert page.evaluate(UNNAMED) == [], name
    assert complaints == []


@pytest.mark.parametrize(("scheme", "width", "height"), NARROW)
def test_somebody_is_invited_comes_in_and_is_out_at_once(house: Any, browser: Any, scheme: str, width: int, height: int) -> None:
    server, name = house[0], f"anna.{scheme}"
    ada, complaints = opened(browser, scheme, width, height)
    enter(ada, server, "ada")
    ada.goto(f"{server.address}/users")
    ada.fill("input[name=name]", name)
    ada.fill("input[name=email]", f"{name}@example.com")
    ada.select_option("select[name=team]", label="south")
    ada.click("text=Make the invitation")
    ada.wait_for_selector("#link")
    keep(ada, "user-invited", scheme, width)
    link = ada.inner_text("#link")
    anna, hers = opened(browser, scheme, width, height)
    anna.goto(link)
    keep(anna, "join", scheme, width)
    anna.fill("input[name=first_name]", "Anna")
    anna.fill("input[name=password]", PASSPHRASE)
    anna.click("text=Come in")
    anna.wait_for_url(f"{server.address}/")
    anna.goto(f"{server.address}/leads")
    anna.wait_for_selector(".person >> text=Anna Tărușă")  # of her team
    again, _theirs = opened(browser, scheme, width, height)
    again.goto(link)
    assert "does not hold any more" in again.inner_text("main")
    keep(again, "link-void", scheme, width)
    ada.reload()
    ada.click("summary:has-text('Block')")
    keep(ada, "user-block", scheme, width)
    ada.click("text=Block them now")
    ada.wait_for_selector("text=They are out")
    assert ada.evaluate("document.documentElement.scrollWidth") <= width
    anna.click("a.brand")
    anna.wait_for_url("**/accounts/login/**")
    anna.fill("input[name=login]", name)
    anna.fill("input[name=password]", PASSPHRASE)
    anna.click("form[action='/accounts/login/'] button")
    anna.wait_for_url("**/accounts/inactive/")
    assert complaints == hers == []


def test_a_refused_call_is_put_right_by_the_keyboard(house: Any, browser: Any) -> None:
    server, known = house
    told = {"writeKey": known["key"], "batch": [{"type": "track", "event": "Demo Requested"}, {"type": "order", "userId": "u1"}]}
    request = urllib.request.Request(f"{server.address}/v1/batch", json.dumps(told).encode())
    urllib.request.urlopen(request).close()
    page, complaints = opened(browser, "dark", 390, 844)
    come_in(page, server)

    def shown() -> bool:
        page.goto(f"{server.address}/refused")
        return bool(page.locator("summary.refused").count() == 2)

    wait_for(shown, 20)
    page.locator("summary.refused").last.press("Enter")
    keep_in_both(page, "refused", "dark", 390)
    page.locator("a:text('Put it right') >> visible=true").press("Enter")
    page.wait_for_selector("#mend")
    page.press("#mend", "Control+End")
    page.keyboard.type("x")
    page.locator("button:text('Take it so')").press("Enter")
    page.wait_for_selector("text=this is no JSON: line 4")
    assert page.evaluate("document.activeElement.id") == "mend"
    keep_in_both(page, "refused-mend", "dark", 390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.fill("#mend", json.dumps({"type": "track", "event": "Demo Requested", "userId": "u1"}))
    page.locator("button:text('Take it so')").press("Enter")
    page.wait_for_selector("text=It is taken now")
    assert page.locator("summary.refused").count() == 1
    assert [text for text in complaints if "422" not in text] == []


def test_a_token_is_shown_once_copied_and_opens_the_api(house: Any, browser: Any) -> None:
    server = house[0]
    page, complaints = opened(browser)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    enter(page, server, "vera")
    page.goto(f"{server.address}/tokens")
    page.fill("#name", "report")
    page.click("text=Make the token")
    text = page.inner_text("#token")
    keep(page, "token-made", "light", 1360)
    page.click("[data-copy]")
    page.wait_for_selector("text=Copied")
    assert page.evaluate("navigator.clipboard.readText()") == text
    asked = urllib.request.Request(f"{server.address}/api/leads", headers={"Authorization": f"Bearer {text}"})
    with urllib.request.urlopen(asked) as answer:
        assert answer.status == 200
    page.goto(f"{server.address}/tokens")
    assert text not in page.content()
    page.wait_for_selector("li:has-text('report') >> text=used")
    assert complaints == []


def test_the_feed_and_the_jobs_move_while_one_looks(house: Any, browser: Any) -> None:
    server, known = house
    page, complaints = opened(browser)
    enter(page, server, "marta")
    page.goto(f"{server.address}/activities")
    before = page.locator(".feed li").count()
    told = {"writeKey": known["key"], "userId": "anna", "event": "Brochure Asked For", "properties": {"title": "Lead scoring"}}
    with urllib.request.urlopen(f"{server.address}/v1/track", json.dumps(told).encode()) as answer:
        assert answer.status == 200
    page.wait_for_selector("text=brochure asked for", timeout=30_000)
    assert page.locator(".feed li").count() == before + 1
    page.reload()
    page.select_option("select[name=type]", "brochure_asked_for")
    wait_for(lambda: page.locator(".feed li").count() == 1, 10)
    assert page.url.endswith("?type=brochure_asked_for")
    page.wait_for_timeout(3_500)  # what it asks for by itself is of that kind too
    assert page.locator(".feed li").count() == 1
    page.goto(f"{server.address}/jobs")
    page.wait_for_selector("text=1 worker is connected", timeout=10_000)
    assert complaints == []


def test_the_trail_is_filtered_as_one_chooses(house: Any, browser: Any) -> None:
    page, complaints = opened(browser)
    enter(page, house[0], "ada")
    page.goto(f"{house[0].address}/audit")
    page.select_option("select[name=verb]", "define_field")
    wait_for(lambda: page.locator(".trail li").count() == 2, 10)
    page.click(".trail a:has-text('Tier')")
    page.wait_for_url("**/fields/lead/tier")
    assert complaints == []
