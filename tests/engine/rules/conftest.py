"""What a rule gives is the same on every engine."""

from collections.abc import Iterator

import pytest

from tests.engine.tables import all_on


@pytest.fixture(params=["duckdb", "postgres"], autouse=True)
def engine_name(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run a test on an engine."""
    with all_on(request.param):
        yield request.param
