"""What the end of a Parquet file says spares a look at its rows, and changes nothing of what is found there."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.strategies import Case, cases, drawn
from tests.engine.tables import document_of, facts_of, shared_engine
from vaglio.engines.duckdb import DuckDBEngine
from vaglio.files import read_facts
from vaglio.files.needs import Needs
from vaglio.kept import Kept, run
from vaglio.learning.examples import at_age
from vaglio.paths import Paths
from vaglio.plan import Facts, Instants, Wanted
from vaglio.plan.facts import Newest

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEEDS = Needs(activity_types=frozenset({"a"}))
# Among them what is blank in one way of looking and not in another, and what a footer spells in its own way.
TEXTS = st.sampled_from([None, "", " ", "\t", "\x01", "\x1f ", "!", "a", "é", "\u00a0", "\\x20", "~"])
INSTANTS = st.one_of(
    st.none(),
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(lambda each: each.replace(microsecond=0)),
    st.sampled_from([datetime(26, 8, 18), datetime(999, 12, 31, 23, 59, 59), datetime(1000, 1, 1), datetime(9999, 12, 31, 23, 59, 59)]),
)
ROWS = st.lists(st.tuples(TEXTS, TEXTS, INSTANTS, INSTANTS), min_size=1, max_size=12)


@drawn(9)
@given(rows=ROWS, texts_too=st.booleans(), group=st.integers(1, 4), unit=st.sampled_from(["us", "ms", "ns"]))
def test_the_same_rows_are_good_with_a_footer_and_without(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], texts_too: bool, group: int, unit: str
) -> None:
    folder = tmp_path_factory.mktemp("footer")
    if unit == "ns":  # which holds three centuries
        rows = [(*row[:2], *(at if at and 1700 < at.year < 2200 else None for at in row[2:])) for row in rows]
    rows = [("a", "a", datetime(2020, 1, 1), None), *rows]
    said = _read(folder, rows, unit, row_group_size=group, write_statistics=True if texts_too else ["occurred_at", "received_at"])
    silent = _read(folder, rows, unit, row_group_size=group, write_statistics=False)
    assert said[:2] == silent[:2]
    assert silent[2] is None
    known = [instant for row in rows for instant in row[2:] if instant is not None]
    assert said[2] == (None if unit == "ns" else max((each.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1) for each in known))


def _read(folder: Path, rows: list[Any], unit: str, **options: Any) -> tuple[list[Any], list[Any], int | None]:
    """Return good rows, bad rows and the newest instant of a file that is written in some way."""
    names = ("lead_id", "activity_type", "occurred_at", "received_at")
    kinds = (pa.string(), pa.string(), pa.timestamp(unit), pa.timestamp(unit))
    table = pa.table([pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), kinds, strict=True)], names=names)
    pq.write_table(table, folder / "activities.parquet", **options)
    pq.write_table(pa.table({"lead_id": ["a"]}), folder / "leads.parquet")
    engine = DuckDBEngine(threads=1)
    try:
        loaded = read_facts(engine, Paths(folder / "leads.parquet", activities=folder / "activities.parquet"), NEEDS)
        assert loaded.facts.activities is not None
        good = engine.arrow(loaded.facts.activities).to_pylist()
        bad = [(row["row"], row["column"], row["reason"]) for row in loaded.rejected.to_pylist()]
        assert loaded.summary.rows["activities"] == len(rows)
        return good, bad, loaded.facts.newest and loaded.facts.newest.us
    finally:
        engine.close()


@pytest.mark.parametrize("statistics", [True, False])
def test_a_footer_that_says_all_spares_the_look(tmp_path: Path, statistics: bool) -> None:
    _read(tmp_path, [("a", "a", datetime(2020, 1, 1), None)], "us", write_statistics=statistics)
    engine = DuckDBEngine(threads=1)
    read_facts(engine, Paths(tmp_path / "leads.parquet", activities=tmp_path / "activities.parquet"), NEEDS)
    ((view,),) = engine.raw.execute("SELECT sql FROM duckdb_views() WHERE view_name LIKE '%activities_rows'").fetchall()
    assert ("regexp_matches" not in view) is statistics
    engine.close()


@drawn(3)
@given(cases(), st.booleans())
def test_once_all_is_known_it_no_longer_matters_when_it_became_known(case: Case, later: bool) -> None:
    plain, rows, as_of, known_at = deepcopy(case)
    instants = [row[name] for row in rows["activities"] for name in ("occurred_at", "received_at", "machine_known_at")]
    newest = max((instant for instant in instants if instant is not None), default=0)
    if later:
        known_at = max(newest, known_at)
    document = document_of(plain)
    facts = facts_of(shared_engine(), document, rows)
    assert facts.activities is not None
    facts = facts.replace(activities=facts.activities.drop("message_id"))
    told = replace(facts, newest=Newest(facts.activities, newest))
    at = Instants(as_of, known_at)
    is_settled = told.settled(at).activities.columns != facts.activities.columns  # type: ignore[union-attr]
    assert is_settled is (newest <= known_at)
    assert _scored(document, told, at) == _scored(document, facts, at)


def _scored(document: Any, facts: Facts, at: Instants) -> list[Any]:
    running, plan = run(shared_engine(), document, facts, at, Wanted(by_rule=True, clock=True), Kept())
    try:
        return [sorted(map(str, running.arrow(plan, name).to_pylist())) for name in ("scores", "contributions")]
    finally:
        running.close()


def test_copies_of_a_message_are_told_apart_by_when_they_were_received() -> None:
    engine = shared_engine()
    rows = pa.table({"lead_id": ["a"], "activity_type": ["a"], "occurred_us": [1], "received_us": [2], "message_id": ["m"]})
    activities = engine.load("activities", rows)
    facts = Facts(engine.load("leads", pa.table({"lead_id": ["a"]})), activities=activities, newest=Newest(activities, 2))
    assert facts.settled(Instants(9, 9)) is facts


def test_what_is_said_of_some_activities_is_not_taken_for_others() -> None:
    engine, columns = shared_engine(), {"lead_id": ["a"], "activity_type": ["a"], "occurred_us": [1], "received_us": [2]}
    activities = engine.load("activities", pa.table(columns))
    leads = engine.load("leads", pa.table({"lead_id": ["a"], "account_id": ["b"], "created_us": [0]}))
    facts = Facts(leads, activities=activities, newest=Newest(activities, 2))
    assert facts.settled(Instants(9, 9)) is not facts
    aged, at = at_age(facts, 1)  # everybody's clock is set to another century, and what was received is not known yet
    assert aged.settled(at) is aged
    assert aged.activities is not None and "received_us" in aged.activities.columns
