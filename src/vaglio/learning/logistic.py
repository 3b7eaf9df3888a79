"""Logistic regression over bands: regularised, sparse, and rising or falling only where somebody says so.

An ordered input is a sum of steps, one at each cut, each with its own coefficient; a step of 0 joins the bands on both of its sides, so
the penalty on the sum of absolute coefficients both drops inputs and makes their bands few. What a coefficient costs is in proportion to
how far chance pulls at it, so that rare values are judged as strictly as common ones. scikit-learn's have no constraint on signs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from vaglio.learning.design import Column, Design, design_of
from vaglio.learning.discrimination import line_through
from vaglio.learning.folding import folds
from vaglio.learning.inputs import Input
from vaglio.learning.solver import Problem, least, losses, solve
from vaglio.learning.terms import Codes, Floats, Integers, Terms

Direction = Literal["rising", "falling"]
FOLDS = 5
STRENGTHS = tuple(float(each) for each in np.geomspace(0.5, 32, 7))  # of the penalty, in leads
SAID = 1e-3  # of the leads: what a coefficient costs that says what an expert says
NOTHING = 1e-6  # log-odds: smaller steps are none


@dataclass(frozen=True)
class Start:
    """Coefficients to start from, and how much of what they stand for they say (0-1)."""

    found: Floats
    said: float


def learn_logistic(
    inputs: Sequence[Input], codes: Codes, labels: Floats, *, seed: int, directions: Mapping[str, Direction] | None = None,
    strength: float | None = None, expert: Floats | None = None,
) -> tuple[Terms, float]:  # fmt: skip
    """Return the terms that logistic regression finds, and the strength of the penalty: by default what :func:`_best` finds.

    ``expert``: log-odds that somebody believes before; then it is not coefficients that are shrunk but how far they are from saying these.
    """
    columns, design = design_of(inputs, codes)
    signs = _signs(columns, inputs, directions or {})
    centre = said_in_bands(design, expert, signs).found if expert is not None else np.zeros(len(columns))
    problem = Problem(design, labels, design.weights(), signs, np.zeros(len(columns)))
    chosen = strength if strength is not None else _best(problem, seed)
    found = solve(replace(problem, centre=centre), chosen)
    return _terms(inputs, columns, found.intercept, centre + found.moved), chosen


def share_said(inputs: Sequence[Input], codes: Codes, expert: Floats) -> float:
    """Return how much of what an expert's points tell apart bands can say (0-1)."""
    columns, design = design_of(inputs, codes)
    return said_in_bands(design, expert, np.zeros(len(columns), int)).said


def said_in_bands(design: Design, log_odds: Floats, signs: Integers) -> Start:
    """Return the few coefficients that come nearest to saying log-odds."""
    width, middle = design.width, float(log_odds.mean())
    apart = log_odds - middle
    if not width or np.std(apart) < NOTHING:
        return Start(np.zeros(width), 0.0)
    penalty = SAID * len(log_odds) * float(np.std(apart))

    def cost(asked: Floats) -> tuple[float, Floats]:
        away = asked[0] + design.sums(asked[1 : width + 1] - asked[width + 1 :]) - apart
        slope = design.gathered(away)
        return (
            float(away @ away) / 2 + penalty * float(np.sum(asked[1:])),
            np.concatenate(([np.sum(away)], slope + penalty, penalty - slope)),
        )

    up, down = (np.where(signs == against, 0.0, np.inf) for against in (-1, 1))
    found = least(cost, np.zeros(2 * width + 1), np.concatenate((up, down)))
    told = found[1 : width + 1] - found[width + 1 :]
    left = apart - design.sums(told)
    return Start(told, max(0.0, 1 - float(np.var(left) / np.var(apart))))


def _signs(columns: list[Column], inputs: Sequence[Input], directions: Mapping[str, Direction]) -> Integers:
    """Return 1 for coefficients that must not be below 0, -1 for those that must not be above, else 0."""
    sign = {"rising": 1, "falling": -1}
    return np.array([sign.get(directions.get(inputs[each.place].name, ""), 0) if each.is_step else 0 for each in columns], int)


def _best(problem: Problem, seed: int) -> float:
    """Return the strongest penalty that does not surely do worse than the best one on leads held out.

    So a document has the fewest bands that are as good: surely is more than one standard error of the deviance, lead by lead. Before it is
    taken, probabilities are bent as those of a document are: what a strong penalty shrinks evenly, that line puts right again.
    """
    fold = folds(problem.labels, FOLDS, seed)
    guesses = np.zeros((len(STRENGTHS), len(fold)))
    for number in range(FOLDS):
        inside = fold != number
        inner, outer, found = problem.of(inside), problem.design.of(~inside), None
        for place, strength in reversed(list(enumerate(STRENGTHS))):
            found = solve(inner, strength * float(inside.mean()), found)
            guesses[place, ~inside] = found.intercept + outer.sums(found.moved)
    lost = np.stack([_lost(problem.labels, each) for each in guesses])
    best = int(np.argmin(lost.sum(axis=1)))
    worse = lost - lost[best]
    is_as_good = worse.sum(axis=1) <= worse.std(axis=1) * np.sqrt(len(fold))
    return STRENGTHS[int(np.flatnonzero(is_as_good).max())]


def _lost(labels: Floats, log_odds: Floats) -> Floats:
    """Return what each lead adds to the deviance, with the line through all of them."""
    low, slope = line_through(labels, log_odds)
    return losses(labels, low + slope * log_odds)


def _terms(inputs: Sequence[Input], columns: list[Column], intercept: float, found: Floats) -> Terms:
    mains: dict[int, Floats] = {}
    for column, value in zip(columns, found, strict=True):
        if abs(value) < NOTHING:
            continue
        own = mains.setdefault(column.place, np.zeros(len(inputs[column.place].bands)))
        if column.is_step:
            own[column.band : inputs[column.place].ordered] += value
        else:
            own[column.band] += value
    return Terms(inputs, intercept, mains)
