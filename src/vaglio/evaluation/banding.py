"""Fine bands joined into few, by where the earlier leads are."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from vaglio.evaluation.reading import NO_VALUE, OTHERS
from vaglio.learning.inputs import Input
from vaglio.learning.terms import Codes, Integers

MOST = 10  # bands beside *no value*
Kind = Literal["range", "test", "others", "none"]


@dataclass(frozen=True)
class Band:
    """One of few bands.

    ``kind``: a ``range`` from ``low`` below ``high`` (None: open), a ``test`` as a document spells it, ``others`` or ``none`` (no value).
    """

    kind: Kind
    test: dict[str, Any]


@dataclass(frozen=True)
class Banding:
    """How the fine bands of an input become few: ``moved`` is where each of them goes; no band at all goes to the last."""

    bands: tuple[Band, ...]
    moved: Integers

    def counts(self, codes: Codes) -> Integers:
        """Return how many leads are in each of the few bands."""
        return np.bincount(self.moved[codes], minlength=len(self.bands)).astype(np.int64)  # the code -1 reads the last place


def banding(found: Input, codes: Codes) -> Banding:
    """Return few bands of an input: of about as many of the earlier leads each, or their commonest values."""
    many = np.bincount(codes[codes >= 0], minlength=len(found.bands)).astype(np.int64)
    groups = _ordered(found, many) if found.ordered else _common(found, many)
    bands = [_band(found, group) for group in groups]
    moved = np.full(len(found.bands) + 1, len(bands), np.int64)
    for place, group in enumerate(groups):
        moved[group] = place
    return Banding((*bands, Band("none", NO_VALUE)), moved)


def _ordered(found: Input, many: Integers) -> list[list[int]]:
    """Return runs of neighbouring bands, each of about a tenth of the leads that have a value."""
    values = list(range(found.ordered))
    aim = max(1.0, many[: found.ordered].sum() / MOST)
    groups: list[list[int]] = [[]]
    inside = 0
    for place in values:
        if groups[-1] and inside + many[place] / 2 >= aim:
            groups.append([])
            inside = 0
        groups[-1].append(place)
        inside += int(many[place])
    if len(groups) > 1 and not many[groups[-1]].sum():
        last = groups.pop()
        groups[-1].extend(last)
    return groups


def _common(found: Input, many: Integers) -> list[list[int]]:
    """Return the commonest bands, each by itself, and all others together."""
    named = [place for place in range(found.values) if found.bands[place] != OTHERS]
    kept = sorted(sorted(named, key=lambda place: (-many[place], place))[: MOST - 1])
    rest = [place for place in range(found.values) if place not in kept]
    return [*([place] for place in kept), *([rest] if rest else [])]


def _band(found: Input, group: list[int]) -> Band:
    tests = [found.bands[place] for place in group]
    if found.ordered:
        ends = {name: test[name] for name, test in (("from", tests[0]), ("below", tests[-1])) if name in test}
        return Band("range", ends) if ends else Band("others", OTHERS)
    return Band("test", tests[0]) if len(tests) == 1 and tests[0] != OTHERS else Band("others", OTHERS)
