"""Folders for servers of their own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="vaglio-pg-"))
    made.chmod(0o711)
    yield made / "postgres"
    shutil.rmtree(made)
