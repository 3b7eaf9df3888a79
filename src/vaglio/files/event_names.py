"""Activity types that are written in words, as ``--columns "activity_type=Event:name"`` says: each as the service calls it."""

from functools import lru_cache

import duckdb

from vaglio.files.functions import teach
from vaglio.text import event_name

NAME = "name"  # stands where a date's format would
_FUNCTION = "vaglio_event_name"


def as_name(text: str) -> str:
    """Return the SQL of a text as the name of an activity type; :func:`teach_names` comes before."""
    return f"{_FUNCTION}({text})"


def teach_names(raw: duckdb.DuckDBPyConnection) -> None:
    """Let a connection know the function."""
    teach(raw, _FUNCTION, lru_cache(4096)(event_name))
