"""Leads that come by a stated formula, so that what is forecast can be compared with the truth."""

import numpy as np

from vaglio.evaluation.flow import NEVER, Flow
from vaglio.learning.terms import Floats, probability

WEEK = 7 * 86_400_000_000
LOOKS = 14
BEFORE = 14  # weeks of leads that were there at the first look
LONGEST = 12  # weeks from a lead's creation to its outcome
A_WEEK = 40


def chance(points: Floats) -> Floats:
    """Return the true chance of leads with so many points."""
    return probability(points - 1.5)


def coming(random: np.random.Generator, a_week: float = A_WEEK) -> Flow:
    """Return leads of fourteen weekly looks, with outcomes one to twelve weeks later; half of their points are the profile's."""
    weeks = np.repeat(np.arange(-BEFORE, LOOKS), random.poisson(a_week, BEFORE + LOOKS))
    points = random.normal(0, 1.2, len(weeks))
    is_good = random.random(len(weeks)) < chance(points)
    delay = random.integers(1, LONGEST + 1, len(weeks))
    came = np.where(is_good, (weeks + delay) * WEEK + WEEK // 2, NEVER)
    rows = [(lead, look) for lead, week in enumerate(weeks) for look in range(max(week, 0), LOOKS) if came[lead] > look * WEEK]
    lead, part = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    looks = (np.arange(LOOKS) + 2900) * WEEK  # a Thursday, as 1 January 1970 was
    good = ((came[lead] != NEVER) & (came[lead] <= part * WEEK + (LONGEST + 1) * WEEK)).astype(float)
    # Each seen for the first time at the look after its creation is good within the horizon if it is good at all.
    return Flow(lead, part, points[lead] * 5, points[lead] * 5, good, np.where(is_good, came + 2900 * WEEK, NEVER), looks)


def truth(least: float, draws: int = 2_000_000) -> tuple[float, float, float]:
    """Return of leads with ``least`` points or more (ten to one of the formula): their share, how many come out well, and the share of all
    leads that are below and come out well.
    """
    points = np.random.default_rng(99).normal(0, 1.2, draws)
    above = points * 10 >= least
    return float(above.mean()), float(chance(points[above]).mean()), float((chance(points) * ~above).mean())
