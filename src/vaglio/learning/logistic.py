"""Logistic regression over bands: regularised, sparse, and rising or falling only where somebody says so.

An ordered input is a sum of steps, one at each cut, each with its own coefficient; a step of 0 joins the bands on both of its sides, so
the penalty on the sum of absolute coefficients both drops inputs and makes their bands few. Every coefficient is the difference of two
parts that are at least 0, which makes the penalised likelihood smooth, and a step that must not fall is one without a second part. So
one bounded solver, L-BFGS-B, does all of it; scikit-learn's have no constraint on signs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csc_matrix, csr_matrix, hstack

from vaglio.learning.folding import folds
from vaglio.learning.inputs import Input
from vaglio.learning.terms import Codes, Floats, Integers, Terms, probability

Direction = Literal["rising", "falling"]
FOLDS = 3
LEAST = 5  # leads on either side of a step
STRENGTHS = tuple(float(each) for each in np.geomspace(0.3, 20, 6))  # of the penalty, in leads
RIDGE = 0.5  # of the penalty on squares: small values are shrunk, not dropped
SAID = 1e-3  # of the leads: what a coefficient costs that says what an expert says
OPTIONS = {"maxiter": 1_000, "maxfun": 2_000, "ftol": 1e-9}
NOTHING = 1e-6  # log-odds: smaller steps are none


@dataclass(frozen=True)
class _Column:
    """One coefficient: an input's step at a band (``is_step``), or its band alone."""

    place: int
    band: int
    is_step: bool


@dataclass(frozen=True)
class Start:
    """Coefficients to start from, and how much of what they stand for they say (0-1)."""

    found: Floats
    said: float


def learn_logistic(
    inputs: Sequence[Input], codes: Codes, labels: Floats, *, seed: int, directions: Mapping[str, Direction] | None = None,
    strength: float | None = None, expert: Floats | None = None,
) -> tuple[Terms, float]:  # fmt: skip
    """Return the terms that logistic regression finds, and the strength of the penalty: by default the best across folds.

    ``expert``: log-odds that somebody believes before; then it is not coefficients that are shrunk but how far they are from saying these.
    """
    columns, design = _design(_columns(inputs), codes)
    signs = _signs(columns, inputs, directions or {})
    centre = said_in_bands(design, expert, signs).found if expert is not None else np.zeros(len(columns))
    chosen = strength if strength is not None else _best(design, labels, signs, seed)
    intercept, found, _start = _solve(design, labels, signs, chosen, centre=centre)
    return _terms(inputs, columns, intercept, found), chosen


def share_said(inputs: Sequence[Input], codes: Codes, expert: Floats) -> float:
    """Return how much of what an expert's points tell apart bands can say (0-1)."""
    columns, design = _design(_columns(inputs), codes)
    return said_in_bands(design, expert, np.zeros(len(columns), int)).said


def said_in_bands(design: csr_matrix, log_odds: Floats, signs: Integers) -> Start:
    """Return the few coefficients that come nearest to saying log-odds."""
    width, middle = design.shape[1], float(log_odds.mean())
    apart = log_odds - middle
    if not width or np.std(apart) < NOTHING:
        return Start(np.zeros(width), 0.0)
    turned, penalty = csr_matrix(design.T), SAID * len(log_odds) * float(np.std(apart))

    def cost(asked: Floats) -> tuple[float, Floats]:
        away = asked[0] + design @ (asked[1 : width + 1] - asked[width + 1 :]) - apart
        slope = turned @ away
        return (
            float(away @ away) / 2 + penalty * float(np.sum(asked[1:])),
            np.concatenate(([np.sum(away)], slope + penalty, penalty - slope)),
        )

    found = minimize(cost, np.zeros(2 * width + 1), jac=True, method="L-BFGS-B", bounds=[(None, None), *_bounds(signs)], options=OPTIONS)
    told = found.x[1 : width + 1] - found.x[width + 1 :]
    left = apart - design @ told
    return Start(told, max(0.0, 1 - float(np.var(left) / np.var(apart))))


def _bounds(signs: Integers, centre: Floats | None = None) -> list[tuple[float, float | None]]:
    """Return the bounds of what is added to coefficients and of what is taken from them, so that none gets a sign it must not have."""
    from_where = np.zeros(len(signs)) if centre is None else centre
    up = [(0.0, max(0.0, -at) if sign < 0 else None) for sign, at in zip(signs, from_where, strict=True)]
    down = [(0.0, max(0.0, at) if sign > 0 else None) for sign, at in zip(signs, from_where, strict=True)]
    return [*up, *down]


