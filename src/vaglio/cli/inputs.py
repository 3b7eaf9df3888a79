"""From options to facts in an engine: the part every command that reads data shares."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from vaglio.cli.elsewhere import other
from vaglio.dates import parse_instant, to_microseconds
from vaglio.errors import DataError
from vaglio.paths import Paths


@dataclass(frozen=True)
class Given:
    """The data options of one call."""

    paths: Paths
    columns: Sequence[str] = ()
    strict: bool = False
    engine: str = "duckdb"
    memory: str | None = None


def instants(as_of: str | None, known_at: str | None) -> Any:
    """Return the two instants of a score from their options; now where nothing was said."""
    from vaglio.plan import Instants

    at = instant("--as-of", as_of) if as_of else to_microseconds(datetime.now(UTC))
    return Instants(at, instant("--known-at", known_at) if known_at else at)


def instant(option: str, text: str) -> int:
    """Return the instant that an option says [µs UTC]."""
    try:
        return parse_instant(text)
    except ValueError as error:
        raise DataError("date_invalid", f"{option}: {error}") from None


def facts(given: Given, documents: Sequence[Any], stage: Callable[[str], None] = lambda what: None) -> AbstractContextManager[Any]:
    """Give the engine and everything that some models read into it; both are gone afterwards. ``stage`` is told what is being read."""
    from vaglio.files import needs

    return read(given, needs(documents), stage)


@contextmanager
def read(given: Given, needed: Any, stage: Callable[[str], None]) -> Iterator[tuple[Any, Any]]:
    """Yield the engine and what is needed of the files, read into it."""
    from vaglio.engines import make
    from vaglio.files import ColumnMap, read_facts

    with tempfile.TemporaryDirectory(prefix="vaglio-") as spill, ExitStack() as stack:
        reader: Any = make("duckdb", spill=spill, memory_limit=given.memory)
        stack.callback(reader.close)
        engine = reader if given.engine == "duckdb" else stack.enter_context(other(given.engine, stage))
        columns, said = ColumnMap.parse(list(given.columns)), lambda table: stage(f"reading {table}")
        loaded = read_facts(reader, given.paths, needed, columns, strict=given.strict, progress=said)
        yield engine, loaded if engine is reader else _loaded_into(engine, loaded, stage)


def _loaded_into(engine: Any, loaded: Any, stage: Callable[[str], None]) -> Any:
    """Return what was read, with the facts as tables of another engine."""
    from vaglio.plan import Facts

    found = {}
    for name, table in loaded.facts.tables().items():
        stage(f"loading {name} into {engine.name}")
        found[name] = engine.load(name, loaded.reader.arrow(table))
    return replace(loaded, facts=Facts(**found))
