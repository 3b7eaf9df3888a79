"""Marks: what a text says to all tests of one input, as bits of whole numbers; the first bit says that there is a value.

Text is judged in Python, once per distinct value, and its marks reach the engine as a mapping. Which bit stands for which test follows
from the tests alone, so that a text never seen before is a new row of the mapping and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vaglio.condition import Leaf, Test
from vaglio.plan.classes import Places, Vector
from vaglio.plan.holds import NoValue, text_test
from vaglio.plan.kernels import bools, judged, no_values, numbered
from vaglio.text import fold

BITS = 60  # in one whole number
REMEMBERED = 65_536  # texts of one input; more are judged anew
MANY = 5_000  # texts, that are judged a column at a time: fewer may well be remembered


@dataclass(frozen=True)
class Said:
    """What tests say of texts: a number for each text, and which tests hold of the texts of that number, None when they are no value."""

    numbers: np.ndarray[Any, np.dtype[np.int32]]
    vectors: list[Vector | None]


class TextTests:
    """The tests of one text input. What was judged is remembered, so that texts that come again are not judged again."""

    def __init__(self, tests: tuple[Test, ...], no_value: NoValue) -> None:
        self.places = Places(tests)
        self._no_value = no_value
        self._predicates = [text_test(test) for test in tests]
        self._judged: dict[str, Vector | None] = {}
        self._vectors: dict[Vector, Vector] = {}  # texts are many and say few things: what is said alike is held once
        self.of_nothing = tuple(predicate(None) for predicate in self._predicates)

    def known(self, text: str) -> Vector | None:
        """Return which tests hold of a text, None when it is no value."""
        try:
            return self._judged[text]  # in one go: another thread may clear what is remembered
        except KeyError:
            pass
        if len(self._judged) >= REMEMBERED:
            self._judged.clear()
            self._vectors.clear()
        vector = None if self._no_value(text) else self._vector(fold(text))
        self._judged[text] = vector
        return vector

    def named(self) -> list[str]:
        """Return the texts that the tests themselves name, and one that none of them names."""
        found = ["?"]
        for test in self.places.tests:
            for name, value in test.operators().items():
                if name not in ("known", "matches"):
                    found += value if isinstance(value, tuple) else [str(value)]
        return list(dict.fromkeys(found))

    def vector(self, text: str) -> Vector:
        """Return which tests hold of a text, be it no value."""
        known = self.known(text)
        return self.of_nothing if known is None else known

    def said(self, texts: pa.ChunkedArray) -> Said:
        """Return what the tests say of each of these texts."""
        if len(texts) < MANY:
            return _one_by_one([self.known(text) for text in texts.to_pylist()])
        plain = bools(pc.string_is_ascii(texts))
        if plain.all():
            return self._at_once(texts)
        of_plain = self._at_once(texts.filter(pa.array(plain)))
        others = texts.filter(pa.array(~plain)).to_pylist()
        of_others = _one_by_one([None if self._no_value(text) else self._vector(fold(text)) for text in others])
        numbers = np.empty(len(texts), dtype=np.int32)
        numbers[plain] = of_plain.numbers
        numbers[~plain] = of_others.numbers + len(of_plain.vectors)
        return Said(numbers, of_plain.vectors + of_others.vectors)

    def _at_once(self, texts: pa.ChunkedArray) -> Said:
        """Return what the tests say of texts of ASCII."""
        nothing = no_values(texts, self._no_value.folded)
        numbers, found = numbered([nothing, *judged(self.places.tests, texts)])
        return Said(numbers, [None if is_nothing else tuple(vector) for is_nothing, *vector in found])

    def _vector(self, folded: str) -> Vector:
        vector = tuple(predicate(folded) for predicate in self._predicates)
        return self._vectors.setdefault(vector, vector)


class Marks:
    """The columns that hold the marks of one text input."""

    def __init__(self, tests: TextTests, column: str) -> None:
        self._tests = tests
        self._nothing = _words(False, tests.of_nothing)
        self._columns = [f"{column}_{word}" if word else column for word in range(len(self._nothing))]
        self._key = f"text_{column}"

    def schema(self) -> pa.Schema:
        """Return the columns of the mapping: the text, its marks."""
        return pa.schema({self._key: pa.string()} | {f"marks_{name}": pa.int64() for name in self._columns})

    @property
    def key(self) -> str:
        """The mapping's column of texts."""
        return self._key

    def rows(self, texts: pa.ChunkedArray) -> pa.Table:
        """Return the mapping of some texts; those that are no value are left out."""
        said = self._tests.said(texts)
        known = np.array([vector is not None for vector in said.vectors], dtype=np.bool_)[said.numbers]
        words = [self._nothing if vector is None else _words(True, vector) for vector in said.vectors]
        marks = np.array(words, dtype=np.int64).reshape(-1, len(self._columns))[said.numbers[known]]
        return pa.table([texts.filter(pa.array(known)), *marks.T], schema=self.schema())

    def columns(self, joined: ibis.Table) -> dict[str, ibis.Value]:
        """Return the marks of each row of a table that is joined to the mapping."""
        return {name: joined[f"marks_{name}"].fill_null(nothing) for name, nothing in zip(self._columns, self._nothing, strict=True)}

    def condition(self, table: ibis.Table, leaf: Leaf) -> ibis.Value:
        """Return whether a test holds of each row."""
        word, bit = divmod(self._tests.places.of(leaf.test) + 1, BITS)
        return _is_set(table[self._columns[word]], bit)

    def known(self, table: ibis.Table) -> ibis.Value:
        """Return whether each row has a value."""
        return _is_set(table[self._columns[0]], 0)


def _one_by_one(vectors: Sequence[Vector | None]) -> Said:
    numbers: dict[Vector | None, int] = {}
    found = [numbers.setdefault(vector, len(numbers)) for vector in vectors]
    return Said(np.array(found, dtype=np.int32), list(numbers))


def _words(known: bool, vector: Vector) -> tuple[int, ...]:
    marks = (known, *vector)
    parts = (marks[start : start + BITS] for start in range(0, len(marks), BITS))
    return tuple(sum(1 << bit for bit, mark in enumerate(part) if mark) for part in parts)


def _is_set(column: ibis.Value, bit: int) -> ibis.Value:
    return (column & ibis.literal(1 << bit, "int64")) != 0
