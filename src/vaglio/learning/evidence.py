"""How often what somebody is or did came with the outcome: rates and lift with their intervals, shrunk where few leads say so."""

from dataclasses import dataclass
from math import inf

import numpy as np

from vaglio.learning.terms import DOUBLING, Floats
from vaglio.proportion import Proportion, ratio_interval

PRIOR = 20.0  # leads of the usual rate that every share is believed to have besides its own


@dataclass(frozen=True)
class Evidence:
    """Some leads beside all: how many, how many of them had the outcome, and how that compares with the usual share.

    ``lift`` is their rate over the usual one, between ``low`` and ``high`` with 95 %; ``points`` is what hand-written rules would give for
    it, from the shrunk rate; ``least`` and ``most`` what the ends of the interval would be worth, shrunk alike. ``usual`` is the rate of
    all leads.
    """

    leads: int
    outcomes: int
    rate: float
    lift: float
    low: float
    high: float
    points: int
    least: float = 0.0
    most: float = 0.0
    usual: float = 0.0

    @property
    def is_sure(self) -> bool:
        """Whether it is surely more, or surely less, than usual."""
        return self.low > 1 or self.high < 1

    def sentence(self) -> str:
        """Return it in words."""
        lift, low, high = map(factor, (self.lift, self.low, self.high))
        return f"converts {lift}× the average (95%: {low}–{high}, {self.leads:,} leads)"


def factor(value: float) -> str:
    """Return how many times as much, with as many digits as tell a sure little more, or less, from once."""
    return f"{value:.2f}" if value < 1.995 else f"{value:.1f}"


def evidence(labels: Floats, whom: Floats) -> Evidence:
    """Return the evidence on the leads ``whom`` (true or false for each) among all with a known outcome.

    Where nobody, or everybody, had the outcome, there is no lift: it is 1 and worth nothing.
    """
    some = whom.astype(bool)
    found, usual = Proportion(int(labels[some].sum()), int(some.sum())), float(labels.mean()) if len(labels) else 0.0
    others = Proportion(int(labels[~some].sum()), int((~some).sum()))
    if not 0 < usual < 1:
        return Evidence(found.total, found.hits, found.share, 1.0, 1.0, 1.0, 0, usual=usual)
    low, high = _lifts(found, others)
    points, least, most = (_worth(min(rate, 1.0), found.total, usual) for rate in (found.share, low * usual, high * usual))
    return Evidence(found.total, found.hits, found.share, found.share / usual, low, high, round(points), least, most, usual)


def _worth(rate: float, leads: int, usual: float) -> float:
    """Return what a rate of so many leads is worth [points], shrunk towards the usual one."""
    shrunk = (leads * rate + PRIOR * usual) / (leads + PRIOR)
    return float(DOUBLING * (np.log2(shrunk / (1 - shrunk)) - np.log2(usual / (1 - usual))))


def _lifts(some: Proportion, others: Proportion) -> tuple[float, float]:
    """Return the 95 % interval of the lift. The average is partly of the same leads, so it is found from the ratio to the others' rate."""
    if not others.total:
        return 1.0, 1.0
    weight = some.total / (some.total + others.total)
    low, high = (
        ratio / (weight * ratio + 1 - weight) if ratio < inf else 1 / max(weight, 1e-9) for ratio in ratio_interval(some, others)
    )  # fmt: skip
    return low, high
