"""From an empty installation to ranked leads, by the keyboard alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.conftest import empty_tables
from tests.server.running import Running, running, wait_for
from tests.server.web.chromium import chromium, needs_chromium
from tests.server.web.keyboard import choose, focused, give_file, opened, press, tab_to, to_content, wait_for_focus, wait_for_why, write
from tests.server.web.people import PASSWORD
from tests.server.web.test_browser import keep

pytestmark = needs_chromium
ROWS = "".join(f"Gast {n};{'Buyer' if n % 3 == 0 else 'Student'};g{n}@guest{n}.example;{n}00;manufacturing\n" for n in range(1, 13))


@pytest.fixture(scope="module")
def empty(database: Path) -> Iterator[tuple[Running, str]]:
    """A server with nobody and nothing, and the link that `vaglio serve` writes."""
    from vaglio_server.web.welcome import welcome_path

    empty_tables()
    path = welcome_path()
    assert path is not None
    with running(database, processes=1) as found:
        yield found, path


def test_from_nothing_to_ranked_leads_by_the_keyboard(empty: tuple[Running, str], tmp_path: Path) -> None:
    server, welcome = empty
    file = tmp_path / "fair.csv"
    file.write_text(f"Name;What they do;E-mail;No. of employees;Industry\n{ROWS}", encoding="cp1252")
    with chromium() as browser:
        page, complaints = opened(browser)
        page.goto(f"{server.address}{welcome}")
        write(page, "User name", "ada")
        write(page, "Mail address", "ada@acme")
        write(page, "Password", "12345678")
        page.keyboard.press("Enter")
        page.wait_for_selector(".field.wrong")
        assert focused(page)["key"] == "email", "where to go on is not where it went wrong"
        page.keyboard.press("Control+a")
        page.keyboard.type("ada@acme.example")
        write(page, "Password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Three steps to the first ratings")
        to_content(page)
        press(page, "See the ready ones")
        page.wait_for_selector("h1:text-is('Models')")
        to_content(page)
        press(page, "Start with this one: Industrial equipment")
        page.wait_for_selector("text=The model is live, and no lead is here yet")
        tab_to(page, "Import a file")
        page.keyboard.press("Enter")
        page.wait_for_selector("#file")
        tab_to(page, "Drop a file here")
        give_file(page, file)
        press(page, "Look at it")
        page.wait_for_selector("text=Nothing is stored yet")
        to_content(page)
        # What the column with the jobs is was not understood: it is said, and looked at again.
        tab_to(page, "What they do")
        assert focused(page)["tag"] == "SELECT"
        choose(page, "Job title")
        with page.expect_navigation():
            press(page, "Look again", back=True)
        wait_for_focus(page, "Look again")
        assert page.locator("select[aria-labelledby=column1-name] option:checked").inner_text() == "Job title"
        keep(page, "first-run-mapped", "light", 1360)
        press(page, "Bring in 12 rows", back=True)
        page.wait_for_selector("text=See the leads", timeout=30_000)
        to_content(page)
        press(page, "See the leads")
        page.wait_for_url("**/leads?where=file**")
        wait_for(lambda: page.reload() is not None and page.locator("#rows .rating:not(.flat)").count() == 12, 60)
        ratings = page.locator("#rows .rating").all_inner_texts()
        assert len(ratings) == 12 and ratings[0] < ratings[-1], ratings
        page.keyboard.press("j")
        name = focused(page)["name"]
        assert int(name.split()[-1]) % 3 == 0, f"{name} is no buyer"
        page.keyboard.press("Enter")
        page.wait_for_selector(f"h1:has-text('{name}')")
        wait_for_why(page)
        keep(page, "first-run-why", "light", 1360)
        assert complaints == []
