"""The list of engines, written out. Importing an engine imports its driver, so each is loaded when it is named."""

from importlib import import_module

from vaglio.engine import Engine
from vaglio.errors import UnsupportedError

ENGINES: dict[str, tuple[str, str]] = {
    "duckdb": ("vaglio.engines.duckdb", "DuckDBEngine"),
    "postgres": ("vaglio.engines.postgres.engine", "PostgresEngine"),
    "spark": ("vaglio.engines.spark.engine", "SparkEngine"),
}


def make(name: str, **options: object) -> Engine:
    """Return an engine by its name.

    Raises
    ------
    UnsupportedError
        There is no such engine in this version.
    """
    require(name)
    module, kind = ENGINES[name]
    engine: Engine = getattr(import_module(module), kind)(**options)
    return engine


def require(name: str) -> None:
    """Raise UnsupportedError unless this version has an engine of that name."""
    if name not in ENGINES:
        raise UnsupportedError("engine_unknown", f"there is no engine {name}", f"use one of {', '.join(ENGINES)}")
