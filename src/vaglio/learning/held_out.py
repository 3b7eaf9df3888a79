"""What leads that were not learned from say of a model: how well it tells them apart, and how honest its probabilities are."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vaglio.learning.discrimination import auc, auc_interval, calibration_error, line_through
from vaglio.learning.folding import folds
from vaglio.learning.terms import Floats, probability

SIGNAL = 0.57  # AUC on leads held out: below it, nothing usable was found
PARTS = 5  # of the leads held out: each is bent by what the others say


@dataclass(frozen=True)
class HeldOut:
    """Leads that were not learned from: what became of them (1 or 0), and the log-odds that a model learned from others gave them."""

    outcomes: Floats
    log_odds: Floats
    seed: int = 1

    @cached_property
    def auc(self) -> float:
        """The chance that one that came out well stands above one that did not."""
        return auc(self.outcomes, self.log_odds)

    @cached_property
    def auc_interval(self) -> tuple[float, float]:
        """The 95 % interval of that."""
        return auc_interval(self.outcomes, self.log_odds)

    @cached_property
    def bend(self) -> tuple[float, float]:
        """The intercept and slope that make the log-odds honest: a document's table of probabilities is bent by them."""
        return line_through(self.outcomes, self.log_odds)

    @cached_property
    def chances(self) -> Floats:
        """The probabilities that a document would state (0-1): bent by a line through other leads, so that no lead vouches for itself."""
        fold = folds(self.outcomes, PARTS, self.seed)
        found = np.empty(len(self.outcomes))
        for number in range(PARTS):
            own = fold == number
            intercept, slope = line_through(self.outcomes[~own], self.log_odds[~own])
            found[own] = probability(intercept + slope * self.log_odds[own])
        return found

    @cached_property
    def calibration_error(self) -> float:
        """How far stated shares are from found ones."""
        return calibration_error(self.outcomes, self.chances)

    @property
    def is_usable(self) -> bool:
        """Whether there is a signal at all: enough of one, and surely more than chance makes of so many leads."""
        return self.auc >= SIGNAL and self.auc_interval[0] > 0.5