def _columns(inputs: Sequence[Input]) -> list[_Column]:
    found = []
    for place, each in enumerate(inputs):
        found += [_Column(place, band, is_step=True) for band in range(1, each.ordered)]
        found += [_Column(place, band, is_step=False) for band in range(each.ordered, len(each.bands))]
    return found


def _design(columns: list[_Column], codes: Codes) -> tuple[list[_Column], csr_matrix]:
    """Return the coefficients worth having, and a column of ones and zeros for each.

    Left out are those that tell hardly any lead from the others, and those that tell the same leads as an earlier one.
    """
    ends = {column.place: column.band for column in columns if column.is_step}  # the last step of each input
    kept: list[_Column] = []
    parts: list[Any] = []
    seen: set[bytes] = set()
    for column in columns:
        own = codes[:, column.place]
        is_one = (own >= column.band) & (own <= ends[column.place]) if column.is_step else own == column.band
        mark = np.packbits(is_one).tobytes()
        if min(is_one.sum(), (~is_one).sum()) >= LEAST and mark not in seen:
            seen.add(mark)
            kept.append(column)
            parts.append(csc_matrix(is_one.astype(np.float64)[:, None]))
    return kept, csr_matrix(hstack(parts)) if parts else csr_matrix((len(codes), 0))


def _signs(columns: list[_Column], inputs: Sequence[Input], directions: Mapping[str, Direction]) -> Integers:
    """Return 1 for coefficients that must not be below 0, -1 for those that must not be above, else 0."""
    sign = {"rising": 1, "falling": -1}
    return np.array([sign.get(directions.get(inputs[each.place].name, ""), 0) if each.is_step else 0 for each in columns], int)


def _best(design: csr_matrix, labels: Floats, signs: Integers, seed: int) -> float:
    """Return the strength with the least deviance across folds."""
    fold = folds(labels, FOLDS, seed)
    lost = np.zeros(len(STRENGTHS))
    for number in range(FOLDS):
        inside = fold != number
        start = None
        for place, strength in reversed(list(enumerate(STRENGTHS))):
            intercept, found, start = _solve(design[inside], labels[inside], signs, strength * inside.mean(), start)
            lost[place] += deviance(labels[~inside], intercept + design[~inside] @ found)
    return STRENGTHS[int(np.argmin(lost))]


def deviance(labels: Floats, log_odds: Floats) -> float:
    """Return minus the log-likelihood of outcomes."""
    return float(np.sum(np.logaddexp(0, log_odds) - labels * log_odds))


def _solve(
    design: csr_matrix, labels: Floats, signs: Integers, strength: float, start: Floats | None = None, centre: Floats | None = None
) -> tuple[float, Floats, Floats]:  # fmt: skip
    """Return the intercept, the coefficients, and where the solver ended; ``centre``: coefficients that are no surprise."""
    width = design.shape[1]
    turned = csr_matrix(design.T)
    before = np.zeros(width) if centre is None else centre
    given = design @ before

    def cost(asked: Floats) -> tuple[float, Floats]:
        log_odds = asked[0] + given + design @ (asked[1 : width + 1] - asked[width + 1 :])
        away = probability(log_odds) - labels
        slope = turned @ away
        return (
            deviance(labels, log_odds) + strength * float(np.sum(asked[1:])) + RIDGE / 2 * float(asked[1:] @ asked[1:]),
            np.concatenate(([np.sum(away)], slope + strength, strength - slope)) + RIDGE * np.concatenate(([0.0], asked[1:])),
        )

    share = np.clip(labels.mean(), 1e-9, 1 - 1e-9)
    options = OPTIONS | {"ftol": 1e-7 if start is not None else 1e-9}
    first = start if start is not None else np.concatenate(([np.log(share / (1 - share))], np.zeros(2 * width)))
    found = minimize(cost, first, jac=True, method="L-BFGS-B", bounds=[(None, None), *_bounds(signs, before)], options=options)
    return float(found.x[0]), before + found.x[1 : width + 1] - found.x[width + 1 :], found.x


def _terms(inputs: Sequence[Input], columns: list[_Column], intercept: float, found: Floats) -> Terms:
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
