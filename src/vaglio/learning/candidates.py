"""Which inputs there are to learn from, and which are left out and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaglio.learning.inputs import (
    FINE,
    Input,
    named_apart,
    of_activities,
    of_booleans,
    of_dates,
    of_numbers,
    of_texts,
    of_what_they_were_about,
)
from vaglio.learning.known import Known
from vaglio.learning.people import refused
from vaglio.learning.wheres import abouts

Found = tuple[list[Input], list[str]]
MANY, OWN = 20, 0.5  # leads, and of them the share with a value of their own, from which on a field names leads rather than says anything


@dataclass(frozen=True)
class Choice:
    """Which inputs may be learned from, and how finely numbers are cut.

    ``drop``: fields and activity types that the user leaves out; ``allow``: fields that tell who somebody is, let through all the same.
    ``let_through``: how whoever asks lets a ``{field}`` through, said after a note that it is not used. ``dates``: whether they
    are cut, too.
    """

    drop: frozenset[str] = frozenset()
    allow: frozenset[str] = frozenset()
    edges: int = FINE
    let_through: str = ""
    dates: bool = False


def candidates(declared: Mapping[str, Any], seen: Known, choice: Choice) -> Found:
    """Return the inputs that may be learned from, cut by what was known, and a note on what is left out.

    ``declared`` is the ``inputs`` section of a document.
    """
    kinds = {name: kind for name, kind in fields(declared).items() if name not in choice.drop}
    personal = refused(kinds, choice.allow)
    notes = [f"{name} tells {why} and is not used{choice.let_through.format(field=name)}" for name, why in personal.items()]
    no_value = {text.strip().lower() for text in declared.get("no_value", ())}
    inputs: list[Input] = []
    for name, kind in kinds.items():
        if name in personal:
            continue
        found = _of_field(name, kind, seen.values(name), no_value, choice)
        if found is None:
            notes.append(f"{name} is left out: {_why_not(kind, seen.values(name))}")
        else:
            inputs.append(found)
    types = [kind for kind in seen.done if kind in declared.get("activities", {}) and kind not in choice.drop]
    about, left_out = abouts(seen, types)
    measures = [each for one in about for each in of_what_they_were_about(one.activity, one.name, one.where)]
    return named_apart([*inputs, *of_activities(types), *measures]), notes + left_out


def fields(declared: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields that may be read, with their types; ``account.`` before those of companies."""
    of_account = {f"account.{name}": kind for name, kind in declared.get("account_fields", {}).items()}
    return {**declared.get("fields", {}), **of_account}


def _of_field(name: str, kind: str, values: list[Any], no_value: set[str], choice: Choice) -> Input | None:
    if kind == "string":
        return of_texts(name, [None if text is None or text.strip().lower() in no_value else text for text in values])
    if kind == "boolean":
        return of_booleans(name, values)
    if kind == "date":
        return of_dates(name, values, choice.edges) if choice.dates else None
    return of_numbers(name, np.array([np.nan if value is None else float(value) for value in values]), choice.edges)


def _why_not(kind: str, values: list[Any]) -> str:
    if kind == "date":
        return "dates are not learned from"
    filled = [value for value in values if value is not None]
    if len(filled) > MANY and len(set(filled)) > OWN * len(filled):
        return f"it has {len(set(filled)):,} values for {len(filled):,} leads, so what one lead has tells nothing of another"
    return "no value of it is common enough, or all leads have the same"
