"""Stocks of names: a few listed that many have, then a tail that is as long as in life and is made of syllables.

Shares fall as those of surnames, words and towns do: the name of rank k has one in proportion to 1 / (k + flat). ``flat`` follows from
the listed names: the tail starts where they end, and all shares together are 1. So nothing is chosen but how many names there are.
"""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import log
from random import Random

# Spreads ranks over combinations, so that names of neighbouring ranks are not spelled alike; a prime, hence every combination comes once.
_STRIDE = 1_000_003


@dataclass(frozen=True)
class Syllables:
    """Words made of one piece of each list, some of them with a piece of ``again`` before the last."""

    pieces: tuple[Sequence[str], ...]
    again: Sequence[str] = ()

    def word(self, rank: int) -> str:
        """Return the word of a rank: nearly every rank has its own."""
        size = self.size
        left, found = rank * _STRIDE % size, []
        for each in self.pieces:
            left, place = divmod(left, len(each))
            found.append(each[place])
        if left:
            found.insert(-1, self.again[left - 1])
        return "".join(found)

    @property
    def size(self) -> int:
        """How many combinations there are."""
        size = 1 + len(self.again)
        for each in self.pieces:
            size *= len(each)
        return size


@dataclass(frozen=True)
class Stock:
    """Names to draw from: those listed with their shares added up, then ``ranks`` made ones."""

    listed: list[str]
    upto: list[float]
    made: Syllables
    ranks: int
    flat: float

    def draw(self, random: Random) -> str:
        """Return a name, the frequent ones often."""
        at = random.random()
        if at < self.upto[-1]:
            return self.listed[bisect(self.upto, at)]
        part = (at - self.upto[-1]) / (1 - self.upto[-1])
        rank = int(self.flat * (((self.flat + self.ranks) / self.flat) ** part - 1))
        return self.made.word(min(rank, self.ranks - 1))


def stock(listed: Sequence[str], shares: Sequence[float], made: Syllables, ranks: int) -> Stock:
    """Return a stock whose tail of ``ranks`` made names goes on where the rarest listed name, the last, ends."""
    ranks = min(ranks, made.size)
    upto = list(accumulate(shares))
    tail = (1 - upto[-1]) / shares[-1]
    low, high = 1e-3, float(ranks) * 1_000
    for _step in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if middle * log((middle + ranks) / middle) < tail else (low, middle)
    return Stock(list(listed), upto, made, ranks, high)
