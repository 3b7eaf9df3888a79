"""Going through a page with nothing but the keyboard."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import TimeoutError

from tests.server.web import test_browser

NAMED = """const named = (it) => (it.ariaLabel
  || (it.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" ").trim()
  || [...(it.labels ?? [])].map((each) => each.textContent).join(" ") || it.textContent).replace(/\\s+/g, " ").trim();"""
# What has the focus; ``isSeen``: some of it is on the screen, and nothing that sticks to an edge lies over it; of a text that is written in
# an editor, the editor around it has the ring.
FOCUSED = (
    f"""() => {{ {NAMED}"""
    + """
  const it = document.activeElement, style = getComputedStyle(it.closest(".cm-editor") ?? it);
  const boxes = [...it.getClientRects()].filter((box) => box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0
    && box.left < innerWidth);
  const middle = (from, to, most) => (Math.max(0, from) + Math.min(most, to)) / 2;
  const isOver = (box) => document.elementFromPoint(middle(box.left, box.right, innerWidth), middle(box.top, box.bottom, innerHeight));
  return {
    name: named(it), id: it.id, key: it.name ?? "", type: it.type ?? "", tag: it.tagName, value: it.value ?? "",
    isSeen: boxes.some((box) => { const top = isOver(box); return it.contains(top) || top?.contains(it); }),
    hasRing: style.outlineStyle !== "none" || style.boxShadow !== "none" || it.dataset.said !== undefined,
  };
}"""
)


def focused(page: Any) -> dict[str, Any]:
    """Return what has the focus: its name, and whether one sees it and sees that it has it."""
    found: dict[str, Any] = page.evaluate(FOCUSED)
    return found


def shown_focus(page: Any, at: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what has the focus, once one sees it and sees that it has it. ``at``: what :func:`focused` has just said."""
    at = at or focused(page)
    for _ in range(80):  # it is scrolled to
        if at["isSeen"]:
            break
        page.wait_for_timeout(25)
        at = focused(page)
    assert at["isSeen"] and at["hasRing"], f"the focus is on {at}, which does not show it"
    return at


def tab_to(page: Any, name: str, most: int = 120, *, back: bool = False, exact: bool = False) -> None:
    """Press Tab until something with a name has the focus; everything on the way is seen, and seen to have it."""
    for _ in range(most):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        at = focused(page)
        if at["tag"] == "BODY":  # where a browser's own buttons would come
            continue
        at = shown_focus(page, at)
        if at["name"] == name if exact else name in at["name"]:
            return
    raise AssertionError(f"{name} is not reached by {most} tabs, the last was {at}")


def press(page: Any, name: str, *, key: str = "Enter", back: bool = False, exact: bool = False) -> None:
    """Go to what has a name and press it."""
    tab_to(page, name, back=back, exact=exact)
    page.keyboard.press(key)


def write(page: Any, name: str, text: str, *, exact: bool = False) -> None:
    """Go to a field and write something into it, in place of what it holds."""
    tab_to(page, name, exact=exact)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def choose(page: Any, text: str, most: int = 80) -> None:
    """Go down the list that has the focus to what is wanted."""
    for _ in range(most):
        if page.evaluate("document.activeElement.selectedOptions[0].text") == text:
            return
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(60)  # what it asks for may take its place meanwhile
    raise AssertionError(f"{text} is not in this list")


def wait_for_focus(page: Any, name: str) -> None:
    """Wait until what has a name has the focus, without a key pressed: the page gave it there."""
    at = "document.activeElement"
    page.wait_for_function(f"(name) => {{ {NAMED} return {at} !== document.body && named({at}).includes(name) }}", arg=name)
    shown_focus(page)


def to_content(page: Any) -> None:
    """Skip what every page begins with."""
    page.keyboard.press("Tab")
    assert focused(page)["name"] == "Skip to the content"
    page.keyboard.press("Enter")


def sign_in(page: Any, address: str, name: str) -> None:
    page.goto(address)
    press(page, name)
    page.wait_for_selector("#palette", state="attached")


def go_to(page: Any, name: str, heading: str = "") -> None:
    """Go to a page by the palette, and to its content."""
    page.keyboard.press("Control+k")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.wait_for_selector(f"h1:has-text('{heading or name}')")
    to_content(page)


def opened(browser: Any) -> tuple[Any, list[str]]:
    """Return a page that hands over the choice of files: asked for early, because the browser is told so a moment later."""
    page, complaints = test_browser.opened(browser)
    page.on("filechooser", lambda _asked: None)
    return page, complaints


def wait_for_why(page: Any) -> bool:
    """Wait until it says why a lead has its rating; return whether it had to be asked again: a busy machine may give up at first."""
    page.wait_for_selector(":is(#why details.step, #why [role=alert])", timeout=30_000)
    if page.locator("#why details.step").count():
        return False
    tab_to(page, "Try again")
    for _ in range(3):
        page.keyboard.press("Enter")  # the button keeps the focus when it fails again
        with suppress(TimeoutError):
            page.wait_for_selector("#why details.step", timeout=22_000)
            return True
    raise AssertionError("it does not say why")


def give_file(page: Any, file: Path) -> None:
    """Choose a file for the field that has the focus; the browser's own dialog is not of the page."""
    with page.expect_file_chooser() as asked:
        page.keyboard.press("Enter")
    asked.value.set_files(file)


# Everything that Tab should come to, in one string each: what is hidden, switched off or one of several radio buttons is not among them.
# It is known again by what it is: a mark on it would be gone when its part of the page comes anew, though it stays.
STOPS = """() => {
  const radios = new Set();
  window.stops = [...document.querySelectorAll("a[href], button, summary, input, select, textarea, [tabindex]")].filter((it) => {
    if (it.tabIndex < 0 || it.disabled || it.type === "hidden" || it.closest("[inert]")) return false;
    if (!it.checkVisibility({visibilityProperty: true}) || it.getClientRects().length === 0) return false;
    if (it.type !== "radio") return true;
    const key = `${it.form?.action} ${it.name}`;
    return it.checked || !document.querySelector(`input[name="${it.name}"]:checked`) && !radios.has(key) && radios.add(key);
  });
  return window.stops.map((it) => it.outerHTML.slice(0, 160));
}"""
OPERABLE = "a[href], button, summary, input, select, textarea, [role=region], [role=group], [role=textbox], pre, article, section"
# What has the focus, which stop it is, and whether it can be operated: asked at once, as the focus may move meanwhile.
AT = f"() => [window.stops.indexOf(document.activeElement), document.activeElement.matches('{OPERABLE}'), ({FOCUSED})()]"


def sweep(page: Any, *, back: bool = False) -> list[str]:
    """Press Tab through a whole page, and return what is wrong: passed over, reached for nothing, unnamed, unseen, or never left."""
    stops: list[str] = page.evaluate(STOPS)
    if not stops:
        return []  # a page that only says something
    seen: list[int] = []
    wrong: list[str] = []
    is_left = False
    for _ in range(2 * len(stops) + 20):  # a field for a day has several stops inside
        page.keyboard.press("Shift+Tab" if back else "Tab")
        at, is_operable, told = page.evaluate(AT)
        if seen and at == seen[-1]:
            continue
        if at in seen:
            break
        if told["tag"] == "BODY":
            if is_left:
                break
            is_left = bool(seen)  # a page that gives the focus to something further down is gone through from its top once more
            continue
        try:
            told = shown_focus(page, told)
        except AssertionError:
            wrong.append(f"reached, but not seen: {told}")
        if not is_operable or not told["name"]:
            wrong.append(f"reached, but cannot be operated or has no name: {told}")
        seen.append(at)
    else:
        wrong.append(f"no end of it: {focused(page)}")
    return wrong + [f"passed over: {stops[place]}" for place in range(len(stops)) if place not in seen]
