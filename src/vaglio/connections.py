"""Connections to DuckDB, and to whatever else is told of here, so that whoever is told to stop can interrupt what they are doing."""

from contextlib import suppress
from threading import Lock
from typing import Any
from weakref import WeakSet

_OPEN: WeakSet[Any] = WeakSet()
_OPENING = Lock()


def connect() -> Any:
    """Open a DuckDB in memory."""
    import duckdb

    raw = duckdb.connect()
    keep(raw)
    return raw


def keep(connection: Any) -> None:
    """Let a connection be interrupted with the others, by its ``interrupt()``, as long as there is one."""
    with _OPENING:
        _OPEN.add(connection)


def interrupt() -> None:
    """Interrupt every query that runs, from any thread: whoever waits for one is told that it was interrupted."""
    with _OPENING:
        those = list(_OPEN)
    for raw in those:
        with suppress(Exception):  # it is closed by now
            raw.interrupt()
