"""A private PostgreSQL of its own for each test process; every test starts from empty tables."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import django
import pytest

HOME = Path(tempfile.mkdtemp(prefix="vaglio-"))
HOME.chmod(0o711)  # PostgreSQL runs as another user where we are root
os.environ["VAGLIO_HOME"] = str(HOME)
os.environ.pop("DATABASE_URL", None)
os.environ["DJANGO_SETTINGS_MODULE"] = "vaglio_server.config.settings"
django.setup()


@pytest.fixture(scope="session")
def database() -> Iterator[Path]:
    """The private PostgreSQL, up and migrated, in the data folder."""
    from vaglio_server.config.session import database_up

    with ExitStack() as stack:
        stack.enter_context(database_up())
        yield HOME
        from django.db import connection

        connection.close()
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture
def tables(database: Path) -> Path:
    """Empty tables."""
    empty_tables()
    return database


def empty_tables() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'django_%'")
        names = ", ".join(f'"{name}"' for (name,) in cursor.fetchall())
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")


@pytest.fixture
def scorer(tables: Path) -> Iterator[Any]:
    """Give what scores, with a connection of its own."""
    from vaglio_server.config import env
    from vaglio_server.scoring.engine import Scorer

    made = Scorer(env.database())
    yield made
    made.close()
