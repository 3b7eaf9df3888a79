"""Shares of rows of which several are the same lead at different times: these know of each other, so they tell less than as many leads."""

import numpy as np
from numpy.typing import NDArray

from vaglio.learning.terms import Floats, Integers
from vaglio.proportion import Proportion


def share_of(outcome: Floats, lead: Integers, rows: NDArray[np.bool_]) -> Proportion:
    """Return the share of some rows that came out well, worth as many leads as its spread between leads says (Kish's design effect)."""
    mine, number = outcome[rows], np.unique(lead[rows], return_inverse=True)[1]
    total, leads = len(mine), int(number.max()) + 1 if len(mine) else 0
    found = Proportion(int(mine.sum()), total)
    if leads == total:
        return found
    if not 0 < found.hits < total or leads < 2:
        return Proportion(found.hits, total, float(leads))
    away = np.bincount(number, mine - found.share)  # by lead: rows of the same one add up instead of making up for each other
    spread = float((away**2).sum()) * leads / (leads - 1) / total**2
    return Proportion(found.hits, total, min(float(total), found.share * (1 - found.share) / spread) if spread else float(total))
