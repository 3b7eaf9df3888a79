"""Files in Chromium: brought in and taken back; screenshots in build/screenshots."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.conftest import empty_tables
from tests.server.running import Running, running, wait_for
from tests.server.web.chromium import needs_chromium
from tests.server.web.people import PASSWORD, make_people
from tests.server.web.test_browser import WIDE, WIDTHS, enter, keep, opened
from tests.server.world import make_live, make_source, send

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def server(database: Path) -> Iterator[Running]:
    empty_tables()
    make_people(PASSWORD)
    make_live()
    send(make_source(), *({"type": "identify", "traits": {"email": f"g{n}@guest{n}.example", "city": "Bari"}} for n in range(1, 9)))
    with running(database, processes=1, VAGLIO_DEMO="1") as found:
        yield found


def looked_at(page: Any, server: Running, file: Path) -> None:
    page.goto(f"{server.address}/imports")
    page.set_input_files("#file", file)
    page.click("text=Look at it")
    page.wait_for_selector("text=Nothing is stored yet")


@pytest.mark.parametrize(("scheme", "width", "height"), WIDE)
def test_a_file_of_activities_is_brought_in(server: Running, browser: Any, tmp_path: Path, scheme: str, width: int, height: int) -> None:
    file = tmp_path / "webinar.csv"
    people = "".join(f"g{n}@guest{n}.example,Page Viewed,{n}/11/2026 10:0{n % 10},/pricing {width}\n" for n in range(1, 12))
    file.write_text(f"Contact Email,Activity Type,Activity Date,Path\n{people}", encoding="utf-8")
    page, complaints = opened(browser, scheme, width, height)
    enter(page, server)
    looked_at(page, server, file)
    assert page.input_value("select[name=holds]") == "activities"
    assert page.locator(".faults li").count() == 3  # of people who are nobody's
    assert page.input_value("select[name=order2]") == "dmy"
    keep(page, "import-activities-ready", scheme, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.select_option("select[name=order2]", "mdy")
    page.click("text=Look again")
    page.wait_for_selector("text=you said so")
    page.select_option("select[name=order2]", "dmy")
    page.click("button[name=start]")
    page.wait_for_selector("h1:has-text('8 new activities')", timeout=30_000)
    keep(page, "import-activities-done", scheme, width)
    result = page.url
    wait_for(lambda: page.goto(f"{server.address}/activities") is not None and page.locator(f"text=/pricing {width}").count() == 8, 30)
    page.goto(f"{result}/undo")
    page.wait_for_selector("h1:has-text('Take back webinar.csv?')")
    keep(page, "import-activities-undo", scheme, width)
    page.click("button:has-text('Take it back')")
    page.wait_for_selector("h1:text-is('Taken back')", timeout=60_000)
    assert page.locator(".verdicts dd").first.inner_text() == "8"
    keep(page, "import-activities-undone", scheme, width)
    page.goto(f"{server.address}/activities")
    assert page.locator(f"text=/pricing {width}").count() == 0
    assert complaints == []


# What else files hold goes through the same pages; in `make test` tests/server/imports bring each in and take it back without a browser.
@pytest.mark.drill
@pytest.mark.parametrize(("scheme", "width", "height"), WIDTHS)
def test_a_file_of_companies_is_put_on_a_list(server: Running, browser: Any, tmp_path: Path, scheme: str, width: int, height: int) -> None:
    file = tmp_path / "targets.csv"
    file.write_text("".join(["Company name;Website;Employees\n", *(f"Firma {n};firma{n}.example;{n}0\n" for n in range(1, 8)), ";;5\n"]))
    page, complaints = opened(browser, scheme, width, height)
    enter(page, server)
    looked_at(page, server, file)
    assert page.input_value("select[name=holds]") == "companies"
    page.fill("input[name=list_name]", "priority accounts")
    keep(page, "import-companies-ready", scheme, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("button[name=start]")
    page.wait_for_selector("h1:has-text('7 new companies')", timeout=30_000)
    result = page.url
    page.goto(f"{server.address}/priority")
    page.wait_for_selector("text=Firma 7")
    page.goto(f"{result}/undo")
    keep(page, "import-companies-undo", scheme, width)
    page.click("button:has-text('Take it back')")
    page.wait_for_selector("h1:text-is('Taken back')", timeout=60_000)
    assert page.locator(".verdicts dd").first.inner_text() == "7"
    page.goto(f"{server.address}/priority")
    assert page.locator("text=Firma").count() == 0
    assert complaints == []


@pytest.mark.drill
@pytest.mark.parametrize(("scheme", "width", "height"), WIDTHS)
def test_a_file_of_contacts_is_seen_at_their_companies(
    server: Running, browser: Any, tmp_path: Path, scheme: str, width: int, height: int
) -> None:  # fmt: skip
    file = tmp_path / "salesforce contacts.csv"
    rows = [f"003{n},Carla,Neri {n},Buyer,Guest {n} S.p.A.,c{n}@guest{n}.example,+39 011 {n},Torino,{who}\n"
            for n, who in enumerate(["marta", "luca", "Nora Nowhere"] * 3, 1)]  # fmt: skip
    heading = "Contact ID,First Name,Last Name,Title,Account Name,Email,Phone,Mailing City,Contact Owner\n"
    spoiled, lead = ",Otto,Blu,CEO,Guest 1 S.p.A.,otto at guest,,,\n", ",,Gast 1,CTO,,g1@guest1.example,,,luca\n"
    file.write_text("".join([heading, *rows, spoiled, lead]), encoding="utf-8")
    page, complaints = opened(browser, scheme, width, height)
    enter(page, server)
    looked_at(page, server, file)
    assert page.input_value("select[name=holds]") == "contacts"
    assert page.input_value("select[name=column8]") == "owner"
    assert page.locator(".faults li").count() == 1
    page.wait_for_selector("text=nobody here is called so, so they have no owner")
    assert page.locator(".first-rows th").count() == 10  # every column, and the last one comes into sight sideways
    edge = page.eval_on_selector(".first-rows th:last-child", "last => (last.scrollIntoView(), last.getBoundingClientRect().right)")
    assert 0 < edge <= width
    keep(page, "import-contacts-ready", scheme, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("button[name=start]")
    page.wait_for_selector("h1:has-text('10 new contacts')", timeout=30_000)
    keep(page, "import-contacts-done", scheme, width)
    result = page.url
    page.click("text=See the contacts")
    page.wait_for_selector("text=Those that salesforce contacts.csv named")
    assert page.locator("tbody tr").count() == 10
    keep(page, "contacts-of-a-file", scheme, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.fill(".filters input[name=q]", "neri 3")
    wait_for(lambda: page.locator("tbody tr").count() == 1, 10)
    page.click("tbody tr td.person a")
    page.wait_for_selector("h1:has-text('Carla Neri 3')")
    assert "made the contact" in page.inner_text("section[aria-labelledby=from-title]")
    page.click("details.was summary >> nth=0")
    page.wait_for_selector("details.was[open] li >> text=salesforce contacts.csv")
    keep(page, "contact", scheme, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.go_back()
    page.click("tbody tr td:nth-child(2) a")
    page.wait_for_selector("#contacts-title")
    assert "Carla Neri 3" in page.inner_text("section[aria-labelledby=contacts-title]")
    keep(page, "company-with-contacts", scheme, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"{result}/undo")
    keep(page, "import-contacts-undo", scheme, width)
    page.click("button:has-text('Take it back')")
    page.wait_for_selector("h1:text-is('Taken back')", timeout=60_000)
    assert page.locator(".verdicts dd").first.inner_text() == "10"
    keep(page, "import-contacts-undone", scheme, width)
    page.goto(f"{server.address}/companies/contacts")
    assert page.locator("text=Neri").count() == 0
    assert complaints == []


@pytest.mark.drill  # in `make test` the keyboard does so, see test_browser_keyboard
@pytest.mark.parametrize(("scheme", "width", "height"), WIDTHS)
def test_a_file_is_taken_back(server: Running, browser: Any, tmp_path: Path, scheme: str, width: int, height: int) -> None:
    file = tmp_path / "wrong fair.csv"
    owners = ("luca", "Nora Nowhere", "irina@vaglio.example", "")
    countries = ("Italia", "Itlay", "Congo", "ITA", "")
    people = "".join(f"Gast {n},CTO,Torino,g{n}@guest{n}.example,{owners[n % 4]},{countries[n % 5]}\n" for n in range(1, 40))
    file.write_text(f"Name,Job title,City,Email,Lead Owner,Country\n{people}", encoding="utf-8")
    page, complaints = opened(browser, scheme, width, height)
    enter(page, server)
    looked_at(page, server, file)
    assert page.locator("li:has-text('Nora Nowhere') small").inner_text() == "10 rows: nobody here is called so, so they have no owner"
    page.select_option("li:has-text('Itlay') select", label="Italy")
    page.click("text=Look again")
    page.wait_for_selector("li:has-text('Itlay') .name:not(.loss)")
    assert page.input_value("li:has-text('Itlay') select") == "IT"
    keep(page, "import-owners-ready", scheme, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("button[name=start]")
    page.wait_for_selector("text=See the leads", timeout=30_000)
    keep(page, "import-owners-done", scheme, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("a:text-is('Nora Nowhere')").count() == 1
    result = page.url
    page.click("text=See the leads")
    wait_for(lambda: page.reload() and page.locator("tbody tr:has-text('Gast')").count() == 39, 30)
    keep(page, "leads-of-a-file", scheme, width)
    page.locator("tbody tr:has-text('Gast 20') a").first.click()
    page.wait_for_selector("h1:has-text('Gast 20')")
    page.goto(result)
    page.click("text=Take it back…")
    page.wait_for_selector("h1:has-text('Take back wrong fair.csv?')")
    keep(page, "import-undo", scheme, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # Of eight leads three fields each, and seven countries, and four owners, and two names that were kept.
    assert [figure.inner_text() for figure in page.locator(".verdicts dd").all()][:3] == ["31", "8", "37"]
    page.click("button:has-text('Take it back')")
    page.wait_for_selector("h1:text-is('Taken back')", timeout=60_000)
    keep(page, "import-undone", scheme, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [figure.inner_text() for figure in page.locator(".verdicts dd").all()] == ["31", "8", "0"]
    page.goto(f"{server.address}/leads?q=gast")
    assert page.locator("tbody tr:has-text('Gast')").count() == 0
    looked_at(page, server, file)
    draft = page.url
    page.goto(f"{server.address}/imports")
    keep(page, "import-list", scheme, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.focus(f"form[action$='{draft.rpartition('/')[2]}/discard'] button")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=wrong fair.csv is thrown away")
    assert page.request.get(draft).status == 404
    looked_at(page, server, file)
    page.focus("text=Throw the file away")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=wrong fair.csv is thrown away")
    keep(page, "import-thrown-away", scheme, width)
    assert complaints == []


@pytest.mark.drill
@pytest.mark.parametrize(("scheme", "width", "height"), WIDTHS)
def test_a_file_of_people_is_put_on_a_list(server: Running, browser: Any, tmp_path: Path, scheme: str, width: int, height: int) -> None:
    file = tmp_path / "fair guests.csv"
    rows = "".join(f"g{n}@guest{n}.example,Fair {width}\n" for n in range(1, 7)) + "nobody@else.example,Fair\ng7@guest7.example,\n"
    file.write_text(f"Email,List name\n{rows}", encoding="utf-8")
    page, complaints = opened(browser, scheme, width, height)
    enter(page, server)
    looked_at(page, server, file)
    assert page.input_value("select[name=holds]") == "members"
    assert page.locator(".faults li").count() == 2
    page.fill("input[name=list_name]", f"fair {width}")
    page.keyboard.press("Enter")  # which looks again, and brings nothing in
    page.wait_for_function("() => document.querySelectorAll('.faults li').length === 1")
    keep(page, "import-members-ready", scheme, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("button[name=start]")
    page.wait_for_selector("h1:has-text('7 people put on a list')", timeout=30_000)
    keep(page, "import-members-done", scheme, width)
    result = page.url
    page.click("text=See the leads")
    wait_for(lambda: page.locator("tbody tr:has-text('guest')").count() == 7, 30)
    page.goto(f"{result}/undo")
    keep(page, "import-members-undo", scheme, width)
    page.click("button:has-text('Take it back')")
    page.wait_for_selector("h1:text-is('Taken back')", timeout=60_000)
    assert page.locator(".verdicts dd").first.inner_text() == "7"
    keep(page, "import-members-undone", scheme, width)
    assert complaints == []


@pytest.mark.drill
@pytest.mark.parametrize(("scheme", "width", "height"), WIDTHS)
def test_a_file_of_outcomes_is_brought_in(server: Running, browser: Any, tmp_path: Path, scheme: str, width: int, height: int) -> None:
    day = 1 if scheme == "light" else 2
    file = tmp_path / "opportunities.csv"
    rows = "".join(f"g{n}@guest{n}.example,{'Closed Won' if n % 2 else 'Closed Lost'},{day}/10/2026,{n}250,Price\n" for n in range(1, 7))
    file.write_text(f"Contact: Email,Stage,Close Date,Amount,Loss Reason\n{rows}g7@guest7.example,Proposal,1/10/2026,,\n", encoding="utf-8")
    page, complaints = opened(browser, scheme, width, height)
    enter(page, server)
    looked_at(page, server, file)
    assert page.input_value("select[name=holds]") == "outcomes"
    assert page.locator(".faults li").count() == 1
    keep(page, "import-outcomes-ready", scheme, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("button[name=start]")
    page.wait_for_selector("h1:has-text('6 new outcomes')", timeout=30_000)
    keep(page, "import-outcomes-done", scheme, width)
    result = page.url
    page.click("text=See the leads")
    wait_for(lambda: "/leads?where=file." in page.url and page.locator("tbody tr:has-text('guest')").count() == 6, 30)
    keep(page, "leads-of-a-file-of-outcomes", scheme, width)
    page.goto(f"{result}/undo")
    keep(page, "import-outcomes-undo", scheme, width)
    page.click("button:has-text('Take it back')")
    page.wait_for_selector("h1:text-is('Taken back')", timeout=60_000)
    assert page.locator(".verdicts dd").first.inner_text() == "6"
    assert complaints == []
