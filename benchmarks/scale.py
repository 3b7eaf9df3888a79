"""The table and the picture of ``docs/explanation/scale.md``, from ``benchmarks/results/engines.json``: ``python -m benchmarks.scale``."""

import json
from html import escape
from math import log10
from pathlib import Path
from typing import Any

from benchmarks.engines import RESULTS

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "scale.md"
PICTURE = PAGE.with_suffix(".svg")
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
NAMES = {
    "bare": "bare scan", "ours": "**Vaglio**", "duckdb": "DuckDB, a sum per rule", "polars": "Polars, a sum per rule",
    "pandas": "pandas and NumPy, by hand", "ours on spark": "**Vaglio** on Spark",
    "spark by lead": "Spark, a sum per rule, leads ranked", "spark": "Spark, a sum per rule, their total",
    "postgres bare": "PostgreSQL, bare scan", "ours on postgres": "**Vaglio** on PostgreSQL", "postgres": "PostgreSQL, a sum per rule",
}  # fmt: skip
WIDTH, HEIGHT, LEFT, TOP, BOTTOM, GAP = 880, 400, 54, 40, 46, 30
DRAWN = {"bare": "#8a8f98", "ours": "#0b6e4f", "duckdb": "#c2571a", "polars": "#2f6db5", "pandas": "#8e44ad"}

Row = dict[str, Any]


def million(activities: str) -> str:
    """Return a number of activities in millions."""
    return f"{int(activities) / 1e6:g} M"


def table(sizes: dict[str, Row], part: str) -> str:
    """Return a table of one part: who and how many rules down, activities across, seconds and how many times the bare scan."""
    rows = {(row["who"], row["rules"], row["contributions"]): row for size in sizes.values() for row in size.get(part, [])}
    columns = [size for size in sizes if sizes[size].get(part)]
    lines = ["| | rules | " + " | ".join(million(size) for size in columns) + " |", "|---|---|" + "---|" * len(columns)]
    for who, rules, contributions in rows:
        cells = [_cell(sizes[size][part], who, rules, contributions=contributions) for size in columns]
        name = NAMES[who] + (", contributions written" if contributions else "")
        lines.append(f"| {name} | {rules or ''} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(rows: list[Row], who: str, rules: int, *, contributions: bool) -> str:
    row = next((each for each in rows if (each["who"], each["rules"], each["contributions"]) == (who, rules, contributions)), None)
    if row is None:
        return "–"
    if "seconds" not in row:
        return f"> {row['more_than_seconds']:.0f} s"
    base = next((each for each in rows if each["rules"] == 0), None)
    seconds = row["seconds"]["median"]
    return f"{seconds:.2f} s" + (f" ({seconds / base['seconds']['median']:.1f}×)" if base and rules else "")


def picture(sizes: dict[str, Row]) -> str:
    """Return seconds by activities as lines, once for 30 rules and once for 300; both axes grow tenfold."""
    places = {size: log10(int(size)) for size in sizes if sizes[size].get("files")}
    found = {
        (rules, who): [(places[size], seconds) for size in places if (seconds := _seconds(sizes[size]["files"], who, rules)) is not None]
        for rules in (30, 300) for who in DRAWN
    }  # fmt: skip
    most = max(seconds for points in found.values() for _place, seconds in points)
    frame = _Frame(min(places.values()), max(places.values()), log10(0.01), log10(most * 1.3))
    parts = [_HEAD]
    for number, rules in enumerate((30, 300)):
        parts.append(frame.axes(number, f"{rules} rules", [(place, million(size)) for size, place in places.items()]))
        taken: list[tuple[float, float]] = []
        for who, colour in sorted(DRAWN.items(), key=lambda its, rules=rules: -max((s for _p, s in found[rules, its[0]]), default=0)):
            parts.append(frame.line(number, NAMES[who].strip("*"), colour, found[rules, who], taken))
    return "\n".join([*parts, "</svg>\n"])


def _seconds(rows: list[Row], who: str, rules: int) -> float | None:
    row = next((each for each in rows if each["who"] == who and each["rules"] in (0, rules) and not each["contributions"]), None)
    return row["seconds"]["median"] if row and "seconds" in row else None


_HEAD = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t">
<title id="t">Seconds to score, by activities: ours and others by hand</title>
<style>text {{ font: 12px system-ui, sans-serif; fill: #444 }} .soft {{ stroke: #8884 }} .name {{ font-weight: 600 }}
@media (prefers-color-scheme: dark) {{ text {{ fill: #ccc }} }}</style>"""


class _Frame:
    """Two charts side by side on the same scales."""

    def __init__(self, first: float, last: float, low: float, high: float) -> None:
        self.first, self.last, self.low, self.high = first, last, low, high
        self.width = (WIDTH - 2 * LEFT - GAP - 120) / 2

    def x(self, number: int, place: float) -> float:
        """Return where a number of activities lies."""
        return LEFT + number * (self.width + LEFT + GAP + 40) + (place - self.first) / (self.last - self.first) * self.width

    def y(self, seconds: float) -> float:
        """Return where a time lies."""
        share = (log10(max(seconds, 10**self.low)) - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def axes(self, number: int, title: str, ticks: list[tuple[float, str]]) -> str:
        """Return lines of whole powers of ten, and the sizes below."""
        left, right = self.x(number, self.first), self.x(number, self.last)
        found = [f'<text class="name" x="{left:.0f}" y="20">{title}: seconds by activities</text>']
        power = round(self.low)
        while power <= self.high:
            y = self.y(10.0**power)
            found.append(f'<path class="soft" d="M{left:.0f} {y:.0f}H{right:.0f}"/><text x="{left - 6:.0f}" y="{y + 4:.0f}" '
                         f'text-anchor="end">{10.0**power:g}</text>')  # fmt: skip
            power += 1
        found += [f'<text x="{self.x(number, at):.0f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{name}</text>' for at, name in ticks]
        return "".join(found)

    def line(self, number: int, name: str, colour: str, points: list[tuple[float, float]], taken: list[tuple[float, float]]) -> str:
        """Return a line with its name at its end, below those that are ``taken`` by names before it."""
        if not points:
            return ""
        placed = [(self.x(number, place), self.y(seconds)) for place, seconds in points]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in placed)
        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in placed)
        x, y = placed[-1]
        while any(abs(x - other) < 1 and abs(y - its) < 14 for other, its in taken):
            y += 4
        taken.append((x, y))
        said = f'<text x="{x + 7:.0f}" y="{y + 4:.0f}" style="fill:{colour}">{escape(name.split(",", maxsplit=1)[0])}</text>'
        return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}{said}'


def main() -> None:
    """Write the picture, and the tables between their marks in the page."""
    result = json.loads(RESULTS.read_text(encoding="utf-8"))
    sizes = result["sizes"]
    PICTURE.write_text(picture(sizes), encoding="utf-8")
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    turns = ", ".join(f"{million(size)}: {its['turns']}" for size, its in sizes.items())
    parts = [f"{result['threads']} threads; medians of so many turns: {turns}; {versions}.", table(sizes, "files")]
    parts += ["On Spark (`local[2]`, the same Parquet files):", table(sizes, "spark"), "In a private PostgreSQL:", table(sizes, "postgres")]
    parts += ["A property that is nearly unique, 30 rules over it:", table(sizes, "unique")]
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _old, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n" + "\n\n".join(part for part in parts if part) + f"\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
