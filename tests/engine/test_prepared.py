"""Activities prepared for being read often: numbers beside them change nothing, and are believed only where they are surely right."""

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given

from tests.engine.engines import spark
from tests.engine.strategies import Case, drawn, models
from tests.engine.tables import document_of, engine_called, facts_of
from vaglio.demo import make
from vaglio.document import ModelDocument, load
from vaglio.engines.duckdb import DuckDBEngine
from vaglio.errors import DataError
from vaglio.files import ColumnMap, needs, read_facts
from vaglio.files import prepared as prepared_module
from vaglio.files.needs import Needs
from vaglio.files.prepared import Prepared, prepare
from vaglio.kept import Kept, run
from vaglio.paths import Paths
from vaglio.plan import Facts, Instants, Wanted
from vaglio.terms import InputType

AT = Instants(1_790_812_800_000_000, 1_790_812_800_000_000)
ALL = Wanted(by_rule=True, detail=True, counted=True, clock=True)
PLANS = Kept()  # of the ready model: one over numbers, one over what they stand for


@pytest.mark.parametrize("name", ["duckdb", "sqlite", "postgres", spark(pytest.mark.drill)])
def test_numbers_beside_activities_change_nothing(name: str) -> None:
    @drawn(1)  # the ready model below has rules of most kinds
    @given(models())
    def check(case: Case) -> None:
        plain, rows, as_of, known_at = deepcopy(case)
        document, engine = document_of(plain), engine_called(name)
        facts, at = facts_of(engine, document, rows), Instants(as_of, known_at)
        assert _all(engine, document, _numbered(engine, facts), at) == _all(engine, document, facts, at)

    check()


def _numbered(engine: Any, facts: Facts) -> Facts:
    """Return the facts with a number beside each activity, and what the numbers say."""
    activities = engine.arrow(facts.activities)
    names = [name for name in activities.column_names if name == "activity_type" or name.startswith("p_")]
    said = [tuple(row.values()) for row in activities.select(names).to_pylist()]
    numbers = {each: n for n, each in enumerate(sorted(set(said), key=str))}
    stored = pa.table(
        [pa.array(range(len(numbers)), pa.int32())] + [pa.array([each[n] for each in numbers], activities.schema.field(name).type)
         for n, name in enumerate(names)], names=["stored", *names],
    )  # fmt: skip
    with_numbers = activities.append_column("stored", pa.array([numbers[each] for each in said], pa.int32()))
    return replace(facts, activities=engine.load("numbered", with_numbers), stored=engine.load("stored", stored))


def _all(engine: Any, document: ModelDocument, facts: Facts, at: Instants) -> dict[str, list[str]]:
    running, plan = run(engine, document, facts, at, ALL, PLANS)
    try:
        return {name: sorted(map(str, running.arrow(plan, name).to_pylist())) for name in plan.results}
    finally:
        running.close()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    make(folder, leads=200, activities=4_000, format="parquet", duplicates=True, message_ids=True)
    return folder


def _prepared(path: Path, out: Path, *columns: str) -> Prepared:
    engine = DuckDBEngine(threads=1)
    try:
        return prepare(engine, path, out, ColumnMap.parse(columns))
    finally:
        engine.close()


def _scored(company: Path, activities: Path) -> tuple[dict[str, list[str]], bool]:
    """Return what the model says of a company by a file of activities, and whether numbers were read."""
    document, engine = load(Path("models/b2b_software.yaml")), DuckDBEngine(threads=1)
    others = (company / f"{name}.parquet" for name in ("field_changes", "lists"))
    try:
        paths = Paths(company / "leads.parquet", company / "accounts.parquet", activities, *others)
        facts = read_facts(engine, paths, needs([document])).facts
        return _all(engine, document, facts, AT), facts.stored is not None
    finally:
        engine.close()


def test_a_prepared_file_is_read_by_its_numbers_and_says_the_same(company: Path, tmp_path: Path) -> None:
    plain, out = company / "activities.parquet", tmp_path / "prepared.parquet"
    made = _prepared(plain, out)
    assert made.columns[0] == "activity_type" and {"path", "form", "content_type"} <= set(made.columns)
    assert 10 < made.signatures < 4_000 and made.activities == pq.read_metadata(plain).num_rows
    before = duckdb.sql(f"SELECT * FROM '{plain}' ORDER BY ALL")
    after = duckdb.sql(f"SELECT * EXCLUDE (vaglio_signature) FROM '{out}' ORDER BY ALL")
    assert after.to_arrow_table().equals(before.to_arrow_table())
    whose = [row[0] for row in duckdb.sql(f"SELECT lead_id FROM '{out}'").fetchall()]
    assert whose == sorted(whose)
    wanted, is_numbered = _scored(company, out)
    assert is_numbered and _scored(company, plain) == (wanted, False)
    assert wanted["scores"] and wanted["detail"] and wanted["counted"]


