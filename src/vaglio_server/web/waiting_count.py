"""How many leads wait: the number itself as long as it is quickly counted, else at least how many."""

from collections.abc import Callable
from dataclasses import dataclass

from vaglio_server.lifecycle.queries import Waits

MOST = 1_000  # so many are counted at once


@dataclass(frozen=True)
class HowMany:
    """A number of leads, and how many of them are late; ``is_least``, ``is_late_least``: there may be more."""

    n: int
    is_least: bool
    late: int
    is_late_least: bool


def how_many(waits: Waits, looked: int, count: Callable[[int], int]) -> HowMany:
    """Return how many wait; ``looked``: at so many at most, so where so many were found all are counted."""
    n = waits.count if waits.count < looked else max(waits.count, count(MOST))
    return HowMany(n, n >= MOST, waits.late, waits.count < n)
