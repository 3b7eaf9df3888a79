"""Whom the rows of a file call owners and nobody here is called, counted lot by lot."""

from collections.abc import Iterable, Mapping

MOST = 200  # names that are kept; a column that holds no owners has one in each row
OTHERS = ""  # how all others are counted
Strangers = dict[str, list[int]]  # by name: rows, and 1 where several users are called so


def noted(before: Mapping[str, list[int]], named: Iterable[tuple[str, int, bool]]) -> Strangers:
    """Return whom rows named before, and those of some more: name, rows, and whether several users are called so."""
    found: Strangers = {name: list(its) for name, its in before.items()}
    for name, rows, is_shared in named:
        key = name if name in found or len(found) < MOST else OTHERS
        its = found.setdefault(key, [0, 0])
        its[0] += rows
        its[1] = int(is_shared and key != OTHERS)
    return found
