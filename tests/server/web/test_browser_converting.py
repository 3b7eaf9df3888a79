"""A seller's lead becomes a sale by the keyboard: from the inbox to an opportunity in under ten keystrokes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.lifecycle.world import LEADS_TO
from tests.server.running import Running, running, wait_for
from tests.server.web.axe import violations
from tests.server.web.chromium import needs_chromium
from tests.server.web.people import PASSWORD, make_people
from tests.server.web.shots import shot
from tests.server.web.test_browser import BESIDE, come_in, enter, opened
from tests.server.world import MODEL, make_account, make_contact, make_field, make_live, make_opportunity, make_source, send

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def server(database: Path) -> Iterator[Running]:
    from tests.server.conftest import empty_tables

    empty_tables()
    people = make_people(PASSWORD)
    make_live(MODEL + LEADS_TO)
    make_field("lead", "budget", "number")
    acme = make_account(name="Acme Italia S.p.A.", domain="acme.example")
    make_contact(acme, people["luca"], first_name="Ana", email="ana.rossi@acme.example", job_title="Head of IT")
    make_opportunity(acme, people["luca"], name="Acme, renewal of the suite for 2027", amount=24000, currency="EUR")
    source = make_source()
    for first, last, host in (
        ("Anna", "Rossi", "acme"),
        ("Bogdan", "Ionescu", "zeta"),
        ("Carla", "Weiß", "carla"),
        ("Dora", "Nagy", "dora"),
    ):
        user = first.lower()
        traits = {"email": f"{user}@{host}.example", "firstName": first, "lastName": last, "title": "CTO", "employees": 90}
        send(
            source,
            {"type": "identify", "userId": user, "traits": traits},
            {"type": "track", "userId": user, "event": "Form Submitted", "properties": {"form": "demo"}},
            {"type": "page", "userId": user, "properties": {"path": "/pricing"}},
        )
    with running(database, processes=1, VAGLIO_DEMO="1") as found:
        yield found


def test_from_the_inbox_to_an_opportunity_in_under_ten_keystrokes(server: Running, browser: Any) -> None:
    boss, complaints = opened(browser)
    enter(boss, server, "ada")
    there = boss.locator("section.inbox .person a")
    wait_for(lambda: boss.goto(f"{server.address}/inbox") is not None and there.count() == 4, 60)
    page, said = opened(browser)
    come_in(page, server, "luca")
    pressed = 0

    def press(*keys: str) -> None:
        nonlocal pressed
        for key in keys:
            page.keyboard.press(key)
            pressed += 1

    page.goto(f"{server.address}/inbox")
    lead = page.inner_text("section.inbox .person a >> nth=0")
    press("j", "c")
    page.wait_for_url("**/convert")
    assert page.evaluate("document.activeElement.textContent").strip().startswith("Convert")
    for scheme, width, height in BESIDE:
        seen, told = opened(browser, scheme, width, height)
        enter(seen, server, "ada")
        seen.goto(page.url)
        fits(seen, "convert", scheme, width)
        assert told == []
    press("Enter")
    page.wait_for_url("**/opportunities/*")
    assert pressed < 10 and f"{lead} is a contact at" in page.inner_text("main")
    assert page.inner_text(".stage-step.is-here").startswith("Qualification")
    sale = page.url
    boss.goto(sale)  # marketing and administrators see it happen
    assert lead in boss.inner_text("main")
    for scheme, width, height in BESIDE:
        seen, told = opened(browser, scheme, width, height)
        enter(seen, server, "ada")
        seen.goto(sale)
        fits(seen, "opportunity", scheme, width)
        seen.click("#lose")
        shot(seen, f"opportunity-lost-{scheme}-{width}")
        seen.keyboard.press("Escape")
        for name, address in (("opportunities", "/opportunities"), ("pipelines", "/pipelines"), ("mapping", "/mapping")):
            seen.goto(f"{server.address}{address}")
            fits(seen, name, scheme, width)
        seen.goto(f"{server.address}/pipelines/1")
        fits(seen, "pipeline", scheme, width)
        seen.goto(f"{server.address}/opportunities/new?account=1")
        fits(seen, "opportunity-new", scheme, width)
        assert told == []
    page.click(".conversion a >> nth=0")
    page.wait_for_selector("text=Undo the conversion")
    fits(page, "lead-converted", "light", 1360)
    page.click("text=Undo the conversion")
    page.wait_for_selector("text=The conversion is undone")
    page.goto(f"{server.address}/inbox")
    assert lead in page.inner_text("section.inbox")
    assert said == [] and complaints == []


def test_the_name_of_a_sale_follows_the_company_and_a_new_one_needs_a_name(server: Running, browser: Any) -> None:
    page, said = opened(browser)
    come_in(page, server, "luca")
    anna = page.locator("section.inbox .person a:has-text('Anna')")
    wait_for(lambda: page.goto(f"{server.address}/inbox") is not None and anna.count() == 1, 60)
    anna.click()
    page.goto(f"{page.url}/convert")
    company, sale = page.locator("[name=account_name]"), page.locator("[name=name]")
    assert sale.input_value() == "Acme Italia S.p.A., Anna Rossi"
    page.check("#account-new")
    page.click("button:has-text('Convert')")
    assert page.url.endswith("/convert") and page.evaluate("document.activeElement.name") == "account_name"
    company.fill("Zeta GmbH")
    assert sale.input_value() == "Zeta GmbH, Anna Rossi"
    page.check("[name=account] >> nth=0")
    assert sale.input_value() == "Acme Italia S.p.A., Anna Rossi"
    sale.fill("Suite for 90")
    company.fill("Zeta AG")
    assert sale.input_value() == "Suite for 90" and page.is_checked("#account-new")
    assert said == []


def fits(page: Any, name: str, scheme: str, width: int) -> None:
    """Keep a screenshot of a page, and see that nothing is beside the screen or keeps anybody from using it."""
    shot(page, f"{name}-{scheme}-{width}", is_whole=True)
    assert violations(page) == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
