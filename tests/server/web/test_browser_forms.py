"""Forms in Chromium: made by a marketer, filled in by a visitor, and a rated lead while one watches."""

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.server.forms.making import make_form
from tests.server.forms.sink import Sink, sink
from tests.server.running import Running, free_port, running, wait_for
from tests.server.web.chromium import chromium, needs_chromium
from tests.server.web.test_browser import WIDTHS, come_in, enter, keep, keep_in_both, opened
from tests.server.world import make_source

pytestmark = needs_chromium
SITE_PORT = free_port()
SITE = f"http://127.0.0.1:{SITE_PORT}"
NINA = {"first_name": "Nina", "last_name": "Ferrari", "company": "Acme", "job_title": "CTO", "employees": "90"}


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Sink]:
    with sink() as kept:
        yield kept


@pytest.fixture(scope="module")
def server(company: Any, database: Path, mailbox: Sink) -> Iterator[Running]:
    mails = {"EMAIL_URL": f"smtp://127.0.0.1:{mailbox.port}", "VAGLIO_MAIL_FROM": "Acme <hello@acme.example>"}
    with running(database, processes=1, VAGLIO_DEMO="1", **mails) as found:
        yield found


@pytest.fixture(scope="module")
def known(company: Any) -> dict[str, str]:
    """Forms and a source: made before the browser starts, which allows no questions of the database here."""
    embedded = make_form(name="On the site", slug="demo", origins=(SITE,), title="Ask for a demo")
    asked = make_form(name="Asked twice", slug="demo", is_double_opt_in=True)
    off, on = make_source("no page views"), make_source("page views")
    type(on).objects.filter(pk=on.pk).update(tracks_pages=True)
    return {"embedded": f"/f/{embedded.public_id}", "asked": f"/f/{asked.public_id}", "off": off.write_key, "on": on.write_key,
            "asked_page": f"/forms/{asked.pk}", "source": f"/sources/{off.pk}", "embedded_page": f"/forms/{embedded.pk}"}  # fmt: skip


@pytest.fixture(scope="module")
def browser(known: Any, server: Any) -> Iterator[Any]:
    with chromium() as found:
        yield found


@contextmanager
def site(folder: Path, **pages: str) -> Iterator[str]:
    """Serve some pages as another site."""
    for name, body in pages.items():
        head = f"<!doctype html><html lang=en><title>{name}</title><link rel=icon href=data:,>"
        (folder / f"{name}.html").write_text(f"{head}<body><main>{body}</main></body></html>")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_told: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", SITE_PORT), functools.partial(Quiet, directory=str(folder))) as found:
        thread = threading.Thread(target=found.serve_forever)
        thread.start()
        try:
            yield SITE
        finally:
            found.shutdown()
            thread.join()


def fill_in(page: Any, email: str, **changes: str) -> None:
    for name, value in ({"email": email} | NINA | changes).items():
        page.fill(f"[name=field_{name}]", value)
    page.check("[name=agreed]")
    page.wait_for_timeout(2_100)  # nobody types that fast


