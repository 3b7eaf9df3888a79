"""An empty installation for a measurement: a data folder of its own with the private PostgreSQL, gone afterwards."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def installation() -> Iterator[Path]:
    """Give the data folder; the database is up and migrated meanwhile."""
    home = Path(tempfile.mkdtemp(prefix="vaglio-"))
    home.chmod(0o711)  # PostgreSQL runs as another user where we are root
    os.environ["VAGLIO_HOME"] = str(home)
    from vaglio_server.config.session import database_up

    try:
        with database_up():
            yield home
            from django.db import connection

            connection.close()
    finally:
        shutil.rmtree(home)
