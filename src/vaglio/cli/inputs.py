"""From options to facts in an engine: the part every command that reads data shares."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from vaglio.arrow import settle_without_pandas
from vaglio.cli.elsewhere import other
from vaglio.dates import parse_instant, to_microseconds
from vaglio.errors import DataError
from vaglio.paths import Paths, table_name


@dataclass(frozen=True)
class Given:
    """The data options of one call."""

    paths: Paths
    columns: Sequence[str] = ()
    strict: bool = False
    engine: str = "duckdb"
    memory: str | None = None
    since: int | None = None  # of activities, only what became known later is news


def instants(as_of: str | None, known_at: str | None) -> Any:
    """Return the two instants of a score from their options; now where nothing was said."""
    from vaglio.plan import Instants

    at = instant("--as-of", as_of) if as_of is not None else to_microseconds(datetime.now(UTC))
    return Instants(at, instant("--known-at", known_at) if known_at is not None else at)


def notes(documents: Sequence[Any], given: Given, at: int) -> list[str]:
    """Return what the files leave open for models at an instant [µs UTC]."""
    from vaglio.cli.left_open import left_open

    return left_open(documents, given.paths, at, to_microseconds(datetime.now(UTC)))


def say_notes(documents: Sequence[Any], given: Given, at: int) -> None:
    """Say what the files leave open."""
    from vaglio.cli.show import note

    for each in notes(documents, given, at):
        note(f"note: {each}")


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
    from vaglio.engines.duckdb import within_memory
    from vaglio.files import ColumnMap, read_facts

    settle_without_pandas()
    with tempfile.TemporaryDirectory(prefix="vaglio-") as spill, ExitStack() as stack:
        reader: Any = make("duckdb", spill=spill, memory_limit=given.memory)
        stack.callback(reader.close)
        stack.enter_context(within_memory())
        by_name = _are_tables(given)
        engine = reader if given.engine == "duckdb" else stack.enter_context(other(given.engine, stage))
        columns, said = ColumnMap.parse(list(given.columns)), lambda table: stage(f"reading {table}")
        if by_name:
            from vaglio.tables import read_tables

            yield engine, read_tables(engine, reader, given.paths, needed, columns, strict=given.strict, progress=said)
            return
        loaded = read_facts(reader, given.paths, needed, columns, strict=given.strict, progress=said, since=given.since)
        yield engine, loaded if engine is reader else _loaded_into(engine, loaded, stage)


def _are_tables(given: Given) -> bool:
    """Return whether the facts are tables by name, and not files.

    Raises
    ------
    DataError
        ``inputs_mixed``; ``table_unheld``: tables are asked of an engine that holds none.
    """
    named = {option: table_name(path) for option, path in given.paths.given()}
    tables = [f"--{option.replace('_', '-')}" for option, name in named.items() if name is not None]
    if tables and len(tables) < len(named):
        files = [f"--{option.replace('_', '-')}" for option, name in named.items() if name is None]
        raise DataError(
            "inputs_mixed", f"{', '.join(tables)} name tables and {', '.join(files)} files", "give all as tables, or all as files"
        )
    if tables and given.engine == "duckdb":
        raise DataError(
            "table_unheld",
            f"{tables[0]} names a table, and duckdb holds none",
            "say where it is: --engine postgres or spark; a command without --engine reads files",
        )
    return bool(tables)


def _loaded_into(engine: Any, loaded: Any, stage: Callable[[str], None]) -> Any:
    """Return what was read, with the facts as tables of another engine."""
    from vaglio.plan import Facts

    found = {}
    for name, table in loaded.facts.tables().items():
        stage(f"loading {name} into {engine.name}")
        found[name] = engine.load(name, loaded.reader.arrow(table))
    return replace(loaded, facts=Facts(**found), recent=None)
