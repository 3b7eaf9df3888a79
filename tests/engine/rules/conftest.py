"""What a rule gives is the same on every engine."""

from collections.abc import Iterator

import pytest

from tests.engine.engines import spark
from tests.engine.tables import all_on

# Powers, windows over rows, days of instants, joins by two keys.
ON_SPARK = {"test_activity", "test_velocity", "test_active_days", "test_list_member"}


@pytest.fixture(params=["duckdb", "postgres", spark()], autouse=True)
def engine_name(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run a test on an engine."""
    with all_on(request.param):
        yield request.param


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to the drill what takes long: on Spark, all but the first test of kinds that ask it for words of its own."""
    seen = set()
    for item in items:
        if item.get_closest_marker("spark") and "rules" in item.path.parts:
            if item.path in seen or item.path.stem not in ON_SPARK:
                item.add_marker(pytest.mark.drill)
            seen.add(item.path)
