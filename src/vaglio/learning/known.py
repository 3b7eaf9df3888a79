"""What was known of leads when they were looked at: all that inputs are cut from and that fields are judged by.

Values come by the engine's own steps, so a correction, a lead or a company's move that became known later is not seen; and only of
leads with a known outcome, so that who comes later changes no band, whatever their clocks were set to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from vaglio.engine import Engine
from vaglio.learning.terms import Floats
from vaglio.plan import Facts, Instants, Plan
from vaglio.plan.facts import facts_of_shape, field_column
from vaglio.plan.known import known_people
from vaglio.terms import InputType

Labels = Callable[[Sequence[str]], Floats]  # what became of leads: 1, 0 or NaN
TOKEN = "vaglioknew_"  # begins the names of the steps, and is in no field's name


@dataclass(frozen=True)
class Known:
    """The leads with a known outcome, in the order of their ids: what became of them, and their fields as known (``f_…``, ``a_…``)."""

    lead_ids: Sequence[str]
    labels: Floats
    rows: pa.Table

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
    rows = _people(engine, declared.get("fields", {}), declared.get("account_fields", {}), facts, at)
    rows = rows.take(pa.array(np.argsort(np.array(rows.column("lead_id").to_pylist(), object), kind="stable")))
    outcome = labels(rows.column("lead_id").to_pylist())
    is_told = ~np.isnan(outcome)
    told = rows.filter(pa.array(is_told))
    return Known(told.column("lead_id").to_pylist(), outcome[is_told], told)


def _people(engine: Engine, own: dict[str, InputType], of_account: dict[str, InputType], facts: Facts, at: Instants) -> pa.Table:
    steps = engine.steps(TOKEN)
    people = known_people(steps, facts_of_shape(facts.shape(), TOKEN), own, of_account)
    plan = Plan(TOKEN, tuple(steps.made), {"people": people.drop("account_id", "created_us")})
    running = engine.run(facts, at)
    try:
        running.carry_out(plan)
        return running.arrow(plan, "people")
    finally:
        running.close()


def _column(name: str) -> str:
    return f"a_{name.removeprefix('account.')}" if name.startswith("account.") else field_column(name)
