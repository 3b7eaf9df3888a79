"""Tables that are up to date are not brought there again: each process and command that starts would take longer."""

from pathlib import Path
from typing import Any


def test_where_there_is_nothing_to_do_nothing_is_done(tables: Path) -> None:
    from django.db import connection
    from django.db.models.signals import post_migrate

    from vaglio_server.config.session import database_up

    done: list[str] = []

    def note(sender: Any, **_more: Any) -> None:
        done.append(sender.label)

    post_migrate.connect(note)
    try:
        with database_up():
            assert done == []
        with connection.cursor() as cursor:  # as if the newest were not there yet
            cursor.execute("DROP TABLE django_session")
            cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
        with database_up(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_session")
            assert cursor.fetchone() == (0,) and "sessions" in done
    finally:
        post_migrate.disconnect(note)
