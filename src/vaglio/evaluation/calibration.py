"""Whether stated probabilities are honest."""

from dataclasses import dataclass

import numpy as np

from vaglio.evaluation.clusters import share_of
from vaglio.learning.discrimination import BINS, calibration_error
from vaglio.learning.terms import Floats, Integers
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


def calibration(outcomes: Floats, chances: Floats, lead: Integers) -> Calibration | None:
    """Hold stated probabilities against what came; None where none is stated. ``lead``: the number of the lead of each row."""
    told = ~np.isnan(chances)
    if not told.any():
        return None
    outcome, chance, own = outcomes[told], chances[told], lead[told]
    order = np.argsort(chance, kind="stable")
    bins = tuple(
        Bin(float(chance[part].mean()), share_of(outcome, own, np.isin(np.arange(len(own)), part)))
        for part in np.array_split(order, min(BINS, len(order)))
    )
    average = outcome.mean()
    return Calibration(calibration_error(outcome, chance), float(((chance - outcome) ** 2).mean()), float(average * (1 - average)), bins)
