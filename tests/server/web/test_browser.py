"""The pages in Chromium, light and dark, wide and narrow; screenshots stay in build/screenshots."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.running import Running, running, wait_for
from tests.server.web.axe import violations
from tests.server.web.chromium import chromium, needs_chromium
from tests.server.web.people import PASSWORD
from tests.server.web.shots import WANTED, shot
from tests.server.world import leads, make_source

pytestmark = needs_chromium
PAGES = {
    "home": "/",
    "leads": "/leads",
    "model": "/models/small",
    "imports": "/imports",
    "sources": "/sources",
    "companies": "/companies",
    "priority": "/priority?q=acme",
    "second-factor": "/accounts/2fa/",
    "password": "/accounts/password/change/",
}
VIEWS = [("light", 1360, 900), ("dark", 1360, 900), ("light", 390, 844), ("dark", 390, 844)]
WIDTHS = [VIEWS[0], VIEWS[3]]  # for what takes many clicks: done in each width, and kept in both themes
# Where no screenshots are kept, as in `make test`, where test_browser_craft looks at each page: what stands still in two views, journeys
# in one, and what is seen on the way in none more.
SEEN = VIEWS if WANTED != "none" else WIDTHS
ONCE = WIDTHS if WANTED != "none" else WIDTHS[:1]
BESIDE = WIDTHS if WANTED != "none" else []
# For journeys that take long: in one width, and in the other in `make drill`.
WIDE = [WIDTHS[0], pytest.param(*WIDTHS[1], marks=pytest.mark.drill)]
NARROW = [pytest.param(*WIDTHS[0], marks=pytest.mark.drill), WIDTHS[1]]

# What can be filled in or pressed on a page and has no name for who does not see it.
UNNAMED = """[...document.querySelectorAll('main :is(input:not([type=hidden]), select, textarea, button, summary)')]
    .filter(it => !(it.labels?.length || it.ariaLabel || it.textContent.trim() || it.hidden)).map(it => it.outerHTML)"""


@pytest.fixture(scope="module")
def server(company: Any, database: Path) -> Iterator[Running]:
    with running(database, processes=1, VAGLIO_DEMO="1") as found:
        yield found


@pytest.fixture(scope="module")
def known(company: Any) -> dict[str, str]:
    """Anna's page and a write key: asked of the database before the browser starts, which allows no such questions here."""
    source = make_source("moving")
    anna = leads()["anna@acme.example"]
    lead, company = f"/leads/{anna.pk}", f"/companies/{anna.account_id}"
    return {"anna": lead, "lead": lead, "company": company, "key": source.write_key, "source": f"/sources/{source.pk}"}


@pytest.fixture(scope="module")
def browser(known: Any) -> Iterator[Any]:
    with chromium() as found:
        yield found


def opened(browser: Any, scheme: str = "light", width: int = 1360, height: int = 900) -> tuple[Any, list[str]]:
    """Return a page, and what it complains of: errors, and what the security policy forbade."""
    page = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme).new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda told: complaints.append(told.text) if told.type in ("error", "warning") else None)
    return page, complaints


def enter(page: Any, server: Running, name: str = "marta") -> None:
    """Sign in without a look at any page: what a test begins with is the page that it asks for next."""
    page.request.get(f"{server.address}/accounts/login/")
    token = next(each["value"] for each in page.context.cookies() if each["name"] == "csrftoken")
    form = {"user": name, "csrfmiddlewaretoken": token}
    answer = page.request.post(f"{server.address}/demo/sign-in", form=form, headers={"Referer": f"{server.address}/"}, max_redirects=0)
    assert answer.status == 302, answer.status


def come_in(page: Any, server: Running, name: str = "marta") -> None:
    """Sign in by a click, and see the first page."""
    page.goto(f"{server.address}/")
    page.click(f"button[value={name}]")
    page.wait_for_url(f"{server.address}/")


@pytest.mark.parametrize(("scheme", "width", "height"), NARROW)
def test_who_is_not_signed_in_and_who_asks_for_nothing_get_whole_pages(
    server: Running, browser: Any, scheme: str, width: int, height: int
) -> None:
    page, _complaints = opened(browser, scheme, width, height)
    page.goto(f"{server.address}/")
    keep_in_both(page, "sign-in", scheme, width)
    come_in(page, server)
    page.goto(f"{server.address}/leads/999999")
    keep_in_both(page, "nothing", scheme, width)


@pytest.mark.drill  # in `make test` test_browser_craft looks at every page, in one view each
@pytest.mark.parametrize(("scheme", "width", "height"), WIDTHS)
def test_every_page_is_whole(server: Running, browser: Any, known: dict[str, str], scheme: str, width: int, height: int) -> None:
    page, complaints = opened(browser, scheme, width, height)
    enter(page, server)
    for name, address in {**PAGES, **{name: known[name] for name in ("lead", "source", "company")}}.items():
        page.goto(f"{server.address}{address}")
        if name == "lead":
            page.wait_for_selector(".step", timeout=30_000)
            page.wait_for_selector("[data-chart] canvas")
            page.wait_for_selector(".outlook")
            page.click(".step:not([data-leaf]) summary")
        assert is_dark(page) == (scheme == "dark"), name
        keep_in_both(page, name, scheme, width)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} wide on a screen of {width}"
    assert complaints == []


