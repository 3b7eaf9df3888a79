"""A command's use of the application: the database up and migrated, Django ready, errors in one line."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vaglio.errors import VaglioError

if TYPE_CHECKING:
    from vaglio.private.postgres import PrivatePostgres

STARTING = 730_412  # an advisory lock: who brings the tables up to date, or restores them, does it alone
SERVER = "vaglio server"  # how connections of servers are called
MOST_NAMED = 5  # migrations in a message
WAITING = "erased.waiting"  # in the data folder: who was erased, while a restore brings back tables of before


@contextmanager
def database_up(*, is_restoring: bool = False) -> Iterator["PrivatePostgres | None"]:
    """Keep the private PostgreSQL running meanwhile, or use the operator's own (None); bring its tables up to date.

    ``is_restoring``: where there are no tables none are made, which takes many seconds, only to be dropped.
    """
    from vaglio.private.postgres import PrivatePostgres
    from vaglio_server.config import env

    folder = env.private_folder()
    if folder is None:
        _ready(is_restoring)
        yield None
        return
    with PrivatePostgres(folder).running() as server:
        _ready(is_restoring)
        yield server


def _ready(is_restoring: bool) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vaglio_server.config.settings")
    import django
    from django.db import DatabaseError, InterfaceError, OperationalError, connection
    from django.db.migrations.recorder import MigrationRecorder

    from vaglio_server.database import is_away

    django.setup()
    try:
        with connection.cursor() as cursor:  # two processes that start together migrate one after the other
            cursor.execute("SELECT pg_advisory_lock(%s)", [STARTING])
            applied = MigrationRecorder(connection).applied_migrations()
            refuse_newer(applied)
            if applied or not is_restoring:
                make_tables()
                _finish()
            cursor.execute("SELECT pg_advisory_unlock(%s)", [STARTING])
    except (DatabaseError, InterfaceError) as error:
        if not is_away(error):
            raise
        what = "reached" if isinstance(error, OperationalError | InterfaceError) else "written"
        said = " ".join(str(error).partition("\n")[0].split())
        raise VaglioError("database_unreachable", f"the database cannot be {what}: {said}", "see DATABASE_URL") from error


def make_tables() -> None:
    """Bring all tables up to date, or make them."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    loaded = MigrationExecutor(connection)
    # Asked when there is nothing to do, the command takes a third of a second, at each start of each process and command.
    if loaded.migration_plan(loaded.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)


def _finish() -> None:
    """Finish a restore that was cut off before who was erased since was erased again."""
    from vaglio_server.config import env

    if (env.home() / WAITING).exists():
        from vaglio_server.config.erased import finish

        finish(datetime.now(UTC))


def refuse_newer(applied: Iterable[tuple[str, str]]) -> None:
    """Refuse tables that a newer version made: what is written by this one may not be what that one reads.

    Raises
    ------
    VaglioError
        Of the migrations that were ``applied``, each an app and a name, this version does not know some.
    """
    from django.db.migrations.loader import MigrationLoader

    known = MigrationLoader(None).disk_migrations or {}
    if unknown := sorted(f"{app}.{name}" for app, name in set(applied) - set(known)):
        named = ", ".join(unknown[:MOST_NAMED]) + (f" and {len(unknown) - MOST_NAMED} more" if len(unknown) > MOST_NAMED else "")
        raise VaglioError("newer", f"a newer version of Vaglio made these tables ({named})", "install that version, or a later one")


@contextmanager
def opened(*, is_restoring: bool = False) -> Iterator[datetime]:
    """Give the instant of a command; what is refused becomes one line."""
    with database_up(is_restoring=is_restoring):
        from vaglio_server.refused import Refused

        try:
            yield datetime.now(UTC)
        except Refused as error:
            raise VaglioError("refused", str(error)) from error
