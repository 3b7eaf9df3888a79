"""What axe finds on a page that keeps somebody from using it."""

from pathlib import Path
from typing import Any

AXE = Path(__file__).parents[2] / "clients" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A bar that stays in sight covers what one scrolls by: how large that is, is asked with the bar where it stands at the end of the page.
BARS = "(place) => document.querySelectorAll('.keep-tuned').forEach((it) => { it.style.position = place; })"
OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
# No rule that is asked looks into style sheets or films, so none are fetched for it.
ASK = """(tags) => axe.run(document, {runOnly: tags, resultTypes: ['violations'], iframes: false, preload: false})
  .then((found) => found.violations)"""


def violations(page: Any, *, of_colours: bool = False) -> list[str]:
    """Return each violation, with what it is and where; ``of_colours``: only of rules about these, which differ by theme."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    page.evaluate(BARS, "static")
    found = page.evaluate(ASK, OF_COLOURS if of_colours else RULES)
    page.evaluate(BARS, "")
    return [_told(each, node) for each in found for node in each["nodes"]]


def _told(each: dict[str, Any], node: dict[str, Any]) -> str:
    return f"{each['id']}: {each['help']} at {node['target']}: {node.get('failureSummary', '')[:200]}"
