"""Which inputs there are to learn from, and which are left out and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaglio.learning.inputs import FINE, Input, of_activities, of_booleans, of_numbers, of_texts
from vaglio.learning.known import Known
from vaglio.learning.people import refused

Found = tuple[list[Input], list[str]]


@dataclass(frozen=True)
class Choice:
    """Which inputs may be learned from, and how finely numbers are cut.

    ``drop``: fields and activity types that the user leaves out; ``allow``: fields that tell who somebody is, let through all the same.
    """

    drop: frozenset[str] = frozenset()
    allow: frozenset[str] = frozenset()
    edges: int = FINE


def candidates(declared: Mapping[str, Any], known: Known, choice: Choice) -> Found:
    """Return the inputs that may be learned from, cut by what was known, and a note on each field that is not one.

    ``declared`` is the ``inputs`` section of a document.
    """
    kinds = {name: kind for name, kind in fields(declared).items() if name not in choice.drop}
    personal = refused(kinds, choice.allow)
    notes = [f"{name} tells {why} and is not used; --allow {name} lets it through" for name, why in personal.items()]
    no_value = {text.strip().lower() for text in declared.get("no_value", ())}
    inputs: list[Input] = []
    for name, kind in kinds.items():
        if name in personal:
            continue
        found = _of_field(name, kind, known.values(name), no_value, choice.edges)
        if found is None:
            notes.append(f"{name} is left out: {_why_not(kind)}")
        else:
            inputs.append(found)
    return [*inputs, *of_activities(each for each in declared.get("activities", {}) if each not in choice.drop)], notes


def fields(declared: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields that may be read, with their types; ``account.`` before those of companies."""
    of_account = {f"account.{name}": kind for name, kind in declared.get("account_fields", {}).items()}
    return {**declared.get("fields", {}), **of_account}


def _of_field(name: str, kind: str, values: list[Any], no_value: set[str], edges: int) -> Input | None:
    if kind == "string":
        return of_texts(name, [None if text is None or text.strip().lower() in no_value else text for text in values])
    if kind == "boolean":
        return of_booleans(name, values)
    if kind == "date":
        return None
    return of_numbers(name, np.array([np.nan if value is None else float(value) for value in values]), edges)


def _why_not(kind: str) -> str:
    if kind == "date":
        return "dates are not learned from"
    return "no value of it is common enough, or all leads have the same"
