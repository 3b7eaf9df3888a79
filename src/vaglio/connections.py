"""Connections to DuckDB that are open, so that whoever is told to stop can interrupt what they are doing."""

from contextlib import suppress
from typing import Any
from weakref import WeakSet

_OPEN: WeakSet[Any] = WeakSet()


def connect() -> Any:
    """Open a DuckDB in memory."""
    import duckdb

    raw = duckdb.connect()
    _OPEN.add(raw)
    return raw


def interrupt() -> None:
    """Interrupt every query that runs, from any thread: whoever waits for one is told that it was interrupted."""
    for raw in list(_OPEN):
        with suppress(Exception):  # it is closed by now
            raw.interrupt()
