"""What holds on every page: what it may cost, and that the keyboard alone is enough.

What was measured of budgets stays in build/budgets-0.json and -1.json, with the instant of the first paint; ``python -m
benchmarks.paint`` measures that one properly.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.running import Running, running
from tests.server.web.axe import violations
from tests.server.web.chromium import needs_chromium
from tests.server.web.every_page import every_page, make_everything
from tests.server.web.keyboard import choose, focused, sweep, tab_to
from tests.server.web.test_browser import UNNAMED, VIEWS, enter, opened, show_in

pytestmark = needs_chromium
SCRIPT_BYTES = 220_000  # gzipped, as it comes over the line
SHIFT = 0.05  # cumulative layout shift; 0.1 is called good
REQUESTS = 9
KEPT = Path(__file__).parents[3] / "build"
# Every shift that no key or click brought about, and the first paint; from before the page begins.
WATCH = """
window.seen = {shift: 0, from: []};
new PerformanceObserver((list) => { for (const each of list.getEntries()) if (!each.hadRecentInput) {
  window.seen.shift += each.value;
  const said = (it) => `${it.node?.tagName} ${it.node?.id || it.node?.className} ${it.previousRect.y}→${it.currentRect.y}`;
  window.seen.from.push(...each.sources.map(said));
} }).observe({type: 'layout-shift', buffered: true});
"""


# On a phone nobody looks for columns beyond the edge of a list.
BEYOND = """
() => [...document.querySelectorAll('table.leads')]
  .filter((its) => its.offsetParent && its.scrollWidth > its.parentElement.clientWidth + 1)
  .map((its) => `${its.className} ${its.scrollWidth}`)
