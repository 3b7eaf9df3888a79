"""A share of so many leads, and how sure it is."""

from dataclasses import dataclass
from math import sqrt

ENOUGH = 20  # under so many leads a share says nothing
_Z = 1.959963984540054  # 95 % of a normal distribution lies within so many deviations


@dataclass(frozen=True)
class Proportion:
    """``hits`` of ``total``."""

    hits: int
    total: int

    @property
    def share(self) -> float:
        """The share (0-1), 0 of nothing."""
        return self.hits / self.total if self.total else 0.0

    @property
    def is_enough(self) -> bool:
        """Whether there are enough leads to speak of a share."""
        return self.total >= ENOUGH

    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval (0-1) after Wilson (1927), which stays sensible near 0, near 1 and for few leads."""
        if not self.total:
            return 0.0, 1.0
        n, p = self.total, self.share
        middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        reach = _Z / (1 + _Z**2 / n) * sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        return max(0.0, middle - reach), min(1.0, middle + reach)
