"""How far two readers of the same leads agree, beyond what chance would give."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vaglio.evaluation.proof import Measure
from vaglio.evaluation.ranking import interval
from vaglio.learning.terms import Floats
from vaglio.proportion import Proportion
from vaglio.terms import DIGITS, LETTERS, RATINGS

DRAWS = 1_000
Scale = tuple[str, ...]
CALLS: Scale = ("yes", "no")


@dataclass(frozen=True)
class Agreement:
    """Two readers of the same leads. ``kappa`` is 1 where they always agree, 0 where no more than chance; None where it cannot be told."""

    first: str
    second: str
    same: Proportion
    kappa: Measure | None


def apart(scale: Scale) -> Floats:
    """Return how far any two marks lie apart (0-1): of ratings by the squares of steps in letter and digit, of others all or nothing."""
    if scale != RATINGS:
        return 1.0 - np.eye(len(scale))
    letter = np.array([LETTERS.index(name[0]) for name in scale])
    digit = np.array([DIGITS.index(name[1]) for name in scale])
    squares = (letter[:, None] - letter) ** 2 + (digit[:, None] - digit) ** 2
    return np.asarray(squares / squares.max(), float)


def kappa(first: Floats, second: Floats, weights: Floats) -> float:
    """Return Cohen's kappa of marks given as places in a scale, weighted by how far marks lie apart; NaN where chance cannot disagree."""
    size = len(weights)
    one, two = (np.bincount(each.astype(int), minlength=size) / len(each) for each in (first, second))
    by_chance = float(one @ weights @ two)
    found = float(weights[first.astype(int), second.astype(int)].mean())
    return 1 - found / by_chance if by_chance else float("nan")


def agreement(names: tuple[str, str], marks: tuple[Sequence[str], Sequence[str]], scale: Scale, seed: int) -> Agreement:
    """Return how far two readers agree; the interval comes from leads drawn again and again."""
    first, second = (np.array([scale.index(mark) for mark in each], float) for each in marks)
    same = Proportion(int((first == second).sum()), len(first))
    weights = apart(scale)
    once = kappa(first, second, weights) if len(first) else float("nan")
    if np.isnan(once):
        return Agreement(*names, same, None)
    random = np.random.default_rng(seed)
    draws = [random.integers(0, len(first), len(first)) for _ in range(DRAWS)]
    drawn = np.array([kappa(first[each], second[each], weights) for each in draws])
    return Agreement(*names, same, Measure(once, *interval(drawn)))


def pairs(readers: Sequence[tuple[str, dict[str, str]]], scale: Scale, seed: int) -> tuple[Agreement, ...]:
    """Return the agreement of every two readers on the leads that both marked."""
    made = []
    for place, (name, marks) in enumerate(readers):
        for other, others in readers[place + 1 :]:
            both = sorted(marks.keys() & others.keys())
            said = [marks[lead] for lead in both], [others[lead] for lead in both]
            made.append(agreement((name, other), said, scale, seed))
    return tuple(made)
