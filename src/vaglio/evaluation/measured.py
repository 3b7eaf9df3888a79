"""What leads that were not learned from say of what was learned, as a proof has it."""

from dataclasses import dataclass

import numpy as np

from vaglio.evaluation.calibration import Calibration, calibration
from vaglio.evaluation.proof import Tenth, curves, tenths
from vaglio.evaluation.ranking import LIFTS, Ranking, drawn_weights
from vaglio.learning.held_out import HeldOut

DRAWS = 400


@dataclass(frozen=True)
class Measured:
    """How leads held out are ranked, and how honest their probabilities are; curves and tenths as in :class:`Proof`."""

    tenths: tuple[Tenth, ...]
    roc: tuple[tuple[float, float], ...]
    gain: tuple[tuple[float, float], ...]
    calibration: Calibration | None


def measured(held_out: HeldOut) -> Measured:
    """Return it. Intervals are from draws of these leads, not from learning anew."""
    ranking = Ranking(held_out.log_odds, held_out.outcomes)
    weights = drawn_weights(np.arange(len(held_out.outcomes)), DRAWS, held_out.seed)
    drawn = np.array([ranking.counted(each).figures(0.1)[LIFTS] for each in weights])
    once = ranking.counted()
    return Measured(tenths(once, drawn), *curves(once), calibration(held_out.outcomes, held_out.chances, np.arange(len(held_out.outcomes))))
