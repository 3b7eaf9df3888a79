"""The words and units of scoring: axes, letters, digits, ratings, millipoints, durations."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Axis = Literal["profile", "engagement"]
Letter = Literal["A", "B", "C", "D"]
Digit = Literal["1", "2", "3", "4"]
InputType = Literal["string", "integer", "number", "boolean", "date"]

AXES: tuple[Axis, ...] = ("profile", "engagement")
LETTERS: tuple[Letter, ...] = ("A", "B", "C", "D")
DIGITS: tuple[Digit, ...] = ("1", "2", "3", "4")
RATINGS: tuple[str, ...] = tuple(letter + digit for letter in LETTERS for digit in DIGITS)
# Who comes first when sales can call only so many: scoring.md §7.
RANK_ORDER: tuple[str, ...] = (
    "A1", "A2", "B1", "A3", "B2", "C1", "A4", "B3", "C2", "D1", "B4", "C3", "D2", "C4", "D3", "D4",
)  # fmt: skip

# Who bought was accepted, whether or not somebody wrote it down: what counts as an outcome, besides itself.
COUNTS_AS = {"accepted": ("accepted", "won"), "won": ("won",)}

MICROSECONDS = 1_000_000
DAY_SECONDS = 86_400
EPOCH_DAYS = 730_499  # whole weeks, nearly two thousand years: added to days since 1970 it makes them positive
MAX_POINTS = 1_000_000  # keeps every sum of millipoints far inside a signed 64-bit integer
MAX_DURATION_SECONDS = 36_525 * DAY_SECONDS  # a hundred years

_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": DAY_SECONDS, "w": 7 * DAY_SECONDS}
_DURATION = re.compile(r"(\d{1,10})([smhdw])", re.ASCII)


def to_millipoints(points: Decimal) -> int:
    """Return points [points] as whole millipoints, half away from zero (scoring.md §2)."""
    return int((points * 1000).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def format_points(millipoints: int) -> str:
    """Return millipoints as signed points with three decimals, such as ``+12.430``; 0 has no sign."""
    sign = "+" if millipoints > 0 else "-" if millipoints < 0 else ""
    whole, rest = divmod(abs(millipoints), 1000)
    return f"{sign}{whole}.{rest:03d}"


def parse_duration(text: str) -> int:
    """Return a duration such as ``14d`` or ``4h`` in whole seconds.

    Raises
    ------
    ValueError
        The text is no duration, is zero, or is longer than a hundred years.
    """
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError("is not a duration; write a whole number and a unit, such as 30m, 4h, 14d or 2w")
    seconds = int(found[1]) * _UNIT_SECONDS[found[2]]
    if not 0 < seconds <= MAX_DURATION_SECONDS:
        raise ValueError("must be longer than nothing and at most 36525d")
    return seconds


def format_duration(seconds: int) -> str:
    """Return whole seconds as the shortest exact duration: 1209600 becomes ``14d``."""
    for unit in ("d", "h", "m"):
        if seconds % _UNIT_SECONDS[unit] == 0:
            return f"{seconds // _UNIT_SECONDS[unit]}{unit}"
    return f"{seconds}s"
