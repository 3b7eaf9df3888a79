"""How sure points are: those that outcomes alone say of bands as they stand, without any shrinking, with 95 % intervals.

Learned points are pulled towards nothing, so no interval around them could be honest. What has one is logistic regression without a penalty
over the same bands (Wald's interval): beside each learned point, what the data say and how surely. The bands were chosen by the same leads,
so the interval speaks of these bands, not of whether they are the right ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from vaglio.learning.inputs import Input
from vaglio.learning.solver import deviance
from vaglio.learning.terms import DOUBLING, Codes, Floats, Terms, probability
from vaglio.learning.write import alike
from vaglio.proportion import Z

ROUNDS = 60
ENOUGH = 1e-9
LEAST = 1e-9  # of a curvature: below it a band is told by others, and nothing is known of it alone


@dataclass(frozen=True)
class BandPoints:
    """Points of a band of an input beside the commonest band of it, which has 0, between ``low`` and ``high`` with 95 %."""

    input: str
    band: int
    test: Mapping[str, Any]
    leads: int
    points: float
    low: float
    high: float


def as_written(terms: Terms, codes: Codes) -> tuple[list[Input], Codes]:
    """Return the inputs of terms of one input each in the bands that a document of them has, and leads in these."""
    inputs: list[Input] = []
    columns: list[Codes] = []
    for place, values in terms.mains.items():
        each = terms.inputs[place]
        found = alike(each, values[:, None])
        starts = np.array([first for _test, first in found])
        inputs.append(replace(each, bands=tuple(test for test, _first in found), ordered=0, none=False))
        own = codes[:, place]
        columns.append(np.where(own < 0, -1, np.searchsorted(starts, own, side="right") - 1).astype(np.int16))
    return inputs, np.stack(columns, axis=1) if columns else np.zeros((len(codes), 0), np.int16)


def points_of(inputs: Sequence[Input], codes: Codes, labels: Floats) -> list[BandPoints]:
    """Return the points of every band that leads are in; unbounded where all or none of them had the outcome, or others tell the band."""
    sizes = [np.bincount(codes[:, place] + 1, minlength=len(each.bands) + 1)[1:] for place, each in enumerate(inputs)]
    bands = [(place, band) for place, own in enumerate(sizes) for band in np.flatnonzero(own).tolist() if band != int(np.argmax(own))]
    at = {band: number for number, band in enumerate(bands, start=1)}
    found, reach = _fitted(_rows(codes, at), labels)
    scale, told = DOUBLING / np.log(2), []
    for place, own in enumerate(sizes):
        for band in np.flatnonzero(own).tolist():
            number = at.get((place, band))
            middle, wide = (0.0, 0.0) if number is None else (float(found[number]) * scale, float(reach[number]) * scale)
            told.append(
                BandPoints(inputs[place].name, band, dict(inputs[place].bands[band]), int(own[band]), middle, middle - wide, middle + wide)
            )
    return told


def _rows(codes: Codes, at: Mapping[tuple[int, int], int]) -> csr_matrix:
    """Return a row for each lead: 1 in the first column, and in those of the bands it is in."""
    columns = np.zeros((codes.shape[1], int(codes.max(initial=0)) + 2), int)  # the last band stands for none; 0 for bands without a column
    for (place, band), number in at.items():
        columns[place, band] = number
    reached = columns[np.arange(codes.shape[1]), codes]
    who, which = np.nonzero(reached)
    rows = np.concatenate([np.arange(len(codes)), who])
    return csr_matrix(
        (np.ones(len(rows)), (rows, np.concatenate([np.zeros(len(codes), int), reached[who, which]]))), (len(codes), len(at) + 1)
    )


def _fitted(design: csr_matrix, labels: Floats) -> tuple[Floats, Floats]:
    """Return coefficients by Newton's steps, and how far their 95 % intervals reach."""
    found, turned, before = np.zeros(design.shape[1]), csr_matrix(design.T), np.inf
    for _ in range(ROUNDS):
        chances = probability(design @ found)
        step = np.clip(np.linalg.pinv(_bent(design, turned, chances), hermitian=True) @ (turned @ (labels - chances)), -3, 3)
        found = found + step
        lost = deviance(labels, np.asarray(design @ found))
        # Of a band where all leads came out alike the step never ends; what it still gains does.
        if np.abs(step).max() < ENOUGH or abs(before - lost) < ENOUGH:
            break
        before = lost
    values, vectors = np.linalg.eigh(_bent(design, turned, probability(design @ found)))
    is_known = values > LEAST * max(float(values.max()), 1.0)
    spread = np.sum(vectors[:, is_known] ** 2 / values[is_known], axis=1)
    told_by_others = np.sum(vectors[:, ~is_known] ** 2, axis=1) > ENOUGH
    return found, np.where(told_by_others, np.inf, Z * np.sqrt(spread))


def _bent(design: csr_matrix, turned: csr_matrix, chances: Floats) -> Floats:
    """Return the curvature of the likelihood where leads have these chances."""
    return np.asarray((turned @ design.multiply((chances * (1 - chances))[:, None]).tocsr()).todense())
