"""What counts a lead among the active people of its company, so that what it does is news to its colleagues."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Counted:
    """What a rule counts: whoever did anything of these types within a time (None: ever); ``is_choosy``: not all of it counts."""

    types: frozenset[str]
    within: timedelta | None
    is_choosy: bool = False


def to_ask(did: Mapping[int, Collection[str]], rules: Iterable[Counted]) -> tuple[set[int], dict[Counted, list[int]]]:
    """Return who may count now that did not before, by the types of what leads did; and by rule, of whom that is to be asked.

    Who did something of these types before that still counts, counted before. Of what a choosy rule counts, nobody can say that here.
    """
    came: set[int] = set()
    asked: dict[Counted, list[int]] = {}
    for rule in rules:
        active = [lead for lead, types in did.items() if not rule.types.isdisjoint(types)]
        if rule.is_choosy:
            came.update(active)
        elif active:
            asked[rule] = active
    return came, asked
