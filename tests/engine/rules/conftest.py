"""What a rule gives is the same on every engine."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.engines import spark
from tests.engine.tables import all_on

HERE = Path(__file__).parent
# Powers, windows over rows, days of instants, joins by two keys.
ON_SPARK = {"test_activity", "test_velocity", "test_active_days", "test_list_member"}


@pytest.fixture(params=["duckdb", "postgres", spark()], autouse=True)
def engine_name(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run a test on an engine."""
    with all_on(request.param):
        yield request.param


EVERY = 3  # of which tests of a kind on PostgreSQL


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to the drill what takes long: on Spark all but the first test of kinds that ask it for words of its own, on PostgreSQL most."""
    seen: Counter[tuple[Path, str]] = Counter()
    for item in items:
        if item.path.parent != HERE:
            continue
        engine = item.callspec.params.get("engine_name")  # type: ignore[attr-defined]
        place, kept = seen[item.path, str(engine)], True
        if engine == "spark":
            kept = item.path.stem in ON_SPARK and place == 0
        elif engine == "postgres":
            kept = place % EVERY == 0
        if not kept:
            item.add_marker(pytest.mark.drill)
        seen[item.path, str(engine)] += 1
