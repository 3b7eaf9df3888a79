"""Whether stated probabilities are honest."""

from dataclasses import dataclass

import numpy as np

from vaglio.learning.discrimination import BINS, calibration_error
from vaglio.learning.terms import Floats
from vaglio.proportion import Proportion


@dataclass(frozen=True)
class Bin:
    """Leads of about the same stated probability: its mean, and what came."""

    stated: float
    came: Proportion


@dataclass(frozen=True)
class Calibration:
    """``error``: the mean distance of stated from found shares, over bins of as many leads. ``brier``: the mean squared distance of a
    stated probability from what came, beside ``base``, that of saying the average of everybody.
    """

    error: float
    brier: float
    base: float
    bins: tuple[Bin, ...]


def calibration(outcomes: Floats, chances: Floats) -> Calibration | None:
    """Hold stated probabilities against what came; None where none is stated."""
    told = ~np.isnan(chances)
    if not told.any():
        return None
    outcome, chance = outcomes[told], chances[told]
    order = np.argsort(chance, kind="stable")
    bins = tuple(
        Bin(float(chance[part].mean()), Proportion(int(outcome[part].sum()), len(part)))
        for part in np.array_split(order, min(BINS, len(order)))
    )
    average = outcome.mean()
    return Calibration(calibration_error(outcome, chance), float(((chance - outcome) ** 2).mean()), float(average * (1 - average)), bins)
