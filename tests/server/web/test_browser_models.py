"""The pages of models in Chromium: what rules do, two versions side by side, a model tried; screenshots stay in build/screenshots."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.running import Running, running
from tests.server.studies.crowd import BOUNDED, bring, calls
from tests.server.web.chromium import needs_chromium
from tests.server.web.test_browser import NARROW, WIDE, enter, keep_in_both, opened
from tests.server.world import AT, make_live, make_source

# In `make test` test_browser_keyboard compares and tries, test_browser_contract waits for figures.
pytestmark = [needs_chromium, pytest.mark.drill]
PATIENCE = 120_000  # milliseconds: the first score in a process has the engine imported and a plan written
DRAFT = BOUNDED.replace("points: 60, group: who", "points: 70, group: who").replace("who: {at_most: 60}", "who: {at_most: 90}").replace(
    "    - {id: nobody, kind: fields, field: job_title, points: 5, bands: [{any_word: [astronaut]}]}\n", ""
).replace("half_life: 14d", "half_life: 7d").replace("B: 50, C: 25", "B: 45, C: 25")  # fmt: skip


@pytest.fixture(scope="module")
def server(company: Any, database: Any) -> Iterator[Running]:
    from vaglio_server.scoring.actions import push_model, score_due
    from vaglio_server.scoring.models import ScoringModel
    from vaglio_server.scoring.scorers import a_scorer

    ScoringModel.objects.update(is_driving=False)
    make_live(BOUNDED)
    bring(make_source("crowd"), calls(120))
    with a_scorer() as scorer:
        while score_due(scorer=scorer, limit=1000):
            pass
    push_model(text=DRAFT, by="marta", at=AT)
    with running(database, processes=1, VAGLIO_DEMO="1") as found:
        yield found


def fits(page: Any, name: str, width: int) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width, f"{name} is {wide} wide on a screen of {width}"


@pytest.mark.parametrize(("scheme", "width", "height"), WIDE)
def test_what_rules_do_is_counted_by_a_worker_and_shown(server: Running, browser: Any, scheme: str, width: int, height: int) -> None:
    page, complaints = opened(browser, scheme, width, height)
    page.set_default_timeout(PATIENCE)
    enter(page, server)
    page.goto(f"{server.address}/models/bounded")
    page.wait_for_selector("text=Figures as of")
    keep_in_both(page, "model-figures", scheme, width)
    fits(page, "model", width)
    page.click("a.at >> nth=2")
    assert page.is_visible("#text pre")
    assert "id: clerk" in page.inner_text(page.url[page.url.index("#") :])
    keep_in_both(page, "model-text", scheme, width)
    fits(page, "model text", width)
    page.goto(f"{server.address}/models/bounded?version=2")
    page.wait_for_selector("text=Figures as of")
    page.click("text=Count again")
    page.wait_for_selector("#counted[hx-get]")
    page.wait_for_selector("text=Count again")  # the page came again by itself
    assert complaints == []


@pytest.mark.parametrize(("scheme", "width", "height"), NARROW)
def test_a_draft_is_compared_with_what_is_live(server: Running, browser: Any, scheme: str, width: int, height: int) -> None:
    page, complaints = opened(browser, scheme, width, height)
    page.set_default_timeout(PATIENCE)
    enter(page, server)
    page.goto(f"{server.address}/models/bounded")
    page.click("text=Compare versions")
    page.wait_for_selector("text=What they say differently")
    start = page.locator("button:has-text('Work')")
    start.click()
    page.wait_for_selector("text=Both versions rate")
    page.wait_for_selector(".moves-matrix .up")
    assert page.locator(".movers .by").count() > 3
    page.click("#text summary")
    assert "half_life: 7d" in page.inner_text(".diff .new >> nth=-1") or page.locator(".diff .new:has-text('half_life: 7d')").count() == 1
    keep_in_both(page, "model-compare", scheme, width)
    fits(page, "comparison", width)
    assert complaints == []


@pytest.mark.parametrize(("scheme", "width", "height"), WIDE)
def test_a_model_is_tried_on_values_and_on_a_lead(server: Running, browser: Any, scheme: str, width: int, height: int) -> None:
    page, complaints = opened(browser, scheme, width, height)
    page.set_default_timeout(PATIENCE)
    enter(page, server)
    page.goto(f"{server.address}/models/bounded")
    page.click("a:has-text('Try it')")
    page.fill("input[name='fields.job_title']", "CTO")
    page.fill("input[name='fields.employees']", "ninety")
    page.click(".add-acts button:has-text('form submitted')")
    page.click(".add-acts button:has-text('webinar attended')")
    page.wait_for_selector(".act >> nth=1")
    page.fill(".act >> nth=0 >> label:has-text('form') input", "demo")
    page.click(".act >> nth=1 >> [data-remove-row]")
    page.click("button:has-text('Try it')")
    page.wait_for_selector(".wrong >> text=is no whole number")
    keep_in_both(page, "model-try-wrong", scheme, width)
    page.fill("input[name='fields.employees']", "900")
    page.click("button:has-text('Try it')")
    page.wait_for_selector(".rating.huge:has-text('A2')")
    assert page.input_value(".act >> nth=0 >> label:has-text('form') input") == "demo"
    keep_in_both(page, "model-try-values", scheme, width)
    fits(page, "trying", width)
    page.fill("[role=search] input[name=q] >> nth=-1", "anna")
    page.click("#found a:has-text('Anna')")
    page.wait_for_selector(".rating.huge")
    page.wait_for_selector(".step")
    keep_in_both(page, "model-try-lead", scheme, width)
    fits(page, "trying on a lead", width)
    assert complaints == []
