"""The only place where names and texts become SQL."""

from collections.abc import Iterable
from pathlib import Path


def name(text: str) -> str:
    """Return a quoted identifier."""
    return '"' + text.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a quoted string."""
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Return quoted strings between parentheses, for ``IN``."""
    return "(" + ", ".join(literal(text) for text in texts) + ")"


def file(path: Path) -> str:
    """Return a Parquet file as a FROM clause."""
    return f"read_parquet({literal(str(path))}, hive_partitioning = false)"
