"""Layout: which properties tell the activities of a type apart, and which readers match what they say.

A type's key holds only the properties tested on that type, so that a type without tests has one key and two types that test
different properties share a column.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from math import prod

import ibis

from vaglio.condition import Expr, Leaf, Test, evaluate, leaves
from vaglio.plan.classes import NumberClasses, Vector, number_classes
from vaglio.plan.facts import property_column
from vaglio.plan.holds import NoValue
from vaglio.plan.marks import REMEMBERED, TextTests
from vaglio.plan.readers import Readers
from vaglio.plan.steps import Now

Key = tuple[str | int, ...]
Values = dict[str, dict[str, Vector]]  # text property → each value it has in a key → which tests hold of it
Judged = list[tuple[Key, tuple[int, ...]]]

EXPECTED = 10_000  # keys of one type that a document is asked for
UNTESTED = -1  # where a type has no property in a column of codes: no code is negative


@dataclass(frozen=True)
class Layout:
    """The key of activities: ``activity_type``, ``k_<n>`` (the n-th tested text of the type) and ``c_<property>`` (class of a number)."""

    types: dict[str, tuple[str, ...]]  # type → its tested text properties
    numbers: dict[str, tuple[str, ...]]  # type → its tested properties that are no text
    tests: dict[str, TextTests]
    classes: dict[str, NumberClasses]
    looking: dict[str, list[tuple[int, list[Expr]]]]  # type → the readers that look at it
    known: dict[tuple[str, tuple[Vector | int, ...]], tuple[int, ...]]  # remembered: type and what is said of it → the readers that match

    def slots(self) -> int:
        """Return how many text columns a key has."""
        return max(map(len, self.types.values()), default=0)

    def all_numbers(self) -> list[str]:
        """Return the tested properties that are no text."""
        return list(dict.fromkeys(name for names in self.numbers.values() for name in names))

    def names(self) -> list[str]:
        """Return the columns of a key."""
        return ["activity_type", *(f"k_{n}" for n in range(self.slots())), *(f"c_{name}" for name in self.all_numbers())]

    def values(self, texts: dict[str, list[str]]) -> Values:
        """Return what the tests say of the texts of each property; the empty text stands for none."""
        return {
            name: {"": tests.of_nothing} | {text: tests.vector(text) for text in texts[property_column(name)]}
            for name, tests in self.tests.items()
        }

    def size(self, texts: dict[str, int]) -> int:
        """Return how many keys there can be at the most, of so many texts of each property."""
        return sum(self._size(activity, texts) for activity in self.types)

    def _size(self, activity: str, texts: dict[str, int]) -> int:
        of_texts = prod(texts[property_column(name)] + 1 for name in self.types[activity])
        return of_texts * prod(len(self.classes[name].vectors) for name in self.numbers[activity])

    def keys(self, values: Values, activity: str) -> Iterator[Key]:
        """Yield every key there can be of a type."""
        return ((activity, *rest) for rest in product(*self._choices(activity, values)))

    def _choices(self, activity: str, values: Values) -> list[list[str | int]]:
        own = self.types[activity]
        found: list[list[str | int]] = [list(values[own[n]]) if n < len(own) else [""] for n in range(self.slots())]
        for name in self.all_numbers():
            found.append(list(range(len(self.classes[name].vectors))) if name in self.numbers[activity] else [0])
        return found

    def judged(self, keys: Iterable[Key], values: Values) -> Judged:
        """Return the keys that some reader matches, each with the numbers of those readers."""
        found = []
        for key in keys:
            numbers = self._numbers(str(key[0]), self._said(key, values))
            if numbers:
                found.append((key, numbers))
        return found

    def _numbers(self, activity: str, said: dict[str, Vector | int]) -> tuple[int, ...]:
        case = (activity, tuple(said.values()))
        numbers = self.known.get(case)
        if numbers is None:
            numbers = self._matching(activity, said)
            if len(self.known) >= REMEMBERED:
                self.known.clear()
            self.known[case] = numbers
        return numbers

    def _said(self, key: Key, values: Values) -> dict[str, Vector | int]:
        """Return what a key says of each tested property: which tests of a text hold, or the class of a number."""
        activity = str(key[0])
        found: dict[str, Vector | int] = {
            name: values[name].get(str(key[n + 1]), self.tests[name].of_nothing) for n, name in enumerate(self.types[activity])
        }
        for n, name in enumerate(self.all_numbers(), start=1 + self.slots()):
            if name in self.numbers[activity]:
                found[name] = int(key[n])
        return found

    def _matching(self, activity: str, said: dict[str, Vector | int]) -> tuple[int, ...]:
        def holds(leaf: Leaf) -> bool:
            name = leaf.input.name
            told = said[name]
            return self.classes[name].holds(told, leaf) if isinstance(told, int) else told[self.tests[name].places.of(leaf.test)]

        return tuple(number for number, tests in self.looking[activity] if any(evaluate(test, holds) for test in tests))

    def number_columns(self, table: ibis.Table, now: Now) -> dict[str, ibis.Value]:
        """Return the key columns of numbers."""
        columns: dict[str, ibis.Value] = {}
        for name in self.all_numbers():
            tested = [activity for activity, names in self.numbers.items() if name in names]
            rest = [activity for activity in self.numbers if activity not in tested]
            value = self.classes[name].column(table[property_column(name)], now.as_of)
            columns[f"c_{name}"] = chosen(table, {name: (value, tested), None: (None, rest)} if rest else {name: (value, tested)}, 0)
        return columns

    def text_columns(self, table: ibis.Table, texts: dict[str, ibis.Value], nothing: str | int) -> dict[str, ibis.Value]:
        """Return the key columns of texts, given the column of each property."""
        columns: dict[str, ibis.Value] = {}
        for n in range(self.slots()):
            by_property: dict[str | None, list[str]] = {}
            for activity, names in self.types.items():
                by_property.setdefault(names[n] if n < len(names) else None, []).append(activity)
            columns[f"k_{n}"] = chosen(table, {name: (texts[name] if name else None, its) for name, its in by_property.items()}, nothing)
        return columns


def chosen(table: ibis.Table, values: dict[str | None, tuple[ibis.Value | None, list[str]]], nothing: str | int) -> ibis.Value:
    """Return the value that belongs to each row's type; where every type has the same one, simply that."""
    given = [(value, types) for value, types in values.values() if value is not None]
    if len(values) == 1:
        return given[0][0]
    branches = [(table.activity_type.isin(types) if len(types) > 1 else table.activity_type == types[0], value) for value, types in given]
    return ibis.cases(*branches, else_=ibis.literal(nothing, "string" if nothing == "" else "int64"))


