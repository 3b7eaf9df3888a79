"""What fields held before, where current values and history could be mixed up."""

from typing import Any

import pytest

from tests.engine import oracle
from tests.engine.engines import spark
from tests.engine.rules.score import AS_OF, DAY, TABLES, Row, at
from tests.engine.tables import document_of, engine_called, facts_of
from tests.engine.test_equals_oracle import assert_equal_scores
from vaglio.plan import Instants
from vaglio.scoring import score_rows

ENGINES = ("duckdb", "sqlite", "postgres", spark(pytest.mark.drill))


def assert_equals_oracle(name: str, bands: list[Row], field: str, inputs: Row, **facts: list[Row]) -> None:
    plain = {
        "format": 1, "name": "before", "inputs": {"activities": {}} | inputs,
        "profile": {"rules": [{"id": "r", "kind": "fields", "points": 1, "field": field, "bands": bands}],
                    "letters": {"A": 3, "B": 2, "C": 1}},
        "engagement": {"rules": [], "digits": {1: 3, 2: 2, 3: 1}},
    }  # fmt: skip
    tables: dict[str, Any] = {each: facts.get(each, []) for each in TABLES}
    engine, document = engine_called(name), document_of(plain)
    rows = score_rows(engine, document, facts_of(engine, document, tables), Instants(AS_OF, AS_OF))
    assert_equal_scores({row["lead_id"]: row for row in rows}, oracle.score(plain, tables, AS_OF, AS_OF).scores)


@pytest.mark.parametrize("name", ENGINES)
def test_a_declared_field_called_account_id_has_history_like_any_other(name: str) -> None:
    inputs = {"fields": {"account_id": "string"}, "account_fields": {"size": "integer"}}
    change = {"subject": "lead", "id": "L", "field": "account_id", "value": "old", "known_at": at(DAY)}
    accounts = [{"account_id": "old", "size": 1}, {"account_id": "new", "size": 2}]
    leads = [{"lead_id": "L", "account_id": "new"}, {"lead_id": "M", "account_id": "new"}]
    for field, bands in (("account_id", [{"equals": "old"}]), ("account.size", [{"equals": 1}])):
        assert_equals_oracle(name, bands, field, inputs, leads=leads, accounts=accounts, field_changes=[change])


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("value", [2**63 - 1, -(2**63), 2**53 + 1])
def test_whole_numbers_of_any_size_have_been(name: str, value: int) -> None:
    change = {"subject": "lead", "id": "L", "field": "size", "value": value, "known_at": at(DAY)}
    bands = [{"from": 10**15, "points": 2}, {"below": 0, "points": 1}]
    assert_equals_oracle(name, bands, "size", {"fields": {"size": "integer"}}, leads=[{"lead_id": "L"}], field_changes=[change])
