"""Answers about facts as they were known, in the steps that scores are made of: what people are shown is what the engine saw."""

from collections.abc import Callable

import ibis
import pyarrow as pa

from vaglio.engine import Engine, Run, planning
from vaglio.plan import Facts, Instants, Plan
from vaglio.plan.facts import facts_of_shape
from vaglio.plan.steps import Steps

TOKEN = "vaglioknew_"  # begins the names of the steps, and is in no field's name


def asked(engine: Engine, facts: Facts, at: Instants, write: Callable[[Steps, Facts], ibis.Table]) -> pa.Table:
    """Return an answer that ``write`` writes in steps of the engine, over facts at some instants.

    Raises
    ------
    EngineError
        The engine failed, or the answer is too deep to be planned.
    """
    steps = engine.steps(TOKEN)
    with planning(engine.name):
        table = write(steps, facts_of_shape(facts.shape(), TOKEN))
    plan = Plan(TOKEN, tuple(steps.made), {"answer": table})
    running: Run = engine.run(facts, at)
    try:
        running.carry_out(plan)
        return running.arrow(plan, "answer")
    finally:
        running.close()


def near(activities: ibis.Table, lead_ids: list[str]) -> ibis.Table:
    """Return the activities of some leads, and every copy of their messages: another lead may have had a message first."""
    own = activities.lead_id.isin(lead_ids)
    if "message_id" not in activities.columns:
        return activities.filter(own)
    messages = activities.filter(own, activities.message_id != "").select("message_id")
    return activities.filter(own | activities.message_id.isin(messages.message_id))
