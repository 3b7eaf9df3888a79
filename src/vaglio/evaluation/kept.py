"""Whether what a document promises was kept: the verdicts, wherever the figures come from."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from vaglio.proportion import Proportion

Verdict = Literal["kept", "broken", "too_few", "unknown"]
What = Literal["share", "accepted", "won", "review_by"]


@dataclass(frozen=True)
class Kept:
    """One promise held against what was found. ``rating`` is empty where it is about the document; ``promised`` a share or a day."""

    what: What
    rating: str
    promised: float | date
    found: Proportion | None
    verdict: Verdict


def of_share(at_most: float, found: Proportion) -> Verdict:
    """Return whether a rating holds no more of the leads than it may.

    The limit is on the leads there are, not on a rate behind them: no interval, no lower bound on how many.
    """
    return "too_few" if not found.total else "kept" if found.share <= at_most else "broken"


def of_outcome(at_least: float, found: Proportion | None) -> Verdict:
    """Return whether enough leads came out well.

    Below the promise, but the promise inside the interval: more leads could still show either.
    """
    if found is None:
        return "unknown"
    if not found.is_enough:
        return "too_few"
    _low, high = found.interval()
    return "kept" if found.share >= at_least else "broken" if high < at_least else "too_few"
