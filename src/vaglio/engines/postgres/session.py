"""One connection to PostgreSQL with a schema of its own, whose tables are gone when it is closed."""

import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import adbc_driver_manager
import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa

from vaglio.connections import keep
from vaglio.engines.postgres.compiler import FUNCTIONS, short
from vaglio.errors import DataError, EngineError

T = TypeVar("T")
NAME = "postgres"
OWN = "vaglio_run_"  # what the names of our schemas begin with
LOCK = 7304  # the first half of the advisory lock that says that a schema is in use
ANALYZED = 2_000  # rows from which a table is counted through before others are joined to it: without that joins are chosen blindly
COLUMNS = 1_600  # that a table may have
AGAIN_SECONDS = 0.1  # after which Ctrl-C is listened for, and a statement that goes on is told once more to stop: it may just have begun

SETTINGS = {
    "TimeZone": "'UTC'",
    "synchronous_commit": "off",  # nothing here outlives the session
    "jit": "off",  # compiles longer than our statements run
    "work_mem": "'256MB'",
    "enable_mergejoin": "off",  # sorts all activities by their texts, for mappings whose few rows it takes for many
    "client_min_messages": "error",
}
_TYPES = {
    pa.int64(): "bigint", pa.int32(): "integer", pa.float64(): "double precision", pa.bool_(): "boolean",
    pa.string(): 'text COLLATE "C"', pa.large_string(): 'text COLLATE "C"',
}  # fmt: skip


