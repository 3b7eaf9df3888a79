"""What axe finds on a page that keeps somebody from using it."""

from pathlib import Path
from typing import Any

AXE = Path(__file__).parents[2] / "clients" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Any) -> list[str]:
    """Return each violation, with what it is and where."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    ask = "(tags) => axe.run(document, {runOnly: tags, resultTypes: ['violations'], iframes: false}).then((found) => found.violations)"
    return [_told(each, node) for each in page.evaluate(ask, RULES) for node in each["nodes"]]


def _told(each: dict[str, Any], node: dict[str, Any]) -> str:
    return f"{each['id']}: {each['help']} at {node['target']}: {node.get('failureSummary', '')[:200]}"
