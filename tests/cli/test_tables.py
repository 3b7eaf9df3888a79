"""Facts that are tables already, and results that become some: the same scores, and one line for what cannot be."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import duckdb
import pytest

from tests.cli.company import AS_OF, MODEL, rows, started, vaglio
from tests.engine.engines import postgres_url

NAMES = {"leads": "leads", "accounts": "accounts", "activities": "activities", "field-changes": "field_changes", "lists": "lists"}


@pytest.fixture(scope="module")
def database() -> Iterator[Any]:
    with adbc.connect(postgres_url(), autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("SET client_min_messages = error")
        yield cursor


@pytest.fixture(scope="module")
def crm(company: Path, database: Any) -> Iterator[str]:
    """The company as tables of a schema, each column of its own type."""
    database.execute("CREATE SCHEMA crm")
    with duckdb.connect() as raw:
        raw.execute("SET TimeZone = 'UTC'")
        for name in NAMES.values():
            typed = """* REPLACE ("to"::TIMESTAMPTZ AS "to")""" if name == "lists" else "*"
            table = raw.sql(f"SELECT {typed} FROM read_csv('{company}/{name}.csv', sample_size=-1)").to_arrow_table()
            database.adbc_ingest(name, table, mode="create", db_schema_name="crm")
    yield "crm"
    database.execute("DROP SCHEMA crm CASCADE")


@pytest.fixture
def sales(database: Any) -> Iterator[str]:
    """A schema for a test's own tables."""
    database.execute("CREATE SCHEMA sales")
    yield "sales"
    database.execute("DROP SCHEMA sales CASCADE")


def from_tables(crm: str, *more: object, command: str = "score") -> Any:
    return vaglio(*of_tables(crm, command), *more)


def of_tables(crm: str, command: str = "score") -> list[object]:
    options = [part for option, name in NAMES.items() for part in (f"--{option}", f"table:{crm}.{name}")]
    return [command, MODEL, *options, *AS_OF, "--engine", postgres_url()]


def from_files(company: Path, *more: object) -> Any:
    options = [part for option, name in NAMES.items() for part in (f"--{option}", company / f"{name}.csv")]
    return vaglio("score", MODEL, *options, *AS_OF, *more)


def test_tables_give_the_same_scores_as_files(company: Path, crm: str, tmp_path: Path) -> None:
    done = from_tables(crm, "--out", tmp_path / "s.csv", "--contributions", tmp_path / "c.csv")
    assert done.returncode == 0, done.stderr
    here = from_files(company, "--out", tmp_path / "s2.csv", "--contributions", tmp_path / "c2.csv")
    assert (tmp_path / "s.csv").read_bytes() == (tmp_path / "s2.csv").read_bytes()
    assert (tmp_path / "c.csv").read_bytes() == (tmp_path / "c2.csv").read_bytes()
    assert done.stdout.splitlines()[0] == here.stdout.splitlines()[0]
    assert done.stderr == here.stderr  # what no model reads is said alike


def test_results_become_tables_and_are_filled_anew(company: Path, crm: str, sales: str, database: Any, tmp_path: Path) -> None:
    for _ in range(2):
        done = from_tables(crm, "--out", f"table:{sales}.scores", "--contributions", f"table:{sales}.lines", "--top", "1")
        assert done.returncode == 0, done.stderr
        assert f"wrote table:{sales}.scores" in done.stdout and "Top 1" in done.stdout
    from_files(company, "--out", tmp_path / "s.csv", "--contributions", tmp_path / "c.csv")
    for name, file, columns in (
        ("scores", "s.csv", ["lead_id", "rating", "rank"]),
        ("lines", "c.csv", ["lead_id", "rule_id", "millipoints"]),
    ):
        database.execute(f"SELECT {', '.join(columns)} FROM {sales}.{name}")
        found = [tuple("" if value is None else str(value) for value in row.values()) for row in database.fetch_arrow_table().to_pylist()]
        assert sorted(found) == sorted(tuple(row[column] for column in columns) for row in rows(tmp_path / file))
    database.execute(f"SELECT DISTINCT as_of FROM {sales}.scores JOIN crm.leads USING (lead_id)")
    assert database.fetch_arrow_table().column("as_of")[0].as_py().isoformat() == "2026-10-01T00:00:00+00:00"


def lines(done: Any) -> list[str]:
    assert done.returncode == 2
    return [line for line in done.stderr.splitlines() if not line.startswith("note: ")]


