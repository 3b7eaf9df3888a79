"""A million activities on every engine: what one value in a million would show, a few hundred rows never do."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks.models import model
from benchmarks.score import paths_in
from tests.cli.company import AS_OF, started
from tests.engine.engines import needs_spark, postgres_url
from vaglio.demo import make
from vaglio.document import dump

pytestmark = pytest.mark.drill
RESULTS = {"s": "lead_id", "c": "lead_id, axis, rule_id, part"}


@pytest.fixture(scope="module", params=[30, 300])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of facts with a model of so many rules, and one of what DuckDB makes of them."""
    facts = tmp_path_factory.mktemp("facts")
    make(facts, leads=50_000, activities=1_000_000, format="parquet", duplicates=False, message_ids=False)
    (facts / "model.yaml").write_text(dump(model(request.param, paths_in(facts))), encoding="utf-8")
    return facts, scored(facts, tmp_path_factory.mktemp("here"))


def scored(facts: Path, out: Path, *more: object) -> Path:
    done = started("score", facts / "model.yaml", "--leads", facts / "leads.parquet", "--activities", facts / "activities.parquet",
                   "--out", out / "s.parquet", "--contributions", out / "c.parquet", *AS_OF, *more)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out


def test_postgres_gives_the_same(here: tuple[Path, Path], tmp_path: Path) -> None:
    assert_same(here[1], scored(here[0], tmp_path, "--engine", postgres_url()))


@needs_spark
def test_spark_gives_the_same(here: tuple[Path, Path], tmp_path: Path) -> None:
    assert_same(here[1], scored(here[0], tmp_path, "--engine", "spark:local[2]"))


def assert_same(one: Path, other: Path) -> None:
    """Compare scores and contributions row by row."""
    with duckdb.connect() as raw:
        for name, key in RESULTS.items():
            mine, theirs = (f"SELECT * FROM '{folder}/{name}.parquet'" for folder in (one, other))
            differ: list[Any] = raw.execute(
                f"({mine} EXCEPT ALL {theirs}) UNION ALL ({theirs} EXCEPT ALL {mine}) ORDER BY {key}"
            ).fetchall()
            assert differ[:10] == []
            (count,) = raw.execute(f"SELECT count(*) FROM ({mine})").fetchone() or (0,)
            assert count >= 50_000
