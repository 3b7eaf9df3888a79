"""Pairs that follow from others: who is one person with somebody who is one person with a third, is one with the third."""

from collections.abc import Mapping

Pair = tuple[int, int]


def implied(found: Mapping[Pair, float], least: float) -> dict[Pair, tuple[float, int]]:
    """Return pairs that are missing among those found, how probable both steps are together (at least ``least``), and through whom.

    Of several ways the surest counts.
    """
    near: dict[int, list[tuple[int, float]]] = {}
    for (one, other), probability in found.items():
        near.setdefault(one, []).append((other, probability))
        near.setdefault(other, []).append((one, probability))
    new: dict[Pair, tuple[float, int]] = {}
    for through, ends in near.items():
        for place, (one, first) in enumerate(ends):
            for other, second in ends[place + 1 :]:
                pair = (min(one, other), max(one, other))
                both = first * second
                if pair not in found and both >= max(least, new.get(pair, (0.0, 0))[0]):
                    new[pair] = (both, through)
    return new
