"""A small model and rows for the literal tests of the oracle."""

from typing import Any

from tests.engine import oracle
from tests.engine.oracle_text import SECOND, instant

Row = dict[str, Any]
AS_OF = instant("2026-03-02")  # a Monday
DAY = 86_400
LETTERS = {"A": 75, "B": 50, "C": 25}
DIGITS = {1: 75, 2: 50, 3: 25}
INPUTS = {
    "fields": {"job_title": "string", "employees": "integer", "revenue": "number", "signed_at": "date"},
    "account_fields": {"size": "integer"},
    "activities": {
        "page_viewed": {"path": "string", "minutes": "integer"},
        "email_clicked": {},
        "form_submitted": {"form": "string"},
    },
    "no_value": ["Select"],
}


def model(profile: list[Row] | None = None, engagement: list[Row] | None = None, **more: Any) -> Row:
    return {
        "inputs": INPUTS,
        "profile": {"rules": profile or [], "letters": LETTERS, **more.pop("on_profile", {})},
        "engagement": {"rules": engagement or [], "digits": DIGITS, **more.pop("on_engagement", {})},
        **more,
    }


def did(age: float, type_: str = "page_viewed", lead_id: str = "L", **more: Any) -> Row:
    """An activity `age` seconds before AS_OF."""
    row = {"lead_id": lead_id, "activity_type": type_, "occurred_at": AS_OF - round(age * SECOND)}
    return {**row, "properties": more.pop("properties", {}), **more}


def scored(document: Row, known_at: int = AS_OF, **facts: list[Row]) -> oracle.OracleResult:
    return oracle.score(document, {"leads": [{"lead_id": "L"}], **facts}, AS_OF, known_at)


def made(rule: Row, known_at: int = AS_OF, **facts: list[Row]) -> int:
    """Millipoints of one rule for lead L, on the axis of engagement without floor."""
    rule = {"id": "r", **rule}
    document = model(engagement=[rule], on_engagement={"floor": "none"})
    result = oracle.score(document, {"leads": [{"lead_id": "L"}], **facts}, AS_OF, known_at)
    return int(result.scores["L"]["engagement_millipoints"])


def row(document: Row, **facts: list[Row]) -> Row:
    return oracle.score(document, {"leads": [{"lead_id": "L"}], **facts}, AS_OF, AS_OF).scores["L"]
