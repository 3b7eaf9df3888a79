"""A private PostgreSQL of its own for each test process; every test starts from empty tables."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import django
import psycopg
import pytest

from tests.server import lock_order
from tests.server.ready import bring_ready
from tests.server.world import elsewhere

HOME = Path(tempfile.mkdtemp(prefix="vaglio-"))
HOME.chmod(0o711)  # PostgreSQL runs as another user where we are root
os.environ["VAGLIO_HOME"] = str(HOME)
os.environ.pop("DATABASE_URL", None)
os.environ["DJANGO_SETTINGS_MODULE"] = "vaglio_server.config.settings"
django.setup()


def files_found_once() -> None:
    """Look for the files of pages once in a process: Django's client, of which most tests make a new one, has it done each time."""
    from whitenoise.base import WhiteNoise

    found: dict[tuple[str, str], dict[str, Any]] = {}
    look = WhiteNoise.update_files_dictionary

    def known(self: Any, root: str, prefix: str) -> None:
        if (root, prefix) not in found:
            look(self, root, prefix)
            found[root, prefix] = dict(self.files)
        self.files.update(found[root, prefix])

    WhiteNoise.update_files_dictionary = known


files_found_once()


def pytest_configure(config: pytest.Config) -> None:
    """Where a file is named for it, write down which locks are asked for while which are held."""
    if path := os.environ.get("VAGLIO_LOCKS"):
        seen = lock_order.Watch(lock_order.advisory_locks())
        lock_order.watch(seen)
        config.add_cleanup(lambda: lock_order.keep(seen, Path(path)))


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
        _let_go()
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture
def tables(database: Path) -> Path:
    """Empty tables."""
    empty_tables()
    return database


def empty_tables() -> None:
    """Empty every table that has rows, and let all numbers begin anew; TRUNCATE would make the files of all of them again."""
    for _ in range(5):
        try:
            emptier().execute("SELECT pg_temp.emptied()")
            return
        except psycopg.errors.DeadlockDetected:  # a server that runs beside the test was at the same rows
            pass
        except psycopg.OperationalError:  # the database was started again meanwhile
            _let_go()
    pytest.fail("a server keeps the tables from being emptied")


# Within the database, and by a connection that does nothing else: it keeps what it has worked out of a hundred tables. To set aside who
# refers to whom only for the while would have it forgotten each time, and by the connection of the tests all that it keeps too.
# All or nothing, and without a look at who refers to whom: nobody is left.
EMPTIED = """
CREATE FUNCTION pg_temp.emptied() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
{rows}
PERFORM setval(name, first, false) FROM (VALUES {numbers}) AS those (name, first) WHERE pg_sequence_last_value(name) IS NOT NULL;
END $$
"""
_emptiers: list[psycopg.Connection[Any]] = []


def emptier() -> psycopg.Connection[Any]:
    if not _emptiers:
        made = elsewhere(autocommit=True)
        _emptiers.append(made)
        made.execute("SET session_replication_role = replica")
        made.execute("SET lock_timeout = '1min'")
        made.execute(_emptying(made))
    return _emptiers[0]


def _let_go() -> None:
    while _emptiers:
        _emptiers.pop().close()


def _emptying(asked: psycopg.Connection[Any]) -> str:
    tables = asked.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'django_%'")
    numbered = asked.execute(
        "SELECT sequencename, start_value FROM pg_sequences WHERE schemaname = 'public' AND sequencename NOT LIKE 'django\\_%'"
    )
    return EMPTIED.format(
        rows="\n".join(f'DELETE FROM "{name}";' for (name,) in tables),
        numbers=", ".join(f"('\"{name}\"'::regclass, {first})" for name, first in numbered),
    )


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
