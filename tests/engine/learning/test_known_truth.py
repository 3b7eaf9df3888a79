"""Made data of a stated formula: 95 % intervals hold the truth in 93 to 97 of a hundred runs, and learned points come near it.

``make drill`` makes 2,000 runs of each; ``make test`` makes enough to see a wrong formula.
"""

import os
from typing import Any

import numpy as np
import pytest

from vaglio.learning.evidence import evidence
from vaglio.learning.inputs import Input
from vaglio.learning.intervals import points_of
from vaglio.learning.logistic import learn_logistic
from vaglio.learning.terms import Codes, Floats, probability
from vaglio.learning.write import SCALE
from vaglio.proportion import Proportion

RUNS = int(os.environ.get("VAGLIO_RUNS", "300"))
# What chance alone does to a share of 95 % in fewer runs; in a drill, what the issue says.
LEAST, MOST = (0.93, 0.97) if RUNS >= 2_000 else (0.91, 0.985)
SECTORS = ("software", "finance", "retail", "rest")
WORTH = np.array([1.1, 0.4, -0.8, 0.0])  # log-odds of sectors, and of what leads did once, and more often
DONE = np.array([0.0, 0.5, 1.2])
INTERCEPT, LEADS = -1.4, 1_200
INPUTS = [
    Input("sector", "profile", {"field": "sector"}, tuple({"in": [each]} for each in SECTORS)),
    Input("demos", "engagement", {"activity": "demo", "count": True}, ({"below": 1}, {"from": 1, "below": 2}, {"from": 2}), 3),
]


def made(seed: int, leads: int = LEADS) -> tuple[Codes, Floats]:
    drawn = np.random.default_rng(seed)
    codes = np.stack([drawn.choice(4, leads, p=[0.4, 0.2, 0.2, 0.2]), drawn.choice(3, leads, p=[0.6, 0.25, 0.15])], axis=1)
    chances = probability(INTERCEPT + WORTH[codes[:, 0]] + DONE[codes[:, 1]])
    return codes.astype(np.int16), (drawn.random(leads) < chances).astype(float)


@pytest.mark.drill
@pytest.mark.parametrize(
    ("share", "rate", "others"), [(0.05, 0.3, 0.1), (0.2, 0.3, 0.1), (0.5, 0.3, 0.1), (0.9, 0.12, 0.3), (0.1, 0.05, 0.2)]
)
def test_intervals_of_lift_hold_the_lift(share: float, rate: float, others: float) -> None:
    drawn = np.random.default_rng(11)
    mine = int(LEADS * share)
    whom = np.arange(LEADS) < mine
    true = rate / (share * rate + (1 - share) * others)
    held = []
    for _ in range(RUNS):
        found = evidence((drawn.random(LEADS) < np.where(whom, rate, others)).astype(float), whom.astype(float))
        held.append(found.low <= true <= found.high)
    assert LEAST <= np.mean(held) <= MOST, np.mean(held)


@pytest.mark.drill
@pytest.mark.parametrize("share", [0.03, 0.2, 0.5])
def test_intervals_of_a_rate_hold_the_rate(share: float) -> None:
    drawn = np.random.default_rng(5).binomial(400, share, RUNS)
    held = np.mean([low <= share <= high for low, high in (Proportion(int(each), 400).interval() for each in drawn)])
    assert LEAST <= held <= MOST, held


@pytest.mark.drill
def test_intervals_of_points_hold_what_the_formula_says() -> None:
    """Of each band against the commonest of its input, and of all of them together."""
    truth = {("sector", band): (WORTH[band] - WORTH[0]) * SCALE for band in (1, 2, 3)}
    truth |= {("demos", band): (DONE[band] - DONE[0]) * SCALE for band in (1, 2)}
    held: dict[Any, list[bool]] = {key: [] for key in truth}
    for run in range(RUNS):
        codes, labels = made(run)
        for each in points_of(INPUTS, codes, labels):
            if each.low < each.high:
                held[each.input, each.band].append(each.low <= truth[each.input, each.band] <= each.high)
    for key, own in held.items():
        assert len(own) == RUNS and LEAST <= np.mean(own) <= MOST, (key, np.mean(own))


def test_learned_points_come_to_what_the_formula_says() -> None:
    """Shrunk for few leads, and less the more there are."""
    away = []
    for leads in (600, 40_000):
        codes, labels = made(3, leads)
        terms, _strength = learn_logistic(INPUTS, codes, labels, seed=1)
        sector, demos = terms.mains[0], terms.mains[1]
        away.append(float(np.abs([*(sector - sector[0] - (WORTH - WORTH[0])), *(demos - demos[0] - DONE)]).max()))
    assert away[1] < 0.15 and away[1] < away[0]
