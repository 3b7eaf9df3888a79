"""When fields got their values, and when leads had the outcome: what tells how a field comes to be filled."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vaglio.engine import Engine
from vaglio.learning.examples import ANCHOR
from vaglio.plan import Facts

Changes = Mapping[str, Mapping[str, list[tuple[int, str]]]]


@dataclass(frozen=True)
class History:
    """What was written when [microseconds UTC].

    ``changes``: of each field (``account.`` before those of companies) by lead, when it got which value, the earliest first; values as
    texts, blank ones left out. ``outcome_at``: when leads had the outcome, if that is known. ``created``: when they were created.
    ``is_aged``: the facts that are looked at have their clocks set by :func:`vaglio.learning.examples.at_age`; these here have not.
    """

    changes: Changes = field(default_factory=dict)
    outcome_at: Mapping[str, int] = field(default_factory=dict)
    created: Mapping[str, int] = field(default_factory=dict)
    is_aged: bool = False

    def date(self, lead: str, value: int) -> int:
        """Return a date as the files have it."""
        return value - ANCHOR + self.created.get(lead, ANCHOR) if self.is_aged else value


def history_of(engine: Engine, facts: Facts, came: Mapping[str, int], *, is_aged: bool = False) -> History:
    """Return the history in facts whose clocks are not set; ``came``: when leads had the outcome.

    A company's changes are those of its leads as they are of it now.

    Raises
    ------
    EngineError
        The engine failed.
    """
    people = engine.arrow(facts.leads.select("lead_id", "account_id", "created_us")).to_pylist()
    created = {row["lead_id"]: row["created_us"] for row in people if row["created_us"] is not None}
    if facts.field_changes is None or not came:
        return History({}, came, created, is_aged)
    leads_of: dict[str, list[str]] = {}
    for row in people:
        leads_of.setdefault(row["account_id"] or "", []).append(row["lead_id"])
    found: dict[str, dict[str, list[tuple[int, str]]]] = {}
    for row in engine.arrow(facts.field_changes).to_pylist():
        value = value_text(next((row[held] for held in ("whole", "number") if row[held] is not None), row["text"]))
        is_lead = row["subject"] == "lead"
        name = row["field"] if is_lead else f"account.{row['field']}"
        for lead in ([row["id"]] if is_lead else leads_of.get(row["id"], ())) if value else ():
            found.setdefault(name, {}).setdefault(lead, []).append((row["known_us"], value))
    for of_lead in found.values():
        for told in of_lead.values():
            told.sort()
    return History(found, came, created, is_aged)


def value_text(value: object) -> str:
    """Return a value as a text that is the same however it is kept; nothing is empty."""
    if value is None:
        return ""
    return str(float(value)) if isinstance(value, int | float) else str(value).strip()
