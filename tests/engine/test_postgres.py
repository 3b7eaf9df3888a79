"""PostgreSQL where it differs from other engines: its names, its texts, its powers, and the schema that it works in."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import psycopg
import pyarrow as pa
import pytest

from tests.engine import oracle
from tests.engine.engines import postgres_url
from tests.engine.rules.score import AS_OF, DAY, HOUR, TABLES, Row, at, did
from tests.engine.tables import document_of, engine_called, facts_of
from tests.engine.test_equals_oracle import assert_equal_scores
from vaglio.engines import make
from vaglio.engines.duckdb import DuckDBEngine
from vaglio.errors import DataError, EngineError, UnsupportedError
from vaglio.files import ColumnMap, needs
from vaglio.kept import Kept, run
from vaglio.paths import Paths
from vaglio.plan import Facts, Instants, Wanted
from vaglio.scoring import score_rows
from vaglio.tables import read_tables


@pytest.fixture
def engine() -> Any:
    return engine_called("postgres")


def assert_equals_oracle(engine: Any, rule: Row, inputs: Row, **facts: list[Row]) -> list[str]:
    """Compare one rule with the oracle, and return the leads by rank."""
    plain = {
        "format": 1, "name": "here", "inputs": inputs,
        "profile": {"rules": [], "letters": {"A": 3, "B": 2, "C": 1}},
        "engagement": {"rules": [{"id": "r"} | rule], "digits": {1: 3, 2: 2, 3: 1}},
    }  # fmt: skip
    tables: dict[str, Any] = {name: facts.get(name, []) for name in TABLES}
    document = document_of(plain)
    running, plan = run(engine, document, facts_of(engine, document, tables), Instants(AS_OF, AS_OF), Wanted(), Kept())
    rows = {row["lead_id"]: row for row in running.arrow(plan, "scores").to_pylist()}
    running.close()
    assert_equal_scores(rows, oracle.score(plain, tables, AS_OF, AS_OF).scores)
    return sorted(rows, key=lambda lead_id: rows[lead_id]["rank"])


def test_names_longer_than_its_own_are_told_apart(engine: Any) -> None:
    one, other = ("x" * 99 + end for end in "ab")
    rule = {"kind": "fields", "points": 1, "bands": [{"all": [{"field": one, "equals": "p"}, {"field": other, "equals": "q"}]}]}
    changes = [{"subject": "lead", "id": "M", "field": other, "value": "q", "known_at": at(DAY)}]
    leads = [{"lead_id": "L", one: "p", other: "q"}, {"lead_id": "M", one: "p", other: "z"}, {"lead_id": "N", one: "q", other: "p"}]
    assert_equals_oracle(engine, rule, {"fields": {one: "string", other: "string"}}, leads=leads, field_changes=changes)


def test_what_is_left_after_a_thousand_half_lives_is_nothing_and_no_error(engine: Any) -> None:
    rule = {"kind": "activity", "activity": "seen", "points": 10, "half_life": "1h"}
    younger = {"kind": "activity_count", "activity": "seen", "bands": [{"at_least": 1, "points": 1}]}
    done = [did(2_000 * HOUR, "seen"), did(30 * 365 * DAY, "seen"), did(HOUR, "seen")]
    for each in (rule, younger):
        assert_equals_oracle(engine, each, {"activities": {"seen": {}}}, leads=[{"lead_id": "L"}], activities=done)


def test_equal_leads_are_ranked_by_code_points_whatever_the_collation(engine: Any) -> None:
    rule = {"kind": "activity", "activity": "seen", "points": 10}
    names = ["b", "B", "a", "\u00e4", "Z", "_", "1", "10", "9", "\U0001f600", "\ufb00"]
    found = assert_equals_oracle(engine, rule, {"activities": {"seen": {}}}, leads=[{"lead_id": name} for name in names])
    assert found == sorted(names)
    table = engine.load("words", pa.table({"word": names}))
    ordered = engine.sql(table.order_by("word"))
    assert 'COLLATE "C"' in ordered and 'COLLATE "C"' in engine.sql(table.aggregate(last=table.word.max(), first=table.word.min()))


def test_doubles_are_written_as_everywhere(engine: Any) -> None:
    numbers = [0.0, -0.0, 1.0, -2.5, 0.1, 1e15, 1234567890123456.8, 9007199254740993.0, 1e16, 1e22, 1e-4, 1e-5, 5e-324, 1.7e308]
    numbers += [123456789.0, float("inf"), float("-inf"), float("nan")]
    table = engine.load("numbers", pa.table({"number": numbers}))
    assert engine.arrow(table.select(text=table.number.cast("string"))).column("text").to_pylist() == [str(number) for number in numbers]


@pytest.mark.parametrize("kind", ["timestamptz", "timestamp"])
def test_instants_are_counted_to_the_microsecond(engine: Any, kind: str) -> None:
    # Whole numbers all the way: what vaglio_us makes of doubles is exact, at the ends of the years it makes them for and between.
    spread = "(-2145916800 + (random() * 4291747200)::bigint) * 1000000 + (random() * 999999)::bigint"
    ends = (
        "VALUES (-2145916800000001), (-2145916800000000), (-2145916799999999), (2145916799999999), (2145916800000000), (2145916800000001)"
    )
    made = f"SELECT us, (timestamp 'epoch' + us * interval '1 microsecond')::{kind} AS moment FROM (SELECT {spread} AS us " \
           f"FROM generate_series(1, 100000) UNION ALL SELECT us FROM ({ends}) AS ends (us)) AS drawn"  # fmt: skip
    found = engine.session.rows(f"SELECT count(*) AS n, count(*) FILTER (WHERE vaglio_us(moment) = us) AS same FROM ({made}) AS made")
    assert found.to_pylist() == [{"n": 100_006, "same": 100_006}]


def test_calls_of_ours_cost_no_calls(engine: Any) -> None:
    engine.session.execute("CREATE TABLE told AS SELECT now() AS moment")
    engine.session.execute("CREATE VIEW counted AS SELECT vaglio_us(moment) AS us FROM told")
    with psycopg.connect(postgres_url()) as connection:
        connection.execute(f"SET search_path = {engine.session.schema}")
        plan = connection.execute("EXPLAIN (VERBOSE, COSTS OFF) SELECT us FROM counted").fetchall()
    engine.session.execute("DROP TABLE told CASCADE")
    assert "vaglio_us" not in str(plan) and "date_part" in str(plan)


def test_instants_keep_their_microseconds_in_any_year(engine: Any) -> None:
    instants = [0, -1, 1, AS_OF + 1, -62_135_596_800_000_000, 253_402_300_799_999_999]
    table = engine.load("instants", pa.table({"us": instants}))
    steps = engine.steps("t_")
    found = engine.arrow(table.select(at=steps.instant(table.us))).column("at")
    assert found.cast(pa.int64()).to_pylist() == instants and str(found.type) == "timestamp[us, tz=UTC]"


def test_a_text_that_it_cannot_hold_is_named(engine: Any) -> None:
    with pytest.raises(DataError, match="NUL character, which PostgreSQL cannot hold"):
        engine.load("nul", pa.table({"text": ["a\0b"]}))


def test_more_columns_than_a_table_has_are_refused_when_compiling(engine: Any) -> None:
    table = ibis.table({f"c{n}": "int64" for n in range(1_601)}, name="wide")
    with pytest.raises(UnsupportedError, match="1,600 columns in a table, and this model needs 1,601"):
        engine.sql(table)


def test_what_fails_is_said_in_one_line(engine: Any) -> None:
    table = engine.load("zero", pa.table({"n": [0]}))
    with pytest.raises(EngineError) as failed:
        engine.arrow(table.select(x=ibis.literal(1) % table.n))
    assert str(failed.value) == "postgres: division by zero; the database says so; its log may say more"


@pytest.fixture
def schemas(engine: Any) -> Iterator[Any]:
    yield lambda: set(engine.session.rows("SELECT nspname::text AS name FROM pg_namespace").column("name").to_pylist())


def test_its_schema_goes_when_it_is_closed_and_a_killed_one_s_with_the_next(schemas: Any) -> None:
    before = schemas()
    code = f"import os; from vaglio.engines import make; print(make('postgres', url={postgres_url()!r}).session.schema); os._exit(9)"
    killed = subprocess.run([sys.executable, "-uc", code], capture_output=True, text=True, check=False).stdout.strip()
    assert schemas() == before | {killed}
    made: Any = make("postgres", url=postgres_url())
    assert schemas() == before | {made.session.schema}  # those in use stay
    made.close()
    assert schemas() == before


def test_a_database_that_ends_meanwhile_is_one_line() -> None:
    made: Any = make("postgres", url=postgres_url())
    (pid,) = made.session.rows("SELECT pg_backend_pid() AS pid").column("pid").to_pylist()
    with psycopg.connect(postgres_url(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
    with pytest.raises(EngineError, match="it ended meanwhile: see that it runs, and do this again"):
        made.session.execute("SELECT 1")
    made.close()


RENAMED = {
    "format": 1, "name": "renamed", "inputs": {"fields": {"title": "string"}},
    "profile": {
        "rules": [{"id": "r", "kind": "fields", "points": 10, "field": "title", "bands": [{"contains": "chief"}]}],
        "letters": {"A": 10, "B": 5, "C": 1},
    },
    "engagement": {"rules": [], "digits": {1: 10, 2: 5, 3: 1}},
}  # fmt: skip


def test_a_score_is_made_of_one_instant_while_others_write() -> None:
    """Whatever the lead is called meanwhile, it holds the word; texts found at one instant would not be those looked up at the next."""
    url, stop = postgres_url(), threading.Event()
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("DROP TABLE IF EXISTS renamed; CREATE TABLE renamed AS SELECT 'L'::text AS lead_id, 'Chief 0'::text AS title")

        def rename() -> None:
            for number in itertools.count(1):
                if stop.is_set():
                    return
                other.execute("UPDATE renamed SET title = %s", [f"Chief {number}"])

        engine: Any = make("postgres", url=url)
        document = document_of(RENAMED)
        leads = read_tables(engine, DuckDBEngine(), Paths(Path("table:renamed")), needs([document]), ColumnMap()).facts
        writer = threading.Thread(target=rename)
        writer.start()
        try:
            found = [score_rows(engine, document, leads, Instants(AS_OF, AS_OF))[0] for _turn in range(10)]
            seen = {row["title"] for row in engine.session.rows("SELECT title FROM renamed").to_pylist()}
        finally:
            stop.set()
            writer.join()
            engine.close()
        assert {(row["rating"], row["coverage"]) for row in found} == {("A4", 1.0)}
        assert seen != {"Chief 0"}  # between runs it sees what others wrote
        other.execute("DROP TABLE renamed")


def test_after_a_run_that_failed_another_goes_on(engine: Any) -> None:
    table = engine.load("broken", pa.table({"lead_id": ["L"], "created_us": pa.array([0], pa.int64()), "f_title": ["Chief"]}))
    leads = table.select("lead_id", "f_title", account_id=ibis.null("string"), created_us=table.created_us % table.created_us)
    document = document_of(RENAMED)
    for _turn in range(2):
        with pytest.raises(EngineError, match="division by zero"):
            score_rows(engine, document, Facts(leads), Instants(AS_OF, AS_OF))
    sound = Facts(leads.mutate(created_us=ibis.literal(0, "int64")))
    assert [row["rating"] for row in score_rows(engine, document, sound, Instants(AS_OF, AS_OF))] == ["A4"]


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """Hear of SIGINT, which who is started in the background does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_after_a_run_that_was_stopped_by_hand_another_goes_on(engine: Any, heeds_ctrl_c: None) -> None:
    """As in a notebook, where Ctrl-C ends a cell and the engine stays."""
    leads = engine.load("stopped", pa.table({"lead_id": ["L"], "created_us": pa.array([0], pa.int64()), "f_title": ["Chief"]}))
    facts = Facts(leads.mutate(account_id=ibis.null("string")))
    running, _plan = run(engine, document_of(RENAMED), facts, Instants(AS_OF, AS_OF), Wanted(), Kept())
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        engine.session.rows("SELECT pg_sleep(30)")
    assert time.monotonic() - begun < 20
    running.close()
    assert [row["rating"] for row in score_rows(engine, document_of(RENAMED), facts, Instants(AS_OF, AS_OF))] == ["A4"]


