"""What became known lately is found in Parquet as the file holds it: nothing that a look at all would find is missed."""

from pathlib import Path

import duckdb
import pytest

from vaglio.engines.duckdb import DuckDBEngine
from vaglio.files import read_facts
from vaglio.files.needs import Needs
from vaglio.paths import Paths

SINCE = 1_000_000 * 10**6
NEEDS = Needs(activity_types=frozenset({"page_viewed"}))
# Of each activity: who did it, when it occurred, was received and found to be a machine's [s after SINCE], and whether that is news.
ROWS = [
    ("old", -9, -8, None, False), ("at the instant", -9, 0, None, False), ("received", -9, 1, None, True), ("both", 1, 2, 3, True),
    ("received before it occurred", 5, -1, None, False), ("marked", -9, -8, 1, True), ("marked long ago", -9, -8, -7, False),
    ("not said when received", 1, None, None, True), ("nor lately", -1, None, None, False), ("nor lately, but marked", -1, None, 2, True),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["TIMESTAMP", "TIMESTAMP WITH TIME ZONE"])
def test_news_are_found_once_each(tmp_path: Path, kind: str) -> None:
    engine = _read(tmp_path, kind, received=True)
    found = [row[0] for row in engine.raw.execute('SELECT lead_id FROM "recent" ORDER BY lead_id').fetchall()]
    assert found == sorted(who for who, *_instants, is_news in ROWS if is_news)
    engine.close()


def test_what_says_of_no_instant_was_received_when_it_occurred(tmp_path: Path) -> None:
    engine = _read(tmp_path, "TIMESTAMP WITH TIME ZONE", received=False)
    found = [row[0] for row in engine.raw.execute('SELECT lead_id FROM "recent" ORDER BY lead_id').fetchall()]
    later = {who for who, occurred, _received, marked, _news in ROWS if occurred > 0 or (marked is not None and marked > 0)}
    assert found == sorted(later)
    engine.close()


@pytest.mark.parametrize("kind", ["DATE", "VARCHAR", "TIMESTAMP_NS"])
def test_instants_of_other_kinds_are_left_to_a_look_at_all(tmp_path: Path, kind: str) -> None:
    engine = _read(tmp_path, kind, received=True, looked=False)
    engine.close()


def test_bad_rows_are_looked_for_among_news_only(tmp_path: Path) -> None:
    _written(tmp_path, "TIMESTAMP", received=True, more="UNION ALL SELECT * REPLACE (' ' AS lead_id) FROM these")
    engine = DuckDBEngine(threads=1)
    loaded = read_facts(engine, _paths(tmp_path), NEEDS, since=SINCE)
    news = sum(is_news for *_rest, is_news in ROWS)
    assert loaded.rejected.num_rows == news
    assert [row["row"] for row in loaded.rejected.to_pylist()] == [
        len(ROWS) + place for place, (*_rest, is_news) in enumerate(ROWS, 1) if is_news
    ]
    assert loaded.summary.rows["activities"] == 2 * news
    engine.close()


def _paths(folder: Path) -> Paths:
    return Paths(folder / "leads.parquet", activities=folder / "activities.parquet")


def _read(folder: Path, kind: str, *, received: bool, looked: bool = True) -> DuckDBEngine:
    """Read activities whose instants are of a kind, and return the engine with what is news as its view ``recent``."""
    _written(folder, kind, received=received)
    engine = DuckDBEngine(threads=1)
    loaded = read_facts(engine, _paths(folder), NEEDS, since=SINCE)
    assert (loaded.recent is not None) is looked
    if loaded.recent is not None:
        engine.raw.execute(f'CREATE TEMP VIEW "recent" AS {engine.typed_sql(loaded.recent)}')
    return engine


def _written(folder: Path, kind: str, *, received: bool, more: str = "") -> None:
    def instant(seconds: int | None) -> str:
        return "NULL" if seconds is None else f"make_timestamptz({SINCE} + ({seconds}) * 1000000)::{kind}"

    rows = ", ".join(f"('{who}', {instant(one)}, {instant(two)}, {instant(three)})" for who, one, two, three, _news in ROWS)
    columns = "lead_id, 'page_viewed' AS activity_type, occurred_at, machine_known_at, machine_known_at IS NOT NULL AS is_machine"
    columns += ", received_at" if received else ""
    these = f"SELECT {columns} FROM (VALUES {rows}) AS made (lead_id, occurred_at, received_at, machine_known_at)"
    with duckdb.connect() as raw:
        raw.execute("SET TimeZone = 'UTC'")
        raw.execute(f"COPY (SELECT 'L' AS lead_id) TO '{folder}/leads.parquet'")
        raw.execute(f"COPY (WITH these AS ({these}) SELECT * FROM these {more}) TO '{folder}/activities.parquet'")
