"""Which inputs there are to learn from, and which are left out and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaglio.engine import Engine
from vaglio.learning.inputs import FINE, Input, of_activities, of_booleans, of_numbers, of_texts
from vaglio.learning.people import refused
from vaglio.plan import Facts
from vaglio.plan.facts import field_column

Found = tuple[list[Input], list[str]]


@dataclass(frozen=True)
class Choice:
    """Which inputs may be learned from, and how finely numbers are cut.

    ``drop``: fields and activity types that the user leaves out; ``allow``: fields that tell who somebody is, let through all the same.
    """

    drop: frozenset[str] = frozenset()
    allow: frozenset[str] = frozenset()
    edges: int = FINE


def candidates(engine: Engine, declared: Mapping[str, Any], facts: Facts, choice: Choice) -> Found:
    """Return the inputs that may be learned from, and a note on each field that is not one.

    ``declared`` is the ``inputs`` section of a document.
    """
    inputs: list[Input] = []
    notes: list[str] = []
    for section, table, prefix in (("fields", facts.leads, ""), ("account_fields", facts.accounts, "account.")):
        kinds = {name: kind for name, kind in declared.get(section, {}).items() if prefix + name not in choice.drop}
        if table is None or not kinds:
            continue
        personal = refused([prefix + name for name in kinds], choice.allow)
        notes += [f"{name} tells {why} and is not used; --allow {name} lets it through" for name, why in personal.items()]
        names = [name for name in kinds if prefix + name not in personal]
        rows = engine.arrow(table.select(*(field_column(name) for name in names))) if names else None
        no_value = {text.strip().lower() for text in declared.get("no_value", ())}
        for name in names:
            found = _of_field(prefix + name, kinds[name], rows.column(field_column(name)), no_value, choice.edges) if rows else None
            if found is None:
                notes.append(f"{prefix}{name} is left out: {_why_not(kinds[name])}")
            else:
                inputs.append(found)
    types = list(declared.get("activities", {})) if facts.activities is not None else []
    return [*inputs, *of_activities(each for each in types if each not in choice.drop)], notes


def _of_field(name: str, kind: str, values: Any, no_value: set[str], edges: int) -> Input | None:
    if kind == "string":
        return of_texts(name, [None if text is None or text.strip().lower() in no_value else text for text in values.to_pylist()])
    if kind == "boolean":
        return of_booleans(name, values.to_pylist())
    if kind == "date":
        return None
    return of_numbers(name, np.array([np.nan if value is None else float(value) for value in values.to_pylist()]), edges)


def _why_not(kind: str) -> str:
    if kind == "date":
        return "dates are not learned from"
    return "no value of it is common enough, or all leads have the same"
