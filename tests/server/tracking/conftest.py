"""The made company's files, and how a rule is measured."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def made(tmp_path_factory: Any) -> Path:
    """A company of 3,000 leads whose spam and machines are known."""
    from datetime import UTC, datetime

    from vaglio.demo import make

    folder: Path = tmp_path_factory.mktemp("made")
    make(folder, leads=3_000, until=datetime(2026, 10, 1, tzinfo=UTC), format="csv")
    return folder