"""


# What can be ticked and does not look like all others, or whose edge is not seen: its contrast with what lies behind it.
TICKED = (
    "lead-list", "suspicious-list", "duplicate-list", "idle-list", "routing-rule",
    "user-detail", "lead-convert", "form-detail", "model-try",
)  # fmt: skip
CONTROLS = """
() => [...document.querySelectorAll('main input:is([type=checkbox], [type=radio])')].flatMap((its) => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const light = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const shares = [...canvas.getImageData(0, 0, 1, 1).data].map((each) => each / 255);
    const [r, g, b] = shares.map((c) => (c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4));
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const style = getComputedStyle(its);
  const behind = getComputedStyle(its.closest('.card, .menu-in, body')).backgroundColor;
  const [low, high] = [light(style.borderTopColor), light(behind)].sort((a, b) => a - b);
  const shape = `${style.appearance} ${parseInt(style.width)} ${style.borderTopLeftRadius}`;
  const seen = (high + .05) / (low + .05);
  const isRight = shape === (its.type === 'radio' ? 'none 20 50%' : 'none 20 4px') && seen >= 3;
  return isRight ? [] : [`${its.name} of ${location.pathname}: ${shape}, ${seen.toFixed(2)}`];
})
"""


@pytest.fixture(scope="module")
def pages(database: Path) -> dict[str, str]:
    make_everything(300)
    return every_page()


@pytest.fixture(scope="module")
def server(pages: Any, database: Path) -> Iterator[Running]:
    with running(database, processes=1, VAGLIO_DEMO="1") as found:
        yield found


@pytest.mark.parametrize("half", [0, 1])  # for two workers
@pytest.mark.parametrize("turn", [0, *(pytest.param(turn, marks=pytest.mark.drill) for turn in (1, 2, 3))])
def test_every_page_keeps_its_budget_and_nothing_keeps_somebody_from_using_it(
    server: Running, browser: Any, pages: dict[str, str], turn: int, half: int
) -> None:
    """Each page in one theme and width, turn about: all four turns make all of both, for which `make drill` has the time."""
    views = {width: watched(browser, server, width, height) for width, height in ((1360, 900), (390, 844))}
    found: dict[int, dict[str, Any]] = {width: {} for width in views}
    troubles: list[str] = []
    for place, (name, address) in list(enumerate(pages.items()))[half::2]:
        scheme, width, _height = VIEWS[(place // 2 + turn) % len(VIEWS)]
        page, complaints = views[width]
        found[width][name] = measured(page, f"{server.address}{address}")
        if name == "lead":
            page.wait_for_selector("[data-chart] canvas")
        troubles += [f"{name}, {scheme} {width}: {each}" for each in [*seen_in(page, scheme, width), *complaints]]
        complaints.clear()
    assert not troubles, "\n".join(troubles)
    keep(found, half)
    for width, costs in found.items():
        assert len(costs) > 12
        for name, cost in costs.items():
            assert cost["script_bytes"] < SCRIPT_BYTES, (width, name, cost)
            assert cost["shift"] < SHIFT, (width, name, cost)
            assert cost["requests"] <= REQUESTS, (width, name, cost)
        assert max(cost["script_bytes"] for cost in costs.values()) > 10_000, "no script was seen"


@pytest.mark.drill  # eight seconds of a slow line
def test_a_page_that_comes_in_parts_is_shown_when_it_is_there(server: Running, browser: Any, pages: dict[str, str]) -> None:
    """The columns of a table are as wide as its rows ask for, so a part of it would move when the rest comes."""
    page, complaints = opened(browser)
    enter(page, server, "ada")
    page.goto(f"{server.address}{pages['lead-list']}")  # what all pages load is there from now on
    page.add_init_script(WATCH)
    slowly = {"offline": False, "latency": 0, "downloadThroughput": 8_000, "uploadThroughput": -1}  # bytes a second
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slowly)
    for name in ("suspicious-list", "account-list"):
        its = measured(page, f"{server.address}{pages[name]}")
        arrived = page.evaluate("(([its]) => its.responseEnd - its.responseStart)(performance.getEntriesByType('navigation'))")
        assert arrived > 300, f"{name} came at once: {arrived} ms"
        assert its["shift"] < SHIFT, (name, its)
    assert complaints == []


def test_what_can_be_ticked_looks_alike_and_is_seen_before_it_is(server: Running, browser: Any, pages: dict[str, str]) -> None:
    page, complaints = opened(browser)
    enter(page, server, "ada")
    seen = 0
    for name in TICKED:
        page.goto(f"{server.address}{pages[name]}")
        seen += page.locator("main input:is([type=checkbox], [type=radio])").count()
        for scheme in ("light", "dark"):
            show_in(page, scheme)
            assert page.evaluate(CONTROLS) == [], scheme
        if (every := page.locator("[data-choose-all]")).count():
            every.first.check()
            of = page.locator(":has(> thead [data-choose-all]) >> nth=0").locator("tbody input[type=checkbox]")
            assert of.count() and all(each.is_checked() for each in of.all()), name
            assert page.inner_text("[data-chosen-count] >> nth=0") == str(of.count()), name
    assert seen > 40 and complaints == []


def test_no_name_is_too_long_for_a_page(server: Running, browser: Any) -> None:
    """Somebody whose name, job and company are one word of 120 letters each."""
    page, complaints = opened(browser, width=390, height=844)
    enter(page, server, "ada")
    page.goto(f"{server.address}/leads/new")
    page.fill("[name=email]", "long@long-words.example")
    for name in ("first_name", "job_title", "company"):
        page.fill(f"[name={name}]", "W" * 120)
    page.click("main form .btn-primary")
    page.wait_for_selector("main a[href^='/companies/']")
    lead, company = page.url, page.locator("main a[href^='/companies/']").first.evaluate("(its) => its.href")
    page.goto(f"{lead}/convert")
    page.click("main form .btn-primary >> nth=0")
    page.wait_for_url("**/opportunities/*")
    for address in (page.url, lead, company):
        for width in (390, 1360):
            page.set_viewport_size({"width": width, "height": 844})
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    assert complaints == []


def test_on_a_phone_no_column_is_lost_and_none_is_too_narrow(server: Running, browser: Any, pages: dict[str, str]) -> None:
    page, complaints = opened(browser, width=390, height=844)
    enter(page, server, "ada")

    def go(name: str, asked: str = "") -> None:
        page.goto(f"{server.address}{pages[name]}{asked}")
        page.wait_for_selector(".skeleton", state="detached", timeout=30_000)

    def widths(selector: str) -> list[float]:
        """Return how wide things are that are on the screen."""
        seen = "(all) => all.map((its) => its.getBoundingClientRect()).filter((its) => its.width && its.right <= innerWidth)"
        return [round(each) for each in page.eval_on_selector_all(selector, f"(all) => ({seen})(all).map((its) => its.width)")]

    go("pipeline-list")
    assert min(widths("input[name=label]")) > 180
    go("contact-list", "?q=nobody-is-called-so")
    assert len(heads := widths("table.people-list th")) == 3 and min(heads) > 80
    go("opportunity-detail")
    assert min(widths(".known .grow")) > 180
    go("audit-list")
    assert widths("select[name=subject]")[0] > 180
    for name, table, count in (("handed-list", ".shares", 6), ("routing-list", ".shares", 7), ("idle-list", ".idle-rows", 5)):
        go(name)
        selector = f"{table} tbody tr:first-child td"
        its = page.locator(selector)
        assert len(widths(selector)) >= count and its.evaluate_all("(all) => all.filter((its) => its.dataset.of).length") >= 3, name
    go("machine-list")
    told = page.locator(".by-day th.num")
    assert told.count() == 0 or len(widths(".by-day th.num")) == told.count()
    assert complaints == []


def seen_in(page: Any, scheme: str, width: int) -> list[str]:
    """Return what keeps somebody from using a page as it stands, and in the other theme its colours alone, which differ."""
    show_in(page, "light" if scheme == "dark" else "dark")
    troubles = violations(page, of_colours=True)
    show_in(page, scheme)
    troubles += violations(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        troubles.append(f"it is {wide} wide")
    if width < 600:
        troubles += [f"a list of leads goes beyond the edge: {each}" for each in page.evaluate(BEYOND)]
    return troubles + [f"it has no name: {each}" for each in page.evaluate(UNNAMED)]


def watched(browser: Any, server: Running, width: int, height: int) -> tuple[Any, list[str]]:
    """Return a page of somebody who came in, with what is counted on it, and nothing kept of pages seen before; and its complaints."""
    page, complaints = opened(browser, width=width, height=height)
    enter(page, server, "ada")
    page.add_init_script(WATCH)
    link = page.context.new_cdp_session(page)
    link.send("Network.enable")
    link.send("Network.setCacheDisabled", {"cacheDisabled": True})  # as somebody who comes for the first time
    return page, complaints


def measured(page: Any, address: str) -> dict[str, Any]:
    """Open a page, wait until all that comes later has come, and return what it cost."""
    asked = asked_by(page)
    assert page.goto(address).status == 200, address
    page.wait_for_selector(".skeleton", state="detached", timeout=30_000)
    if page.locator("[hx-trigger*=every]").count():
        page.wait_for_timeout(2_400)  # once it has asked for itself again
    elif page.locator("[hx-trigger=load]").count():
        page.wait_for_load_state("networkidle")
    else:
        page.wait_for_timeout(100)
    return cost(page, *asked)


def asked_by(page: Any) -> tuple[list[Any], Callable[[Any], None]]:
    """Return what a page asks for from now on, and what notes it."""
    asked: list[Any] = []

    def note(request: Any) -> None:
        asked.append(request)

    page.on("requestfinished", note)
    return asked, note


def cost(page: Any, asked: list[Any], note: Callable[[Any], None]) -> dict[str, Any]:
    page.remove_listener("requestfinished", note)
    seen = page.evaluate("window.seen")
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null")
    return {
        "script_bytes": sum(each.sizes()["responseBodySize"] for each in asked if each.resource_type == "script"),
        "requests": len(asked), "shift": round(seen["shift"], 4), "shifted": seen["from"], "first_paint_ms": paint,
    }  # fmt: skip


def keep(found: dict[int, dict[str, Any]], half: int) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"budgets-{half}.json").write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")


def sign_in(page: Any, server: Running, name: str) -> None:
    page.goto(server.address)
    tab_to(page, name)
    page.keyboard.press("Enter")
    page.wait_for_selector("#palette", state="attached")


def go_to(page: Any, name: str) -> None:
    """Go to a page by the palette."""
    page.keyboard.press("Control+k")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.wait_for_selector(f"h1:has-text('{name}')")


def test_a_seller_gets_to_why_and_back_by_the_keyboard(server: Running, browser: Any) -> None:
    page, complaints = opened(browser)
    sign_in(page, server, "Marta")
    go_to(page, "Leads")
    for key in "jjjk":
        page.keyboard.press(key)
    name = focused(page)["name"]
    assert page.locator("#rows .person a").nth(1).inner_text() == name
    page.keyboard.press("x")
    assert page.inner_text("[data-leads-chosen]") == "1"
    page.keyboard.press("x")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"h1:has-text('{name}')")
    page.wait_for_selector(".skeleton", state="detached", timeout=30_000)
    tab_to(page, page.locator(".step:not([data-leaf]) .title").first.inner_text())
    page.keyboard.press("Enter")
    assert page.locator(".step[open] .opened li").count() > 0
    page.keyboard.press("u")
    page.wait_for_selector("#rows")
    assert focused(page)["name"] == name
    page.keyboard.press("j")
    assert page.locator("#rows .person a").nth(2).inner_text() == focused(page)["name"]
    assert complaints == []


def test_the_focus_is_never_lost(server: Running, browser: Any) -> None:
    page, complaints = opened(browser)
    sign_in(page, server, "Marta")
    page.goto(f"{server.address}/leads")
    page.keyboard.press("Tab")
    assert focused(page)["name"] == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    # A dialog keeps the focus while it is open, and gives it back.
    before = focused(page)["name"]
    for key, dialog in (("Control+k", "palette"), ("?", "shortcuts")):
        page.keyboard.press(key)
        for _ in range(len(page.query_selector_all(f"#{dialog} :is(a, button, input)")) + 3):
            page.keyboard.press("Tab")
            assert page.evaluate(f"document.activeElement === document.body || document.activeElement.closest('#{dialog}') !== null")
        page.keyboard.press("Escape")
        assert (page.locator("dialog[open]").count(), focused(page)["name"]) == (0, before)
    # A menu closes by Escape, with the focus on what opened it, and by going on.
    tab_to(page, "Columns")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert (page.locator("details.menu[open]").count(), focused(page)["name"]) == (0, "Columns")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    assert page.locator("details.menu[open]").count() == 0
    # A filter is chosen by the keyboard, through what is fetched in between.
    page.keyboard.press("Enter")
    tab_to(page, "Of the lead")
    choose(page, "Country")
    page.wait_for_selector("#filter-how-chosen")
    tab_to(page, "How")
    choose(page, "is not known")
    page.wait_for_selector("#filter-how input", state="detached")
    assert focused(page)["id"] == "filter-how-chosen"
    # What "Show more" brings is where one goes on.
    page.goto(f"{server.address}/leads")
    shown = page.locator("#rows .person a").count()
    tab_to(page, "Show more", 400)
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#rows tr:nth-child({shown + 2}) .person")
    assert page.locator("#rows .person a").nth(shown).inner_text() == focused(page)["name"]
    assert complaints == []


def test_a_term_is_explained_by_the_keyboard(server: Running, browser: Any) -> None:
    page, complaints = opened(browser)
    sign_in(page, server, "Marta")
    tab_to(page, "Change of rating: what it means")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Each is kept, once.")
    page.wait_for_timeout(2_400)  # the page has asked for itself meanwhile
    assert page.locator("text=Each is kept, once.").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("text=Each is kept, once.").is_visible()
    assert focused(page)["name"] == "Change of rating: what it means"
    assert complaints == []


@pytest.mark.drill  # in `make test` test_browser_first_run does so
def test_a_file_is_brought_in_by_the_keyboard(server: Running, browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "guests.csv"
    file.write_text("Email;First Name\nkey@board.example;Kay\n", encoding="utf-8")
    page, complaints = opened(browser)
    page.on("filechooser", lambda _asked: None)  # asked for early: the browser is told to hand it over a moment later
    sign_in(page, server, "Marta")
    page.keyboard.press("Control+k")
    page.keyboard.type("import")
    page.keyboard.press("Enter")
    page.wait_for_selector("#file")
    tab_to(page, "Drop a file here")
    with page.expect_file_chooser() as asked:
        page.keyboard.press("Enter")
    asked.value.set_files(file)
    tab_to(page, "Look at it")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Nothing is stored yet")
    tab_to(page, "Bring in 1 row")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=See the leads", timeout=30_000)
    tab_to(page, "See the leads")
    page.keyboard.press("Enter")
    page.wait_for_url("**/leads**")
    assert complaints == []


def test_two_leads_are_merged_and_parted_by_the_keyboard(server: Running, browser: Any, pages: dict[str, str]) -> None:
    page, complaints = opened(browser)
    sign_in(page, server, "Marta")
    page.goto(f"{server.address}{pages['lead-with-match']}")
    tab_to(page, "Merge into this lead")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=is part of this lead now")
    assert "is part of this lead now" in focused(page)["name"]  # said, and read out
    page.wait_for_selector(".skeleton", state="detached", timeout=30_000)
    tab_to(page, "Undo the merge")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=is a lead of its own again")
    assert complaints == []


@pytest.mark.drill  # in `make test` test_browser_forms makes and sends one, with the mouse
def test_a_form_is_made_and_sent_by_the_keyboard(server: Running, browser: Any) -> None:
    page, complaints = opened(browser)
    sign_in(page, server, "Marta")
    go_to(page, "Forms")
    tab_to(page, "Start from this")
    page.keyboard.press("Enter")
    page.wait_for_selector("#editor")
    tab_to(page, "Title", exact=True)
    page.keyboard.press("Control+a")
    page.keyboard.type("By the keyboard")
    tab_to(page, "Add a question", 200)
    count = page.locator(".questions > li").count()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#question-{count}")
    assert focused(page)["id"] == f"f{count}_label"
    tab_to(page, "Move up")
    for place in (count - 1, count - 2):
        page.keyboard.press("Enter")
        page.wait_for_function(f"() => document.activeElement.id === 'up-{place}'")
    tab_to(page, "Take out")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#question-{count}", state="detached")
    assert focused(page)["id"] == f"remove-{count - 2}"
    tab_to(page, "Save", back=True)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=The form is saved")
    address = page.inner_text(".key")
    visitor, told = opened(browser)
    visitor.goto(address)
    while (key := focused(visitor)["key"]) != "agreed":
        if key.startswith("field_"):
            visitor.keyboard.type(WRITTEN.get(key, "Kay"))
        visitor.keyboard.press("Tab")
    visitor.keyboard.press("Space")
    visitor.wait_for_timeout(2_100)  # nobody types that fast
    tab_to(visitor, visitor.inner_text("button"))
    visitor.keyboard.press("Enter")
    visitor.wait_for_url("**/done")
    page.wait_for_selector("#sent >> text=Kay", timeout=30_000)
    assert (complaints, told) == ([], [])


WRITTEN = {"field_email": "kay@keyboard.example", "field_employees": "90"}


@pytest.mark.drill
@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize(("width", "height"), [(1360, 900), (390, 844)])
def test_tab_comes_to_everything_on_every_page(
    server: Running, browser: Any, pages: dict[str, str], width: int, height: int, back: bool
) -> None:
    page, _complaints = opened(browser, "light", width, height)
    enter(page, server, "ada")
    found: dict[str, list[str]] = {}
    for name, address in pages.items():
        page.goto(f"{server.address}{address}")
        page.wait_for_selector(".skeleton", state="detached", timeout=30_000)
        if page.locator("[hx-trigger=load]").count():
            page.wait_for_load_state("networkidle")
        if troubles := sweep(page, back=back):
            found[name] = troubles
    assert not found, "\n".join(f"{name}: {each}" for name, troubles in found.items() for each in troubles)
