"""Where letters and digits of learned models are cut: leads of the same points stay together, where most of them belong."""

import numpy as np
import pytest

from vaglio.learning.write import cuts


def shares(found: list[float]) -> list[float]:
    """Return the share of leads in each of the four classes."""
    values = np.array(found)
    least = [float(each) for each in cuts(values, "123").values()]
    assert least == sorted(least, reverse=True) and len(set(least)) == 3
    place = np.sum([values < each for each in least], axis=0)
    return [float(np.mean(place == number)) for number in range(4)]


def test_a_tenth_two_tenths_and_three_where_all_differ() -> None:
    assert shares([float(each) for each in range(100)]) == [0.1, 0.2, 0.3, 0.4]


def test_the_many_who_did_nothing_are_not_second() -> None:
    """A fifth did more, a fifth did what counts against them, and most did nothing: these are neither 1 nor 2."""
    assert shares([0.0] * 60 + [float(each) for each in range(1, 21)] + [-1.0] * 20) == [0.1, 0.1, 0.6, 0.2]


def test_the_many_who_are_alike_and_lowest_are_last() -> None:
    assert shares([0.0] * 85 + [3.0] * 5 + [9.0] * 10) == [0.1, 0.05, 0.0, 0.85]


@pytest.mark.parametrize("found", [[5.0] * 50, [1.0] * 95 + [2.0] * 5])
def test_hardly_any_points_make_no_crowd_of_the_best(found: list[float]) -> None:
    assert shares(found)[0] <= 0.05
