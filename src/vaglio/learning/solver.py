"""The penalised likelihood of logistic regression, solved on the few coefficients that matter.

Every coefficient is the difference of two parts that are at least 0, which makes the likelihood with a penalty on their sum smooth; a sign
that must not be is a part that must stay 0. L-BFGS-B solves that, on those coefficients alone that may move: the rest is 0 and
stays there as long as the slope of the likelihood along it is below the penalty, which is looked at afterwards, for all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from threadpoolctl import ThreadpoolController

from vaglio.learning.design import Design
from vaglio.learning.terms import Floats, Integers, probability

RIDGE = 0.5  # of the penalty on squares: small values are shrunk, not dropped
OPTIONS = {"maxiter": 1_000, "maxfun": 2_000}
NEAR = 0.7  # of the penalty: coefficients with a slope above it may move from the first
SLACK = 1e-3  # of the penalty: a slope so little above it is as good as below
ROUNDS = 30


@dataclass(frozen=True)
class Solved:
    """An intercept, and how far coefficients moved up and down from where they were."""

    intercept: float
    up: Floats
    down: Floats

    @property
    def moved(self) -> Floats:
        """How far each coefficient moved."""
        return self.up - self.down


@dataclass(frozen=True)
class Problem:
    """Leads, what became of them, and coefficients that are no surprise (``centre``), from which moving costs.

    ``weights``: how much of the penalty each costs. ``signs``: 1 for one that must not be below 0, -1 for one that must not be above 0.
    """

    design: Design
    labels: Floats
    weights: Floats
    signs: Integers
    centre: Floats

    def first(self) -> Solved:
        """Return where to start: all alike."""
        share = float(np.clip(self.labels.mean(), 1e-9, 1 - 1e-9))
        nothing = np.zeros(self.design.width)
        return Solved(float(np.log(share / (1 - share))), nothing, nothing)

    def of(self, which: NDArray[np.bool_]) -> "Problem":
        """Return the problem of some of these leads."""
        return replace(self, design=self.design.of(which), labels=self.labels[which])

    def most(self) -> tuple[Floats, Floats]:
        """Return how far coefficients may move up, and down."""
        up = np.where(self.signs < 0, np.maximum(0.0, -self.centre), np.inf)
        down = np.where(self.signs > 0, np.maximum(0.0, self.centre), np.inf)
        return up, down


def solve(problem: Problem, strength: float, start: Solved | None = None) -> Solved:
    """Return what costs least, with a penalty of ``strength`` [leads]; from a ``start`` it is looked for less closely."""
    found, ends = start or problem.first(), 1e-9 if start is None else 1e-7
    most_up, most_down = problem.most()
    given = problem.design.sums(problem.centre)
    may_move = (found.up > 0) | (found.down > 0)
    for turn in range(ROUNDS):
        log_odds = found.intercept + given + problem.design.sums(found.moved)
        slope = problem.design.gathered(probability(log_odds) - problem.labels)
        enough = strength * problem.weights * (NEAR if not turn else 1 + SLACK)
        pulled = ((slope < -enough) & (most_up > 0)) | ((slope > enough) & (most_down > 0))
        if turn and not (pulled & ~may_move).any():
            break
        may_move = may_move | pulled
        found = _on(problem, strength, found, may_move, given, ends)
    return found


def _on(problem: Problem, strength: float, start: Solved, which: NDArray[np.bool_], given: Floats, ends: float) -> Solved:
    """Return what costs least if only some coefficients may move."""
    design, labels, width = problem.design.only(which), problem.labels, int(which.sum())
    penalty = strength * problem.weights[which]

    def cost(asked: Floats) -> tuple[float, Floats]:
        log_odds = asked[0] + given + design.sums(asked[1 : width + 1] - asked[width + 1 :])
        away = probability(log_odds) - labels
        slope = design.gathered(away)
        return (
            deviance(labels, log_odds)
            + float(penalty @ (asked[1 : width + 1] + asked[width + 1 :]))
            + RIDGE / 2 * float(asked[1:] @ asked[1:]),
            np.concatenate(([np.sum(away)], slope + penalty, penalty - slope)) + RIDGE * np.concatenate(([0.0], asked[1:])),
        )

    most_up, most_down = problem.most()
    first = np.concatenate(([start.intercept], start.up[which], start.down[which]))
    found = least(cost, first, np.concatenate((most_up[which], most_down[which])), ends)
    up, down = np.zeros(len(which)), np.zeros(len(which))
    up[which], down[which] = found[1 : width + 1], found[width + 1 :]
    return Solved(float(found[0]), up, down)


def least(cost: Callable[[Floats], tuple[float, Floats]], first: Floats, most: Floats, ends: float = 1e-9) -> Floats:
    """Return where a cost with its slopes is least: the first number as it likes, the others from 0 to their ``most``."""
    bounds = [(None, None), *((0.0, each) for each in most)]
    with _libraries().limit(limits=1, user_api="blas"):  # its matrices are so small that threads only wait for each other
        found = minimize(cost, first, jac=True, method="L-BFGS-B", bounds=bounds, options=OPTIONS | {"ftol": ends})
    return np.asarray(found.x)


@cache
def _libraries() -> ThreadpoolController:
    """Return the libraries that work in threads, looked for once: a look takes as long as a small problem."""
    return ThreadpoolController()


def deviance(labels: Floats, log_odds: Floats) -> float:
    """Return minus the log-likelihood of outcomes."""
    return float(np.sum(losses(labels, log_odds)))


def losses(labels: Floats, log_odds: Floats) -> Floats:
    """Return what each lead adds to the deviance: the logarithm of 1 + exp(log_odds), less the log-odds where the outcome came."""
    # numpy's own logaddexp takes five times as long, and is as good to the last bit but one.
    return np.asarray(np.log1p(np.exp(-np.abs(log_odds))) + np.maximum(log_odds, 0.0) - labels * log_odds)
