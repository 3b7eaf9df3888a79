"""What an order is worth, against scikit-learn and against counting by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from vaglio.evaluation.ranking import Ranking, drawn_weights, standing

ROWS = st.lists(st.tuples(st.integers(-3, 3), st.booleans(), st.integers(0, 3)), min_size=4, max_size=60).filter(
    lambda rows: len({good for _p, good, weight in rows if weight}) == 2
)


@given(ROWS)
@settings(max_examples=200, deadline=None)
def test_it_is_what_scikit_learn_says_with_ties_and_weights(rows: list[tuple[int, bool, int]]) -> None:
    points, outcome, weight = (np.array(column, float) for column in zip(*rows, strict=True))
    found = Ranking(points, outcome).counted(weight)
    assert found.auc() == pytest.approx(roc_auc_score(outcome, points, sample_weight=weight), abs=1e-12)
    assert found.average_precision() == pytest.approx(average_precision_score(outcome, points, sample_weight=weight), abs=1e-12)


@given(ROWS)
@settings(max_examples=100, deadline=None)
def test_tenths_hold_all_outcomes(rows: list[tuple[int, bool, int]]) -> None:
    points, outcome, _weight = (np.array(column, float) for column in zip(*rows, strict=True))
    found = Ranking(points, outcome).counted()
    assert found.lifts().mean() == pytest.approx(1.0)
    assert found.captured(1.0) == pytest.approx(1.0) and found.captured(0.0) == 0
    assert (found.lifts() >= -1e-12).all()


def test_leads_of_the_same_points_are_spread_evenly() -> None:
    found = Ranking(np.array([9.0, 1, 1, 1, 1]), np.array([1.0, 1, 0, 0, 0])).counted()
    assert found.captured(np.array([0.2, 0.6, 1.0])).tolist() == pytest.approx([0.5, 0.75, 1.0])


def test_a_lead_stands_among_those_of_its_own_instant() -> None:
    points = np.array([1.0, 2.0, 100.0, 200.0, -np.inf])
    assert standing(points, np.array([0, 0, 1, 1, 1])).tolist() == pytest.approx([0.25, 0.75, 0.5, 5 / 6, 1 / 6])


def test_a_lead_is_drawn_with_all_of_its_rows() -> None:
    lead = np.array([0, 0, 1, 2, 2, 2])
    for weights in drawn_weights(lead, 50, 1):
        assert weights[0] == weights[1] and weights[3] == weights[4] == weights[5]
        assert weights[[0, 2, 3]].sum() == 3
