"""One rule, a few facts, the millipoints it gives: the shortest way to state what a rule kind means.

Times are ages before ``AS_OF``, which is a Monday at 00:00 UTC.
"""

from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML

from tests.engine.tables import Row, document_of, facts_of, shared_engine
from vaglio.dates import parse_instant
from vaglio.kept import run
from vaglio.plan import Instants, Wanted
from vaglio.terms import MICROSECONDS

AS_OF = parse_instant("2026-03-02")
SECOND = 1
MINUTE = 60
HOUR = 3_600
DAY = 86_400
TABLES = ("leads", "accounts", "activities", "field_changes", "lists")
INPUTS: Row = {
    "fields": {
        "job_title": "string",
        "employees": "integer",
        "revenue": "number",
        "is_partner": "boolean",
        "signed_on": "date",
    },
    "account_fields": {"size": "integer"},
    "activities": {
        "page_viewed": {"path": "string", "minutes": "integer"},
        "email_clicked": {},
        "form_submitted": {"form": "string"},
    },
    "no_value": ["Select"],
}


def at(age: float) -> int:
    """Return the instant so many seconds before AS_OF."""
    return AS_OF - round(age * MICROSECONDS)


def did(age: float, kind: str = "page_viewed", *, lead_id: str = "L", **more: Any) -> Row:
    """Return an activity of a given age; ages of `received` and `machine_known` too, the rest are properties."""
    times = {f"{name}_at": at(more.pop(name)) for name in ("received", "machine_known") if name in more}
    facts = {name: more.pop(name) for name in ("message_id", "is_machine") if name in more}
    return {"lead_id": lead_id, "activity_type": kind, "occurred_at": at(age), **times, **facts, "properties": more}


def millipoints(rule: str, *, known_at: int = AS_OF, lead_id: str = "L", **facts: list[Row]) -> int | None:
    """Return what one rule, written in YAML, gives to one lead; nothing if the lead has no row.

    The rule stands alone on an axis without floor. `facts` are tables of rows; without `leads` there is the lead L.
    """
    return score(rule, known_at=known_at, **facts).get(lead_id)


def score(rule: str, *, known_at: int = AS_OF, **facts: list[Row]) -> dict[str, int]:
    """Return what one rule gives to each lead."""
    document = document_of(
        {
            "format": 1,
            "name": "literal",
            "inputs": INPUTS,
            "profile": {"rules": [], "letters": {"A": 3, "B": 2, "C": 1}},
            "engagement": {"rules": [rule_of(rule)], "floor": "none", "digits": {1: 3, 2: 2, 3: 1}},
        }
    )
    tables: dict[str, list[Row]] = {name: facts.get(name, []) for name in TABLES}
    tables["leads"] = tables["leads"] or [{"lead_id": "L"}]
    engine = shared_engine()
    running, plan = run(engine, document, facts_of(engine, document, tables), Instants(AS_OF, known_at), Wanted(by_rule=True))
    try:
        rows = running.arrow(plan, "scores").to_pylist()
        lines = running.arrow(plan, "contributions").to_pylist()
    finally:
        running.close()
    found = {row["lead_id"]: row["engagement_millipoints"] for row in rows}
    for lead_id, points in found.items():
        assert points == sum(line["millipoints"] for line in lines if line["lead_id"] == lead_id), "lines do not add up"
    return found


def rule_of(text: str) -> Row:
    """Read a rule as YAML 1.2; its numbers stay decimals."""
    plain: Row = YAML(typ="safe", pure=True).load(f"{{id: r, {text}}}")
    exact: Row = _exact(plain)
    return exact


def _exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _exact(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_exact(item) for item in value]
    return Decimal(repr(value)) if isinstance(value, float) else value