def test_what_is_prepared_can_be_prepared_again_where_it_lies(company: Path, tmp_path: Path) -> None:
    out = tmp_path / "prepared.parquet"
    first = _prepared(company / "activities.parquet", out)
    assert _prepared(out, out) == first
    assert _scored(company, out)[1]
    assert [each.name for each in tmp_path.iterdir()] == ["prepared.parquet"]


def test_numbers_are_not_believed_when_another_tool_wrote_the_file_again(company: Path, tmp_path: Path) -> None:
    out, again = tmp_path / "prepared.parquet", tmp_path / "again.parquet"
    _prepared(company / "activities.parquet", out)
    table = pq.read_table(out)
    assert b"vaglio_signatures" in table.schema.metadata  # it keeps what the numbers mean, and the numbers, and changes what is said
    pricing = pa.array(["/pricing"] * table.num_rows)
    pq.write_table(table.set_column(table.column_names.index("path"), "path", pricing), again)
    said, is_numbered = _scored(company, again)
    plain = tmp_path / "plain.parquet"
    duckdb.sql(f"COPY (SELECT * EXCLUDE (vaglio_signature) FROM '{again}') TO '{plain}'")
    assert (said, is_numbered) == (_scored(company, plain)[0], False)
    duckdb.sql(f"COPY (SELECT * REPLACE ('/careers' AS path) FROM '{out}') TO '{again}'")
    assert not _scored(company, again)[1]


VALUES = """
SELECT 'L' || n % 40 AS lead_id, 'seen' AS activity_type, TIMESTAMP '2026-01-01' + INTERVAL (n) HOUR AS occurred_at,
  [NULL, '', ' ', 'a''b"c', 'ü\\n', chr(0) || 'x', 'null', '[]'][1 + n % 8] AS text,
  [NULL, 0.1, 1e300, 'nan', '-0.0', 1/3][1 + n % 6]::DOUBLE AS real,
  [NULL, 0.1, 1e30, 3.4e38][1 + n % 4]::FLOAT AS small, [NULL, 9223372036854775807, -9223372036854775808][1 + n % 3] AS whole,
  [NULL, true, false][1 + n % 3] AS yes,
  [NULL, 0.10, 12345678.99][1 + n % 3]::DECIMAL(18, 2) AS money,
  [NULL, DATE '2026-02-28', DATE '1969-12-31'][1 + n % 3] AS day,
  [NULL, TIMESTAMP '2026-02-28 01:02:03.000001', TIMESTAMP '1969-12-31 23:59:59.999999'][1 + n % 3] AS instant,
  [NULL, TIMESTAMPTZ '2026-02-28 01:02:03.000001+05:30'][1 + n % 2] AS zoned, n AS number, 'session ' || n AS session, [n] AS listed
FROM range(6000) AS r(n)
"""  # fmt: skip
KINDS: dict[str, InputType] = {
    "text": "string", "real": "number", "small": "number", "whole": "integer", "yes": "boolean", "money": "number", "day": "date",
    "instant": "date", "zoned": "date",
}  # fmt: skip


def test_every_value_is_told_as_the_file_holds_it(tmp_path: Path) -> None:
    plain, out, leads = tmp_path / "plain.parquet", tmp_path / "out.parquet", tmp_path / "leads.parquet"
    duckdb.sql(f"COPY ({VALUES}) TO '{plain}'")
    duckdb.sql(f"COPY (SELECT 'L1' AS lead_id) TO '{leads}'")
    made = _prepared(plain, out)
    assert set(made.columns) == {"activity_type", *KINDS} and made.left_out.keys() == {"number", "session", "listed"}
    assert made.left_out["listed"] is None
    assert made.signatures == len(duckdb.sql(f"SELECT DISTINCT {', '.join(made.columns)} FROM '{plain}'").to_arrow_table())
    engine = DuckDBEngine(threads=1)
    facts = read_facts(engine, Paths(leads, activities=out), Needs(properties=KINDS, activity_types=frozenset({"seen"}))).facts
    assert facts.activities is not None and facts.stored is not None
    told = {row["stored"]: row for row in engine.arrow(facts.stored).to_pylist()}
    held = engine.arrow(facts.activities).to_pylist()
    assert len(held) == 5000  # a thousand hold no number where one is meant, and are set aside
    assert all(repr(row[f"p_{name}"]) == repr(told[row["stored"]][f"p_{name}"]) for row in held for name in KINDS)
    engine.close()


def test_a_model_that_reads_what_was_left_out_reads_activities_as_before(tmp_path: Path) -> None:
    plain, out, leads = tmp_path / "plain.parquet", tmp_path / "out.parquet", tmp_path / "leads.parquet"
    duckdb.sql(f"COPY ({VALUES}) TO '{plain}'")
    duckdb.sql(f"COPY (SELECT 'L1' AS lead_id) TO '{leads}'")
    _prepared(plain, out)
    engine = DuckDBEngine(threads=1)
    read = {"session": "string", "text": "string"}
    loaded = read_facts(engine, Paths(leads, activities=out), Needs(properties=read, activity_types=frozenset({"seen"})))  # type: ignore[arg-type]
    assert loaded.facts.stored is None
    assert "vaglio_signature" not in loaded.summary.ignored_columns["activities"]
    engine.close()