def test_it_is_closed_twice_and_after_the_interpreter_has_begun_to_end(schemas: Any) -> None:
    before = schemas()
    code = f"import atexit; from vaglio.engines import make; atexit.register(make('postgres', url={postgres_url()!r}).close)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.stderr, schemas()) == ("", before)
    made: Any = make("postgres", url=postgres_url())
    made.close()
    made.close()
    with pytest.raises(EngineError):
        made.session.rows("SELECT 1")


def test_a_run_leaves_nothing(engine: Any) -> None:
    def there() -> set[str]:
        rows = engine.session.rows(
            f"SELECT relname::text AS name FROM pg_class WHERE relnamespace = '{engine.session.schema}'::regnamespace"
        )
        return set(rows.column("name").to_pylist())

    rule = {"kind": "activity", "activity": "seen", "points": 10}
    assert_equals_oracle(engine, rule, {"activities": {"seen": {}}}, leads=[{"lead_id": "L"}], activities=[did(HOUR, "seen")])
    before = there()
    assert_equals_oracle(engine, rule, {"activities": {"seen": {}}}, leads=[{"lead_id": "L"}], activities=[did(HOUR, "seen")])
    assert there() == before


def test_who_is_stopped_while_an_instant_begins_holds_none(monkeypatch: pytest.MonkeyPatch) -> None:
    engine: Any = make("postgres", url=postgres_url())
    session, execute = engine.session, engine.session.execute

    def stopped(sql: str) -> int:
        made = execute(sql)
        if sql.startswith("BEGIN"):
            monkeypatch.undo()
            raise KeyboardInterrupt
        return int(made)

    monkeypatch.setattr(session, "execute", stopped)
    with pytest.raises(KeyboardInterrupt):
        session.hold()
    first, then = (session.rows("SELECT now()::text AS at").column("at")[0].as_py() for _ in range(2))
    assert first != then, "they are of one transaction"
    session.hold()
    session.let_go()
    engine.close()
