"""``vaglio prepare`` as somebody runs it: what it says, and that every engine scores the file it wrote as the one it read."""

import json
from pathlib import Path

import duckdb
import pytest

from tests.cli.company import AS_OF, MODEL, data_options, started, vaglio
from tests.engine.engines import postgres_url


@pytest.fixture(scope="module")
def plain(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plain") / "activities.parquet"
    duckdb.sql(f"COPY (SELECT * FROM read_csv('{company}/activities.csv', sample_size=-1)) TO '{path}'")
    return path


def test_it_says_what_it_wrote_and_every_engine_reads_it(company: Path, plain: Path, tmp_path: Path) -> None:
    out = tmp_path / "prepared.parquet"
    done = started("prepare", plain, "--out", out)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    rows = duckdb.sql(f"SELECT count(*) FROM '{plain}'").fetchall()[0][0]
    assert said[0].startswith(f"prepared {rows:,} activities, which say ") and said[-1] == f"wrote {out}"

    def scores(name: str, activities: Path, *more: object) -> bytes:
        options = [activities if part == company / "activities.csv" else part for part in data_options(company)]
        done = vaglio("score", MODEL, *options, *AS_OF, "--out", tmp_path / name, *more)
        assert done.returncode == 0, done.stderr
        assert "vaglio_signature" not in done.stderr
        return (tmp_path / name).read_bytes()

    wanted = scores("plain.csv", plain)
    assert scores("prepared.csv", out) == wanted
    assert scores("postgres.csv", out, "--engine", postgres_url()) == wanted


def test_a_program_gets_json(plain: Path, tmp_path: Path) -> None:
    done = vaglio("prepare", plain, "--out", tmp_path / "prepared.parquet", "--json")
    told = json.loads(done.stdout)
    assert told["activities"] > told["signatures"] > 10 and told["columns"][0] == "activity_type"
    assert told["out"] == str(tmp_path / "prepared.parquet")


def test_columns_that_no_number_tells_are_named(plain: Path, tmp_path: Path) -> None:
    wide = tmp_path / "wide.parquet"
    more, often = "'v' || n AS note, ['a', 'b'] AS tags, 'x'::BLOB AS picture", "CROSS JOIN range(9000) AS r(n)"
    duckdb.sql(f"COPY (SELECT * EXCLUDE (n), {more} FROM (FROM '{plain}' LIMIT 2) {often}) TO '{wide}'")
    done = vaglio("prepare", wide, "--out", tmp_path / "prepared.parquet")
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("  left out: ")]
    assert "note (about " in line and "tags (by its type)" in line and "picture (by its type)" in line


def test_what_is_no_parquet_file_is_one_line(company: Path, tmp_path: Path) -> None:
    done = vaglio("prepare", company / "activities.csv", "--out", tmp_path / "prepared.parquet")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("vaglio: ") and "does not end in .parquet" in done.stderr and len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
