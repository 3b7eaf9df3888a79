"""A lead that somebody asks for by its id, and why it has no score."""

from typing import Any

from vaglio.errors import DataError


def need_lead(engine: Any, facts: Any, lead: str) -> None:
    """Refuse an id that no lead has."""
    if engine.arrow(facts.leads.filter(facts.leads.lead_id == lead).select("lead_id").limit(1)).num_rows:
        return
    some = engine.arrow(facts.leads.select("lead_id").order_by("lead_id").limit(1)).column("lead_id").to_pylist()
    raise DataError("lead_unknown", f"there is no lead {lead}", f"name one as the leads file does, such as {some[0]}" if some else "")


def need_score(engine: Any, facts: Any, lead: str, found: Any) -> None:
    """Refuse a lead of which no score was found, with why."""
    if found is None:
        need_lead(engine, facts, lead)
        raise DataError("lead_unscored", f"{lead} has no score", "it did not exist yet then, or it is outside the model's audience")
