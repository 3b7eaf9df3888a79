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

from tests.server.ready import bring_ready

HOME = Path(tempfile.mkdtemp(prefix="vaglio-"))
HOME.chmod(0o711)  # PostgreSQL runs as another user where we are root
os.environ["VAGLIO_HOME"] = str(HOME)
os.environ.pop("DATABASE_URL", None)
os.environ["DJANGO_SETTINGS_MODULE"] = "vaglio_server.config.settings"
django.setup()


@pytest.fixture(scope="session")
def database(pytestconfig: pytest.Config) -> Iterator[Path]:
    """The private PostgreSQL, up and migrated, in the data folder."""
    from vaglio_server.config.session import database_up

    bring_ready(HOME, pytestconfig.cache.mkdir("database"))  # type: ignore[union-attr]
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
    """Empty every table that has rows, and let all numbers begin anew; TRUNCATE would make the files of all of them again."""
    from django.db import OperationalError
    from psycopg.errors import DeadlockDetected

    for _ in range(5):
        try:
            _empty()
            return
        except OperationalError as error:  # a server that runs beside the test was at the same rows
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
    pytest.fail("a server keeps the tables from being emptied")


# Within the database, which keeps what it has worked out of a hundred tables: asked from here, it does so anew before every test.
# All or nothing, and without a look at who refers to whom: nobody is left.
EMPTIED = """
CREATE FUNCTION pg_temp.emptied() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$ BEGIN
{} END $$
"""


def _empty() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regproc('pg_temp.emptied') IS NULL")
        if cursor.fetchone() == (True,):
            cursor.execute(EMPTIED.format(_emptying(cursor)))
        cursor.execute("SELECT pg_temp.emptied()")


def _emptying(cursor: Any) -> str:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'django_%'")
    said = [f'IF EXISTS (SELECT FROM "{name}") THEN DELETE FROM "{name}"; END IF;' for (name,) in cursor.fetchall()]
    cursor.execute(
        """SELECT sequencename, start_value FROM pg_sequences WHERE schemaname = 'public' AND sequencename NOT LIKE 'django\\_%'"""
    )
    for name, first in cursor.fetchall():
        said.append(f'IF (SELECT is_called FROM "{name}") THEN PERFORM setval(\'"{name}"\', {first}, false); END IF;')
    return "\n".join(said)


def as_if_new(*tables: str) -> None:
    """Count what is in tables anew and drop what earlier tests left in their files, so that plans depend on this test's rows alone."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (FULL, ANALYZE) {', '.join(tables)}")


@pytest.fixture
def scorer(tables: Path) -> Iterator[Any]:
    """Give what scores."""
    from vaglio_server.scoring.scorers import a_scorer

    with a_scorer() as lent:
        yield lent
