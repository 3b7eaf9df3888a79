"""A private PostgreSQL made and brought up to date once, and copied for each test process: from nothing that takes six seconds of work.

What was made is kept among pytest's files for as long as all that it was made of stays as it is. Should something be missed, nothing
is lost: whoever starts the copy brings its tables up to date, as every start of Vaglio does. `test_backup.py` makes one from nothing.
"""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def bring_ready(home: Path, kept: Path) -> None:
    """Put the data of a PostgreSQL that is up to date into a new data folder of this process."""
    made = kept / _mark()
    with (kept / "lock").open("a+") as lock:  # others who begin at the same time wait, and copy
        fcntl.flock(lock, fcntl.LOCK_EX)
        if made.exists():
            (home / "postgres").mkdir()
            _copy(made, home / "postgres/data")
            return
        _make()
        for old in kept.iterdir():
            if old.is_dir():
                shutil.rmtree(old)
        _copy(home / "postgres/data", kept / "new")
        (kept / "new").rename(made)


def _make() -> None:
    from vaglio_server.config.session import database_up

    with database_up():
        from django.db import connection

        connection.close()


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", source, target], check=True)  # with its owner, where root runs the tests


def _mark() -> str:
    """Return what changes when anything does that tables are made of: migrations, ours and those of others, and how they are stored."""
    made_of = [*ROOT.glob("src/vaglio_server/*/migrations/*.py"), *(ROOT / "src/vaglio_server/config").glob("*.py")]
    said = hashlib.sha256()
    for file in [*sorted(made_of), ROOT / "requirements/dev.txt"]:
        said.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return said.hexdigest()[:20]
