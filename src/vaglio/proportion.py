"""A share of so many leads, and how sure it is."""

from dataclasses import dataclass
from math import inf, sqrt

ENOUGH = 20  # under so many leads a share says nothing
Z = 1.959963984540054  # 95 % of a normal distribution lies within so many deviations


@dataclass(frozen=True)
class Proportion:
    """``hits`` of ``total``. ``worth``: how many leads that know nothing of each other these tell as much as, where some are the same
    lead at several times; None: as many as they are.
    """

    hits: int
    total: int
    worth: float | None = None

    @property
    def share(self) -> float:
        """The share (0-1), 0 of nothing."""
        return self.hits / self.total if self.total else 0.0

    @property
    def is_enough(self) -> bool:
        """Whether there are enough leads to speak of a share."""
        return (self.total if self.worth is None else self.worth) >= ENOUGH

    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval (0-1) after Wilson (1927), which stays sensible near 0, near 1 and for few leads."""
        if not self.total:
            return 0.0, 1.0
        n, p = self.total if self.worth is None else self.worth, self.share
        middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
        reach = Z / (1 + Z**2 / n) * sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
        return max(0.0, middle - reach), min(1.0, middle + reach)


def ratio_interval(some: Proportion, others: Proportion) -> tuple[float, float]:
    """Return the 95 % interval of the ratio of two shares of different leads, by the score test (Koopman 1984): right for few hits too."""
    if not some.total or not others.total or not some.hits + others.hits:
        return 0.0, inf
    found = some.share / others.share if some.hits and others.hits else None
    low = _edge(some, others, _LEAST, found or 1 / _LEAST, is_low=True) if some.hits else 0.0
    return low, _edge(some, others, found or _LEAST, 1 / _LEAST, is_low=False) if others.hits else inf


_LEAST, _HALVINGS = 1e-9, 60


def _edge(some: Proportion, others: Proportion, low: float, high: float, *, is_low: bool) -> float:
    """Return the ratio between two others at which the data begin, or cease, to be a surprise."""
    for _ in range(_HALVINGS):
        middle = sqrt(low * high)
        if (_surprise(some, others, middle) <= Z**2) == is_low:
            high = middle
        else:
            low = middle
    return sqrt(low * high)


def _surprise(some: Proportion, others: Proportion, ratio: float) -> float:
    """Return how far the data are from shares of that ratio: the score statistic, chi-square of one degree."""
    a = (some.total + others.total) * ratio
    b = some.total * ratio + some.hits + others.total + others.hits * ratio
    other = (b - sqrt(max(0.0, b * b - 4 * a * (some.hits + others.hits)))) / (2 * a)  # the second share, were that the ratio
    first = min(1.0, ratio * other)
    spread = first * (1 - first) / some.total + ratio**2 * other * (1 - other) / others.total
    away = some.share - ratio * others.share
    return away**2 / spread if spread > 0 else inf if away else 0.0
