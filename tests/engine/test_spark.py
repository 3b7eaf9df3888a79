"""Spark where it differs from other engines: its tables by name, its texts, and what it says when it fails."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet
import pytest

from tests.engine.engines import FEW_ROWS, SPARK
from tests.engine.tables import document_of, engine_called, shared_engine
from vaglio.engines.spark.session import configured, failing, java_options, memory
from vaglio.errors import DataError, EngineError
from vaglio.files import ColumnMap, needs
from vaglio.kept import Kept, run
from vaglio.paths import Paths, table_beside
from vaglio.plan import Instants, Wanted
from vaglio.scoring import score, score_rows
from vaglio.tables import read_tables

pytestmark = SPARK
AS_OF = 1_772_409_600_000_000  # 2 March 2026
DOCUMENT = {
    "format": 1, "name": "here",
    "inputs": {"fields": {"size": "integer", "met_on": "date"}, "activities": {"seen": {"path": "string"}}},
    "profile": {"rules": [{"id": "large", "kind": "fields", "points": 1, "bands": [{"all": [
        {"field": "size", "from": 10}, {"field": "met_on", "newer_than": "30d"}]}]}], "letters": {"A": 3, "B": 2, "C": 1}},
    "engagement": {"rules": [{"id": "seen", "kind": "activity", "activity": "seen", "where": {"path": "/p"}, "points": 2}],
                   "digits": {1: 3, 2: 2, 3: 1}},
}  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Any:
    return engine_called("spark")


@pytest.fixture(scope="module")
def lake(engine: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Leads as Parquet files by a path, activities as a table of the catalog."""
    folder = tmp_path_factory.mktemp("lake")
    day = 86_400_000_000
    leads = pa.table({"lead_id": [1, 2, None], "size": pa.array([10, 9, 1], pa.int32()),
                      "met_on": pa.array([(AS_OF // day) - 10] * 3, pa.date32())})  # fmt: skip
    pyarrow.parquet.write_table(leads, folder / "leads.parquet")
    engine.session.spark.sql(f"CREATE DATABASE crm LOCATION '{folder}/crm'")
    at = pa.array([AS_OF - 1, AS_OF - 1, None, AS_OF + 1], pa.timestamp("us", "UTC"))
    paths = ["/P", "/q", "/p", "/p"]
    activities = pa.table({"lead_id": ["1"] * 4, "activity_type": ["seen"] * 4, "occurred_at": at, "path": paths})
    engine.session.spark.createDataFrame(activities).write.option("path", f"{folder}/activities").saveAsTable("crm.activities")
    yield folder
    engine.session.spark.sql("DROP DATABASE crm CASCADE")


def read(engine: Any, lake: Path, leads: str = "", document: Any = DOCUMENT) -> Any:
    paths = Paths(Path(leads or f"table:parquet.`{lake}/leads.parquet`"), activities=Path("table:crm.activities"))
    return read_tables(engine, shared_engine(), paths, needs([document_of(document)]), ColumnMap())


def test_facts_are_read_where_they_are(engine: Any, lake: Path) -> None:
    loaded = read(engine, lake)
    found = score_rows(engine, document_of(DOCUMENT), loaded.facts, Instants(AS_OF, AS_OF))
    points = {row["lead_id"]: (row["profile_millipoints"], row["engagement_millipoints"]) for row in found}
    assert points == {"1": (1000, 2000), "2": (0, 0)}
    assert [(row["file"][:8], row["column"], row["reason"]) for row in loaded.rejected.to_pylist()] == [
        ("parquet.", "lead_id", "is empty"), ("crm.acti", "occurred_at", "is empty"),
    ]  # fmt: skip
    assert loaded.summary.rows == {"leads": 3, "activities": 4}


def test_results_become_tables_and_files_by_a_path(engine: Any, lake: Path) -> None:
    scored = score(engine, [document_of(DOCUMENT)], read(engine, lake).facts, Instants(AS_OF, AS_OF))
    for name in ("crm.scores", f"parquet.`{lake}/scores`"):
        for _ in range(2):
            engine.save(scored.scores, name)
        rows = engine.session.spark.table(name).toArrow().to_pylist()
        assert sorted((row["lead_id"], row["rank"]) for row in rows) == [("1", 1), ("2", 2)]
    scored.close()


def test_a_folder_of_other_files_is_not_written_over(engine: Any, lake: Path) -> None:
    folder = lake / "notes"
    folder.mkdir()
    (folder / "_notes.txt").write_text("keep me")
    (folder / ".env").write_text("keep me too")
    with pytest.raises(DataError, match="/notes is there and holds no result; name another path, or remove it"):
        engine.save(engine.load("few", pa.table({"n": [1]})), f"parquet.`{folder}`")
    (folder / "notes.txt").write_text("keep me too")  # which Spark sees, and says something else of
    with pytest.raises(DataError, match="/notes is there and holds no result; name another path, or remove it"):
        engine.save(engine.load("few", pa.table({"n": [1]})), f"parquet.`{folder}`")
    assert sorted(each.name for each in folder.iterdir()) == [".env", "_notes.txt", "notes.txt"]


def test_what_is_set_aside_lies_beside_files_by_a_path_too() -> None:
    assert table_beside("parquet.`/lake/scores`", "_rejected") == "parquet.`/lake/scores_rejected`"
    assert table_beside("crm.scores", "_rejected") == "crm.scores_rejected"


def test_a_table_of_somebody_else_is_not_written_over(engine: Any, lake: Path) -> None:
    table = engine.load("other", pa.table({"n": [1]}))
    for name in ("crm.activities", f"parquet.`{lake}/leads.parquet`"):
        with pytest.raises(DataError, match="is there and has other columns than a result"):
            engine.save(table, name)


def test_a_missing_table_is_one_line(engine: Any, lake: Path) -> None:
    for name in ("crm.people", "nowhere.leads", f"parquet.`{lake}/people`"):
        with pytest.raises(DataError, match=r"^Spark has no table .*; name the leads as table:SCHEMA.TABLE, or as table:parquet.`PATH`$"):
            read(engine, lake, f"table:{name}")
    with pytest.raises(DataError, match="is no name of a table"):
        read(engine, lake, "table:leads; DROP TABLE x")


def test_a_column_of_another_type_is_one_line(engine: Any, lake: Path) -> None:
    document = DOCUMENT | {"inputs": {"fields": {"size": "integer", "met_on": "boolean"}, "activities": {"seen": {"path": "string"}}}}
    document["profile"] = {"rules": [{"id": "r", "kind": "fields", "points": 1, "bands": [{"field": "met_on", "equals": True}]}],
                           "letters": {"A": 3, "B": 2, "C": 1}}  # fmt: skip
    with pytest.raises(DataError, match="the column 'met_on' is date, but met_on must be a boolean; cast it in a view, and name that"):
        read(engine, lake, document=document)


def test_what_is_no_number_is_set_aside(engine: Any, lake: Path) -> None:
    document = DOCUMENT | {"inputs": {"fields": {"revenue": "number"}, "activities": {"seen": {"path": "string"}}}}
    document["profile"] = {"rules": [{"id": "r", "kind": "fields", "points": 1, "bands": [{"field": "revenue", "from": 1}]}],
                           "letters": {"A": 3, "B": 2, "C": 1}}  # fmt: skip
    leads = pa.table({"lead_id": ["a", "b", "c", "d", "e"], "revenue": [float("inf"), float("-inf"), float("nan"), 1.0, None]})
    pyarrow.parquet.write_table(leads, lake / "revenues.parquet")
    loaded = read(engine, lake, f"table:parquet.`{lake}/revenues.parquet`", document)
    said = [(row["text"], row["reason"]) for row in loaded.rejected.to_pylist() if row["column"] == "revenue"]
    assert said == [(text, "is not a number") for text in ("a,inf", "b,-inf", "c,nan")]


def test_earlier_scores_are_found_under_their_name(engine: Any, lake: Path) -> None:
    table, types = engine.find(f"parquet.`{lake}/leads.parquet`", "previous scores")
    assert tuple(types) == table.columns and engine.arrow(table).num_rows == 3


@pytest.mark.drill
def test_doubles_are_written_as_everywhere(engine: Any) -> None:
    numbers = [0.0, -0.0, 1.0, 0.1, 1e7, 2e-3, 1234567890123456.8, 1e16, 1e22, 1e-5, 5e-324, 5.6843418860808e-14, None]
    table = engine.load("numbers", pa.table({"number": numbers}))
    found = engine.arrow(table.select(text=table.number.cast("string"))).column("text").to_pylist()
    assert found == [None if number is None else str(number) for number in numbers]


def test_a_nan_is_no_null_and_the_least_of_one_is_that_one(engine: Any) -> None:
    table = engine.load("odd", pa.table({"x": [float("nan"), None]}))
    rows = engine.arrow(table.select(null=table.x.isnull(), least=ibis.least(table.x.isnull())))
    assert rows.to_pylist() == [{"null": False, "least": False}, {"null": True, "least": True}]


def test_what_fails_is_said_in_one_line_and_nothing_else(engine: Any, capfd: pytest.CaptureFixture[str]) -> None:
    table = engine.load("zero", pa.table({"n": [0]}))
    with pytest.raises(EngineError) as failed:
        engine.arrow(table.select(x=ibis.literal(1) % table.n))
    assert str(failed.value).startswith("spark: ") and "\n" not in str(failed.value) and "zero" in str(failed.value)
    assert capfd.readouterr().err == ""


def test_java_without_memory_is_said_with_what_to_do() -> None:
    from py4j.protocol import Py4JError

    told = "An error occurred while calling o215.localCheckpoint.\n: java.lang.OutOfMemoryError: Java heap space\n\tat scala.List.map"
    with pytest.raises(EngineError) as failed, failing():
        raise Py4JError(told)
    assert str(failed.value).startswith("spark: java.lang.OutOfMemoryError: Java heap space; give it more memory")


def test_what_one_step_alone_reads_is_not_kept_in_between(engine: Any, lake: Path) -> None:
    def kept() -> int:
        return int(engine.session.spark.sparkContext._jsc.getPersistentRDDs().size())

    before, at = kept(), Instants(AS_OF, AS_OF)
    running, plan = run(engine, document_of(DOCUMENT), read(engine, lake).facts, at, Wanted(), Kept())
    assert {"matched", "sums_0", "scores"} <= {step.name for step in plan.steps}
    assert kept() == before + 1  # the scores, which are sorted
    running.close()
    assert kept() == before


def test_long_methods_are_compiled_and_what_a_user_gives_java_is_given_too(engine: Any) -> None:
    given = engine.session.spark._jvm.java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments()
    assert {"-XX:-DontCompileHugeMethods", *FEW_ROWS["spark.driver.extraJavaOptions"].split()} <= set(given)


def test_java_is_told_of_one_way_to_collect_its_garbage() -> None:
    for own, is_said in (("", True), ("-Dmine=1 -XX:+UseCompressedOops", True), ("-Dmine=1 -XX:+UseG1GC -Xss4m", False)):
        for kind in ("extra", "default"):
            told = java_options({f"spark.driver.{kind}JavaOptions": own}, is_local=True)["spark.driver.defaultJavaOptions"]
            assert ("-XX:+UseParallelGC" in told) is is_said
            assert told.endswith(own) is (kind == "default" or not own)  # Spark itself adds the extra ones
    elsewhere = java_options({f"spark.{who}.defaultJavaOptions": f"-D{who}=1" for who in ("driver", "executor")}, is_local=False)
    assert elsewhere == {"spark.executor.defaultJavaOptions": "-XX:-DontCompileHugeMethods -Dexecutor=1"}


def test_what_a_user_wrote_into_the_file_of_defaults_is_known_before_java_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_CONF_DIR", str(tmp_path))
    assert configured() == {}
    lines = ["# mine", "", "spark.driver.defaultJavaOptions  -Dmine=1 -XX:+UseG1GC ", "spark.a=b=c", "spark.b: d"]
    (tmp_path / "spark-defaults.conf").write_text("\n".join(lines), encoding="utf-8")
    assert configured() == {"spark.driver.defaultJavaOptions": "-Dmine=1 -XX:+UseG1GC", "spark.a": "b=c", "spark.b": "d"}


@pytest.mark.parametrize(("name", "said", "is_less"), [
    ("memory.max", "536870912\n", True), ("memory.max", "max\n", False), ("memory/memory.limit_in_bytes", "536870912\n", True),
    ("memory/memory.limit_in_bytes", "9223372036854771712\n", False),
])  # fmt: skip
def test_a_container_has_the_memory_that_it_is_given(tmp_path: Path, name: str, said: str, is_less: bool) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(said)
    whole = memory(tmp_path / "no container")
    assert whole > 536_870_912
    assert memory(tmp_path) == (536_870_912 if is_less else whole)


def test_a_run_leaves_nothing(engine: Any, lake: Path) -> None:
    loaded = read(engine, lake)

    def there() -> set[str]:
        return {row["viewName"] for row in engine.session.rows("SHOW VIEWS").to_pylist()}

    before, kept = there(), engine.session.spark.sparkContext._jsc.getPersistentRDDs().size()
    score_rows(engine, document_of(DOCUMENT), loaded.facts, Instants(AS_OF, AS_OF))
    assert (there(), engine.session.spark.sparkContext._jsc.getPersistentRDDs().size()) == (before, kept)