def test_a_form_becomes_a_rated_lead_while_one_watches(server: Running, browser: Any) -> None:
    marta, complaints = opened(browser)
    come_in(marta, server)
    marta.click("nav summary")
    marta.click("nav >> text=Forms")
    marta.click("button:has-text('Contact us')")
    marta.fill("#name", "Demo on our page")
    marta.fill("#slug", "demo")
    marta.fill("#title", "See it with your own data")
    marta.wait_for_selector("#preview h1:has-text('See it with your own data')")
    marta.click("button:has-text('Add a question')")
    marta.wait_for_selector("#question-7")
    assert marta.evaluate("scrollY") > 0  # where one was looking
    marta.click("button[value=up-7]")
    wait_for(lambda: marta.input_value("#f7_label") == "How can we help?", 10)
    assert marta.input_value("#title") == "See it with your own data"
    marta.click("button[value=remove-6]")
    wait_for(lambda: marta.locator("#question-7").count() == 0, 10)
    keep(marta, "form-edit", "light", 1360)
    asked: list[str] = []
    marta.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    marta.click("a:text('Back')")
    wait_for(lambda: asked == ["beforeunload"], 10)  # what nobody saved is not lost by a click
    assert marta.url.endswith("/edit")
    marta.click("button:has-text('Save')")
    marta.wait_for_selector("text=The form is saved")
    marta.wait_for_selector("text=it appears here by itself")
    address = marta.inner_text(".key")
    home, _complaints = opened(browser)
    come_in(home, server)

    visitor, told = opened(browser)
    visitor.goto(address)
    fill_in(visitor, "nina@acme.example")
    visitor.dblclick("button")
    visitor.wait_for_selector("text=reply within a working day")
    marta.wait_for_selector("#sent .rating:has-text('A2')", timeout=30_000)
    assert "Nina Ferrari" in marta.inner_text("#sent")
    assert marta.locator("#sent li").count() == 1
    keep(marta, "form-live", "light", 1360)
    home.wait_for_selector(".moves >> text=Nina Ferrari", timeout=30_000)
    keep(home, "form-home", "light", 1360)
    marta.click("#sent .rating")
    marta.wait_for_selector("h1:has-text('Nina Ferrari')")
    assert (complaints, told) == ([], [])
    assert visitor.context.cookies() == []


@pytest.mark.drill  # in `make test` test_browser_craft looks at every page, and test_forms at what does not fit
@pytest.mark.parametrize(("scheme", "width", "height"), WIDTHS)
def test_its_pages_are_whole(server: Running, browser: Any, known: dict[str, str], scheme: str, width: int, height: int) -> None:
    page, complaints = opened(browser, scheme, width, height)
    form = known["embedded"]
    page.goto(f"{server.address}{form}")
    keep_in_both(page, "form-public", scheme, width)
    page.fill("[name=field_employees]", "many")
    page.click("button")
    page.wait_for_selector(".vf-notice")
    assert page.input_value("[name=field_employees]") == "many"
    assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
    keep_in_both(page, "form-faults", scheme, width)
    assert_fits(page, width)
    page.goto(f"{server.address}{form}/done")
    keep_in_both(page, "form-done", scheme, width)
    enter(page, server)
    for name, address in {"forms": "/forms", "form-detail": known["embedded_page"], "form-edit": f"{known['embedded_page']}/edit",
                          "form-source": known["source"]}.items():  # fmt: skip
        page.goto(f"{server.address}{address}")
        keep_in_both(page, name, scheme, width)
        assert_fits(page, width)
        assert page.evaluate(UNNAMED) == []
    # What does not fit is answered 422, which the console tells of.
    assert [text for text in complaints if "422" not in text] == []


UNNAMED = """[...document.querySelectorAll('input:not([type=hidden]), select, textarea, button')]
    .filter(e => !e.labels?.length && !e.ariaLabel && !e.textContent.trim()).map(e => e.outerHTML)"""


def assert_fits(page: Any, width: int) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width, f"{page.url} is {wide} wide on a screen of {width}"


def test_without_javascript(server: Running, browser: Any, known: dict[str, str]) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{server.address}{known['embedded']}")
    fill_in(page, "plain@acme.example")
    page.click("button")
    page.wait_for_url("**/done")
    assert "Thank you" in page.inner_text("h1")


def test_who_confirms_by_mail_counts(server: Running, browser: Any, known: dict[str, str], mailbox: Sink) -> None:
    marta, _complaints = opened(browser)
    enter(marta, server)
    marta.goto(f"{server.address}{known['asked_page']}")
    visitor, told = opened(browser, "dark", 390, 844)
    visitor.goto(f"{server.address}{known['asked']}")
    fill_in(visitor, "olga@acme.example", first_name="Olga")
    visitor.click("button")
    visitor.wait_for_selector("text=One more step")
    keep(visitor, "form-almost", "dark", 390)
    wait_for(lambda: len(mailbox.letters) == 1, 20)
    assert mailbox.letters[0]["To"] == "olga@acme.example"
    marta.wait_for_selector("#sent >> text=Waiting for confirmation")
    visitor.goto(mailbox.link())
    keep(visitor, "form-confirm", "dark", 390)
    visitor.click("text=Yes, that was me")
    visitor.wait_for_selector("text=Thank you")
    marta.wait_for_selector("#sent .rating:has-text('A2')", timeout=30_000)
    assert told == []


