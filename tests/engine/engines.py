"""The engines that tests run on: how each is made for tables of a few rows, and what keeps one from running here."""

import atexit
import shutil
import tempfile
from contextlib import ExitStack
from functools import cache, partial, reduce
from pathlib import Path
from typing import Any

import pytest

from vaglio.engines import make
from vaglio.engines.spark.session import need_spark
from vaglio.engines.sqlite import SQLiteEngine
from vaglio.errors import UnsupportedError
from vaglio.private.postgres import PrivatePostgres

FEW_ROWS = {
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    # Making byte code for a handful of rows takes longer than going through them.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
}


def _missing() -> str:
    """Return what keeps Spark from running here, and what to install; nothing where it runs."""
    try:
        need_spark()
    except UnsupportedError as error:
        return str(error)
    return ""


SPARK = [
    pytest.mark.spark,
    pytest.mark.skipif(bool(_missing()), reason=_missing()),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),  # py4j leaves them to the garbage collector
]


def spark(*marks: pytest.MarkDecorator) -> Any:
    """Return Spark as a parameter of tests; where it cannot run they are skipped, with one line that says what to install."""
    return pytest.param("spark", marks=[*SPARK, *marks])


def needs_spark(test: Any) -> Any:
    """Mark a test as one of Spark."""
    return reduce(lambda marked, mark: mark(marked), SPARK, test)


@cache
def postgres_url() -> str:
    """Return where a PostgreSQL of this test process's own is, which ends with it."""
    home = Path(tempfile.mkdtemp(prefix="vaglio-"))
    home.chmod(0o711)  # PostgreSQL runs as another user where we are root
    stack = ExitStack()
    atexit.register(stack.close)
    stack.callback(shutil.rmtree, home, ignore_errors=True)
    return stack.enter_context(PrivatePostgres(home / "postgres").running()).url()


MADE = {
    "duckdb": partial(make, "duckdb", threads=1),
    "sqlite": SQLiteEngine,
    "postgres": lambda: make("postgres", url=postgres_url()),
    "spark": partial(make, "spark", master="local[1]", options=FEW_ROWS),
}
