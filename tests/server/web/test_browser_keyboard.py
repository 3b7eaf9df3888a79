"""The journeys of marketers, sellers and administrators by the keyboard alone; the first run is in test_browser_first_run.py.

Merging on a lead's page, and forms, are in test_browser_craft.py; duplicates in test_browser_duplicates.py.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.running import Running, running
from tests.server.web.axe import violations
from tests.server.web.chromium import needs_chromium
from tests.server.web.keyboard import (
    choose,
    focused,
    give_file,
    go_to,
    opened,
    press,
    shown_focus,
    sign_in,
    sweep,
    tab_to,
    to_content,
    wait_for_focus,
    wait_for_why,
    write,
)
from tests.server.web.office import make_office

pytestmark = needs_chromium
WATCH_SHIFT = """() => { window.shifted = 0; new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifted += each.value;
}).observe({type: 'layout-shift'}); }"""


@pytest.fixture(scope="module")
def office(database: Path) -> dict[str, str]:
    from tests.server.world import leads

    people = make_office()
    known = {lead.fields.get("first_name", ""): f"/leads/{lead.pk}" for lead in leads().values()}
    return known | {"luca": f"/users/{people['luca'].pk}"}


@pytest.fixture(scope="module")
def server(office: Any, database: Path) -> Iterator[Running]:
    with running(database, processes=1, VAGLIO_DEMO="1") as found:
        yield found


@pytest.fixture
def marta(server: Running, browser: Any) -> Iterator[Any]:
    page, complaints = opened(browser)
    sign_in(page, server.address, "marta")
    yield page
    assert complaints == []


def test_a_list_is_filtered_kept_and_given_to_a_seller(marta: Any, server: Running) -> None:
    page = marta
    go_to(page, "Leads")
    press(page, "Add a filter")
    tab_to(page, "Of the lead")
    choose(page, "Job title")
    page.wait_for_selector("#filter-how-chosen[hx-get*=job_title]")  # and not what was asked for on the way down
    tab_to(page, "Value")
    page.keyboard.type("CTO", delay=20)  # what is asked for a field may come while one types
    assert focused(page)["value"] == "CTO"
    page.keyboard.press("Enter")
    page.wait_for_selector(".chip")
    press(page, "Keep as a view")
    write(page, "Name of the view", "Chiefs")
    page.keyboard.press("Enter")
    page.wait_for_selector(".views a[aria-current]:has-text('Chiefs')")
    assert "is kept" in shown_focus(page)["name"]
    press(page, "Columns")
    press(page, "Employees", key="Space")
    press(page, "Show these columns")
    page.wait_for_selector("th:has-text('Employees')")
    wait_for_focus(page, "Columns")
    assert page.locator("details.menu[open]").count() == 0
    assert page.locator("#rows .person").count() == 3
    for key in "jxjx":
        page.keyboard.press(key)
    assert page.inner_text("[data-leads-chosen]") == "2"
    page.keyboard.press("b")
    assert shown_focus(page)["name"] == "Seller"
    choose(page, "luca")
    press(page, "Give")
    page.wait_for_selector("text=2 leads are luca's now.")
    assert "2 leads are luca's now." in shown_focus(page)["name"]
    press(page, "Take the filter away")
    page.wait_for_selector("#rows tr:nth-child(9) .person")


def test_a_seller_opens_a_lead_and_finds_why(server: Running, browser: Any, office: dict[str, str]) -> None:
    page, complaints = opened(browser)
    sign_in(page, server.address, "irina")
    page.goto(f"{server.address}/leads")
    page.keyboard.press("j")
    name = focused(page)["name"]
    page.keyboard.press("Enter")
    page.wait_for_selector(f"h1:has-text('{name}')")
    to_content(page)
    tab_to(page, "Go back to a past day")
    if wait_for_why(page):
        tab_to(page, "Go back to a past day", back=True)
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    page.wait_for_selector("text=At the end of")
    assert shown_focus(page)["name"] == "Go back to a past day"  # what it asked for took another place than its own
    page.keyboard.press("End")
    page.wait_for_selector("text=At the end of", state="detached")
    tab_to(page, page.locator(".step:not([data-leaf]) .title").first.inner_text())
    page.keyboard.press("Enter")
    assert page.locator(".step[open] .opened li").count() > 0
    before = page.locator("#timeline > li").count()
    press(page, "Earlier")
    page.wait_for_selector(f"#timeline > li:nth-child({before + 1})")
    assert focused(page)["tag"] == "LI", "what came is where one goes on"
    shown_focus(page)
    press(page, "What comes next: what it means")
    page.wait_for_selector(":popover-open")
    page.keyboard.press("Escape")
    assert page.locator(":popover-open").count() == 0
    assert shown_focus(page)["name"] == "What comes next: what it means"
    page.keyboard.press("u")
    page.wait_for_selector("#rows")
    assert shown_focus(page)["name"] == name
    assert complaints == []


def test_what_was_asked_last_is_what_is_shown(marta: Any, server: Running, office: dict[str, str]) -> None:
    """However late and in whatever order answers come: one given up for a newer one is not waited for."""
    page = marta
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    page.goto(f"{server.address}/leads")
    tab_to(page, "Name, mail address, company or id")
    page.route("**/leads?*", hold)
    for place, letters in enumerate(("p", "erson", "5"), 1):
        page.keyboard.insert_text(letters)  # at once: a busy machine would ask between two letters
        wait_until(page, held, place)
    held[-1].continue_()
    page.wait_for_function("() => document.querySelectorAll('#rows .person').length === 1")
    assert page.inner_text("#rows .person a") == "Person5"
    held.clear()
    page.route("**/why*", hold)
    page.goto(f"{server.address}{office['Person1']}")
    to_content(page)
    tab_to(page, "Go back to a past day")
    for place in (2, 3):  # the first is of the page itself
        page.keyboard.press("ArrowLeft")
        wait_until(page, held, place)
    held[-1].continue_()
    page.wait_for_selector("text=At the end of", timeout=30_000)


def wait_until(page: Any, held: list[Any], many: int) -> None:
    """Wait until so many requests are held back, and no more."""
    for _ in range(100):
        page.wait_for_timeout(300)
        if len(held) >= many:
            break
    assert len(held) == many


def test_versions_are_compared_and_one_is_tried(marta: Any) -> None:
    page = marta
    page.set_default_timeout(60_000)
    go_to(page, "Model", "bounded")
    press(page, "Compare versions")
    page.wait_for_selector("text=What they say differently")
    to_content(page)
    press(page, "Work out what changes for leads")
    page.wait_for_selector("text=Both versions rate")
    wait_for_focus(page, "Work it out again")  # through waiting, each second anew, and the page that came in the end
    press(page, "Both texts, line by line")
    tab_to(page, "Both texts, line by line")  # what scrolls is reached
    go_to(page, "Model", "bounded")
    press(page, "Try it")
    page.wait_for_selector("#trying")
    to_content(page)
    write(page, "job title", "CTO")
    write(page, "employees", "ninety")
    for what in ("form submitted", "webinar attended"):
        press(page, what, exact=True)
        page.wait_for_selector(f".act legend:text-is('{what}')")
        assert shown_focus(page)["type"] == "date"
    press(page, "Remove webinar attended")
    page.wait_for_selector(".act legend:text-is('webinar attended')", state="detached")
    assert shown_focus(page)["name"] == "Remove form submitted"
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("demo")
    page.keyboard.press("Enter")
    page.wait_for_selector(".wrong")
    assert shown_focus(page)["key"] == "fields.employees"
    page.keyboard.press("Control+a")
    page.keyboard.type("900")
    press(page, "Try it", back=True)
    page.wait_for_selector(".rating.huge:has-text('A2')")
    assert shown_focus(page)["id"] == "tried-said"


def test_a_file_is_taken_back(marta: Any, tmp_path: Path) -> None:
    page, file = marta, tmp_path / "wrong fair.csv"
    file.write_text("Name,Job title,Email\n" + "".join(f"Gast {n},CTO,g{n}@guest{n}.example\n" for n in range(1, 5)), encoding="utf-8")
    page.keyboard.press("Control+k")
    page.keyboard.type("import")
    page.keyboard.press("Enter")
    page.wait_for_selector("#file")
    to_content(page)
    tab_to(page, "Drop a file here")
    give_file(page, file)
    press(page, "Look at it")
    page.wait_for_selector("text=Nothing is stored yet")
    to_content(page)
    press(page, "Bring in 4 rows")
    page.wait_for_selector("text=See the leads", timeout=30_000)
    to_content(page)
    press(page, "Take it back…")
    page.wait_for_selector("h1:has-text('Take back wrong fair.csv?')")
    to_content(page)
    press(page, "Take it back", exact=True)
    page.wait_for_selector("h1:text-is('Taken back')", timeout=30_000)
    to_content(page)
    press(page, "Another file")
    page.wait_for_selector("#file")
    page.keyboard.press("j")
    assert shown_focus(page)["name"] == "wrong fair.csv"


def test_both_teams_keep_the_priority_accounts(marta: Any) -> None:
    page = marta
    go_to(page, "Companies")
    press(page, "Priority accounts")
    page.wait_for_selector("h1:has-text('Priority accounts')")
    to_content(page)
    write(page, "Find a company to add", "firm 1")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=firm1.example")
    to_content(page)
    press(page, "Add Firm 1")
    page.wait_for_selector("td >> text=Firm 1")
    assert "rated anew" in shown_focus(page)["name"]
    press(page, "Take off Firm 1")
    page.wait_for_selector("text=None yet.")
    assert "rated anew" in shown_focus(page)["name"]


def test_somebody_is_invited_blocked_and_given_a_token(server: Running, browser: Any) -> None:
    page, complaints = opened(browser)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, server.address, "ada")
    go_to(page, "Users and teams")
    write(page, "User name", "kay")
    write(page, "Mail address", "kay@vaglio.example")
    press(page, "Make the invitation")
    page.wait_for_selector("#link")
    to_content(page)
    press(page, "Copy the link")
    wait_for_focus(page, "Copied")
    tab_to(page, "Sales")
    page.keyboard.press("ArrowDown")  # of radio buttons one is reached by Tab, the others by arrows
    assert focused(page)["type"] == "radio"
    press(page, "Save")
    page.wait_for_selector("[data-said]")
    shown_focus(page)
    press(page, "Block", exact=True)
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert (page.locator("details.sure[open]").count(), shown_focus(page)["name"]) == (0, "Block")
    page.keyboard.press("Enter")
    press(page, "Block them now")
    page.wait_for_selector("text=They are out")
    go_to(page, "API tokens")
    write(page, "What it is for", "warehouse")
    tab_to(page, "On behalf of")
    press(page, "Make the token")
    page.wait_for_selector("#token")
    assert "warehouse" in shown_focus(page)["name"]  # what is shown this once
    press(page, "Copy the token")
    wait_for_focus(page, "Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("vt_")
    press(page, "Revoke warehouse")
    press(page, "Revoke it now")
    page.wait_for_selector(".tag:text-is('revoked')")
    shown_focus(page)
    go_to(page, "Settings")
    assert page.locator("text=VAGLIO_DEMO").count() == 1
    assert complaints == []


def test_the_palette_and_what_asks_for_itself_keep_the_focus(marta: Any) -> None:
    page = marta
    page.keyboard.press("?")
    page.keyboard.press("Control+k")
    assert page.locator("dialog[open]").get_attribute("id") == "palette"  # one at a time
    page.keyboard.type("feed")
    assert page.evaluate("document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).textContent").startswith(
        "Activity feed"
    )
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    to_content(page)
    tab_to(page, "Person")
    name = focused(page)["name"]
    page.wait_for_timeout(2_400)  # the page has asked for itself meanwhile
    assert shown_focus(page)["name"] == name


@pytest.mark.parametrize("name", ["/leads", "lead"])
def test_tab_comes_to_everything_and_goes_on(server: Running, browser: Any, office: dict[str, str], name: str) -> None:
    page, complaints = opened(browser)
    sign_in(page, server.address, "ada")
    page.goto(f"{server.address}{office['Person1'] if name == 'lead' else name}")
    page.wait_for_selector(".skeleton", state="detached", timeout=30_000)
    page.wait_for_load_state("networkidle")
    assert sweep(page) == []
    assert complaints == []


def test_a_seller_takes_a_lead_writes_about_it_and_puts_it_on_a_list(server: Running, browser: Any, office: dict[str, str]) -> None:
    page, complaints = opened(browser)
    sign_in(page, server.address, "irina")
    page.goto(f"{server.address}{office['Person3']}")
    wait_for_why(page)
    page.wait_for_load_state("networkidle")
    complaints.clear()  # of a machine so busy that parts had to be asked for again
    page.evaluate(WATCH_SHIFT)
    steps = page.evaluate("history.length")
    page.keyboard.press("t")
    wait_for_focus(page, "Give to")
    assert page.inner_text("#said") == "It is yours now." and "irina" in page.inner_text("#owner").lower()
    page.keyboard.press("w")
    assert focused(page)["name"] == "Note"
    page.keyboard.type("Wants to be called on Monday")
    press(page, "Keep the note")
    wait_for_focus(page, "Write a note")
    page.wait_for_selector("#timeline >> text=Wants to be called on Monday")
    page.keyboard.press("w")
    assert focused(page)["value"] == ""
    page.keyboard.type("Not kept yet")
    page.keyboard.press("Escape")
    press(page, "Lists")
    page.wait_for_selector("#deed-list")
    write(page, "Name of a list", "2026 fair")
    page.keyboard.press("Enter")
    page.wait_for_selector("#said .is-fault")
    assert focused(page)["value"] == "2026 fair"  # it stays, to be made right
    page.keyboard.press("Control+a")
    page.keyboard.type("Fair")
    page.keyboard.press("Enter")
    wait_for_focus(page, "Lists")
    assert page.input_value("#deed-text") == "Not kept yet"
    press(page, "Change a field")
    page.wait_for_selector("#deed-field")
    tab_to(page, "Field", exact=True)
    choose(page, "employees")
    page.wait_for_selector("#deed-value")
    tab_to(page, "Value", exact=True)
    page.keyboard.press("Control+a")
    page.keyboard.type("many")
    page.keyboard.press("Enter")
    page.wait_for_selector("#said >> text=not a whole number")
    assert violations(page) == []
    page.keyboard.press("Escape")
    assert page.evaluate("window.shifted") < 0.05
    assert page.evaluate("history.length") == steps  # nothing that was done is a step on the way back to the list
    assert complaints == []
