"""Where to cut letters and digits, so that the cells of sales hold as many good leads as so many calls can."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from vaglio.learning.terms import Floats, Integers
from vaglio.terms import DIGITS, LETTERS

PLACES = 24  # where an axis may be cut
HIGHEST = (0.99, 0.995, 0.998, 0.999, 0.9995)  # for sellers who can call only a few: a line may be as high
SHARES = np.linspace(0.02, 0.98, PLACES * 2)
SMALLEST = 0.03  # of the leads: no letter and no digit is to hold fewer, where that can be had
STARTS = ((0.9, 0.75, 0.5), (0.95, 0.85, 0.6), (0.8, 0.6, 0.35))
ROUNDS = 6
SHORT = 20  # points
TELLS = 0.02  # how much it counts, beside good leads called, that letters and digits tell leads apart


@dataclass(frozen=True)
class Cuts:
    """The least points of A, B and C, and of 1, 2 and 3."""

    letters: Mapping[str, float]
    digits: Mapping[str, float]

    def classes(self, profile: Floats, engagement: Floats) -> tuple[Integers, Integers]:
        """Return the place of each lead's letter and digit: 0 for A and for 1."""
        return tuple(
            np.sum([values < least for least in cuts.values()], axis=0)
            for values, cuts in ((profile, self.letters), (engagement, self.digits))
        )


@dataclass(frozen=True)
class _Axis:
    """An axis in narrow bands: where it may be cut, and the band of each row."""

    cuts: Floats
    band: Integers

    def triples(self) -> Integers:
        """Return every three places to cut at, the highest first."""
        return np.array([each[::-1] for each in combinations(range(len(self.cuts)), 3)], int)


def choose(
    profile: Floats, engagement: Floats, good: Floats, sales: Sequence[str], most: float, *, is_high: bool = False
) -> Cuts:  # fmt: skip
    """Cut letters and digits so that at most ``most`` rows fall into the cells of ``sales`` and as many good ones as can be.

    Neither axis alone decides, so they are cut in turn, from several beginnings, until nothing gets better. ``is_high``: an axis may also
    be cut among its best fiftieth.
    """
    kept = np.isfinite(profile) & np.isfinite(engagement)
    axes = [_axis(values[kept], is_high=is_high) for values in (profile, engagement)]
    good = good[kept]
    cells = np.zeros((4, 4))
    for rating in sales:
        cells[LETTERS.index(rating[0]), DIGITS.index(rating[1])] = 1
    counted = [_counted(axes[0], axes[1], weights) for weights in (np.ones(len(good)), good)]
    best: tuple[float, Integers, Integers] | None = None
    for start in STARTS:
        found = _climb(axes, counted, cells, most, start)
        if best is None or found[0] > best[0] + 1e-12:
            best = found
    if best is None:
        raise ValueError("there is nowhere to begin")
    letters, digits = (_named(axis.cuts[chosen], names) for axis, chosen, names in zip(axes, best[1:], ("ABC", "123"), strict=True))
    return Cuts(letters, digits)


def _axis(values: Floats, *, is_high: bool) -> _Axis:
    """Return where an axis may be cut: at whole points, or at tenths where the axis is short."""
    quantiles = np.quantile(values, SHARES, method="higher")
    at = np.unique(np.round(quantiles, 0 if np.ptp(quantiles) >= SHORT else 1))
    while len(at) < 3:  # hardly any points: cuts that nobody reaches tell nobody apart, and harm nobody
        at = np.append(at, (at.max() if len(at) else 0.0) + 10.0)
    if len(at) > PLACES:
        at = at[np.unique(np.linspace(0, len(at) - 1, PLACES).round().astype(int))]
    if is_high:
        high = np.round(np.quantile(values, HIGHEST, method="higher"), 0 if np.ptp(quantiles) >= SHORT else 1)
        at = np.union1d(at, high)
    return _Axis(at, np.searchsorted(at, values, side="right"))


def _counted(first: _Axis, second: _Axis, weights: Floats) -> Floats:
    """Return how many rows are in each pair of bands."""
    shape = (len(first.cuts) + 1, len(second.cuts) + 1)
    return np.bincount(first.band * shape[1] + second.band, weights, shape[0] * shape[1]).reshape(shape).astype(float)


def _climb(
    axes: list[_Axis], counted: list[Floats], cells: Floats, most: float, start: Sequence[float]
) -> tuple[float, Integers, Integers]:
    triples = [axis.triples() for axis in axes]
    digits = np.array(sorted({min(round(share * (len(axes[1].cuts) - 1)), len(axes[1].cuts) - 1) for share in start}, reverse=True))
    if len(digits) < 3:
        digits = triples[1][0]
    value, letters = -np.inf, triples[0][0]
    for _round in range(ROUNDS):
        before = value
        value, letters = _best(counted, digits, triples[0], cells, most)
        value, digits = _best([each.T for each in counted], letters, triples[1], cells.T, most)
        if value <= before + 1e-12:
            break
    return value, letters, digits


def _best(counted: list[Floats], fixed: Integers, triples: Integers, cells: Floats, most: float) -> tuple[float, Integers]:
    """Return the best three cuts of the first axis where the second is cut at ``fixed``, and what they are worth."""
    edges = [0, *(fixed[::-1] + 1), counted[0].shape[1]]
    parts = []
    for table in counted:
        columns = np.stack([table[:, low:high].sum(axis=1) for low, high in pairwise(edges)][::-1], axis=1)
        above = np.concatenate(
            [np.cumsum(columns[::-1], axis=0)[::-1], np.zeros((1, 4))]
        )  # rows at a band or above, by class of the second
        tops = above[triples + 1]
        parts.append(np.concatenate([tops[:, :1], np.diff(tops, axis=1), above[:1][None] - tops[:, -1:]], axis=1))
    leads, good = parts
    called, captured = ((each * cells).sum(axis=(1, 2)) for each in (leads, good))
    share = leads.sum(axis=2) / leads.sum(axis=(1, 2))[:, None]
    value = captured / max(1.0, good[0].sum()) + TELLS * _tells(leads.sum(axis=2), good.sum(axis=2))
    value -= 2.0 * (called > most) * (1 + called / max(1.0, most))
    value -= 0.5 * np.maximum(0, SMALLEST - share).sum(axis=1) / SMALLEST
    place = int(np.argmax(value))
    return float(value[place]), triples[place]


def _tells(leads: Floats, good: Floats) -> Floats:
    """Return how much four classes tell of the outcome: the share of its uncertainty that they take away (0-1)."""
    total, all_good = leads.sum(axis=1), good.sum(axis=1)
    before = _uncertain(all_good / np.maximum(total, 1))
    after = (leads * _uncertain(good / np.maximum(leads, 1))).sum(axis=1) / np.maximum(total, 1)
    return np.asarray((before - after) / np.maximum(before, 1e-12))


def _uncertain(share: Floats) -> Floats:
    clipped = np.clip(share, 1e-12, 1 - 1e-12)
    return np.asarray(-(clipped * np.log(clipped) + (1 - clipped) * np.log(1 - clipped)))


def _named(values: Floats, names: str) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}
