"""How far samples lie apart, by hand and by chance."""

from math import log

import numpy as np
import pytest

from vaglio.evaluation.chance import HALF, Chance, psi


def test_the_index_by_hand() -> None:
    then, now = np.array([50, 50]), np.array([90, 10])
    p, q = (50 + HALF) / 101, (90 + HALF) / 101
    assert psi(then, now) == pytest.approx((q - p) * log(q / p) + (p - q) * log((1 - q) / (1 - p)))
    assert psi(then, then) == 0 and psi(np.array([7, 0]), np.array([9, 0])) == 0
    # A band that was empty is no infinity, and one that both leave empty says nothing.
    assert psi(np.array([50, 50, 0]), np.array([50, 40, 10])) == pytest.approx(psi(np.array([50, 50, 0, 0]), np.array([50, 40, 10, 0])))


@pytest.mark.parametrize(("then", "now"), [(60, 60), (400, 1_500)])
def test_chance_stays_below_its_bound_as_often_as_it_says(then: int, now: int) -> None:
    """Of samples from one distribution, about as many lie above the bound as the level allows, whatever their sizes."""
    random, shares = np.random.default_rng(5), np.array([0.4, 0.3, 0.2, 0.07, 0.03])
    chance, times = Chance(0.05), 200
    above = 0
    for _ in range(times):
        before, after = random.multinomial(then, shares), random.multinomial(now, shares)
        above += psi(before, after) > chance.psi(before, after)
    assert 0.02 * times <= above <= 0.085 * times


def test_the_bound_of_two_shares() -> None:
    random, chance = np.random.default_rng(6), Chance(0.05)
    above = 0
    for _ in range(400):
        before, after = int(random.binomial(500, 0.2)), int(random.binomial(900, 0.2))
        above += abs(before / 500 - after / 900) > chance.gap((before, 500), (after, 900))
    assert 6 <= above <= 34
    assert chance.gap((0, 0), (3, 9)) == 1


def test_more_tests_leave_each_less_to_chance() -> None:
    counts = np.array([100, 100, 100]), np.array([120, 90, 90])
    assert Chance.of(50, 1).psi(*counts) > Chance.of(1, 1).psi(*counts)
    assert Chance.of(50, 1).psi(*counts) == Chance.of(50, 1).psi(*counts)
