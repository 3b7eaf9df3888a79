"""``--engine``: the same scores from a database, and one line where it cannot be had."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.company import AS_OF, MODEL, data_options, rows, started, vaglio
from tests.engine.engines import needs_spark, postgres_url, spark
from tests.engine.tables import engine_called

EVERYTHING = ("--next-change", "--top", 3)


def written(company: Path, folder: Path, *more: object, tell: Any = started) -> tuple[str, dict[str, str]]:
    """Score a company with everything that can be asked for: what was printed, and what was written, by name."""
    folder.mkdir()
    outputs = ("--out", folder / "s.csv", "--contributions", folder / "c.csv", "--activities-detail", folder / "d.csv",
               "--report", folder / "r.html")  # fmt: skip
    done = tell("score", MODEL, *data_options(company), *AS_OF, *outputs, *EVERYTHING, *more)
    assert done.returncode == 0, done.stderr
    files = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    return done.stdout.replace(str(folder), ""), files


def test_postgres_writes_the_same_to_the_last_byte(company: Path, tmp_path: Path) -> None:
    here = written(company, tmp_path / "here", tell=vaglio)
    assert "next_change_at" in here[1]["s.csv"].splitlines()[0]
    said, files = written(company, tmp_path / "there", "--engine", postgres_url())
    assert said == here[0] and files.keys() == here[1].keys()
    for name, text in here[1].items():  # one by one, so that a failure shows the lines
        assert files[name].splitlines() == text.splitlines(), name
        assert files[name] == text, name


@pytest.mark.parametrize("engine", ["postgres", spark(pytest.mark.drill)])
@pytest.mark.parametrize("command", ["explain", "replay", "diff"])
def test_every_question_is_answered_alike(company: Path, scored: Any, command: str, engine: str) -> None:
    engine_called(engine)  # made for few rows: the command takes the session of Spark that is there
    lead = rows(scored[1] / "s.csv")[0]["lead_id"]
    asked = {
        "explain": (MODEL, "--lead", lead, *AS_OF), "diff": (MODEL, MODEL, *AS_OF),
        "replay": (MODEL, "--lead", lead, "--from", "2026-08-01", "--to", "2026-10-01", "--every", "20d"),
    }[command]  # fmt: skip
    here = vaglio(command, *asked, *data_options(company), "--json")
    where = postgres_url() if engine == "postgres" else engine
    there = vaglio(command, *asked, *data_options(company), "--json", "--engine", where)
    assert there.returncode == 0 and there.stdout == here.stdout != "", there.stderr


@needs_spark
@pytest.mark.drill
def test_spark_writes_the_same_to_the_last_byte(company: Path, tmp_path: Path) -> None:
    engine_called("spark")  # made for few rows: the command takes the session that is there
    here = written(company, tmp_path / "here", tell=vaglio)
    assert written(company, tmp_path / "there", "--engine", "spark", tell=vaglio) == here


@needs_spark
@pytest.mark.drill
def test_spark_starts_in_silence(company: Path, tmp_path: Path) -> None:
    options = ("--out", tmp_path / "s.csv", "--engine", "spark:local[2]", "--json")
    done = started("score", MODEL, *data_options(company), *AS_OF, *options)
    here = started("score", MODEL, *data_options(company), *AS_OF, "--out", tmp_path / "s.csv", "--json")
    assert (done.returncode, done.stderr, done.stdout) == (0, here.stderr, here.stdout)


@needs_spark
@pytest.mark.drill
def test_a_cluster_writes_the_same_to_the_last_byte(company: Path, tmp_path: Path) -> None:
    """Two executors are processes of their own, which get data and plans over the network as those of any cluster do."""
    found = []
    for engine in ("duckdb", "spark:local-cluster[2,1,1024]"):
        outputs = ("--out", tmp_path / "s.csv", "--contributions", tmp_path / "c.csv")
        done = started("score", MODEL, *data_options(company), *AS_OF, *outputs, "--engine", engine)
        assert done.returncode == 0, done.stderr
        found.append([done.stdout, (tmp_path / "s.csv").read_text(encoding="utf-8"), (tmp_path / "c.csv").read_text(encoding="utf-8")])
    assert found[0] == found[1]


@needs_spark
@pytest.mark.drill
def test_a_master_that_is_none_is_one_line(company: Path, tmp_path: Path) -> None:
    done = started("score", MODEL, *data_options(company), *AS_OF, "--out", tmp_path / "s.csv", "--engine", "spark:nowhere")
    assert done.returncode == 2 and not list(tmp_path.iterdir())
    (line,) = done.stderr.splitlines()
    assert line.startswith("vaglio: Spark does not start on nowhere: ") and "spark:MASTER" in line


def test_without_java_it_is_one_line(company: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="pip install 'vaglio[spark]' brings pyspark")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "/nowhere")
        patch.delenv("JAVA_HOME", raising=False)
        done = vaglio("score", MODEL, *data_options(company), *AS_OF, "--out", tmp_path / "s.csv", "--engine", "spark")
    assert (done.returncode, done.stderr.splitlines()) == (
        2, ["vaglio: the spark engine needs Java 17 or later, and there is none; install openjdk-17-jre-headless, or set JAVA_HOME"]
    )  # fmt: skip
    assert not list(tmp_path.iterdir())


def test_a_database_that_cannot_be_reached_is_one_line(company: Path, tmp_path: Path) -> None:
    options = ("--out", tmp_path / "s.csv", "--engine", "postgresql://nobody@127.0.0.1:1/none")
    done = vaglio("score", MODEL, *data_options(company), *AS_OF, *options)
    assert done.returncode == 2 and not list(tmp_path.iterdir())
    (line,) = done.stderr.splitlines()
    assert line.startswith("vaglio: the database cannot be reached: ") and "Connection refused" in line and "--engine postgresql://" in line


def test_a_database_that_is_named_by_an_empty_variable_is_one_line(company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    done = vaglio("score", MODEL, *data_options(company), *AS_OF, "--out", tmp_path / "s.csv", "--engine", "postgres")
    assert done.returncode == 2 and done.stderr.startswith("vaglio: DATABASE_URL is set and empty; ") and not list(tmp_path.iterdir())


def test_an_engine_that_is_none_is_one_line(company: Path, tmp_path: Path) -> None:
    done = vaglio("score", MODEL, *data_options(company), *AS_OF, "--out", tmp_path / "s.csv", "--engine", "oracle")
    assert (done.returncode, done.stderr.splitlines()) == (2, ["vaglio: there is no engine oracle; use one of duckdb, postgres, spark"])