def test_a_table_of_somebody_else_is_not_written_over(crm: str, sales: str, database: Any) -> None:
    database.execute(f"CREATE TABLE {sales}.people AS SELECT lead_id FROM crm.leads")
    done = from_tables(crm, "--out", f"table:{sales}.people")
    assert lines(done) == ["vaglio: the table sales.people is there and has other columns than a result; name another one, or drop it"]
    done = from_tables(crm, "--out", "table:crm.leads")
    assert lines(done) == ["vaglio: --out would write over table:crm.leads, which is read as --leads; name another"]


def test_of_results_that_cannot_all_be_written_none_is(crm: str, sales: str, database: Any, tmp_path: Path) -> None:
    assert from_tables(crm, "--out", f"table:{sales}.scores").returncode == 0
    database.execute(f"UPDATE {sales}.scores SET rating = 'before'")
    for out in ("scores", "others"):
        done = from_tables(
            crm, "--out", f"table:{sales}.{out}", "--contributions", "table:newschema.lines", "--report", tmp_path / "r.html"
        )
        assert done.returncode == 2 and not list(tmp_path.iterdir())
    database.execute(f"SELECT DISTINCT rating, to_regclass('{sales}.others') IS NULL AS none FROM {sales}.scores")
    assert database.fetch_arrow_table().to_pylist() == [{"rating": "before", "none": True}]


def test_who_fills_a_table_at_the_same_time_is_waited_for(crm: str, sales: str, database: Any) -> None:
    assert from_tables(crm, "--out", f"table:{sales}.scores").returncode == 0
    database.execute(f"SELECT count(*) AS rows FROM {sales}.scores")
    wanted = database.fetch_arrow_table().to_pylist()
    with adbc.connect(postgres_url(), autocommit=True) as connection, connection.cursor() as other, ThreadPoolExecutor() as pool:
        other.execute("BEGIN")
        other.execute(f"CREATE TEMP TABLE theirs ON COMMIT DROP AS SELECT * FROM {sales}.scores")
        other.execute(f"DELETE FROM {sales}.scores")
        other.execute(f"INSERT INTO {sales}.scores SELECT * FROM theirs")
        ours = pool.submit(started, *of_tables(crm), "--out", f"table:{sales}.scores")
        waits = "SELECT count(*) AS rows FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while not ours.done():
            database.execute(waits)
            if database.fetch_arrow_table().column("rows")[0].as_py():
                break
            time.sleep(0.1)
        assert not ours.done()
        other.execute("COMMIT")
        assert ours.result().returncode == 0
    database.execute(f"SELECT count(*) AS rows FROM {sales}.scores")
    assert database.fetch_arrow_table().to_pylist() == wanted


def test_a_schema_that_is_not_there_is_one_line(crm: str) -> None:
    done = from_tables(crm, "--out", "table:newschema.scores")
    assert lines(done) == ['vaglio: postgres: schema "newschema" does not exist; make it first: CREATE SCHEMA']


@pytest.fixture
def guest(crm: str, database: Any) -> Iterator[str]:
    """A URL of somebody who may do what the documentation says that reading takes."""
    database.execute("CREATE ROLE guest LOGIN")
    for right in ("CREATE ON DATABASE vaglio", f"USAGE ON SCHEMA {crm}", f"SELECT ON ALL TABLES IN SCHEMA {crm}"):
        database.execute(f"GRANT {right} TO guest")
    yield postgres_url().replace("//vaglio@", "//guest@")
    database.execute("DROP OWNED BY guest")
    database.execute("DROP ROLE guest")


def test_a_missing_right_is_named(crm: str, sales: str, guest: str, database: Any, tmp_path: Path) -> None:
    options = [part for option, name in NAMES.items() for part in (f"--{option}", f"table:{crm}.{name}")]

    def scored(out: object) -> Any:
        return vaglio("score", MODEL, *options, *AS_OF, "--engine", guest, "--out", out)

    assert scored(tmp_path / "s.csv").returncode == 0
    denied = "vaglio: postgres: permission denied for "
    found = lines(scored(f"table:{sales}.scores"))
    assert found == [f"{denied}schema sales; let its user have USAGE of the schema, and CREATE in it where a result is made there"]
    assert from_tables(crm, "--out", f"table:{sales}.scores").returncode == 0
    database.execute(f"GRANT USAGE ON SCHEMA {sales} TO guest")
    database.execute(f"GRANT SELECT ON {sales}.scores TO guest")
    found = lines(scored(f"table:{sales}.scores"))
    assert found == [f"{denied}table scores; let its user SELECT from it; a table that is filled anew also takes INSERT and DELETE"]
    database.execute(f"GRANT INSERT, DELETE ON {sales}.scores TO guest")
    assert scored(f"table:{sales}.scores").returncode == 0
    database.execute("REVOKE CREATE ON DATABASE vaglio FROM guest")
    assert lines(scored(tmp_path / "s.csv"))[0].startswith(f"{denied}database vaglio; let its user CREATE in the database: ")


