"""What was known of leads when they were looked at: all that inputs are cut from and that fields are judged by.

Values come by the engine's own steps, so a correction, a lead or a company's move that became known later is not seen; and only of
leads with a known outcome, so that who comes later changes no band, whatever their clocks were set to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from ibis import _

from vaglio.asking import asked
from vaglio.engine import Engine
from vaglio.learning.terms import Floats
from vaglio.plan import Facts, Instants
from vaglio.plan.facts import field_column, property_column
from vaglio.plan.known import known_activities, known_people
from vaglio.plan.steps import Steps

Labels = Callable[[Sequence[str]], Floats]  # what became of leads: 1, 0 or NaN
MOST_VALUES = 20_000  # of one property of one activity type: the commonest


@dataclass(frozen=True)
class Said:
    """What a property of an activity type said: a text (None: nothing), in how many activities, and of how many leads."""

    text: str | None
    activities: int
    leads: int


@dataclass(frozen=True)
class Known:
    """The leads with a known outcome, in the order of their ids: what became of them, and their fields as known (``f_…``, ``a_…``).

    ``done``: what they had done by then, by activity type in the order of names; for each of its properties of text, what it said, the
    commonest first.
    """

    lead_ids: Sequence[str]
    labels: Floats
    rows: pa.Table
    done: Mapping[str, Mapping[str, Sequence[Said]]] = field(default_factory=dict)

    def values(self, name: str) -> list[Any]:
        """Return a field of these leads; ``account.`` before those of their companies."""
        found: list[Any] = self.rows.column(_column(name)).to_pylist()
        return found


def known(engine: Engine, declared: Mapping[str, Any], facts: Facts, at: Instants, labels: Labels) -> Known:
    """Return what was known at some instants of the leads that ``labels`` tell of; ``declared`` is the ``inputs`` section of a document.

    Raises
    ------
    EngineError
        The engine failed.
    """
    own, of_account = declared.get("fields", {}), declared.get("account_fields", {})
    rows = asked(engine, facts, at, lambda steps, given: known_people(steps, given, own, of_account).drop("account_id", "created_us"))
    rows = rows.take(pa.array(np.argsort(np.array(rows.column("lead_id").to_pylist(), object), kind="stable")))
    outcome = labels(rows.column("lead_id").to_pylist())
    is_told = ~np.isnan(outcome)
    told = rows.filter(pa.array(is_told))
    done = _done(engine, declared.get("activities", {}), facts, at, told.select(["lead_id"]))
    return Known(told.column("lead_id").to_pylist(), outcome[is_told], told, done)


def _done(
    engine: Engine, types: Mapping[str, Mapping[str, str]], facts: Facts, at: Instants, who: pa.Table
) -> dict[str, dict[str, list[Said]]]:
    if facts.activities is None or not types:
        return {}
    own = facts.replace(activities=facts.activities.semi_join(engine.load("vaglio_told", who), "lead_id"))
    names = sorted({name for each in types.values() for name, kind in each.items() if kind == "string"})
    found: dict[str, dict[str, list[Said]]] = {}
    for name in [None, *names]:  # first of no property: which types there are
        told = asked(engine, own, at, lambda steps, given: _counted(steps, given, name)).to_pylist()  # noqa: B023
        for row in sorted(told, key=lambda row: (row["activity_type"], -row["leads"], row["text"] or "")):
            kind = row["activity_type"]
            if name is None and kind in types:
                found[kind] = {each: [] for each in sorted(types[kind]) if each in names}
            elif kind in found and name in found[kind]:
                found[kind][name].append(Said(row["text"] or None, row["activities"], row["leads"]))
    return found


def _counted(steps: Steps, facts: Facts, name: str | None) -> ibis.Table:
    """Return in how many activities, and of how many leads, each type said what."""
    acts = known_activities(steps, facts, steps.now)
    if acts is None:
        raise ValueError("counted without activities")
    text = acts[property_column(name)] if name is not None else ibis.null("string")
    counted = acts.mutate(text=text).group_by("activity_type", "text").aggregate(activities=_.count(), leads=_.lead_id.nunique())
    place = ibis.row_number().over(ibis.window(group_by="activity_type", order_by=[ibis.desc(_.leads), _.text]))
    return counted.mutate(place=place).filter(_.place < MOST_VALUES).drop("place")


def _column(name: str) -> str:
    return f"a_{name.removeprefix('account.')}" if name.startswith("account.") else field_column(name)
