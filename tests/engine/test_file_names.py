"""The file that is named is the one that is read and written, whatever its name and its folder's mean to DuckDB."""

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from vaglio.engines.duckdb import DuckDBEngine
from vaglio.errors import DataError
from vaglio.files import ColumnMap, Needs, Paths, read_facts, write_table
from vaglio.files.look import columns
from vaglio.files.prepared import prepare

TIMES = pa.array([1_788_000_000_000_000], pa.timestamp("us", "UTC"))
NAMES = ("leads[1]", "a*b", "a?b", "x[y", "x]y", "b\\c", "~", "o'x[", "[!a]", "[[]", "{a,b}", "s3:", "100%")


@pytest.fixture(scope="module")
def engine():
    made = DuckDBEngine(threads=1)
    yield made
    made.close()


def written(rows: pa.Table, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:  # Arrow too has its own way with names
        if path.suffix == ".parquet":
            pq.write_table(rows, file)
        else:
            pc.write_csv(rows, file)
    return path


def said(engine, leads: Path, activities: Path) -> tuple[list[str], list[str]]:
    """Return the titles of leads and the types of activities."""
    needs = Needs(fields={"title": "string"}, activity_types=frozenset({"this", "another"}))
    facts = read_facts(engine, Paths(leads, activities=activities), needs).facts
    return (engine.arrow(facts.leads).column("f_title").to_pylist(), engine.arrow(facts.activities).column("activity_type").to_pylist())


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("is_folder", [False, True], ids=["file", "folder"])
@pytest.mark.parametrize("name", NAMES)
def test_the_file_that_is_named_is_read(engine, tmp_path, monkeypatch, name, is_folder, ending):
    monkeypatch.chdir(tmp_path)

    def path(named: str, table: str) -> Path:
        return Path(named) / f"{table}.{ending}" if is_folder else Path(f"{named}-{table}.{ending}")

    for other in ("leads1", "ab", "aXb", "xy", "a", "b", "["):  # what the names mean as patterns
        for table in ("leads", "activities"):
            written(pa.table({"lead_id": ["2"], "title": ["another"]}), path(other, table))
    leads = written(pa.table({"lead_id": ["1"], "title": ["this"]}), path(name, "leads"))
    did = pa.table({"lead_id": ["1"], "activity_type": ["this"], "occurred_at": TIMES if ending == "parquet" else ["2026-09-01"]})
    activities = written(did, path(name, "activities"))
    assert said(engine, leads, activities) == (["this"], ["this"])
    assert [(column, common) for column, _kind, common in columns(leads)] == [("title", ())]
    out = path(name, "out")
    write_table(engine, engine.load("scores", pa.table({"title": ["this"]})), out)
    if ending == "csv":
        assert out.read_text(encoding="utf-8") == "title\nthis\n"
    else:
        assert pq.read_table(pa.BufferReader(out.read_bytes())).to_pylist() == [{"title": "this"}]


def test_numbers_are_read_of_a_prepared_file_that_is_called_like_a_pattern(engine, tmp_path):
    did = pa.table({"lead_id": ["1"], "activity_type": ["this"], "occurred_at": TIMES})
    plain = written(did, tmp_path / "a[1].parquet")
    made = tmp_path / "p[1].parquet"
    assert prepare(engine, plain, made, ColumnMap()).activities == 1
    leads = written(pa.table({"lead_id": ["1"]}), tmp_path / "leads.csv")
    facts = read_facts(engine, Paths(leads, activities=made), Needs(activity_types=frozenset({"this"}))).facts
    assert facts.stored is not None and facts.newest is not None


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_duckdb_cannot_be_told_of_is_one_line(engine, tmp_path, ending):
    path = written(pa.table({"lead_id": ["1"]}), tmp_path / f"b\\[1].{ending}")
    with pytest.raises(DataError, match="a backslash beside") as caught:
        read_facts(engine, Paths(path), Needs())
    assert caught.value.code == "file_unreadable"
