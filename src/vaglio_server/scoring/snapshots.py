"""The facts as they were at one instant, over a connection that hands them out as Arrow."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from psycopg.conninfo import make_conninfo

from vaglio.arrow import settle_without_pandas
from vaglio_server.crm.actions import KNOWLEDGE


@dataclass(frozen=True)
class Snapshot:
    """What was known at one instant [microseconds UTC], and nothing that was written later."""

    cursor: Any
    at_us: int


class Snapshots:
    """A connection to the facts, opened when it is first needed; used by one thread at a time."""

    def __init__(self, database: dict[str, Any]) -> None:
        self.address = make_conninfo(
            host=database["HOST"],
            port=database["PORT"] or 5432,
            dbname=database["NAME"],
            user=database["USER"],
            password=database["PASSWORD"],
            **database["OPTIONS"],
        )
        self._connection: Any = None

    def close(self) -> None:
        """Let go of the connection; the next snapshot opens another."""
        if self._connection is not None:
            with suppress(Exception):  # it was lost: that is why it is let go
                self._connection.close()
            self._connection = None

    def check(self) -> None:
        """Let go of the connection if it was lost since it was last used."""
        if self._connection is None:
            return
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("SELECT 1").fetchall()
        except Exception:  # whatever ADBC calls it
            self.close()

    @contextmanager
    def take(self) -> Iterator[Snapshot]:
        """Give a snapshot of the facts and its instant; see :mod:`vaglio_server.crm.actions` for why the lock makes it exact."""
        settle_without_pandas()
        import adbc_driver_postgresql.dbapi as adbc

        if self._connection is None:
            self._connection = adbc.connect(self.address, autocommit=True)
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(f"SELECT pg_advisory_lock_shared({KNOWLEDGE})::text").fetchall()
                try:
                    cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    asked = "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint"
                    at_us = cursor.execute(asked).fetchall()[0][0]
                finally:
                    cursor.execute(f"SELECT pg_advisory_unlock_shared({KNOWLEDGE})").fetchall()
                yield Snapshot(cursor, at_us)
                cursor.execute("COMMIT")
        except BaseException:
            self.close()
            raise
