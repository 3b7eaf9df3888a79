"""The only place where names and texts become SQL."""

import re
from collections.abc import Iterable
from pathlib import Path

_PATTERN = re.compile(r"[*?[]")


def name(text: str) -> str:
    """Return a quoted identifier."""
    return '"' + text.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a quoted string."""
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Return quoted strings between parentheses, for ``IN``."""
    return "(" + ", ".join(literal(text) for text in texts) + ")"


def among(value: str, texts: Iterable[str]) -> str:
    """Return whether a text is one of several: not ``IN``, of whose longer lists DuckDB makes a join, which keeps rows in no order."""
    return f"list_contains([{', '.join(literal(text) for text in texts)}]::VARCHAR[], {value})"


def path(of: Path) -> str:
    """Return the path of a file to read, as a quoted string that stands for this file alone.

    DuckDB takes ``* ? [`` in a path for a pattern, a ``~`` that begins it for somebody's home, and ``s3:`` for a place elsewhere.
    """
    return literal(_PATTERN.sub(r"[\g<0>]", of.absolute().as_posix()))


def is_readable_name(of: Path) -> bool:
    """Return whether DuckDB can be told of a file: in a pattern it takes no backslash for itself."""
    text = of.absolute().as_posix()
    return "\\" not in text or not _PATTERN.search(text)


def file(of: Path) -> str:
    """Return a Parquet file as a FROM clause."""
    return f"read_parquet({path(of)}, hive_partitioning = false)"
