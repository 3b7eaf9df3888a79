"""A list for which many leads must be looked at, in Chromium: it is there at once, says how far it looked, and looks on by itself."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.running import Running, running, wait_for
from tests.server.web.chromium import needs_chromium
from tests.server.web.test_browser import NARROW, enter, keep, opened

# In `make test` tests/server/views/test_walk looks on without a browser.
pytestmark = [needs_chromium, pytest.mark.drill]
LEADS = 60_000
WANTED = "/leads?where=lead.job_title:contains:astronaut"


@pytest.fixture(scope="module")
def server(company: dict[str, Any], database: Path) -> Iterator[Running]:
    """A server without workers, and many leads, of whom the last three to call are astronauts."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """SET session_replication_role = replica;
            INSERT INTO crm_lead (fields, created_at) SELECT jsonb_build_object('last_name', 'Person ' || n,
                'job_title', CASE WHEN n > %(leads)s - 3 THEN 'Astronaut' ELSE 'Clerk' END), now() FROM generate_series(1, %(leads)s) AS n;
            SET session_replication_role = DEFAULT; ANALYZE crm_lead""",
            {"leads": LEADS},
        )
    with running(database, role="web", processes=1, VAGLIO_DEMO="1") as found:
        yield found


@pytest.mark.parametrize(("scheme", "width", "height"), NARROW)
def test_it_says_how_far_it_looked_and_looks_on(server: Running, browser: Any, scheme: str, width: int, height: int) -> None:
    page, complaints = opened(browser, scheme, width, height)
    enter(page, server)
    held: list[Any] = []
    is_held = True
    page.route(re.compile("through="), lambda route: held.append(route) if is_held else route.continue_())
    page.goto(f"{server.address}{WANTED}")
    wait_for(lambda: bool(page.evaluate("true") and held), 10)
    told = page.inner_text("#rows .more p")
    assert re.fullmatch(r"None of 12,00\d leads looked through fits\. Looking further…", told), told
    keep(page, "leads-looked-through", scheme, width)
    is_held = False
    held.pop().continue_()
    page.wait_for_selector("#rows .person >> nth=2", timeout=20_000)
    assert page.locator("#rows .person").count() == 3
    assert page.inner_text("#rows tr:last-child") == "No further lead fits."
    keep(page, "leads-all-found", scheme, width)
    page.goto(f"{server.address}{WANTED.replace('astronaut', 'nobody')}")
    page.wait_for_selector("text=No lead fits these filters.", timeout=20_000)
    assert page.locator("#rows .person").count() == 0
    assert complaints == []


def test_a_count_goes_on_by_itself(server: Running, browser: Any) -> None:
    page, complaints = opened(browser)
    enter(page, server)
    page.goto(f"{server.address}/leads?where=lead.job_title:contains:clerk")
    page.wait_for_selector("text=More than 10,000 leads", timeout=20_000)
    assert page.locator("#rows .person").count() == 50 and complaints == []


def test_who_looks_without_scripts_goes_on_by_the_link(server: Running, browser: Any) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    enter(page, server)
    page.goto(f"{server.address}{WANTED}")
    for _ in range(10):
        if page.locator("#rows .person").count():
            break
        with page.expect_navigation():  # nothing waits for it by itself: on a slow machine the page of before was clicked again
            page.click("text=Look further")
    assert page.locator("#rows .person").count() == 3
