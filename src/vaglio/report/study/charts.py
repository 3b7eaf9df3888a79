"""Geometry of charts; the template draws them as SVG."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from operator import ge, le

WIDTH, HEIGHT = 520, 300
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 30, 40
TICKS = 5
Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """Points of one thing in the chart's own units.

    ``kind``: line, dots, bars or guide (thin, dashed); ``ranges``: a low and a high per point.
    """

    name: str
    points: Sequence[Point]
    kind: str = "line"
    ranges: Sequence[Point] = ()


@dataclass(frozen=True)
class Tick:
    """A place on an axis with its words."""

    at: float
    text: str


@dataclass(frozen=True)
class Mark:
    """A dot or a bar: its place, and the low and high end of its interval if it has one, in units of the view box; ``words`` say it."""

    x: float
    y: float
    words: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Drawn:
    """One line ready to draw. ``color`` is its place among those that have a colour, from 0."""

    name: str
    kind: str
    color: int
    path: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Chart:
    """A chart ready to draw, in units of its view box."""

    title: str
    words: str
    across: str
    up: str
    lines: tuple[Drawn, ...]
    xs: tuple[Tick, ...]
    ys: tuple[Tick, ...]
    bar_width: float
    table: tuple[tuple[str, ...], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    base: int = HEIGHT - BOTTOM

    def named(self) -> tuple[Drawn, ...]:
        """Return the lines that a legend explains: all that have a colour, where there are several."""
        colored = tuple(line for line in self.lines if line.kind != "guide")
        return colored if len(colored) > 1 else ()


@dataclass(frozen=True)
class Axis:
    """An axis: its name, its ends (None: those of the data), how its numbers are spelled, and its places if they are words."""

    name: str
    low: float | None = None
    high: float | None = None
    spelled: Callable[[float], str] = "{:g}".format
    places: Sequence[str] = ()


def chart(title: str, words: str, across: Axis, up: Axis, lines: Sequence[Line]) -> Chart:
    """Lay out a chart; ``words`` say what is to be seen in it."""
    xs = [x for line in lines for x, _y in line.points]
    ys = [end for line in lines for _x, y in line.points for end in (y,)] + [end for line in lines for both in line.ranges for end in both]
    left, right = _ends(across, xs)
    bottom, top = _ends(up, ys)

    def place(x: float, y: float) -> Point:
        return (
            round(LEFT + (x - left) / (right - left) * (WIDTH - LEFT - RIGHT), 2),
            round(HEIGHT - BOTTOM - (min(max(y, bottom), top) - bottom) / (top - bottom) * (HEIGHT - TOP - BOTTOM), 2),
        )

    numbers = (Tick(place(at, bottom)[0], text) for at, text in _ticks(across, left, right))
    heights = (Tick(place(left, at)[1], text) for at, text in _ticks(up, bottom, top))
    drawn, colored = [], 0
    for line in lines:
        drawn.append(_drawn(line, colored, place, (across, up)))
        colored += line.kind != "guide"
    most = max((len(line.points) for line in lines if line.kind == "bars"), default=1)
    return Chart(
        title, words, across.name, up.name, tuple(drawn), tuple(numbers), tuple(heights), round((WIDTH - LEFT - RIGHT) / most * 0.72, 2),
        _table(lines, across, up),
    )  # fmt: skip


def _ends(axis: Axis, values: Sequence[float]) -> Point:
    if axis.places:
        return -0.5, len(axis.places) - 0.5
    low = min(values, default=0.0) if axis.low is None else axis.low
    high = max(values, default=1.0) if axis.high is None else axis.high
    if high <= low:
        high = low + 1
    if axis.high is None:
        step = _step(high - low)
        high = ceil(high / step - 1e-9) * step
    if axis.low is None:
        step = _step(high - low)
        low = floor(low / step + 1e-9) * step
    return low, high


def _step(width: float) -> float:
    """Return a round step that cuts a width into about five."""
    size = 10 ** floor(log10(width / TICKS))
    return next(size * many for many in (1, 2, 2.5, 5, 10, 20) if width / (size * many) <= TICKS + 0.5)


def _ticks(axis: Axis, low: float, high: float) -> list[tuple[float, str]]:
    if axis.places:
        every = max(1, ceil(len(axis.places) / 10))
        return [(float(place), text) for place, text in enumerate(axis.places) if place % every == 0]
    step = _step(high - low)
    first = ceil(low / step - 1e-9)
    return [(number * step, axis.spelled(number * step)) for number in range(first, floor(high / step + 1e-9) + 1)]


def _drawn(line: Line, color: int, place: Callable[[float, float], Point], axes: tuple[Axis, Axis]) -> Drawn:
    placed = [place(x, y) for x, y in line.points]
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in placed) if placed and line.kind in ("line", "guide") else ""
    marks = []
    if line.kind in ("dots", "bars"):
        for number, ((x, y), point) in enumerate(zip(placed, line.points, strict=True)):
            low, high = (place(point[0], end)[1] for end in line.ranges[number]) if line.ranges else (None, None)
            marks.append(Mark(x, y, f"{_spelled(axes[0], point[0])}: {axes[1].spelled(point[1])}", low, high))
    return Drawn(line.name, line.kind, color, path, tuple(marks))


def _spelled(axis: Axis, value: float) -> str:
    return axis.places[round(value)] if axis.places else axis.spelled(value)


def _table(lines: Sequence[Line], across: Axis, up: Axis) -> tuple[tuple[str, ...], ...]:
    """Return the chart as a table, for those who read; of a curve, about ten of its points."""
    shown = [line for line in lines if line.kind != "guide" and line.points]
    if not shown:
        return ()
    head = (across.name, *(line.name for line in shown)) if len(shown) > 1 else (across.name, up.name)
    xs = [x for x, _y in shown[0].points]
    if across.places:
        xs = sorted({float(round(x)) for line in shown for x, _y in line.points})
    elif any(line.kind == "line" and len(line.points) > 24 for line in shown):
        xs = _tenths(across.low, across.high) if across.low is not None and across.high is not None else xs[:: len(xs) // 10]
    return (head, *((_spelled(across, x), *(_height(line, x, across, up) for line in shown)) for x in xs))


def _tenths(low: float, high: float) -> list[float]:
    return [low + (high - low) * place / 10 for place in range(11)]


def _height(line: Line, x: float, across: Axis, up: Axis) -> str:
    """Return how high a line is at a place: of a curve, also between its points; nothing where it does not reach."""
    here = [y for its, y in line.points if (round(its) == x if across.places else its == x)]
    if here or across.places or line.kind != "line":
        return up.spelled(here[0]) if here else ""
    before, after = ([point for point in line.points if compare(point[0], x)] for compare in (le, ge))
    if not before or not after:
        return ""
    (left, low), (right, high) = before[-1], after[0]
    return up.spelled(low + (high - low) * (x - left) / (right - left))
