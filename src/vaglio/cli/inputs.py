"""From options to facts in an engine: the part every command that reads data shares."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vaglio.dates import parse_instant, to_microseconds
from vaglio.errors import DataError


@dataclass(frozen=True)
class Given:
    """The data options of one call."""

    leads: Path
    accounts: Path | None = None
    activities: Path | None = None
    field_changes: Path | None = None
    lists: Path | None = None
    outcomes: Path | None = None
    columns: Sequence[str] = ()
    strict: bool = False
    engine: str = "duckdb"
    memory: str | None = None


def instants(as_of: str | None, known_at: str | None) -> Any:
    """Return the two instants of a score from their options; now where nothing was said."""
    from vaglio.plan import Instants

    at = _instant("--as-of", as_of) if as_of else to_microseconds(datetime.now(UTC))
    return Instants(at, _instant("--known-at", known_at) if known_at else at)


def _instant(option: str, text: str) -> int:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise DataError("date_invalid", f"{option}: {error}") from None


@contextmanager
def facts(given: Given, documents: Sequence[Any], progress: Any = None) -> Iterator[tuple[Any, Any]]:
    """Yield the engine and everything read into it; both are gone afterwards."""
    from vaglio.engines import make
    from vaglio.files import ColumnMap, Paths, needs, read_facts

    paths = Paths(given.leads, given.accounts, given.activities, given.field_changes, given.lists, given.outcomes)
    with tempfile.TemporaryDirectory(prefix="vaglio-") as spill:
        engine: Any = make(given.engine, spill=spill, memory_limit=given.memory)
        try:
            columns = ColumnMap.parse(list(given.columns))
            yield engine, read_facts(engine, paths, needs(documents), columns, strict=given.strict, progress=progress)
        finally:
            engine.close()
