"""What activities were about, as a document's ``where``: the commonest values of their properties, and how paths begin.

Bounded, for every one is several inputs: a few of each property, and so many of all; what is left out is said.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from vaglio.learning.known import Known, Said
from vaglio.text import fold, snake_case

EACH, ALL = 4, 20  # of one property of one type, and of all
LEAST = 20  # leads that did it
EVERY = 0.95  # of a type's activities: what holds for more tells nothing that the type does not
PATHS = 0.8  # of what a property says: so much begins with a slash where it holds paths
LONGEST = 40  # characters of a value in a name


@dataclass(frozen=True)
class About:
    """Activities of a type that a property says something of; ``leads``: how many did one, each value counted by itself."""

    activity: str
    name: str
    where: dict[str, Any]
    leads: int


def abouts(seen: Known, types: Iterable[str]) -> tuple[list[About], list[str]]:
    """Return what the activities of some types were about, the commonest first, and a note on each property of which some is left out."""
    found: list[About] = []
    notes: list[str] = []
    for kind in types:
        for name, said in seen.done.get(kind, {}).items():
            groups = _groups(name, said)
            common = [each for each in groups if each.leads >= LEAST and each.activities < EVERY * sum(one.activities for one in said)]
            if len(groups) > EACH and common:
                what = "beginnings" if _is_path(said) else "values"
                notes.append(f"{kind}: of {len(groups):,} {what} of {name}, the {min(EACH, len(common))} commonest are looked at")
            found += [About(kind, f"{kind}_{each.name}", each.where, each.leads) for each in common[:EACH]]
    found.sort(key=lambda each: (-each.leads, each.name))
    if len(found) > ALL:
        notes.append(f"of {len(found)} things that activities were about, the {ALL} commonest are looked at")
    return _named_apart(found[:ALL]), notes


@dataclass
class _Group:
    """What is looked at as one."""

    name: str
    where: dict[str, Any]
    activities: int = 0
    leads: int = 0


def _groups(name: str, said: Sequence[Said]) -> list[_Group]:
    """Return the values of a property, or how its paths begin, the commonest first; what folds alike is one."""
    is_path, found = _is_path(said), dict[str, _Group]()
    for each in said:
        text = (each.text or "").strip()
        begin = re.match(r"/[^/?#]+", text) if is_path else None
        if not text or (is_path and begin is None and text != "/"):
            continue
        spelled = begin.group() if begin else text
        test: Any = {"starts_with": spelled} if begin else spelled
        own = found.setdefault(fold(spelled), _Group(f"{name}_{snake_case(spelled)[:LONGEST] or 'root'}", {name: test}))
        own.activities += each.activities
        own.leads += each.leads
    return sorted(found.values(), key=lambda each: (-each.leads, each.name))


def _is_path(said: Sequence[Said]) -> bool:
    filled = [each for each in said if each.text]
    slashed = sum(each.activities for each in filled if (each.text or "").startswith("/"))
    return bool(filled) and slashed >= PATHS * sum(each.activities for each in filled)


def _named_apart(found: Sequence[About]) -> list[About]:
    """Return them with names that differ."""
    taken: set[str] = set()
    named = []
    for each in found:
        name, number = each.name, 1
        while name in taken:
            number += 1
            name = f"{each.name}_{number}"
        taken.add(name)
        named.append(About(each.activity, name, each.where, each.leads))
    return named
