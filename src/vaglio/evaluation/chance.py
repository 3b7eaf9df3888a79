"""How far two samples lie apart, and how far they would by chance alone."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from vaglio.learning.terms import Floats, Integers

DRAWS = 10_000
MODERATE, LARGE = 0.1, 0.25  # PSI: what the field calls a shift worth looking at, and a large one
HALF = 0.5  # leads that every band is given besides its own, so that an empty band has a logarithm
ERROR = 0.05  # how often a whole report, with all of its tests, may cry out where nothing moved


@dataclass(frozen=True)
class Chance:
    """How far samples of these sizes lie apart when nothing moved: what shuffling the leads between *then* and *now* shows.

    ``level``: how often one test may be wrong, so that all of a report together are wrong in :data:`ERROR` of reports at the most.
    """

    level: float
    seed: int = 1

    @classmethod
    def of(cls, tests: int, seed: int) -> "Chance":
        """Return the chance that is left to each of so many tests of one report."""
        return cls(ERROR / max(1, tests), seed)

    def psi(self, then: Integers, now: Integers) -> float:
        """Return the PSI that chance stays below, of leads in bands."""
        pooled = (then + now)[then + now > 0]
        if len(pooled) < 2:
            return 0.0
        drawn = self._random().multivariate_hypergeometric(pooled, int(then.sum()), DRAWS, method="marginals")
        return self._bound(_psi(drawn, pooled - drawn))

    def gap(self, then: tuple[int, int], now: tuple[int, int]) -> float:
        """Return the difference of two shares that chance stays below, each given as hits and leads."""
        hits, leads = then[0] + now[0], then[1] + now[1]
        if not then[1] or not now[1]:
            return 1.0
        drawn = self._random().hypergeometric(hits, leads - hits, then[1], DRAWS)
        return self._bound(np.abs(drawn / then[1] - (hits - drawn) / now[1]))

    def _random(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)

    def _bound(self, drawn: Floats) -> float:
        return float(np.sort(drawn)[min(DRAWS - 1, ceil((1 - self.level) * DRAWS))])


def psi(then: Integers, now: Integers) -> float:
    """Return the population stability index of leads in bands: 0 where both are spread alike."""
    used = then + now > 0
    return float(_psi(then[used][None, :], now[used][None, :])[0]) if used.sum() > 1 else 0.0


def _psi(then: Integers, now: Integers) -> Floats:
    before, after = (counts + HALF for counts in (then, now))
    p, q = (counts / counts.sum(axis=1, keepdims=True) for counts in (before, after))
    return np.asarray(((q - p) * np.log(q / p)).sum(axis=1))
