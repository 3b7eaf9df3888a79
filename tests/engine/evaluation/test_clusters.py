"""Intervals of shares in which leads are looked at several times."""

import numpy as np
import pytest

from vaglio.evaluation.calibration import calibration
from vaglio.evaluation.clusters import share_of
from vaglio.proportion import Proportion


def test_one_lead_looked_at_four_times_is_one() -> None:
    outcome, lead = np.repeat([1.0, 0, 0, 0, 1] * 20, 4), np.repeat(np.arange(100), 4)
    found = share_of(outcome, lead, np.ones(400, bool))
    assert (found.hits, found.total) == (160, 400) and found.worth == pytest.approx(99)
    assert found.interval() == pytest.approx(Proportion(40, 100).interval(), abs=0.001)
    assert share_of(outcome, np.arange(400), np.ones(400, bool)) == Proportion(160, 400)
    few = share_of(np.ones(24), np.repeat(np.arange(6), 4), np.ones(24, bool))
    assert few.worth == 6 and not few.is_enough and few.interval() == Proportion(6, 6).interval()


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Leads whose chances differ, looked at one to six times, with outcomes that are mostly the same at each look."""
    held, by_rows = [], []
    for seed in range(600):
        random = np.random.default_rng(seed)
        times = random.integers(1, 7, 250)
        lead = np.repeat(np.arange(250), times)
        own = random.random(250) < 0.15
        outcome = np.where(random.random(len(lead)) < 0.8, own[lead], random.random(len(lead)) < 0.15).astype(float)
        found = share_of(outcome, lead, np.ones(len(lead), bool))
        low, high = found.interval()
        held.append(low <= 0.15 <= high)
        low, high = Proportion(found.hits, found.total).interval()
        by_rows.append(low <= 0.15 <= high)
    assert 0.92 < np.mean(held) < 0.98
    assert np.mean(by_rows) < 0.85  # what was said before


def test_bins_of_a_reliability_plot_count_leads() -> None:
    lead = np.repeat(np.arange(200), 4)
    outcome, chance = (lead % 3 == 0).astype(float), 0.2 + lead / 1000
    made, alone = calibration(outcome, chance, lead), calibration(outcome, chance, np.arange(800))
    assert made is not None and alone is not None
    for mine, other in zip(made.bins, alone.bins, strict=True):
        assert mine.came.share == other.came.share and mine.came.interval()[0] < other.came.interval()[0]
