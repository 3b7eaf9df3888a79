"""Functions of ours that DuckDB calls by name while it reads a file."""

from collections.abc import Callable

import duckdb


def teach(raw: duckdb.DuckDBPyConnection, name: str, function: Callable[[str], str]) -> None:
    """Let a connection know a function of one text, once."""
    known = raw.execute("SELECT 1 FROM duckdb_functions() WHERE function_name = ?", [name]).fetchall()
    if not known:
        raw.create_function(name, function, ["VARCHAR"], "VARCHAR")
