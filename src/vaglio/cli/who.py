"""A lead that somebody asks for by its id, and why it has no score."""

from typing import Any

from vaglio.errors import DataError


def is_there(engine: Any, facts: Any, lead: str) -> bool:
    """Return whether leads have one of this id."""
    return bool(engine.arrow(facts.leads.filter(facts.leads.lead_id == lead).select("lead_id").limit(1)).num_rows)


def no_score(engine: Any, facts: Any, lead: str) -> DataError:
    """Return what is to be said of a lead without a score."""
    if is_there(engine, facts, lead):
        return DataError("lead_unscored", f"{lead} has no score", "it did not exist yet then, or it is outside the model's audience")
    some = engine.arrow(facts.leads.select("lead_id").order_by("lead_id").limit(1)).column("lead_id").to_pylist()
    return DataError("lead_unknown", f"there is no lead {lead}", f"name one as the leads file does, such as {some[0]}" if some else "")
