"""Classes: values that all tests of one input judge alike share a small number; class 0 is *no value*.

Text is classed in Python, once per distinct value, and reaches the engine as a mapping. Numbers and instants are classed by
the engine with comparisons against cut points, whose meaning is worked out here exactly.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import Any

import ibis

from vaglio.condition import Leaf, Test
from vaglio.plan.holds import NoValue, number_reader, number_test, text_test
from vaglio.terms import MICROSECONDS
from vaglio.text import fold

Vector = tuple[bool, ...]


@dataclass
class Classes:
    """The classes of one input: for each, which tests hold."""

    tests: tuple[Test, ...]
    vectors: list[Vector] = field(default_factory=list)
    numbers: dict[Vector, int] = field(default_factory=dict)
    # Identity of a test → the test, held so that nothing else gets its identity, and its place. Comparing tests is slow.
    _places: dict[int, tuple[Test, int]] = field(default_factory=dict)

    def number(self, vector: Vector, *, fresh: bool = False) -> int:
        """Return the class of a truth vector, giving it the next number when it is new."""
        if fresh or vector not in self.numbers:
            self.numbers.setdefault(vector, len(self.vectors))
            self.vectors.append(vector)
            return len(self.vectors) - 1
        return self.numbers[vector]

    def holds(self, number: int, leaf: Leaf) -> bool:
        """Return whether a test holds of a class."""
        known = self._places.get(id(leaf.test))
        if known is None:
            known = self._places[id(leaf.test)] = (leaf.test, self.tests.index(leaf.test))
        return self.vectors[number][known[1]]


@dataclass
class TextClasses(Classes):
    """Classes of a text input with the class of each distinct value seen."""

    values: dict[str, int] = field(default_factory=dict)


@dataclass
class NumberClasses(Classes):
    """Classes of a number: ``steps`` are (cut, inclusive, class), read in order; the last class is above every cut."""

    steps: list[tuple[Any, bool, int]] = field(default_factory=list)
    last: int = 0

    def column(self, value: ibis.Value) -> ibis.Value:
        """Return the class of a column as an integer expression."""
        branches = [(value.isnull(), 0)]
        branches += [(value <= cut if inclusive else value < cut, number) for cut, inclusive, number in self.steps]
        return ibis.cases(*((test, ibis.literal(number, "int64")) for test, number in branches), else_=ibis.literal(self.last, "int64"))


def text_classes(tests: tuple[Test, ...], values: Iterable[str | None], no_value: NoValue) -> TextClasses:
    """Return the classes of a text input from its distinct values."""
    predicates = [text_test(test) for test in tests]
    classes = TextClasses(tests)
    classes.number(tuple(predicate(None) for predicate in predicates), fresh=True)
    classes.numbers.clear()  # a known value never shares the class of no value, whatever its vector: coverage needs to tell
    for value in values:
        if value is None:
            continue
        if no_value(value):
            classes.values[value] = 0
        else:
            folded = fold(value)
            classes.values[value] = classes.number(tuple(predicate(folded) for predicate in predicates))
    return classes


def number_classes(tests: tuple[Test, ...], as_of: int, *, scale: int = 1, double: bool = False) -> NumberClasses:
    """Return the classes of a number input; they follow from the tests alone, whatever the data."""
    predicates = [number_test(test, as_of, scale, double=double) for test in tests]
    classes = NumberClasses(tests)
    classes.number(tuple(predicate(None) for predicate in predicates), fresh=True)
    classes.numbers.clear()
    cuts = sorted({cut for test in tests for cut in _cuts(test, as_of, scale, double=double)})
    positions = _positions(cuts)
    numbers = [classes.number(tuple(predicate(value) for predicate in predicates)) for value in positions]
    bounds = [bound for cut in cuts for bound in ((cut, False), (cut, True))]
    for (cut, inclusive), number, following in zip(bounds, numbers, numbers[1:], strict=False):
        if number != following:
            classes.steps.append((*_bound(cut, inclusive, double=double), number))
    classes.last = numbers[-1]
    return classes


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
    return (int(cut), inclusive) if cut.denominator == 1 else (ceil(cut), False)


def _cuts(test: Test, as_of: int, scale: int, *, double: bool) -> Iterable[Fraction]:
    read = number_reader(scale, double=double)
    for name, value in test.operators().items():
        if name in ("older_than", "newer_than"):
            yield Fraction(as_of - value * MICROSECONDS)
        elif name != "known":
            for item in value if isinstance(value, tuple) else (value,):
                yield read(item)
