"""What is measured on leads that were not learned from: that it holds the truth, and that chance is not called a signal."""

import numpy as np
import pytest

from vaglio.learning.discrimination import auc, auc_interval, calibration_error
from vaglio.learning.held_out import HeldOut
from vaglio.learning.terms import probability


def drawn(leads: int, strength: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    log_odds = random.normal(-0.5, strength, leads)
    return (random.random(leads) < probability(log_odds)).astype(float), log_odds


def test_the_interval_of_an_auc_is_right_by_hand() -> None:
    outcomes, scores = np.array([1, 1, 0, 0, 0.0]), np.array([3, 1, 2, 1, 0.0])
    # The good ones stand above 3 and 1.5 of three; the others below 1, 1.5 and 2 of two.
    spread = np.var([1, 0.5], ddof=1) / 2 + np.var([0.5, 0.75, 1], ddof=1) / 3
    low, high = auc_interval(outcomes, scores)
    assert auc(outcomes, scores) == pytest.approx(0.75)
    assert (low, high) == (pytest.approx(0.75 - 1.959964 * spread**0.5), 1.0)
    assert np.isnan(auc_interval(np.ones(3), np.arange(3.0))).all()


def test_it_holds_the_truth_as_often_as_it_says() -> None:
    truth = auc(*drawn(400_000, 1.0, 0))
    held = [low <= truth <= high for low, high in (auc_interval(*drawn(300, 1.0, seed)) for seed in range(1, 401))]
    assert 0.92 < np.mean(held) < 0.98


def test_noise_of_few_leads_is_no_signal() -> None:
    random = np.random.default_rng(3)
    outcomes = np.array([1.0, 0.0] * 30)
    noise = [HeldOut(outcomes, random.normal(size=60)) for _ in range(300)]
    assert np.mean([each.auc >= 0.57 for each in noise]) > 0.12  # what was called usable
    assert np.mean([each.is_usable for each in noise]) < 0.05
    assert HeldOut(*drawn(300, 1.0, 1)).is_usable and not HeldOut(*drawn(20_000, 0.1, 1)).is_usable


def test_probabilities_are_measured_as_a_document_states_them() -> None:
    """Log-odds that are twice too sure are bent in the document, so they are measured bent; but not by the leads they are measured on."""
    outcomes, log_odds = drawn(4_000, 1.0, 2)
    found = HeldOut(outcomes, 2 * log_odds + 1)
    assert calibration_error(outcomes, probability(found.log_odds)) > 0.1
    assert found.calibration_error < 0.025
    assert found.bend[1] == pytest.approx(0.5, abs=0.05)
    few = HeldOut(*drawn(60, 0.0, 4))
    by_itself = probability(few.bend[0] + few.bend[1] * few.log_odds)
    assert not np.allclose(few.chances, by_itself)