def test_a_missing_table_is_one_line(crm: str, tmp_path: Path) -> None:
    done = vaglio("score", MODEL, "--leads", "table:crm.people", *AS_OF, "--out", tmp_path / "s.csv", "--engine", postgres_url())
    assert lines(done) == ["vaglio: the database has no table crm.people; name the leads as table:SCHEMA.TABLE"]
    done = vaglio(
        "score", MODEL, "--leads", "table:crm.leads; drop table x", *AS_OF, "--out", tmp_path / "s.csv", "--engine", postgres_url()
    )
    assert lines(done)[0].startswith("vaglio: crm.leads; drop table x is no name of a table; ")


MODEL_TEXT = """format: 1
name: small
inputs:
  fields: {size: integer, revenue: number, met_on: date, is_partner: boolean, sector: string}
  activities: {seen: {minutes: integer}}
profile:
  rules:
    - {id: large, kind: fields, points: 1, bands: [{all: [{field: size, from: 10}, {field: revenue, below: 9}, {field: sector, equals: x},
       {field: is_partner, equals: true}, {field: met_on, newer_than: 30d}], award: 100%}]}
  letters: {A: 3, B: 2, C: 1}
engagement:
  rules: [{id: seen, kind: activity, activity: seen, where: {minutes: {from: 5}}, points: 2}]
  digits: {1: 3, 2: 2, 3: 1}
"""
LEADS = "lead_id text, account_id text, size integer, revenue numeric, met_on date, is_partner boolean, sector text"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(MODEL_TEXT, encoding="utf-8")
    return path


def scored(small: Path, sales: str, *more: object) -> Any:
    return vaglio("score", small, "--leads", f"table:{sales}.leads", "--activities", f"table:{sales}.activities", "--as-of", "2026-03-02",
                  "--engine", postgres_url(), *more)  # fmt: skip


@pytest.mark.parametrize(
    ("column", "kind", "wanted"),
    [("size", "text", "a whole number"), ("revenue", "boolean", "a number"), ("met_on", "text", "a date or an instant"),
     ("is_partner", "integer", "a boolean"), ("sector", "double precision", "text"), ("sector", "jsonb", "text")],
)  # fmt: skip
def test_a_column_of_another_type_is_one_line(
    small: Path, sales: str, database: Any, tmp_path: Path, column: str, kind: str, wanted: str
) -> None:
    columns = ", ".join(f"{column} {kind}" if each.split()[0] == column else each for each in LEADS.split(", "))
    database.execute(f"CREATE TABLE {sales}.leads ({columns})")
    database.execute(f"CREATE TABLE {sales}.activities (lead_id text, activity_type text, occurred_at timestamptz, minutes integer)")
    done = scored(small, sales, "--out", tmp_path / "s.csv")
    said = f"vaglio: sales.leads: the column '{column}' is {kind}, but {column} must be {wanted}; cast it in a view, and name that"
    assert lines(done) == [said]


def fill(database: Any, sales: str) -> None:
    database.execute(f"CREATE TABLE {sales}.leads ({LEADS.replace('lead_id text', 'lead_id bigint')})")
    database.execute(f"INSERT INTO {sales}.leads VALUES (1, 'a', 10, 8.5, '2026-02-20', true, 'X'), (NULL, 'a', 1, 1, NULL, NULL, NULL)")
    database.execute(f"CREATE TABLE {sales}.activities (lead_id bigint, activity_type varchar(9), occurred_at timestamp, minutes smallint)")
    database.execute(
        f"INSERT INTO {sales}.activities VALUES (1, 'seen', '2026-03-01', 5), (1, 'seen', NULL, 9), (1, ' ', '2026-03-01', 9), "
        "(1, 'seen', 'infinity', 9), (1, 'seen', '2026-03-01', 4), (2, 'seen', '2026-03-01', 5), (1, 'left', '2026-03-01', 5)"
    )


