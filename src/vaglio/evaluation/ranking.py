"""What the order of some leads is worth; asked once, or a thousand times with weights."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaglio.learning.terms import Floats

TENTHS = 10
AUC, PRECISION, CAPTURED, LIFTS = 0, 1, 2, slice(3, 3 + TENTHS)  # where each is among the figures


@dataclass(frozen=True)
class Counted:
    """How many leads, and how many good outcomes, there are at each number of points, the best first. Both may be weights."""

    good: Floats
    leads: Floats

    def auc(self) -> float:
        """Return the chance that a lead that came out well is above one that did not, ties counting half; NaN of one kind."""
        bad = self.leads - self.good
        pairs = self.good.sum() * bad.sum()
        below = bad.sum() - np.cumsum(bad)
        return float((self.good * (below + bad / 2)).sum() / pairs) if pairs else float("nan")

    def average_precision(self) -> float:
        """Return the mean share of good outcomes down to each of them; leads of the same points come together. NaN without any."""
        total = self.good.sum()
        if not total:
            return float("nan")
        here = self.good > 0
        precision = np.cumsum(self.good)[here] / np.cumsum(self.leads)[here]
        return float((self.good[here] * precision).sum() / total)

    def captured(self, shares: Floats | float) -> Floats:
        """Return the share of good outcomes among the best ``shares`` of leads; of leads with the same points, evenly spread."""
        total = self.good.sum()
        leads = np.concatenate([[0.0], np.cumsum(self.leads)]) / self.leads.sum()
        good = np.concatenate([[0.0], np.cumsum(self.good)]) / (total or np.nan)
        return np.asarray(np.interp(shares, leads, good))

    def lifts(self) -> Floats:
        """Return how many times the average each tenth of the leads converts, the best first."""
        ends = np.linspace(0, 1, TENTHS + 1)
        return np.diff(self.captured(ends)) * TENTHS

    def figures(self, share: float) -> Floats:
        """Return what is drawn again and again: at ``AUC``, ``PRECISION``, ``CAPTURED`` (by the best ``share``) and ``LIFTS``."""
        return np.array([self.auc(), self.average_precision(), float(self.captured(share)), *self.lifts()])


class Ranking:
    """Leads in the order of their points, those of the same points together."""

    def __init__(self, points: Floats, outcomes: Floats) -> None:
        ranked, self._place = np.unique(-points, return_inverse=True)
        self._outcomes, self._places = outcomes, len(ranked)

    def counted(self, weights: Floats | None = None) -> Counted:
        """Return the leads at each number of points, each counting 1 or its weight."""
        each = np.ones(len(self._outcomes)) if weights is None else weights
        good = np.bincount(self._place, each * self._outcomes, self._places).astype(float)
        return Counted(good, np.bincount(self._place, each, self._places).astype(float))


def standing(points: Floats, part: NDArray[np.int64]) -> Floats:
    """Return where each lead stands among those of its part: the share of them below it, those of the same points counting half.

    Points of different instants, or of models learned for different instants, cannot be compared; where leads stand can.
    """
    found = np.empty(len(points))
    for each in np.unique(part):
        own = part == each
        _values, places, counts = np.unique(points[own], return_inverse=True, return_counts=True)
        found[own] = ((np.cumsum(counts) - counts / 2) / own.sum())[places]
    return found


def drawn_weights(leads: NDArray[np.int64], times: int, seed: int) -> Iterator[Floats]:
    """Yield how often each row is drawn when leads are drawn with replacement, ``times`` times; a lead comes with all of its rows."""
    random = np.random.default_rng(seed)
    number = int(leads.max()) + 1 if len(leads) else 0
    for _ in range(times):
        yield np.bincount(random.integers(0, number, number), minlength=number).astype(float)[leads]


def interval(values: Floats) -> tuple[float, float]:
    """Return the middle 95 % of what was drawn; draws in which it could not be told are left out."""
    told = values[~np.isnan(values)]
    if not len(told):
        return float("nan"), float("nan")
    low, high = np.quantile(told, [0.025, 0.975])
    return float(low), float(high)
