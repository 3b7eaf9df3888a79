"""What a learner found: an additive model over bands, in log-odds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vaglio.learning.inputs import Input

DOUBLING = 10  # points: so many more double the odds
Floats = NDArray[np.float64]
Codes = NDArray[np.int16]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Terms:
    """An intercept, a value for each band of some inputs, and for each cell of some pairs [log-odds].

    ``mains`` and ``pairs`` name inputs by their place. A lead without a band of an input gets 0 for it.
    """

    inputs: Sequence[Input]
    intercept: float
    mains: Mapping[int, Floats] = field(default_factory=dict)
    pairs: Mapping[tuple[int, int], Floats] = field(default_factory=dict)

    def log_odds(self, codes: Codes) -> Floats:
        """Return the log-odds of leads in bands (leads x inputs)."""
        found = np.full(len(codes), self.intercept)
        for place, values in self.mains.items():
            found += np.where(codes[:, place] < 0, 0.0, values[codes[:, place]])
        for (first, second), grid in self.pairs.items():
            is_there = (codes[:, first] >= 0) & (codes[:, second] >= 0)
            found += np.where(is_there, grid[codes[:, first], codes[:, second]], 0.0)
        return found


@dataclass(frozen=True)
class Recoding:
    """How leads in bands of some inputs become leads in fewer bands of fewer inputs; without ``columns``, they stay as they are.

    ``columns`` are the places of the inputs that are kept, ``moved`` where each band of them went.
    """

    columns: tuple[int, ...] = ()
    moved: tuple[Integers, ...] = ()

    def of(self, codes: Codes) -> Codes:
        """Return the codes of leads in the fewer bands."""
        if not self.columns:
            return codes
        found = [np.where(codes[:, place] < 0, -1, where[codes[:, place]]) for place, where in zip(self.columns, self.moved, strict=True)]
        return np.stack(found, axis=1).astype(np.int16)


def probability(log_odds: Floats) -> Floats:
    """Return the probability of log-odds."""
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -500, 500))))