def test_bad_rows_are_set_aside_with_their_reason(small: Path, sales: str, database: Any, tmp_path: Path) -> None:
    fill(database, sales)
    done = scored(small, sales, "--out", tmp_path / "s.csv", "--json")
    assert done.returncode == 0, done.stderr
    (row,) = rows(tmp_path / "s.csv")
    assert (row["lead_id"], row["profile_millipoints"], row["engagement_millipoints"]) == ("1", "1000", "2000")
    told = [(each["file"], each["row"], each["column"], each["reason"]) for each in rows(tmp_path / "s.csv.rejected.csv")]
    assert told == [
        ("sales.leads", "", "lead_id", "is empty"), ("sales.activities", "", "activity_type", "is empty"),
        ("sales.activities", "", "occurred_at", "is empty"),
        ("sales.activities", "", "occurred_at", "is not a date of the years 1000 to 9999"),
    ]  # fmt: skip
    assert '"rows": {' in done.stdout and '"orphan_activities": 1' in done.stdout and '"left": 1' in done.stdout


@pytest.mark.parametrize("kind", ["numeric", "double precision", "real"])
def test_what_is_no_number_is_set_aside_whatever_its_column(small: Path, sales: str, database: Any, tmp_path: Path, kind: str) -> None:
    database.execute(f"CREATE TABLE {sales}.leads ({LEADS.replace('revenue numeric', f'revenue {kind}')})")
    database.execute(
        f"INSERT INTO {sales}.leads (lead_id, account_id, revenue) VALUES ('a', ' ', 'NaN'), ('b', ' ', 'Infinity'), ('c', ' ', 1)"
    )
    database.execute(f"CREATE TABLE {sales}.activities (lead_id text, activity_type text, occurred_at timestamptz, minutes integer)")
    assert scored(small, sales, "--out", tmp_path / "s.csv").returncode == 0
    assert [row["lead_id"] for row in rows(tmp_path / "s.csv")] == ["c"]
    told = rows(tmp_path / "s.csv.rejected.csv")
    assert [(each["column"], each["reason"]) for each in told] == [("revenue", "is not a number")] * 2


def test_ids_and_types_of_a_kind_that_is_compared_with_no_text_are_texts(small: Path, sales: str, database: Any, tmp_path: Path) -> None:
    database.execute(f"CREATE TYPE {sales}.kind AS ENUM ('seen', 'left')")
    database.execute(f"CREATE TYPE {sales}.branch AS ENUM ('X', 'y')")
    database.execute(
        f"CREATE TABLE {sales}.leads ({LEADS.replace('_id text', '_id uuid').replace('sector text', f'sector {sales}.branch')})"
    )
    columns = f"lead_id uuid, activity_type {sales}.kind, occurred_at timestamptz, minutes integer"
    database.execute(f"CREATE TABLE {sales}.activities ({columns})")
    one = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
    row = f"('{one}', NULL, 10, 8.5, '2026-02-20', true, 'X')"
    database.execute(f"INSERT INTO {sales}.leads VALUES {row}, (NULL, NULL, NULL, NULL, NULL, NULL, NULL)")
    database.execute(f"INSERT INTO {sales}.activities VALUES ('{one}', 'seen', '2026-03-01', 5)")
    done = scored(small, sales, "--out", tmp_path / "s.csv")
    assert done.returncode == 0, done.stderr
    (found,) = rows(tmp_path / "s.csv")
    assert (found["lead_id"], found["profile_millipoints"], found["engagement_millipoints"]) == (one, "1000", "2000")
    assert [row["reason"] for row in rows(tmp_path / "s.csv.rejected.csv")] == ["is empty"]


@pytest.mark.parametrize("kind", ["date", "timestamp", "timestamptz"])
def test_a_day_that_is_far_off_is_set_aside_whatever_its_column(small: Path, sales: str, database: Any, tmp_path: Path, kind: str) -> None:
    database.execute(f"CREATE TABLE {sales}.leads ({LEADS.replace('met_on date', f'met_on {kind}')})")
    far = ("290000-01-01", "2900000-01-01")[kind == "date"]
    days = {"a": far, "b": "0999-12-31", "c": "1000-01-01", "d": "9999-12-31", "e": "10000-01-01", "f": "4713-01-01 BC", "g": "-infinity"}
    for lead, day in days.items():
        database.execute(f"INSERT INTO {sales}.leads (lead_id, met_on) VALUES ('{lead}', '{day}')")
    database.execute(f"CREATE TABLE {sales}.activities (lead_id text, activity_type text, occurred_at timestamptz, minutes integer)")
    done = scored(small, sales, "--out", tmp_path / "s.csv")
    assert done.returncode == 0, done.stderr
    assert sorted(row["lead_id"] for row in rows(tmp_path / "s.csv")) == ["c", "d"]


