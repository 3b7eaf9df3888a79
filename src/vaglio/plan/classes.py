"""Classes of numbers: values that all tests of one input judge alike share a small number; class 0 is *no value*.

The engine classes numbers and instants with comparisons against cut points, whose meaning is worked out here exactly, from the tests
alone. Ages are classed beside values, since time moves the cuts of a date's age past those of the date itself.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import Any

import ibis

from vaglio.condition import Leaf, Test
from vaglio.plan.arithmetic import whole
from vaglio.plan.holds import AGES, Predicate, number_reader, number_test
from vaglio.terms import MICROSECONDS

Vector = tuple[bool, ...]
LEAST, MOST = -(2**63), 2**63 - 1  # the whole numbers an engine holds


class Places:
    """The place of each test of an input. Tests are found by identity, since comparing them is slow, and held so that it stays theirs."""

    def __init__(self, tests: tuple[Test, ...]) -> None:
        self.tests = tests
        self._known: dict[int, tuple[Test, int]] = {}

    def of(self, test: Test) -> int:
        """Return the place of a test."""
        known = self._known.get(id(test))
        if known is None:
            known = self._known[id(test)] = (test, self.tests.index(test))
        return known[1]


@dataclass(frozen=True)
class _Line:
    """A line of numbers cut into stretches: ``steps`` are (cut, inclusive, stretch), read in order; ``last`` is above every cut."""

    vectors: list[Vector]
    steps: list[tuple[Any, bool, int]]
    last: int

    def stretch(self, value: ibis.Value, times: int, more: int) -> ibis.Value:
        """Return ``times`` the stretch a value lies in, and ``more``."""
        branches = [(value <= cut if inclusive else value < cut, whole(number * times + more)) for cut, inclusive, number in self.steps]
        last = whole(self.last * times + more)
        return ibis.cases(*branches, else_=last) if branches else last


@dataclass(frozen=True)
class NumberClasses:
    """Classes of a number: for each, which tests hold."""

    vectors: list[Vector]
    values: _Line
    ages: _Line
    places: Places = field(compare=False)

    def column(self, value: ibis.Value, as_of: ibis.Value, *, nullable: bool = True) -> ibis.Value:
        """Return the class of a column as an integer expression."""
        found = self.values.stretch(value, len(self.ages.vectors), 1)
        if len(self.ages.vectors) > 1:
            found = found + self.ages.stretch(as_of - value, 1, 0)
        return ibis.ifelse(value.isnull(), whole(0), found) if nullable else found

    def holds(self, number: int, leaf: Leaf) -> bool:
        """Return whether a test holds of a class."""
        return self.vectors[number][self.places.of(leaf.test)]

    def condition(self, column: ibis.Value, leaf: Leaf) -> ibis.Value:
        """Return whether a test holds, given the column of classes."""
        holding = [number for number in range(len(self.vectors)) if self.holds(number, leaf)]
        if not holding:
            return ibis.literal(False)
        least, most = holding[0], holding[-1]
        if most - least >= len(holding):
            return column.isin(holding)
        # Most tests hold of classes that follow each other; a comparison or two cost less than a search in a list.
        above = column >= least
        return above if most == len(self.vectors) - 1 else column == least if least == most else above & (column <= most)


def number_classes(tests: tuple[Test, ...], *, scale: int = 1, double: bool = False) -> NumberClasses:
    """Return the classes of a number input (see :func:`vaglio.plan.holds.number_test` for ``scale`` and ``double``)."""
    predicates = [number_test(test, scale, double=double) for test in tests]
    read = number_reader(scale, double=double)
    values = _line([each.of_value for each in predicates], {cut for test in tests for cut in _cuts(test, read)}, double=double)
    ages = _line(
        [each.of_age for each in predicates], {Fraction(age * MICROSECONDS) for test in tests for age in _ages(test)}, double=False
    )
    vectors = [tuple(each.of_nothing for each in predicates)]
    vectors += [
        tuple(first and second for first, second in zip(value, age, strict=True)) for value in values.vectors for age in ages.vectors
    ]  # fmt: skip
    return NumberClasses(vectors, values, ages, Places(tests))


def _line(predicates: Sequence[Predicate], cuts: Iterable[Fraction], *, double: bool) -> _Line:
    ordered = sorted(cuts)
    numbers: dict[Vector, int] = {}
    found = [
        numbers.setdefault(tuple(predicate(value) for predicate in predicates), len(numbers)) for value in _positions(ordered)
    ]  # fmt: skip
    bounds = [bound for cut in ordered for bound in ((cut, False), (cut, True))]
    steps = [
        (*_bound(cut, inclusive, double=double), number)
        for (cut, inclusive), number, following in zip(bounds, found, found[1:], strict=False)
        if number != following
    ]
    return _Line(list(numbers), steps, found[-1])


def _positions(cuts: list[Fraction]) -> list[Fraction]:
    """Return one value below, at, between and above the cuts, in order."""
    if not cuts:
        return [Fraction(0)]
    found = [cuts[0] - 1]
    for cut, following in zip(cuts, [*cuts[1:], cuts[-1] + 2], strict=True):
        found += [cut, (cut + following) / 2]
    return found


def _bound(cut: Fraction, inclusive: bool, *, double: bool) -> tuple[Any, bool]:
    """Return a cut as the engine compares it: a double, or a whole number (an integer is below 2.5 when it is below 3)."""
    if double:
        return float(cut), inclusive
    if cut > MOST:  # every number is below it
        return MOST, True
    if cut < LEAST:
        return LEAST, False
    return (int(cut), inclusive) if cut.denominator == 1 else (ceil(cut), False)


def _cuts(test: Test, read: Callable[[Any], Fraction]) -> Iterable[Fraction]:
    for name, value in test.operators().items():
        if name != "known" and name not in AGES:
            for item in value if isinstance(value, tuple) else (value,):
                yield read(item)


def _ages(test: Test) -> Iterable[int]:
    return (value for name, value in test.operators().items() if name in AGES)