def layout(readers: Readers) -> Layout:
    """Return the layout of a document's activities."""
    types = readers.document.inputs.property_types()
    by_type = property_tests(readers)
    tests: dict[str, tuple[Test, ...]] = {}
    for its_tests in by_type.values():
        for name, found in its_tests.items():
            tests[name] = tuple(dict.fromkeys((*tests.get(name, ()), *found)))
    no_value = NoValue(readers.document.inputs.no_value)
    return Layout(
        {name: tuple(each for each in its if types[each] == "string") for name, its in by_type.items()},
        {name: tuple(each for each in its if types[each] != "string") for name, its in by_type.items()},
        {name: TextTests(found, no_value) for name, found in tests.items() if types[name] == "string"},
        {name: number_classes(found, double=types[name] == "number") for name, found in tests.items() if types[name] != "string"},
        {activity: readers.of_type(activity) for activity in by_type},
        {},
    )


def property_tests(readers: Readers) -> dict[str, dict[str, tuple[Test, ...]]]:
    """Return the distinct tests of each property, by the activity types they are asked of."""
    found: dict[str, dict[str, dict[Test, None]]] = {name: {} for name in readers.types()}
    for reader in readers.all:
        for match in reader.matches:
            for leaf in leaves(match.where):
                for name in match.types:
                    found[name].setdefault(leaf.input.name, {})[leaf.test] = None
    return {name: {key: tuple(tests) for key, tests in by_property.items()} for name, by_property in found.items()}


def expected(layout: Layout) -> Judged:
    """Return keys that the document itself names, judged: a guess at those that facts will hold, good enough to make room for them."""
    values = layout.values({property_column(name): tests.named() for name, tests in layout.tests.items()})
    return [found for activity in layout.types for found in layout.judged(islice(layout.keys(values, activity), EXPECTED), values)]