def test_a_table_that_is_brought_here_keeps_its_name(small: Path, sales: str, database: Any, tmp_path: Path) -> None:
    fill(database, sales)
    database.execute(f"CREATE TABLE {sales}.changes (lead_id text, field text, value jsonb, known_at timestamptz)")
    done = scored(small, sales, "--field-changes", f"table:{sales}.changes", "--out", tmp_path / "s.csv")
    assert lines(done)[0].startswith("vaglio: sales.changes has not the column 'value'; ") and str(tmp_path) not in done.stderr
    assert "; what is not read: 'value' is jsonb; " in done.stderr


def test_a_blank_id_of_a_message_is_none(small: Path, sales: str, database: Any, tmp_path: Path) -> None:
    database.execute(f"CREATE TABLE {sales}.leads ({LEADS})")
    database.execute(f"INSERT INTO {sales}.leads (lead_id) VALUES ('a')")
    columns = "lead_id text, activity_type text, occurred_at timestamptz, minutes integer, message_id text"
    database.execute(f"CREATE TABLE {sales}.activities ({columns})")
    done = ", ".join(f"('a', 'seen', '2026-03-01', 9, '{each}')" for each in (" ", " ", "", "m", "m"))
    database.execute(f"INSERT INTO {sales}.activities VALUES {done}")
    assert scored(small, sales, "--out", tmp_path / "s.csv").returncode == 0
    assert rows(tmp_path / "s.csv")[0]["engagement_millipoints"] == "8000"  # three and one message


def test_those_of_a_result_that_is_a_table_are_a_table_too(small: Path, sales: str, database: Any) -> None:
    def rejected() -> int:
        database.execute(f'SELECT count(*) AS rows FROM {sales}."Scores_rejected"')
        return int(database.fetch_arrow_table().column("rows")[0].as_py())

    fill(database, sales)
    out = ("--out", f'table:{sales}."Scores"')
    done = scored(small, sales, *out)
    assert done.returncode == 0 and '4 bad rows set aside with the reason in table:sales."Scores_rejected"' in done.stderr, done.stderr
    assert rejected() == 4
    database.execute(f"DELETE FROM {sales}.leads WHERE lead_id IS NULL")
    database.execute(f"DELETE FROM {sales}.activities WHERE occurred_at IS NULL OR occurred_at = 'infinity' OR activity_type = ' '")
    assert scored(small, sales, *out).returncode == 0
    assert rejected() == 0  # what was bad once is not said again


def test_strict_stops_at_a_bad_row(small: Path, sales: str, database: Any, tmp_path: Path) -> None:
    fill(database, sales)
    done = scored(small, sales, "--out", tmp_path / "s.csv", "--strict")
    assert lines(done)[0].startswith("vaglio: sales.leads, column 'lead_id': is empty (")


def test_a_lead_that_is_there_twice_is_one_line(small: Path, sales: str, database: Any, tmp_path: Path) -> None:
    fill(database, sales)
    database.execute(f"INSERT INTO {sales}.leads SELECT * FROM {sales}.leads WHERE lead_id = 1")
    done = scored(small, sales, "--out", tmp_path / "s.csv")
    assert lines(done) == ["vaglio: sales.leads holds 1 lead_id more than once, as '1'; name a view that holds each once"]


def test_tables_and_files_are_not_mixed_and_duckdb_holds_none(company: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "s.csv")
    mixed = ("--leads", "table:crm.leads", "--activities", company / "activities.csv", *AS_OF, *out, "--engine", postgres_url())
    told = ["vaglio: --leads name tables and --activities files; give all as tables, or all as files"]
    assert lines(vaglio("score", MODEL, *mixed)) == told
    told = [
        "vaglio: --leads names a table, and duckdb holds none; "
        "say where it is: --engine postgres or spark; a command without --engine reads files"
    ]
    assert lines(vaglio("score", MODEL, "--leads", "table:crm.leads", *AS_OF, *out)) == told
    done = vaglio("score", MODEL, "--leads", company / "leads.csv", *AS_OF, "--out", "table:crm.scores")
    assert lines(done) == ["vaglio: table:crm.scores is a table, and duckdb holds none; say where it is: --engine postgres or spark"]
