"""What a field goes back to when a file is taken back, by its history."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

Change = tuple[str, Any, str]  # field, value, by whom; oldest first


@dataclass(frozen=True)
class Before:
    """The ``values`` that fields of a record held before a file wrote them, and the names of those somebody wrote ``later``."""

    values: dict[str, Any] = field(default_factory=dict)
    later: list[str] = field(default_factory=list)


def before(history: Iterable[Change], bringer: str, writers: Collection[str]) -> Before:
    """Return what a record's fields held before a file wrote them; ``history`` is ordered by field.

    ``writers``: what files that were taken back, this one among them, write in histories. What is so already goes nowhere.
    """
    found = Before()
    for name, changes in groupby(history, key=lambda change: change[0]):
        rows: Sequence[Change] = list(changes)
        if all(by != bringer for _name, _value, by in rows):
            continue
        if rows[-1][2] not in writers:
            found.later.append(name)
            continue
        held = next((value for _name, value, by in reversed(rows) if by not in writers), None)
        if held != rows[-1][1]:
            found.values[name] = held
    return found
