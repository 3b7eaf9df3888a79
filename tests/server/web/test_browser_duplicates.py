"""Duplicates in Chromium, by the keyboard alone: looked for, gone through, merged several at once, undone; screenshots in build/."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.conftest import empty_tables
from tests.server.duplicates.test_decisions import make_people as make_twins
from tests.server.running import Running, running, wait_for
from tests.server.web.chromium import needs_chromium
from tests.server.web.keyboard import go_to, press, shown_focus, to_content
from tests.server.web.people import PASSWORD, make_people
from tests.server.web.test_browser import SEEN, come_in, keep, opened, show_in

# In `make test` test_duplicates decides and undoes without a browser, and test_browser_craft merges by the keyboard.
pytestmark = [needs_chromium, pytest.mark.drill]


@pytest.fixture(scope="module")
def server(database: Path) -> Iterator[Running]:
    empty_tables()
    make_people(PASSWORD)
    make_twins(5)
    with running(database, processes=1, VAGLIO_DEMO="1") as found:
        yield found


def test_found_reviewed_merged_and_undone(server: Running, browser: Any) -> None:
    page, complaints = opened(browser)
    come_in(page, server)
    go_to(page, "Duplicates", "No duplicates to look at")
    keep(page, "duplicates-none", "light", 1360)
    press(page, "Look for duplicates")
    page.wait_for_selector("text=Looking through all leads")
    keep(page, "duplicates-looking", "light", 1360)
    wait_for(lambda: found(page, server) == 5, 240)
    for scheme, width, height in SEEN:
        show_in(page, scheme)
        page.set_viewport_size({"width": width, "height": height})
        keep(page, "duplicates", scheme, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1360, "height": 900})

    page.keyboard.press("j")
    page.keyboard.press("n")  # the first: not the same
    page.wait_for_selector("text=stay two leads")
    page.keyboard.press("j")
    page.keyboard.press("m")  # the second: merged
    page.wait_for_selector("text=are one lead now")
    assert page.evaluate("document.activeElement.closest('[data-pair]') !== null")  # where one goes on
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.inner_text("[data-chosen-count]") == "2"
    keep(page, "duplicates-decided", "light", 1360)
    page.keyboard.press("b")
    assert "Merge the chosen" in shown_focus(page)["name"]
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Merge 2 pairs?')")
    keep(page, "duplicates-confirm", "light", 1360)
    to_content(page)
    press(page, "Merge 2 pairs")
    page.wait_for_selector("text=2 pairs merged together", timeout=60_000)
    assert found(page, server) == 1
    keep(page, "duplicates-merged", "dark", 1360)
    to_content(page)
    press(page, "Undo all")
    page.wait_for_selector("text=2 pairs, undone", timeout=60_000)
    press(page, "Undo the merge")
    page.wait_for_selector("text=are to be looked at again")
    assert found(page, server) == 4
    assert complaints == []


def found(page: Any, server: Running) -> int:
    page.goto(f"{server.address}/duplicates")
    return int(page.locator("article.twins").count())
