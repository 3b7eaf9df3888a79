"""Numbers that documents write for *no end*, and values at the ends of what a column holds."""

from typing import Any

import pytest

from tests.engine import oracle
from tests.engine.engines import spark
from tests.engine.rules.score import AS_OF, DAY, TABLES, Row, did
from tests.engine.tables import document_of, engine_called, facts_of
from tests.engine.test_equals_oracle import assert_equal_scores
from vaglio.plan import Instants
from vaglio.scoring import score_rows

CUTS = [10**9, 10**14, 10**18, 2**63 - 1, 2**63, 10**25, -(2**63), -(10**25)]
MEASURES: list[Row] = [{"count": True}, {"days_since": True}, {"distinct_days": True}, {"faded": "7d"}]


def rules() -> list[Row]:
    """Return a rule for each input and cut, each with points of its own."""
    inputs = [{"field": "size"}, *({"activity": "page_viewed"} | measure for measure in MEASURES)]
    asked = [(source, cut) for source in inputs for cut in CUTS]
    return [
        {"id": f"r{n}", "kind": "bands", "input": source, "bands": [{"below": cut, "points": n + 1}, {"from": cut, "points": -n}]}
        for n, (source, cut) in enumerate(asked)
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["duckdb", "sqlite", "postgres", spark(pytest.mark.drill)])
def test_cuts_beyond_what_a_column_holds_are_never_reached(name: str) -> None:
    plain = {
        "format": 1, "name": "large", "inputs": {"fields": {"size": "integer"}, "activities": {"page_viewed": {}}},
        "profile": {"rules": [], "letters": {"A": 3, "B": 2, "C": 1}},
        "engagement": {"rules": rules(), "floor": "none", "digits": {1: 3, 2: 2, 3: 1}},
    }  # fmt: skip
    sizes = [0, 10**18, 2**63 - 1, -(2**63), None]
    leads = [{"lead_id": f"L{n}", "size": size} for n, size in enumerate(sizes)]
    tables: dict[str, Any] = {each: [] for each in TABLES} | {
        "leads": leads,
        "activities": [did(DAY, lead_id="L0"), did(3 * DAY, lead_id="L0")],
    }
    engine, document = engine_called(name), document_of(plain)
    rows = score_rows(engine, document, facts_of(engine, document, tables), Instants(AS_OF, AS_OF), next_change=True)
    assert_equal_scores({row["lead_id"]: row for row in rows}, oracle.score(plain, tables, AS_OF, AS_OF).scores)
