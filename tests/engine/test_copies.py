"""Copies of one message in awkward places: under another lead, of a type no rule reads, in CSV and in Parquet."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from tests.engine.rules.score import AS_OF, DAY, INPUTS, TABLES, did, score
from tests.engine.tables import document_of, facts_of, shared_engine
from vaglio.engines import make
from vaglio.files import ColumnMap, needs, read_facts
from vaglio.paths import Paths
from vaglio.plan import Instants
from vaglio.scoring import explain, replay
from vaglio.scoring import score as score_all

DOCUMENT = {
    "format": 1, "name": "copies", "inputs": INPUTS,
    "profile": {"rules": [], "letters": {"A": 3, "B": 2, "C": 1}},
    "engagement": {"rules": [{"id": "seen", "kind": "activity", "activity": "page_viewed", "points": 60}], "digits": {1: 50, 2: 20, 3: 1}},
}  # fmt: skip


def test_explain_and_replay_leave_out_what_another_lead_had_first() -> None:
    rows = [did(2 * DAY, lead_id="M", message_id="m", received=2 * DAY), did(2 * DAY, message_id="m", received=DAY)]
    document, engine, at = document_of(DOCUMENT), shared_engine(), Instants(AS_OF, AS_OF)
    tables: dict[str, Any] = {name: [] for name in TABLES} | {"leads": [{"lead_id": "L"}, {"lead_id": "M"}], "activities": rows}
    facts = facts_of(engine, document, tables)
    scored = score_all(engine, [document], facts, at)
    found = {row["lead_id"]: row["engagement_millipoints"] for row in engine.arrow(scored.scores).to_pylist()}
    scored.close()
    assert found == {"L": 0, "M": 60_000}
    for lead_id, points in found.items():
        assert replay(engine, document, facts, [at], lead_id)[0]["engagement_millipoints"] == points
        explained = explain(engine, document, facts, at, lead_id)
        assert explained is not None
        assert sum(line.millipoints for line in explained.lines) == points


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_copy_of_a_type_no_rule_reads_still_counts_as_the_message(tmp_path: Path, ending: str) -> None:
    activities = pa.table({
        "lead_id": ["L", "L"], "activity_type": ["bounce", "page_viewed"], "message_id": ["m", "m"],
        "occurred_at": ["2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z"],
        "received_at": ["2026-03-01T00:00:00Z", "2026-03-01T00:00:01Z"],
    })  # fmt: skip
    for name, table in (("leads", pa.table({"lead_id": ["L"]})), ("activities", activities)):
        write = pyarrow.csv.write_csv if ending == "csv" else pyarrow.parquet.write_table
        write(table, tmp_path / f"{name}.{ending}")
    document = document_of(DOCUMENT)
    engine: Any = make("duckdb", threads=1)
    try:
        paths = Paths(tmp_path / f"leads.{ending}", activities=tmp_path / f"activities.{ending}")
        loaded = read_facts(engine, paths, needs([document]), ColumnMap.parse([]))
        scored = score_all(engine, [document], loaded.facts, Instants(AS_OF, AS_OF))
        assert engine.arrow(scored.scores).to_pylist()[0]["engagement_millipoints"] == 0
    finally:
        engine.close()


def test_an_empty_account_in_history_is_no_account() -> None:
    change = {"subject": "lead", "field": "account_id", "value": "", "known_at": AS_OF - 10**6}
    rule = "kind: engaged_colleagues, within: 30d, bands: [{at_least: 2, points: 60}]"
    found = score(
        rule, leads=[{"lead_id": "L", "account_id": "a"}, {"lead_id": "M", "account_id": "a"}],
        field_changes=[change | {"id": "L"}, change | {"id": "M"}], activities=[did(DAY), did(DAY, lead_id="M")],
    )  # fmt: skip
    assert found == {"L": 0, "M": 0}


def test_days_before_1970_are_days_too() -> None:
    epoch = AS_OF / 10**6
    rule = "kind: active_days, activity: page_viewed, bands: [{at_least: 2, points: 60}]"
    assert score(rule, activities=[did(epoch + 1), did(epoch - 1)]) == {"L": 60_000}
