"""The engines that tests run on: how each is made for tables of a few rows, and what keeps one from running here."""

import atexit
import shutil
import tempfile
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path

from vaglio.engines import make
from vaglio.engines.sqlite import SQLiteEngine
from vaglio.private.postgres import PrivatePostgres


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
}
