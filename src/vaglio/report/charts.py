"""Geometry of the histograms; the template draws it as SVG."""

from dataclasses import dataclass

from vaglio.report.spread import Spread

WIDTH, HEIGHT = 520, 210
LEFT, RIGHT, TOP, BOTTOM = 8, 8, 34, 26


@dataclass(frozen=True)
class Bar:
    """One bin as a rectangle, and what it holds."""

    x: float
    y: float
    width: float
    height: float
    start: int
    end: int | None
    leads: int


@dataclass(frozen=True)
class Mark:
    """A place on the axis with its words."""

    x: float
    text: str
    millipoints: int


@dataclass(frozen=True)
class Histogram:
    """A histogram ready to draw, in units of its view box."""

    width: int
    height: int
    base: float
    top: float
    left: float
    right: float
    most: int
    bars: tuple[Bar, ...]
    thresholds: tuple[Mark, ...]
    classes: tuple[Mark, ...]
    ticks: tuple[Mark, ...]


def histogram(spread: Spread) -> Histogram:
    """Lay out a distribution: a bar per bin, a line per threshold, a letter over each class, round ticks below."""
    start, end = spread.bins[0][0], spread.bins[-1][0] + spread.step
    scale = (WIDTH - LEFT - RIGHT) / (end - start)
    most = max(leads for _start, leads in spread.bins)
    base = HEIGHT - BOTTOM

    def place(millipoints: float) -> float:
        return round(LEFT + (millipoints - start) * scale, 2)

    bars = []
    for low, leads in spread.bins:
        height = round((base - TOP) * leads / most, 2) if most else 0.0
        if leads:
            tall = max(height, 1.0)  # one lead among a million is still to be seen
            until = None if spread.is_cut and low == spread.bins[-1][0] else low + spread.step
            bars.append(Bar(place(low), round(base - tall, 2), round(spread.step * scale - 1, 2), tall, low, until, leads))
    return Histogram(
        WIDTH, HEIGHT, base, TOP, LEFT, WIDTH - RIGHT, most, tuple(bars),
        tuple(Mark(place(mark.millipoints), mark.name, mark.millipoints) for mark in spread.thresholds if mark.millipoints > start),
        tuple(Mark(place(middle), name, 0) for name, middle in _middles(spread, start, end)),
        tuple(Mark(place(tick), "", tick) for tick in _ticks(start, end)),
    )  # fmt: skip


def _middles(spread: Spread, start: int, end: int) -> list[tuple[str, float]]:
    """Return each letter or digit with the middle of its stretch of the axis."""
    edges = [end, *(mark.millipoints for mark in spread.thresholds), start]
    last = "D" if spread.axis == "profile" else "4"
    names = [*(mark.name for mark in spread.thresholds), last]
    stretches = zip(names, edges, edges[1:], strict=False)
    return [(name, (high + low) / 2) for name, high, low in stretches if high > low]


def _ticks(start: int, end: int) -> list[int]:
    width = end - start
    steps = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2500, 5000, 10_000, 50_000, 100_000, 500_000)
    step = next((points * 1000 for points in steps if width / (points * 1000) <= 7), width)
    first = -(-start // step) * step
    return list(range(first, end + 1, step))
