"""A command's use of the application: the database up and migrated, Django ready, errors in one line."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vaglio.errors import VaglioError

if TYPE_CHECKING:
    from vaglio.private.postgres import PrivatePostgres


@contextmanager
def database_up() -> Iterator["PrivatePostgres | None"]:
    """Keep the private PostgreSQL running meanwhile, or use the operator's own (None); bring its tables up to date."""
    from vaglio.private.postgres import PrivatePostgres
    from vaglio_server.config import env

    folder = env.private_folder()
    if folder is None:
        _ready()
        yield None
        return
    with PrivatePostgres(folder).running() as server:
        _ready()
        yield server


def _ready() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vaglio_server.config.settings")
    import django
    from django.core.management import call_command
    from django.db import DatabaseError, InterfaceError, OperationalError, connection

    from vaglio_server.database import is_away

    django.setup()
    try:
        with connection.cursor() as cursor:  # two processes that start together migrate one after the other
            cursor.execute("SELECT pg_advisory_lock(730412)")
            call_command("migrate", verbosity=0)
            call_command("createcachetable", verbosity=0)
            cursor.execute("SELECT pg_advisory_unlock(730412)")
    except (DatabaseError, InterfaceError) as error:
        if not is_away(error):
            raise
        what = "reached" if isinstance(error, OperationalError | InterfaceError) else "written"
        said = " ".join(str(error).partition("\n")[0].split())
        raise VaglioError("database_unreachable", f"the database cannot be {what}: {said}", "see DATABASE_URL") from error


@contextmanager
def opened() -> Iterator[datetime]:
    """Give the instant of a command; what is refused becomes one line."""
    with database_up():
        from vaglio_server.refused import Refused

        try:
            yield datetime.now(UTC)
        except Refused as error:
            raise VaglioError("refused", str(error)) from error
