"""How often what somebody is or did came with the outcome: rates and lift with their intervals, shrunk where few leads say so."""

from dataclasses import dataclass

import numpy as np

from vaglio.learning.terms import Floats

Z = 1.959964  # of a 95 % interval
PRIOR = 20.0  # leads of the usual rate that every share is believed to have besides its own
DOUBLING = 10  # points: so many more for twice the usual odds


@dataclass(frozen=True)
class Evidence:
    """Some leads beside all: how many, how many of them had the outcome, and how that compares with the usual share.

    ``lift`` is their rate over the usual one, between ``low`` and ``high`` with 95 %; ``points`` is what hand-written rules would give for
    it, from the shrunk rate.
    """

    leads: int
    outcomes: int
    rate: float
    lift: float
    low: float
    high: float
    points: int

    @property
    def is_sure(self) -> bool:
        """Whether it is surely more, or surely less, than usual."""
        return self.low > 1 or self.high < 1

    def sentence(self) -> str:
        """Return it in words."""
        return f"converts {self.lift:.1f}× the average (95 %: {self.low:.1f}–{self.high:.1f}, {self.leads:,} leads)"


def evidence(labels: Floats, whom: Floats) -> Evidence:
    """Return the evidence on the leads ``whom`` (true or false for each) among all with a known outcome."""
    some = whom.astype(bool)
    leads, outcomes, usual = int(some.sum()), int(labels[some].sum()), float(labels.mean())
    low, high = wilson(outcomes, leads)
    shrunk = (outcomes + PRIOR * usual) / (leads + PRIOR)
    odds = np.log2(shrunk / (1 - shrunk)) - np.log2(usual / (1 - usual)) if 0 < shrunk < 1 and 0 < usual < 1 else 0.0
    rate = outcomes / leads if leads else 0.0
    return Evidence(leads, outcomes, rate, rate / usual, low / usual, high / usual, round(DOUBLING * float(odds)))


def wilson(outcomes: int, leads: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson's, which holds for few leads and for shares near 0 and 1); 0 to 1 of nobody."""
    if not leads:
        return 0.0, 1.0
    share = outcomes / leads
    middle = (share + Z**2 / (2 * leads)) / (1 + Z**2 / leads)
    half = Z / (1 + Z**2 / leads) * np.sqrt(share * (1 - share) / leads + Z**2 / (4 * leads**2))
    return float(max(0.0, middle - half)), float(min(1.0, middle + half))