def keep(page: Any, name: str, scheme: str, width: int, *, is_other: bool = False) -> None:
    """Keep a screenshot of a page to be looked at, and see that nothing on it keeps anybody from using it.

    ``is_other``: it was looked at in the other theme already, so only its colours are new.
    """
    page.evaluate("scrollTo(0, 0)")  # a page is looked at from its top: what was scrolled under the header lies under it
    if not is_other or WANTED == "all":
        shot(page, f"{name}-{scheme}-{'wide' if width > 600 else 'narrow'}", is_whole=True)
    troubles = violations(page, of_colours=is_other)
    assert not troubles, "\n".join([name, *troubles])


def keep_in_both(page: Any, name: str, scheme: str, width: int) -> None:
    """Keep a page as it stands, in its theme and in the other: what one clicks does not depend on the theme, what is seen does."""
    keep(page, name, scheme, width)
    if WANTED == "none":  # `make test`: test_browser_craft looks at the colours of each page in both
        return
    other = "light" if scheme == "dark" else "dark"
    show_in(page, other)
    assert is_dark(page) == (other == "dark"), name
    keep(page, name, other, width, is_other=True)
    show_in(page, scheme)


def is_dark(page: Any) -> bool:
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(int(part) for part in ground[4:-1].split(",")[:3]) < 200


