"""A letter or digit that no lead can have, because its points are out of reach or another one always comes first."""

from collections.abc import Iterator

from vaglio.document.checks.reach import Reach, axis_reach
from vaglio.document.model import ModelDocument
from vaglio.document.text import Path
from vaglio.errors import Issue
from vaglio.terms import AXES, Axis, format_points, to_millipoints

CODE = "unreachable_rating"
_KEYS: dict[Axis, tuple[str, str]] = {"profile": ("letters", "D"), "engagement": ("digits", "4")}


def check(document: ModelDocument) -> Iterator[tuple[Path, Issue]]:
    """Yield each letter and digit that no lead can have."""
    for axis in AXES:
        yield from _axis(document, axis, axis_reach(document, axis))


def _axis(document: ModelDocument, axis: Axis, reach: Reach) -> Iterator[tuple[Path, Issue]]:
    key, last = _KEYS[axis]
    before: tuple[str, int] | None = None
    for name, points in sorted(document.axis(axis).thresholds().items()):
        least = to_millipoints(points)
        path: Path = (axis, key, name)
        if least > reach.high:
            most = format_points(reach.high)
            message = f"no lead can reach {name}: it needs {points} points and {axis} gives at most {most}"
            yield path, Issue(CODE, message, "lower the threshold, or give rules more points or higher caps")
        elif before and before[1] == least:
            message = f"no lead gets {name}: it needs the same points as {before[0]}"
            yield path, Issue(CODE, message, "give each its own threshold")
        elif least <= reach.low:
            fewest = format_points(reach.low)
            message = f"every lead reaches {name}: it needs {points} points and no lead has fewer than {fewest}"
            yield path, Issue(CODE, message, f"raise the threshold, or nobody is ever {last}")
            return
        before = (name, least)