def test_columns_with_the_most_values_are_left_out_until_few_enough_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared_module, "MOST_SIGNATURES", 20)
    plain = tmp_path / "plain.parquet"
    query = "SELECT 'L1' AS lead_id, 'seen' AS activity_type, now() AS occurred_at, n % 3 AS a, n % 5 AS b, n % 7 AS c"
    duckdb.sql(f"COPY ({query} FROM range(105) AS r(n)) TO '{plain}'")
    made = _prepared(plain, tmp_path / "out.parquet")
    assert (made.columns, made.signatures, set(made.left_out)) == (("activity_type", "a", "b"), 15, {"c"})


def test_more_types_than_can_be_numbered_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared_module, "MOST_SIGNATURES", 20)
    query = "SELECT 'L1' AS lead_id, 'seen ' || n AS activity_type, now() AS occurred_at FROM range(21) AS r(n)"
    duckdb.sql(f"COPY ({query}) TO '{tmp_path / 'a.parquet'}'")
    with pytest.raises(DataError, match="21 types") as error:
        _prepared(tmp_path / "a.parquet", tmp_path / "out.parquet")
    assert error.value.code == "prepare_types_many" and not (tmp_path / "out.parquet").exists()


def test_columns_may_be_called_as_one_likes(tmp_path: Path) -> None:
    plain, out, leads = tmp_path / "plain's.parquet", tmp_path / "out's.parquet", tmp_path / "leads.parquet"
    names = ("rowid", "s", "a b", 'quo"ted', "select", "VAGLIO_signature")
    values = ", ".join(f"""n % 3 AS "{name.replace('"', '""')}" """ for name in names)
    query = f"SELECT 'L' || n AS lead_id, ['x', 'y'][1 + n % 2] AS activity_type, now() AS occurred_at, {values} FROM range(9) AS r(n)"
    duckdb.sql(f"COPY ({query}) TO '{tmp_path}/plain''s.parquet'")
    duckdb.sql(f"COPY (SELECT 'L1' AS lead_id) TO '{leads}'")
    made = _prepared(plain, out)
    assert (set(made.columns), made.signatures) == ({"activity_type", *names[:-1]}, 6)
    engine, read = DuckDBEngine(threads=1), {f"n_{place}": name for place, name in enumerate(names[:-1])}
    needed = Needs(properties=dict.fromkeys(read, "integer"), activity_types=frozenset({"x", "y"}))
    mapped = ColumnMap.parse([f"{name}={column}" for name, column in read.items()])
    facts = read_facts(engine, Paths(leads, activities=out), needed, mapped).facts
    assert facts.activities is not None and facts.stored is not None
    told = {row["stored"]: row for row in engine.arrow(facts.stored).to_pylist()}
    compared = ["activity_type", *(f"p_{name}" for name in read)]
    rows = engine.arrow(facts.activities).to_pylist()
    assert len(rows) == 9 and len(told) == 6
    assert all(row[name] == told[row["stored"]][name] for row in rows for name in compared)
    engine.close()


def test_columns_of_other_names_are_mapped(tmp_path: Path) -> None:
    plain, out = tmp_path / "plain.parquet", tmp_path / "out.parquet"
    duckdb.sql(f"COPY (SELECT 'L' || 9 - n AS Who, 'seen' AS What, now() AS Moment, n % 2 AS odd FROM range(9) AS r(n)) TO '{plain}'")
    made = _prepared(plain, out, "lead_id=Who", "activity_type=What", "occurred_at=Moment")
    assert made == Prepared(9, 2, ("What", "odd"), {})
    assert [row[0] for row in duckdb.sql(f"SELECT who FROM '{out}'").fetchall()] == [f"L{n}" for n in range(1, 10)]


@pytest.mark.parametrize(
    ("given", "out", "code"),
    [("a.csv", "out.parquet", "prepare_needs_parquet"), ("plain.parquet", "out.csv", "prepare_needs_parquet"),
     ("none.parquet", "out.parquet", "file_missing"), ("leads.parquet", "out.parquet", "column_missing"),
     ("plain.parquet", "none/out.parquet", "file_not_written")],
)  # fmt: skip
def test_what_cannot_be_prepared_is_said(tmp_path: Path, given: str, out: str, code: str) -> None:
    duckdb.sql(f"COPY ({VALUES} LIMIT 9) TO '{tmp_path / 'plain.parquet'}'")
    duckdb.sql(f"COPY (SELECT 'L1' AS lead_id) TO '{tmp_path / 'leads.parquet'}'")
    (tmp_path / "a.csv").write_text("lead_id,activity_type,occurred_at\n")
    with pytest.raises(DataError) as error:
        _prepared(tmp_path / given, tmp_path / out)
    assert error.value.code == code
    assert {each.name for each in tmp_path.iterdir()} == {"plain.parquet", "leads.parquet", "a.csv"}