def test_inside_of_another_site_and_of_no_third(server: Running, browser: Any, known: dict[str, str], tmp_path: Path) -> None:
    line = f'<script src="{server.address}{known["embedded"]}.js" data-theme="light" data-title="Ask for a demo" async></script>'
    tracker = f'<script src="{server.address}/t.js?key={known["on"]}"></script>'
    with site(tmp_path, pricing=f"{tracker}<h1>Prices</h1>{line}") as address:
        page, complaints = opened(browser, "light", 800, 900)
        page.goto(f"{address}/pricing.html")
        frame = page.frame_locator("iframe[title='Ask for a demo']")
        frame.locator("button").wait_for()
        wait_for(lambda: page.evaluate("document.querySelector('iframe').offsetHeight") > 700, 10)
        inner = page.frames[1].evaluate("document.documentElement.scrollHeight <= innerHeight + 1")
        assert inner, "the frame scrolls"
        page.evaluate("vaglio.consent(true)")
        device = page.evaluate("vaglio.id()")
        wait_for(lambda: frame.locator("[name=anonymous_id]").input_value() == device, 10)
        fill_in(page.frames[1], "pia@acme.example", first_name="Pia")
        keep(page, "form-embedded", "light", 800)
        frame.locator("button").click()
        frame.locator("h1:has-text('Thank you')").wait_for()
        assert page.url == f"{address}/pricing.html"
        assert complaints == []
        # The same page under another name of this machine is another site.
        page.goto(f"{address.replace('127.0.0.1', 'localhost')}/pricing.html")
        wait_for(lambda: any("frame-ancestors" in text for text in complaints), 10)
        link = page.locator("a:text('Ask for a demo')")
        link.wait_for()  # instead of an empty frame
        assert link.get_attribute("href") == f"{server.address}{known['embedded']}"
        assert any("Name this site in the form" in text for text in complaints)
    marta, _complaints = opened(browser)
    enter(marta, server)
    marta.goto(f"{server.address}{known['embedded_page']}")
    marta.click("#sent li:has-text('Pia') .rating:has-text('A')", timeout=30_000)
    marta.wait_for_selector(".timeline >> text=pricing", timeout=30_000)  # what the browser did before is hers


def test_page_views_wait_for_consent_and_end_with_it(server: Running, browser: Any, known: dict[str, str], tmp_path: Path) -> None:
    scripts = {name: f'<script src="{server.address}/t.js?key={known[name]}"></script>' for name in ("on", "off")}
    with site(tmp_path, **scripts) as address:
        page, complaints = opened(browser)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "/v1/" in request.url else None)
        stored = "JSON.stringify([localStorage.length, sessionStorage.length, document.cookie])"
        for name in ("on", "off"):
            page.goto(f"{address}/{name}.html")
            page.wait_for_timeout(300)
            assert (asked, page.evaluate(stored)) == ([], '[0,0,""]'), name
        page.evaluate("vaglio.consent(true)")
        page.wait_for_timeout(300)
        assert (asked, page.evaluate(stored)) == ([], '[0,0,""]')  # switched off, whatever is agreed to
        page.goto(f"{address}/on.html")
        with page.expect_response("**/v1/page") as answer:
            page.evaluate("vaglio.consent(true)")
        assert answer.value.status == 200
        device = page.evaluate("vaglio.id()")
        with page.expect_response("**/v1/page"):
            page.reload()
        assert (len(asked), page.evaluate("vaglio.id()"), len(device)) == (2, device, 32)
        page.evaluate("vaglio.consent(false)")
        assert page.evaluate(stored) == '[0,0,""]'
        page.reload()
        page.wait_for_timeout(300)
        assert len(asked) == 2
        page.evaluate("vaglio.consent(true)")
        assert page.evaluate("vaglio.id()") != device
        page.goto(f"{address}/off.html")
        assert page.evaluate(stored) == '[0,0,""]'  # once switched off, what was stored is forgotten
        assert complaints == []
