"""Many texts judged at once: what :mod:`vaglio.plan.holds` says of one text, said of a column by Arrow's kernels.

Kernels run in this process, whatever the engine, and only over texts of ASCII, of which folding, blanks and words are plain. Every other
text, and every regular expression, is judged one by one.
"""

import re
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vaglio.condition import Test
from vaglio.text import compile_pattern, fold

Bools = np.ndarray[Any, np.dtype[np.bool_]]

BLANKS = " \t\n\v\f\r\x1c\x1d\x1e\x1f"  # what Python strips from a text of ASCII


def no_values(texts: pa.ChunkedArray, folded: frozenset[str]) -> Bools:
    """Return which texts of ASCII are no value: blank, or one of these folded texts but for blanks around it."""
    stripped = pc.ascii_trim(texts, characters=BLANKS)
    blank = bools(pc.equal(pc.binary_length(stripped), 0))
    return blank | _among(pc.ascii_lower(stripped), sorted(folded)) if folded else blank


def judged(tests: Sequence[Test], texts: pa.ChunkedArray) -> list[Bools]:
    """Return of each test whether it holds of each of these texts of ASCII, none of which is no value."""
    folded = pc.ascii_lower(texts)
    return [_judged(test, folded) for test in tests]


def _judged(test: Test, folded: pa.ChunkedArray) -> Bools:
    parts = [_operator(name, value, folded) for name, value in test.operators().items() if name != "known"]
    start = np.full(len(folded), test.known is not False)
    return reduce(np.logical_and, parts, start)


def _operator(name: str, value: Any, folded: pa.ChunkedArray) -> Bools:
    if name == "matches":
        search = compile_pattern(value)
        return np.fromiter((search(text) is not None for text in folded.to_pylist()), dtype=np.bool_, count=len(folded))
    items = [fold(item) for item in (value if isinstance(value, tuple) else (value,))]
    if name == "any_word":
        return _any_word(items, folded)
    if name in ("equals", "in", "not_in"):
        among = _among(folded, items)
        return ~among if name == "not_in" else among
    found: Callable[..., pa.ChunkedArray] = {"contains": pc.match_substring, "starts_with": pc.starts_with, "ends_with": pc.ends_with}[name]
    return reduce(np.logical_or, [bools(found(folded, item)) for item in items])


def _any_word(items: list[str], folded: pa.ChunkedArray) -> Bools:
    # A text of ASCII has words of ASCII; what is no word stands in no text.
    wanted = [re.escape(item) for item in items if item.isascii() and item.isalnum()]
    if not wanted:
        return np.zeros(len(folded), dtype=np.bool_)
    return bools(pc.match_substring_regex(folded, rf"(^|[^a-z0-9])({'|'.join(wanted)})([^a-z0-9]|$)"))


def _among(texts: pa.ChunkedArray, items: Sequence[str]) -> Bools:
    return bools(pc.equal(texts, items[0]) if len(items) == 1 else pc.is_in(texts, value_set=pa.array(items, pa.string())))


def bools(found: pa.ChunkedArray) -> Bools:
    """Return what a kernel said."""
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)


def numbered(columns: Sequence[Bools]) -> tuple[np.ndarray[Any, np.dtype[np.int32]], list[tuple[bool, ...]]]:
    """Return a number for each row, and the row of booleans that each number stands for; equal rows have one number."""
    numbers = np.zeros(len(columns[0]), dtype=np.int64)
    for start in range(0, len(columns), 31):
        for column in columns[start : start + 31]:
            numbers <<= 1
            numbers |= column
        numbers = pa.array(numbers).dictionary_encode().indices.to_numpy().astype(np.int64)
    # Numbers are given in the order in which rows come, so each is first met where the greatest so far grows.
    first = np.flatnonzero(np.diff(np.maximum.accumulate(numbers), prepend=-1))
    return numbers.astype(np.int32), [tuple(bool(column[place]) for column in columns) for place in first]
