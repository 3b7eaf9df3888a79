"""A seller's morning, by the keyboard alone: a lead comes in rated, is seen, understood and answered; marketing sees it happen."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.server.lifecycle.world import LEADS_TO
from tests.server.running import Running, running, wait_for
from tests.server.web.axe import violations
from tests.server.web.chromium import needs_chromium
from tests.server.web.people import PASSWORD, make_people
from tests.server.web.shots import shot
from tests.server.web.test_browser import BESIDE, SEEN, WIDTHS, come_in, enter, opened, show_in
from tests.server.world import MODEL, make_live, make_source, send
from vaglio_server.config.mailbox import mailbox

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def server(database: Path) -> Iterator[Running]:
    from tests.server.conftest import empty_tables

    empty_tables()
    make_people(PASSWORD)
    make_live(MODEL + LEADS_TO)
    long = "Chief of operations and of everything else that a long title can name"
    people = [("Anna", "Rossi", "CTO"), ("Bogdan", "Ionescu", long), ("Carla", "Weiß", "CTO"), ("Dora", "Nagy", "CTO")]
    source = make_source()
    for first, last, title in people:
        user = first.lower()
        traits = {"email": f"{user}@{user}.example", "firstName": first, "lastName": last, "title": title, "employees": 90}
        send(
            source,
            {"type": "identify", "userId": user, "traits": traits},
            {"type": "track", "userId": user, "event": "Form Submitted", "properties": {"form": "demo"}},
            {"type": "page", "userId": user, "properties": {"path": "/pricing"}},
        )
    with mailbox(database / "mails") as address, running(database, processes=1, VAGLIO_DEMO="1", EMAIL_URL=address) as found:
        yield found


def waits(page: Any) -> list[str]:
    return list(page.eval_on_selector_all("section.inbox .person a", "all => all.map((each) => each.textContent)"))


def waiting(page: Any, server: Running) -> int:
    """Open the inbox anew, which by itself looks again every 20 seconds, and return how many leads wait in it."""
    page.goto(f"{server.address}/inbox")
    return len(waits(page))


def test_a_seller_answers_and_marketing_sees_it(server: Running, browser: Any) -> None:
    boss, _complaints = opened(browser)
    enter(boss, server, "ada")
    wait_for(lambda: waiting(boss, server) == 4, 60)
    boss.keyboard.press("j")
    boss.keyboard.press("p")
    boss.click(".menu-in >> text=Waiting for the lead")
    boss.wait_for_selector("td.is-paused >> text=paused since")
    for scheme, width, height in BESIDE or WIDTHS[1:]:
        page, complaints = opened(browser, scheme, width, height)
        enter(page, server, "ada")  # who sees all of them
        page.goto(f"{server.address}/inbox")
        shot(page, f"inbox-{scheme}-{width}")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for cut in page.locator("section.inbox td.count-down").all():  # however long a name is, the time left is in sight
            box = cut.bounding_box()
            assert box["x"] + box["width"] <= width
        if width < 500:  # the sections stay on one line
            assert page.evaluate("new Set([...document.querySelectorAll('.top nav > *')].map((each) => each.offsetTop)).size") <= 2
            assert page.locator(".top nav").bounding_box()["height"] < 60
        assert complaints == []
        page.context.close()
    boss.click("text=They answered")
    boss.wait_for_selector("text=Its clock runs on.")
    page, complaints = opened(browser)
    come_in(page, server, "luca")
    page.keyboard.press("Control+k")
    page.keyboard.type("inbox")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox")
    mine = waits(page)
    assert mine  # four leads for three sellers: at least one
    assert "demo" in page.inner_text("section.inbox td.because")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.wait_for_selector("text=is accepted.")
    for scheme, width, height in SEEN:
        page.set_viewport_size({"width": width, "height": height})
        show_in(page, scheme)
        shot(page, f"inbox-undo-{scheme}-{width}")
        assert violations(page) == []
    page.set_viewport_size({"width": 1360, "height": 900})
    page.keyboard.press("u")  # a mistaken key
    page.wait_for_selector("text=stands where it stood before.")
    assert waits(page) == mine and page.locator("[data-key=u]").count() == 0
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.wait_for_selector("text=is accepted.")
    assert "In work" in page.inner_text("main")
    shot(page, "inbox-accepted-light-1360")
    page.click("[id^=work-] summary")
    page.fill("#step-row", "call the CFO")
    page.click("details[open] .btn-primary")  # by when, is asked for before it is sent
    assert page.locator("details[open] [name=next_step_at]:invalid").count() == 1 and page.input_value("#step-row") == "call the CFO"
    page.keyboard.press("Escape")
    lead = page.get_attribute("[id^=work-] a", "href")
    for scheme, width, height in BESIDE:
        seen, complaints = opened(browser, scheme, width, height)
        enter(seen, server, "luca")
        seen.goto(f"{server.address}{lead}")
        seen.wait_for_selector("#why .step")
        seen.click("#deed-recycle")
        shot(seen, f"lead-accepted-{scheme}-{width}")
        assert violations(seen) == [] and complaints == []
    boss.reload()
    assert len(waits(boss)) == 3
    assert "Sales accepted" in boss.inner_text("main")
    boss.keyboard.press("j")
    boss.keyboard.press("r")
    boss.select_option("details[open] [name=reason]", "other")
    boss.click("details[open] .btn-primary")  # what else it is, is asked for before it is sent
    assert boss.locator("details[open] textarea:invalid").count() == 1
    assert boss.inner_text("details[open] [data-whom]") == waits(boss)[0]
    boss.set_viewport_size({"width": 390, "height": 844})
    sheet = boss.locator("details[open] .menu-in").bounding_box()
    assert sheet["x"] < 16 and sheet["width"] > 350 and 820 < sheet["y"] + sheet["height"] < 844
    boss.set_viewport_size({"width": 1360, "height": 900})
    boss.focus("details[open] [name=reason]")
    boss.keyboard.press("N")
    shot(boss, "inbox-hand-back-light-1360")
    menu = boss.locator("details[open] .menu-in").bounding_box()
    assert menu["x"] >= 0 and menu["x"] + menu["width"] <= 1360
    boss.keyboard.press("Tab")
    boss.keyboard.type("next year")
    boss.keyboard.press("Tab")
    boss.keyboard.press("Enter")
    boss.wait_for_selector("text=is handed back.")
    assert len(waits(boss)) == 2
    assert complaints == []


def test_a_clock_runs_out_and_the_day_begins_with_a_mail(server: Running, browser: Any) -> None:
    """Let time pass until others have what waits, and read the mails of that; whether the test above ran before or not."""
    boss, complaints = opened(browser)
    enter(boss, server, "ada")
    wait_for(lambda: waiting(boss, server) >= 2, 60)
    before = dict(zip(waits(boss), boss.locator("section.inbox tbody td.soft").all_inner_texts(), strict=False))
    for said in ("Late:", "(is|are) yours"):  # its owner is told before somebody else gets it
        boss.goto(f"{server.address}/inbox")
        boss.click("text=Let an hour pass")
        boss.wait_for_selector("text=An hour of working time has passed.")
        wait_for(lambda said=said: mailed(boss, server, said), 30)  # type: ignore[misc]
    boss.goto(f"{server.address}/inbox")
    assert boss.locator("section.inbox td.count-down.loss").count() >= 1
    after = dict(zip(waits(boss), boss.locator("section.inbox tbody td.soft").all_inner_texts(), strict=False))
    late = [name for name in before if after[name] != before[name]]
    assert late  # it is somebody else's now
    shot(boss, "inbox-late-light-1360")
    boss.click("text=Let a day begin")
    boss.wait_for_selector("text=get a summary.")
    wait_for(lambda: mailed(boss, server, "waits? for you"), 30)
    for scheme, width, height in BESIDE:
        page, also = opened(browser, scheme, width, height)
        enter(page, server, "ada")
        for name in ("demo/mails", "idle", "handed", "routing"):
            page.goto(f"{server.address}/{name}")
            shot(page, f"{name.replace('/', '-')}-{scheme}-{width}")
            assert violations(page) == [], name
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert also == []
    count = waiting(boss, server)
    boss.keyboard.press("j")
    boss.keyboard.press("p")
    day = date.today() + timedelta(days=2)
    boss.locator("details[open] [name=until]").press_sequentially(f"{day:%m%d%Y}")
    boss.keyboard.press("Enter")
    boss.wait_for_selector(f"text=It comes again on {day.day} {day:%b %Y}")
    assert len(waits(boss)) == count - 1
    assert complaints == []


def test_what_was_typed_is_there_again_until_it_is_sent(server: Running, browser: Any) -> None:
    """A note survives another deed, a click elsewhere and signing in again; it is gone once sent or thrown away, nobody else sees it."""
    boss, complaints = opened(browser)
    enter(boss, server, "ada")
    boss.goto(f"{server.address}/leads")
    boss.click("#rows .person a >> nth=0")
    lead = boss.url
    boss.click("#deed-note")
    boss.fill("#deed-text", "half a thought")
    boss.click("#deed-lists")
    boss.fill("#deeds [name=list]", "fair")
    boss.click("#deeds details[open] button >> text=Put")
    boss.wait_for_selector("text=It is on the list fair now")
    assert boss.input_value("#deed-text") == "half a thought"
    boss.goto(f"{server.address}/leads")
    boss.goto(lead)
    assert boss.get_attribute("#deed-note", "aria-description") == "Typed before, and not sent yet."
    boss.click("#deed-note")
    shot(boss, "lead-typed-before-light-1360")
    assert violations(boss) == []
    boss.context.clear_cookies(name="sessionid")
    boss.click("#deeds details[open] .btn-primary")
    boss.click(".failed >> text=Sign in")
    boss.wait_for_url("**/login/**")
    boss.click("button[value=marta]")  # somebody else sees nothing of it
    boss.wait_for_url(lead)
    assert boss.input_value("#deed-text") == ""
    boss.context.clear_cookies(name="sessionid")
    boss.reload()
    boss.click("button[value=ada]")
    boss.wait_for_url(lead)
    assert boss.input_value("#deed-text") == "half a thought"
    boss.click("#deed-note")
    boss.click("#deeds details[open] .btn-primary:not(.typed *)")
    boss.wait_for_selector("text=The note stands in the timeline.")
    boss.goto(lead)
    assert boss.input_value("#deed-text") == "" and "half a thought" in boss.inner_text("#timeline")
    boss.click("#deed-note")
    boss.fill("#deed-text", "the other half")
    boss.reload()
    boss.click("#deed-note")
    boss.click("text=Throw it away")
    boss.reload()
    assert boss.input_value("#deed-text") == ""
    boss.click("#deed-note")
    boss.fill("#deed-text", "for nobody else")
    boss.click(".top summary:has(.avatar)")
    boss.click("text=Sign out")
    assert "for nobody else" not in boss.evaluate("JSON.stringify(sessionStorage)")
    assert [each for each in complaints if "401" not in each] == []


def test_what_was_typed_outlives_changes_of_others_and_answers_that_never_come(server: Running, browser: Any) -> None:
    """What somebody else wrote meanwhile stays, and so does what is typed over it; what no answer came to, or a refusal, is not lost."""
    (boss, complaints), (other, _complaints) = opened(browser), opened(browser)
    for page, who in ((boss, "ada"), (other, "marta")):
        page.on("dialog", lambda dialog: dialog.accept())  # it is not kept yet
        enter(page, server, who)
    name, keep = "form[data-keep] [name=name]", "form[data-keep] .btn-primary"
    other.goto(f"{server.address}/companies/new")
    other.fill(name, "Typed Works")
    other.click(keep)
    other.wait_for_url(re.compile(r".*/companies/[0-9]+"))
    edit = f"{other.url}/edit"
    boss.goto(edit)
    boss.fill(name, "Typed first")
    boss.fill("form[data-keep] [name=domain]", "typed.example")
    other.goto(edit)
    other.fill(name, "Somebody else's")
    other.click(keep)
    other.wait_for_url(edit.removesuffix("/edit"))
    boss.goto(edit)
    assert boss.input_value(name) == "Somebody else's" and boss.input_value("form[data-keep] [name=domain]") == "typed.example"
    boss.click("text=Throw it away")
    assert boss.input_value(name) == "Somebody else's" and boss.input_value("form[data-keep] [name=domain]") == ""
    boss.goto(edit)
    boss.fill(name, "Typed first")
    other.goto(edit)
    other.fill(name, "Theirs again")
    other.click(keep)
    other.wait_for_url(edit.removesuffix("/edit"))
    boss.goto(edit)
    assert boss.input_value(name) == "Theirs again"
    boss.fill(name, "Typed second")
    boss.goto(f"{server.address}/leads")
    boss.goto(edit)
    assert boss.input_value(name) == "Typed second"

    boss.route(edit, lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    boss.click(keep)
    boss.wait_for_url("chrome-error://**")
    boss.unroute(edit)
    boss.go_back()
    boss.goto(f"{server.address}/leads")
    boss.goto(edit)
    assert boss.input_value(name) == "Typed second"
    boss.click("text=Throw it away")

    text = f"{server.address}/models/small/edit?version=1"
    boss.goto(text)
    boss.click(".cm-content")
    boss.keyboard.press("Control+End")
    boss.keyboard.type("half: a rule")
    boss.click(keep)
    boss.wait_for_selector(".cm-lintRange-error, #checked .faulty, #checked [data-line]", state="attached")
    boss.goto(f"{server.address}/leads")
    boss.goto(text)
    assert "half: a rule" in boss.input_value("#model-text")
    assert [each for each in complaints if "422" not in each] == []


def mailed(page: Any, server: Running, subject: str) -> bool:
    """Return whether a mail was sent with a subject, as the demo's page shows."""
    page.goto(f"{server.address}/demo/mails")
    return re.search(subject, page.inner_text("main")) is not None
