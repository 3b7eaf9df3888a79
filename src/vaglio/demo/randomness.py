"""Random numbers that depend only on a seed, the name of what is drawn, and the row they are drawn for.

A sequential generator would tie every value to the order and size of the chunks in which rows are made. Here
each value is a hash of its row's number, so any chunk can be made alone and files come out byte-identical.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint64]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def mix(values: Bits) -> Bits:
    """Scramble 64-bit numbers so that each bit depends on all (SplitMix64's finalizer, a bijection).

    Parameters
    ----------
    values : array of uint64, shape (n,)
        Left unchanged.

    Returns
    -------
    array of uint64, shape (n,)
        Distinct inputs give distinct outputs.
    """
    mixed = values ^ (values >> np.uint64(30))
    mixed *= _FIRST
    mixed ^= mixed >> np.uint64(27)
    mixed *= _SECOND
    mixed ^= mixed >> np.uint64(31)
    return mixed


@dataclass(frozen=True)
class Source:
    """Where every random number of one made company comes from.

    Parameters
    ----------
    seed : int
        Any whole number; equal seeds give equal companies.
    """

    seed: int

    def key(self, stream: str) -> int:
        """Give the 64-bit starting point of a named stream."""
        digest = hashlib.blake2b(f"{self.seed}/{stream}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "little")

    def bits(self, stream: str, rows: NDArray[Any]) -> Bits:
        """Draw 64 random bits per row.

        Parameters
        ----------
        stream : str
            Name of what is drawn; different names are independent.
        rows : array of integers, shape (n,)
            Numbers of the rows, such as ``arange(first, last)``.

        Returns
        -------
        array of uint64, shape (n,)
        """
        return mix(rows.astype(np.uint64) * _GOLDEN + np.uint64(self.key(stream)))

    def uniform(self, stream: str, rows: NDArray[Any]) -> Floats:
        """Draw one number in [0, 1) per row; shapes as in :meth:`bits`."""
        return as_uniform(self.bits(stream, rows))

    def normal(self, stream: str, rows: NDArray[Any]) -> Floats:
        """Draw one standard normal number per row (Box and Muller); shapes as in :meth:`bits`."""
        drawn = self.bits(stream, rows)
        radius = ((drawn >> np.uint64(32)).astype(np.float64) + 0.5) / 2.0**32
        angle = (drawn & np.uint64(0xFFFFFFFF)).astype(np.float64) / 2.0**32
        return np.asarray(np.sqrt(-2.0 * np.log(radius)) * np.cos(2.0 * np.pi * angle), dtype=np.float64)

    def below(self, stream: str, rows: NDArray[Any], count: int | NDArray[Any]) -> Ints:
        """Draw a whole number in [0, count) per row; ``count`` may differ from row to row."""
        return np.asarray(self.uniform(stream, rows) * count, dtype=np.int64)

    def choose(self, stream: str, rows: NDArray[Any], weights: Any) -> Ints:
        """Draw the position of one of the ``weights``, in proportion to them, per row."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        drawn = self.uniform(stream, rows) * edges[-1]
        place = np.minimum(np.searchsorted(edges, drawn, side="right"), len(edges) - 1)
        return np.asarray(place, dtype=np.int64)


def as_uniform(bits: Bits) -> Floats:
    """Turn 64 random bits into a number in [0, 1), for arrays of any shape."""
    return np.asarray((bits >> np.uint64(11)).astype(np.float64) * 2.0**-53, dtype=np.float64)


def logistic(log_odds: NDArray[Any]) -> Floats:
    """Turn log-odds into probabilities."""
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)), dtype=np.float64)
