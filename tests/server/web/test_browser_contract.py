"""A model is changed, signed and made live in Chromium."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.running import Running, running
from tests.server.studies.crowd import BOUNDED, bring, calls
from tests.server.web.axe import violations
from tests.server.web.chromium import needs_chromium
from tests.server.web.test_browser import NARROW, WIDE, enter, keep_in_both, opened
from tests.server.web.test_browser_models import fits
from tests.server.world import make_live, make_source

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def server(company: Any, database: Any) -> Iterator[Running]:
    from vaglio_server.scoring.models import ScoringModel

    ScoringModel.objects.update(is_driving=False)
    make_live(BOUNDED)
    bring(make_source("crowd"), calls(20))
    with running(database, processes=1, VAGLIO_DEMO="1") as found:
        yield found


@pytest.mark.parametrize(("scheme", "width", "height"), WIDE)
def test_a_text_is_changed_with_its_faults_in_sight(server: Running, browser: Any, scheme: str, width: int, height: int) -> None:
    page, complaints = opened(browser, scheme, width, height)
    page.set_default_timeout(30_000)
    enter(page, server)
    page.goto(f"{server.address}/models/bounded")
    page.click("a:has-text('Change it')")
    page.click("a:has-text('Change the text instead')")
    page.wait_for_selector(".cm-content")
    line = page.locator(".cm-line:has-text('id: boss')")
    line.click()
    page.keyboard.press("End")
    page.keyboard.type("x")
    page.wait_for_selector("#checked .in-text li")
    page.wait_for_selector(".cm-lint-marker-error")
    keep_in_both(page, "model-edit-fault", scheme, width)
    fits(page, "editor", width)
    assert violations(page) == []
    page.click("[data-go-to] >> nth=0")
    assert page.evaluate("document.activeElement.classList.contains('cm-content')")
    page.keyboard.press("Control+z")
    page.wait_for_selector("#checked .said:has-text('They say the same')")
    out = "id: huge" if width > 600 else "id: nobody"  # another draft in each width
    page.locator(f".cm-line:has-text('{out}')").click()
    page.keyboard.press("Home")
    page.keyboard.press("Home")  # of the line, after that of the row it is wrapped into
    page.keyboard.type("# ")
    page.wait_for_selector("#checked .said h3:has-text('gone')")
    keep_in_both(page, "model-edit-changes", scheme, width)
    page.click("button:has-text('Keep as a draft')")
    page.wait_for_selector("text=is kept as a draft")
    assert complaints == []


@pytest.mark.parametrize(("scheme", "width", "height"), NARROW)
def test_a_draft_is_signed_by_two_and_goes_live(server: Running, browser: Any, scheme: str, width: int, height: int) -> None:
    page, complaints = opened(browser, scheme, width, height)
    page.set_default_timeout(30_000)
    enter(page, server, "marta")
    page.goto(f"{server.address}/models/bounded/edit")
    page.click(".cm-content")
    page.keyboard.press("Control+Home")
    page.keyboard.type(f"title: Signed in {scheme} {width}\n")
    page.wait_for_selector("#checked .said h3:has-text('Title')")
    page.click("button:has-text('Keep as a draft')")
    page.wait_for_selector("#contract")
    keep_in_both(page, "model-draft", scheme, width)
    page.click("button:has-text('Sign for marketing')")
    page.wait_for_selector("text=You have signed")
    address = page.url
    enter(page, server, "luca")
    page.goto(address)
    page.click("button:has-text('Sign for sales')")
    page.wait_for_selector("text=signed by marketing and sales")
    enter(page, server, "marta")
    page.goto(address)
    fits(page, "contract", width)
    assert violations(page) == []
    page.click("button:has-text('Make it live')")
    page.wait_for_selector("text=is live. Leads are being rated by it.")
    page.wait_for_selector("text=Figures as of")  # the page comes again by itself once they are counted
    page.goto(address)
    keep_in_both(page, "model-signed", scheme, width)
    page.goto(f"{server.address}/models/bounded?version=1")
    page.click("button:has-text('Bring it back')")
    page.wait_for_selector("text=is live, with the text of bounded version 1")
    assert complaints == []


@pytest.mark.parametrize(("scheme", "width", "height"), NARROW)
def test_points_are_changed_in_a_form(server: Running, browser: Any, scheme: str, width: int, height: int) -> None:
    page, complaints = opened(browser, scheme, width, height)
    page.set_default_timeout(30_000)
    enter(page, server)
    page.goto(f"{server.address}/models/bounded/tune?version=1")
    page.fill("[name='engagement.rules.0.half_life']", "a week")
    page.wait_for_selector("#checked .in-text li")
    keep_in_both(page, "model-tune-fault", scheme, width)
    fits(page, "tuning", width)
    page.fill("[name='engagement.rules.0.half_life']", "7d")
    page.fill("[name='profile.rules.0.points']", str(50 + width // 100))
    page.check("[name='out.profile.rules.4']")
    page.wait_for_selector("#checked .said h3:has-text('nobody')")
    page.wait_for_selector("[name=new_track]", state="hidden")
    page.select_option("[name='leads_to.A4']", "new track")
    page.fill("[name=new_track]", "Read on")
    page.wait_for_selector("#checked .said li:has-text('read on')")
    keep_in_both(page, "model-tune", scheme, width)
    page.click("button:has-text('Keep as a draft')")
    page.wait_for_selector("text=is kept as a draft")
    page.click(".add-rule a >> nth=1")
    page.select_option("[name=activity]", "page_viewed")
    page.wait_for_selector("[name=property] option[value=path]", state="attached")
    page.select_option("[name=property]", "path")
    page.select_option("[name=operator]", "unknown")
    page.wait_for_selector("[name=value]", state="hidden")
    page.select_option("[name=operator]", "starts_with")
    page.fill("[name=value]", f"/docs-{width}")
    page.fill("[name=points]", "a lot")
    page.wait_for_selector("#checked .in-text li")
    page.fill("[name=points]", "5")
    page.wait_for_selector("#checked .said h3:has-text('new')")
    fits(page, "adding a rule", width)
    keep_in_both(page, "model-add-rule", scheme, width)
    page.click(".keep-tuned button")
    page.wait_for_selector("text=is kept as a draft")
    page.wait_for_selector(f"text=path starts with /docs-{width}", state="attached")
    page.goto(f"{server.address}/models/bounded/rule?version=1&about=left_out")
    page.select_option("[name=field]", "job_title")
    page.wait_for_selector("[data-often]:has-text('CTO')")
    page.click("[data-often] >> nth=0")
    page.click("[data-often] >> nth=1")
    page.click("[data-often] >> nth=0")  # it stands there already
    values = page.locator("[data-often]").all_inner_texts()[:2]
    assert page.input_value("[name=value]") == ", ".join(values)
    page.wait_for_selector(f"#checked .said ins:has-text('{values[1]}')")
    page.evaluate("scrollTo(0, 0)")  # what lies half under the menu is no target
    assert violations(page) == []
    fits(page, "leaving somebody out", width)
    assert complaints == []
