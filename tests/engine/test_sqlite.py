"""SQLite where it differs from other engines: its types, its tables that stay, and what it does when it cannot."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from tests.engine import oracle
from tests.engine.rules.score import AS_OF, DAY, SECOND, TABLES, Row, at, did
from tests.engine.tables import document_of, facts_of
from tests.engine.test_equals_oracle import assert_equal_scores
from vaglio.engines.sqlite import SQLiteEngine
from vaglio.errors import EngineError
from vaglio.kept import Kept, run
from vaglio.plan import Facts, Instants, Wanted
from vaglio.scoring import score_rows

AT = Instants(AS_OF, AS_OF)


@pytest.fixture
def engine() -> Iterator[SQLiteEngine]:
    made = SQLiteEngine()
    yield made
    made.close()


def document(rule: Row, **inputs: Row) -> Row:
    """Return a document with one rule."""
    return {
        "format": 1, "name": "few", "inputs": inputs,
        "profile": {"rules": [], "letters": {"A": 3, "B": 2, "C": 1}},
        "engagement": {"rules": [{"id": "r"} | rule], "digits": {1: 3, 2: 2, 3: 1}},
    }  # fmt: skip


def assert_equals_oracle(engine: SQLiteEngine, plain: Row, plans: Kept, **facts: list[Row]) -> None:
    """Compare with the oracle; a run may find tables and plans of the runs before it."""
    tables = {name: facts.get(name, []) for name in TABLES}
    read = document_of(plain)
    running, plan = run(engine, read, facts_of(engine, read, tables), AT, Wanted(), plans)
    found = {row["lead_id"]: row for row in running.arrow(plan, "scores").to_pylist()}
    running.close()
    assert_equal_scores(found, oracle.score(plain, tables, AS_OF, AS_OF).scores)


def test_many_texts_are_scored_by_their_classes_and_few_again_by_value(engine: SQLiteEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vaglio.plan.signatures.MAX_SIGNATURES", 30)
    where = {"path": {"starts_with": "/a"}, "title": {"ends_with": "7"}}
    plain = document(
        {"kind": "activity", "activity": "page_viewed", "points": 0.5, "where": where},
        fields={}, activities={"page_viewed": {"path": "string", "title": "string"}},
    )  # fmt: skip
    plans = Kept()
    for pages in (2, 9, 20, 1, 12):
        seen = [did(n, path=f"/a{n}", title=f"{pages} {n}", message_id=f"m{n // 2}") for n in range(pages)]
        assert_equals_oracle(engine, plain, plans, leads=[{"lead_id": "L"}], activities=seen)


def test_a_table_that_could_not_be_made_does_not_spoil_the_next(engine: SQLiteEngine) -> None:
    rows = pa.table({"lead_id": ["L"]})
    engine.load("leads", rows)
    with pytest.raises(EngineError, match="duplicate column"):
        engine.load("leads", pa.table([["L"], ["M"]], names=["lead_id", "Lead_id"]))
    assert engine.arrow(engine.load("leads", rows)).equals(rows)


@pytest.mark.parametrize("undone", [False, True], ids=["kept", "taken back"])
def test_several_things_of_which_one_fails_do_not_spoil_the_next(engine: SQLiteEngine, undone: bool) -> None:
    rows = pa.table({"lead_id": ["L"]})
    with pytest.raises(EngineError), engine.together():
        engine.load("leads", rows)
        if undone:
            engine.raw.execute("ROLLBACK")  # as SQLite does of itself where memory or disk end
        engine.load("accounts", pa.table([["L"], ["M"]], names=["lead_id", "Lead_id"]))
    assert engine.arrow(engine.load("leads", rows)).equals(rows)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("values", [(0.1 + 0.2, 0.3), (1e15, 10.5)])
def test_copies_that_differ_in_a_number_are_told_apart(engine: SQLiteEngine, values: tuple[float, float], first: int) -> None:
    plain = document(
        {"kind": "activity", "activity": "page_viewed", "points": 1, "where": {"share": {"in": [0.3, 10.5]}}},
        fields={}, activities={"page_viewed": {"share": "number"}},
    )  # fmt: skip
    copies = [did(DAY, message_id="m", share=values[n]) for n in (first, 1 - first)]
    assert_equals_oracle(engine, plain, Kept(), leads=[{"lead_id": "L"}], activities=copies)


def test_large_texts_are_texts(engine: SQLiteEngine) -> None:
    plain = document(
        {"kind": "fields", "points": 1, "field": "code", "bands": [{"equals": "007"}]}, fields={"code": "string"}, activities={}
    )  # fmt: skip
    texts = {name: pa.array(values, pa.large_string()) for name, values in
             {"lead_id": ["010", "7"], "account_id": [None, None], "f_code": ["007", "7"]}.items()}  # fmt: skip
    leads = engine.load("leads", pa.table(texts | {"created_us": pa.array([None, None], pa.int64())}))
    rows = score_rows(engine, document_of(plain), Facts(leads), AT)
    assert {row["lead_id"]: row["engagement_millipoints"] for row in rows} == {"010": 1000, "7": 0}


def test_points_beyond_64_bits_are_a_failure_of_the_engine(engine: SQLiteEngine) -> None:
    plain = document({"kind": "inactivity", "points": 1_000_000, "after": "1s", "every": "1s"}, fields={}, activities={})
    read = document_of(plain)
    tables: dict[str, Any] = {name: [] for name in TABLES} | {"leads": [{"lead_id": "L", "created_at": at(63_908_006_400 * SECOND)}]}
    with pytest.raises(EngineError):
        score_rows(engine, read, facts_of(engine, read, tables), AT)
