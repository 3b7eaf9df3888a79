"""Going through a page with nothing but the keyboard."""

from typing import Any

FOCUSED = """() => {
  const it = document.activeElement, box = it.getBoundingClientRect(), style = getComputedStyle(it);
  const name = it.ariaLabel || [...(it.labels ?? [])].map((each) => each.textContent).join(" ") || it.textContent;
  return {
    name: name.replace(/\\s+/g, " ").trim(), id: it.id, key: it.name ?? "", type: it.type ?? "", tag: it.tagName,
    isSeen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    hasRing: style.outlineStyle !== "none" || style.boxShadow !== "none",
  };
}"""


def focused(page: Any) -> dict[str, Any]:
    """Return what has the focus: its name, and whether one sees it and sees that it has it."""
    found: dict[str, Any] = page.evaluate(FOCUSED)
    return found


def tab_to(page: Any, name: str, most: int = 120, *, back: bool = False, exact: bool = False) -> None:
    """Press Tab until something with a name has the focus; everything on the way is seen, and seen to have it."""
    for _ in range(most):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        at = focused(page)
        if at["tag"] == "BODY":  # where a browser's own buttons would come
            continue
        for _ in range(80):  # it is scrolled to
            if at["isSeen"]:
                break
            page.wait_for_timeout(25)
            at = focused(page)
        assert at["isSeen"] and at["hasRing"], f"the focus is on {at}, which does not show it"
        if at["name"] == name if exact else name in at["name"]:
            return
    raise AssertionError(f"{name} is not reached by {most} tabs, the last was {at}")


def choose(page: Any, text: str, most: int = 80) -> None:
    """Go down the list that has the focus to what is wanted."""
    for _ in range(most):
        if page.evaluate("document.activeElement.selectedOptions[0].text") == text:
            return
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(60)  # what it asks for may take its place meanwhile
    raise AssertionError(f"{text} is not in this list")
