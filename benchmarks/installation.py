"""An installation for a measurement: a data folder of its own with the private PostgreSQL, empty at first and gone afterwards.

Where ``VAGLIO_BENCH_HOME`` names a folder, it is that one, and it stays: for several measurements of one large store.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def installation() -> Iterator[Path]:
    """Give the data folder; the database is up and migrated meanwhile."""
    kept = os.environ.get("VAGLIO_BENCH_HOME")
    home = Path(kept or tempfile.mkdtemp(prefix="vaglio-"))
    home.mkdir(exist_ok=True)
    home.chmod(0o711)  # PostgreSQL runs as another user where we are root
    os.environ["VAGLIO_HOME"] = str(home)
    from vaglio_server.config.session import database_up

    try:
        with database_up():
            yield home
            from django.db import connection

            connection.close()
    finally:
        if not kept:
            shutil.rmtree(home)
