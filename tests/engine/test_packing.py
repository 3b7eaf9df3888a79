"""Packed sums: whatever is added up together comes apart again."""

import ibis
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.strategies import drawn
from tests.engine.tables import shared_engine
from vaglio.plan.packing import CAPACITY, packed, packs, unpacked

COLUMNS = ("a", "b", "c", "d")
NUMBERS = [st.integers(-(2**bits), 2**bits) for bits in (5, 10, 20, 24)]


@drawn(30)
@given(st.lists(st.tuples(*NUMBERS), min_size=1, max_size=20))
def test_sums_come_apart(rows: list[tuple[int, ...]]) -> None:
    largest = {column: max(1, sum(abs(row[place]) for row in rows)) for place, column in enumerate(COLUMNS)}
    engine = shared_engine()
    table = engine.load("to_pack", pa.table({column: pa.array([float(row[n]) for row in rows]) for n, column in enumerate(COLUMNS)}))
    together = packs(largest)
    values: dict[str, ibis.Value] = {column: table[column] for column in COLUMNS}
    sums = table.aggregate(**{f"pack_{n}": packed(values, digits).sum() for n, digits in enumerate(together)})
    apart: dict[str, ibis.Value] = {}
    for n, digits in enumerate(together):
        apart |= unpacked(sums[f"pack_{n}"], digits)
    assert engine.arrow(sums.select(**apart)).to_pylist() == [
        {column: sum(row[place] for row in rows) for column, place in zip(apart, map(COLUMNS.index, apart), strict=True)}
    ]


@pytest.mark.parametrize("value", [1, 2**20, 2**60])
def test_digits_fit_or_stand_alone(value: int) -> None:
    for digits in packs(dict.fromkeys(COLUMNS, value)):
        bits = sum(digit.size.bit_length() - 1 for digit in digits)
        assert len(digits) == 1 or bits <= CAPACITY
