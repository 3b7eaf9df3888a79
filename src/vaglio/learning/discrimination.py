"""How well predictions tell leads apart, and how honest they are."""

import numpy as np

from vaglio.learning.terms import Floats, probability
from vaglio.proportion import Z

BINS = 10


def auc(labels: Floats, scores: Floats) -> float:
    """Return the chance that a lead that came out well has the higher score than one that did not, ties counting half; NaN of one kind."""
    good = labels == 1
    if good.all() or not good.any():
        return float("nan")
    ranks = _ranks(scores)
    many, others = int(good.sum()), int((~good).sum())
    return float((ranks[good].sum() - many * (many + 1) / 2) / (many * others))


def auc_interval(labels: Floats, scores: Floats) -> tuple[float, float]:
    """Return the 95 % interval of the AUC (DeLong, DeLong and Clarke-Pearson 1988); NaN of leads of one kind."""
    good = labels == 1
    many, others = int(good.sum()), int((~good).sum())
    if not many or not others:
        return float("nan"), float("nan")
    # How many of the other kind each lead stands above, ties counting half: its rank among all, less that among its own.
    above = _ranks(scores)
    of_good = (above[good] - _ranks(scores[good])) / others
    of_others = 1 - (above[~good] - _ranks(scores[~good])) / many
    spread = sum(float(each.var(ddof=1)) / len(each) for each in (of_good, of_others) if len(each) > 1)
    found, reach = float(of_good.mean()), Z * float(np.sqrt(spread))
    return max(0.0, found - reach), min(1.0, found + reach)


def _ranks(scores: Floats) -> Floats:
    _values, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[places])


def calibration_error(labels: Floats, chances: Floats, bins: int = BINS) -> float:
    """Return the mean distance of predicted from found shares, over bins of equally many leads, by their weight."""
    order = np.argsort(chances, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    return float(sum(len(part) * abs(labels[part].mean() - chances[part].mean()) for part in parts) / len(order))


def line_through(labels: Floats, log_odds: Floats, rounds: int = 50) -> tuple[float, float]:
    """Return the intercept and slope of logistic regression of outcomes on predicted log-odds: 0 and 1 where these are honest.

    A slope that would turn the order round, or outcomes of one kind, give 0 and 1.
    """
    if len(np.unique(labels)) < 2:
        return 0.0, 1.0
    design = np.stack([np.ones(len(log_odds)), log_odds], axis=1)
    found = np.array([0.0, 1.0])
    for _ in range(rounds):
        chances = probability(design @ found)
        weights = np.maximum(chances * (1 - chances), 1e-9)
        # Half a lead of doubt on each, so that what is perfectly told apart has an end.
        bent = design.T @ (design * weights[:, None]) + np.diag([1e-6, 0.5])
        step = np.linalg.solve(bent, design.T @ (labels - chances) - np.array([0.0, 0.5]) * (found - np.array([0.0, 1.0])))
        found = found + step
        if np.abs(step).max() < 1e-9:
            break
    return (float(found[0]), float(found[1])) if found[1] > 0 and np.isfinite(found).all() else (0.0, 1.0)