class Session:
    """A connection with a schema of its own, the first that names are looked up in; in autocommit, but for whoever is :meth:`held`.

    While somebody is, everything is read as it was at one instant: what others write meanwhile is not seen, so that one score is not
    made of two states of a table. Where a statement fails, all of that is given up.
    """

    def __init__(self, url: str) -> None:
        self._holders = 0
        self._is_broken = False
        self._is_writing = False
        self._apart = ThreadPoolExecutor(1, "postgres")
        try:
            self._connection = adbc.connect(url, autocommit=True)
        except adbc_driver_manager.Error as error:
            raise _unreachable(error) from error
        self._cursor = self._connection.cursor()
        keep(self)
        self.schema = OWN + secrets.token_hex(6)
        try:
            for name, value in SETTINGS.items():
                self.execute(f"SET {name} = {value}")
            self._clear_up()
            self.execute(f"SELECT pg_advisory_lock({LOCK}, hashtext('{self.schema}'))")
            self.execute(f"CREATE SCHEMA {self.schema}")
            self.execute(f"SELECT set_config('search_path', '{self.schema}, ' || current_setting('search_path'), false)")
            for function in FUNCTIONS:
                self.execute(function)
        except BaseException:
            self.close()
            raise

    def _clear_up(self) -> None:
        """Drop the schemas of sessions that were killed: nobody holds the lock that their owners held."""
        left = self.rows(
            f"SELECT nspname::text AS name FROM pg_namespace WHERE starts_with(nspname, '{OWN}') AND pg_has_role(nspowner, 'USAGE')"
        )
        for name in left.column("name").to_pylist():
            held = f"{LOCK}, hashtext('{name}')"
            if self.rows(f"SELECT pg_try_advisory_lock({held}) AS free").column("free")[0].as_py():
                self.execute(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')
                self.execute(f"SELECT pg_advisory_unlock({held})")

    def close(self) -> None:
        """Drop the schema and leave."""
        with suppress(EngineError):
            self._end()
            self.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")
        self._cursor.close()
        self._connection.close()
        self._apart.shutdown()

    def interrupt(self) -> None:
        """Let the statement that runs be cancelled, from any thread."""
        self._cursor.adbc_cancel()

    def hold(self) -> None:
        """See one instant of all tables until :meth:`let_go`; who comes while somebody holds it sees the same."""
        self._holders += 1
        if self._holders > 1:
            return
        try:
            self.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        except BaseException:  # who stops it may do so when it has begun already
            self._end()
            raise

    def let_go(self) -> None:
        """See what others write again, when nobody else holds the instant."""
        self._holders -= 1
        if not self._holders:
            self._end()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """See what others write, also before everybody has let go, and let them see what is written meanwhile together, or none of it."""
        if self._is_writing:
            yield
            return
        if self._holders:
            self.execute("COMMIT")
        self.execute("BEGIN")
        self._is_writing = True
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            with suppress(EngineError):  # the connection may be what broke
                self.execute("ROLLBACK")
            raise
        finally:
            self._is_writing = False

    def _end(self) -> None:
        self._holders = 0
        if not self._is_broken:
            self.execute("COMMIT")  # a warning, where there is nothing to end
            return
        self._is_broken = False
        with suppress(EngineError):  # the connection may be what broke; what did is told already
            self.execute("ROLLBACK")

    def execute(self, sql: str) -> int:
        """Carry out a statement, and return how many rows it made, -1 where it makes none."""

        def carry_out() -> int:
            self._cursor.execute(sql)
            return int(self._cursor.rowcount)

        with self._failing():
            return self._asked(carry_out)

    def rows(self, sql: str) -> pa.Table:
        """Return what a query gives."""

        def fetch() -> pa.Table:
            self._cursor.execute(sql)
            return self._cursor.fetch_arrow_table()

        with self._failing():
            return self._asked(fetch)

    def _asked(self, ask: Callable[[], T]) -> T:
        """Ask from another thread while the main one waits: there the driver takes Ctrl-C for itself, and loses it as a statement ends."""
        if threading.current_thread() is not threading.main_thread():
            return ask()
        try:
            asked = self._apart.submit(ask)
        except RuntimeError:  # it is closed, or the interpreter ends: there are no other threads any more
            return ask()
        over = threading.Event()
        asked.add_done_callback(lambda _asked: over.set())
        try:
            while not over.wait(AGAIN_SECONDS):
                pass  # since the driver connected, a signal does not end a wait: it is heard between two
            return asked.result()
        except KeyboardInterrupt:
            if not asked.cancel():
                while not over.wait(AGAIN_SECONDS):
                    self.interrupt()
            self._is_broken = self._holders > 0
            raise
        finally:
            del asked  # an error holds this frame, and it the error: the cursor would outlive its connection

    def create(self, name: str, sql: str) -> None:
        """Make a table of a query."""
        made = self.execute(f'CREATE UNLOGGED TABLE "{short(name)}" AS {sql}')
        if made >= ANALYZED:
            self.execute(f'ANALYZE "{short(name)}"')

    def load(self, name: str, rows: pa.Table) -> None:
        """Make a table of rows in memory."""
        columns = ", ".join(f'"{short(field.name)}" {_TYPES[field.type]}' for field in rows.schema)
        self.execute(f'CREATE UNLOGGED TABLE "{short(name)}" ({columns})')
        if not rows.num_rows:
            return
        named = rows.rename_columns([short(column) for column in rows.column_names])
        with self._failing():
            self._asked(lambda: self._cursor.adbc_ingest(short(name), named, mode="append", db_schema_name=self.schema))
        if rows.num_rows >= ANALYZED:
            self.execute(f'ANALYZE "{short(name)}"')

    def drop(self, names: list[str], kind: str = "TABLE") -> None:
        """Drop tables in one go: each drop waits for the disk. Those that are given up with everything else are gone then."""
        if names and not self._is_broken:
            named = ", ".join(f'"{short(name)}"' for name in names)
            self.execute(f"DROP {kind} IF EXISTS {named} CASCADE")

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Turn PostgreSQL's failures into ours."""
        try:
            yield
        except adbc_driver_manager.Error as error:
            self._is_broken = self._holders > 0
            if error.sqlstate == "57014" and "user request" in str(error):  # who hears of signals cancelled it before the main thread did
                raise KeyboardInterrupt from error
            raise _failed(error) from error


def said(error: BaseException) -> str:
    """Return the line in which PostgreSQL says what is wrong."""
    text = str(error).removeprefix("IO: [libpq] Failed to connect: ")
    found = text.split("ERROR:", 1)[-1] if "ERROR:" in text else text.split("FATAL:", 1)[-1]
    return " ".join(found.strip().splitlines()[0].split())


def _unreachable(error: BaseException) -> DataError:
    return DataError(
        "database_unreachable", f"the database cannot be reached: {said(error)}", "see --engine postgresql://…, or DATABASE_URL"
    )


def _failed(error: Any) -> EngineError | DataError:
    state = error.sqlstate
    if state == "22021":
        return DataError("text_nul", "a text holds a NUL character, which PostgreSQL cannot hold", "take it out, or use --engine duckdb")
    what = said(error)
    hint = {
        "3F000": "make it first: CREATE SCHEMA",
        "42501": next((hint for word, hint in _RIGHTS.items() if f"for {word}" in what), "let its user do that"),
        "53100": "make room on its disk, or score fewer activities",
        "53200": "give it more memory, or score fewer activities",
    }.get(state, _ENDED if any(each in what for each in _ENDING) else "the database says so; its log may say more")
    return EngineError(NAME, what, hint)


_ENDING = ("closed the connection", "terminating connection", "no connection to the server")
_ENDED = "it ended meanwhile: see that it runs, and do this again"
_RIGHTS = {  # what a right is missing for, and which
    "database": "let its user CREATE in the database: Vaglio works in a schema of its own, and drops it",
    "schema": "let its user have USAGE of the schema, and CREATE in it where a result is made there",
    "table": "let its user SELECT from it; a table that is filled anew also takes INSERT and DELETE",
    "view": "let its user SELECT from it",
}