def show_in(page: Any, scheme: str) -> None:
    """Change the theme, and pass over the colours in between."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate(f"document.documentElement.dataset.bsTheme = '{scheme}'")
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    page.evaluate("() => { for (const each of document.getAnimations()) if (each instanceof CSSTransition) each.finish(); }")


def test_home_moves_while_one_looks(server: Running, browser: Any, known: dict[str, str]) -> None:
    page, complaints = opened(browser)
    come_in(page, server)
    traits = {"email": "elio@acme.example", "firstName": "Elio", "title": "CTO", "employees": 90}
    page.wait_for_selector("text=running")
    assert page.locator("text=Elio").count() == 0
    told = json.dumps({"writeKey": known["key"], "userId": "elio", "traits": traits}).encode()
    with urllib.request.urlopen(f"{server.address}/v1/identify", told) as answer:
        assert answer.status == 200
    page.wait_for_selector("text=Elio", timeout=30_000)
    assert complaints == []


def test_leads_are_found_as_one_types(server: Running, browser: Any) -> None:
    page, complaints = opened(browser)
    enter(page, server)
    page.goto(f"{server.address}/leads")
    page.fill(".filters input[name=q]", "tarusa")
    wait_for(lambda: page.locator("#rows .person").count() == 1, 10)
    assert page.inner_text("#rows .person a") == "Anna Tărușă"
    assert page.url.endswith("?q=tarusa")
    page.fill(".filters input[name=q]", "")
    wait_for(lambda: page.locator("#rows .person").count() > 1, 10)
    page.click("summary:has-text('Ratings')")
    page.check(".filters input[value=A1]")
    wait_for(lambda: page.locator("#rows .person").count() == 1, 10)
    page.click("#rows .person a")
    page.wait_for_selector(".step", timeout=30_000)
    page.click(".step:not([data-leaf]) summary")
    assert "form submitted" in page.inner_text(".step[open]").lower() or "page viewed" in page.inner_text(".step[open]").lower()
    assert complaints == []


def test_a_list_is_filtered_kept_and_changed_at_once(server: Running, browser: Any) -> None:
    for scheme, width, _height in ONCE:
        page, complaints = opened(browser, scheme, width)
        enter(page, server)
        page.goto(f"{server.address}/leads")
        page.click("summary:has-text('Add a filter')")
        page.select_option("#filter-on", "activity.form_submitted")
        page.wait_for_selector("#filter-how input[name=value]")
        keep(page, "filter", scheme, width)
        page.click("text=Add the filter")
        page.wait_for_selector(".chip")
        page.wait_for_selector(".count:has-text('1 lead')")
        assert page.locator("#rows .person").count() == 1
        page.click("summary:has-text('Keep as a view')")
        page.fill("#view-name", f"Asked for a demo {width}")
        page.click("button:has-text('Keep it')")
        page.wait_for_selector(f".views a[aria-current]:has-text('demo {width}')")
        page.click("summary:has-text('Columns')")
        page.check("input[name=col][value='lead.employees']")
        keep(page, "columns", scheme, width)
        page.click("text=Show these columns")
        page.wait_for_selector("th:has-text('Employees')", state="attached")
        assert page.locator("#rows .lead [data-label='Employees']").inner_text() == "90"
        assert page.evaluate("(its => its.scrollWidth - its.clientWidth)(document.querySelector('.list').parentElement)") <= 0
        assert page.locator(".list thead").is_visible() == (width > 600)  # on phones each value has its heading beside it
        if width > 600:
            page.goto(f"{server.address}/leads")
            page.check("[data-leads-all]")
            assert page.inner_text("[data-leads-chosen]") == str(page.locator("#rows .person").count())
            page.fill(".bulk-bar input[name=list]", "Fair in Milan")
            keep(page, "bulk", scheme, width)
            page.click(".bulk-bar button:has-text('Put on')")
            page.wait_for_selector("text=are new on the list fair in milan")
            with page.expect_download() as given:
                page.click("summary:has-text('Take as a file')")
                page.click("button:has-text('Excel')")
            assert given.value.suggested_filename.endswith(".xlsx")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert complaints == []


def test_every_page_is_reached_by_the_keyboard(server: Running, browser: Any) -> None:
    page, complaints = opened(browser)
    come_in(page, server)
    page.keyboard.press("Control+k")
    page.keyboard.type("lea")
    keep(page, "palette", "light", 1360)
    assert page.inner_text("#palette [data-here]") == "Leads"  # the first of those with it
    page.keyboard.press("Enter")
    page.wait_for_url(f"{server.address}/leads")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.inner_text("#rows .person a >> nth=0")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"h1:has-text('{first}')")
    page.keyboard.press("Control+k")
    page.keyboard.type("bru")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{server.address}/leads?q=bru")
    assert complaints == []


def test_the_theme_chosen_stays(server: Running, browser: Any) -> None:
    page, _complaints = opened(browser)
    come_in(page, server)
    page.click("[data-theme-switch]")
    page.goto(f"{server.address}/leads")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_by_password_with_the_keyboard_alone(server: Running, browser: Any) -> None:
    page, complaints = opened(browser)
    page.goto(f"{server.address}/leads")
    page.focus("input[name=login]")
    page.keyboard.type("irina")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{server.address}/leads")  # where one wanted to go
    page.keyboard.press("/")
    page.keyboard.type("anna")
    page.keyboard.press("Enter")
    page.wait_for_url("**/leads?q=anna")
    wait_for(lambda: page.locator("#rows .person").count() == 1, 10)
    page.click("details.menu summary:has-text('irina')")
    page.click("text=Sign out")
    page.wait_for_url("**/accounts/login/**")
    assert complaints == []


@pytest.mark.drill  # in `make test` the keyboard does so, see test_browser_craft
@pytest.mark.parametrize(("scheme", "width", "height"), WIDTHS)
def test_two_leads_that_are_one_are_merged_and_parted(
    server: Running, browser: Any, known: dict[str, str], scheme: str, width: int, height: int
) -> None:
    page, complaints = opened(browser, scheme, width, height)
    come_in(page, server)
    said = {"writeKey": known["key"], "userId": "bruno", "previousId": "anna", "messageId": f"{scheme} {width}"}
    with urllib.request.urlopen(f"{server.address}/v1/alias", json.dumps(said).encode()) as answer:
        assert answer.status == 200
    page.goto(f"{server.address}{known['anna']}")
    wait_for(lambda: page.reload() and page.locator(".notice").count() == 1, 20)
    page.wait_for_selector(".step", timeout=30_000)
    keep(page, "lead-match", scheme, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    before = page.locator(".known li").count()
    page.click(".notice button:has-text('Merge')")
    page.wait_for_selector("text=is part of this lead now")
    assert page.locator(".known li").count() == before + 3
    keep(page, "lead-merged", scheme, width)
    page.click(".known button:has-text('Undo')")
    page.wait_for_selector("text=is a lead of its own again")
    assert page.locator(".known li").count() == before
    assert complaints == []


def test_a_file_of_ones_own_becomes_ranked_leads(server: Running, browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "fair.csv"
    people = "".join(f"Gast {n};CTO;g{n}@guest{n}.example;{n}0\n" for n in range(1, 40))
    file.write_text(f"Name;Job title;E-mail;No. of employees\nNo Body;;;\n{people}", encoding="cp1252")
    for scheme, width, _height in ONCE:
        page, complaints = opened(browser, scheme, width)
        come_in(page, server)
        page.click("nav summary")
        keep(page, "menu", scheme, width)
        page.click("nav >> text=Import a file")
        page.set_input_files("#file", file)
        page.click("text=Look at it")
        page.wait_for_selector("text=Nothing is stored yet")
        assert page.locator(".faults li").count() == 1
        keep(page, "import-ready", scheme, width)
        page.click("button[name=start]")
        page.wait_for_selector("text=See the leads", timeout=30_000)
        assert page.get_attribute("#result", "hx-get") is None  # asks no more
        keep(page, "import-done", scheme, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        with page.expect_download() as given:
            page.click("text=Download the rows not taken")
        assert "names nobody" in given.value.path().read_text(encoding="utf-8")
        page.click("text=See the leads")
        page.goto(f"{server.address}/leads?q=gast")
        page.wait_for_selector("tbody tr:has-text('Gast 39')")
        assert complaints == []
    wait_for(
        lambda: page.goto(f"{server.address}/leads?q=gast+39") is not None and page.locator("tbody .rating").first.inner_text() != "", 30
    )
