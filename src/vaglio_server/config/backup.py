"""Backup and restore: one file of PostgreSQL's own format, of one instant of the database."""

import os
import subprocess
from datetime import datetime
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from vaglio.errors import VaglioError
from vaglio.private.postgres import installed
from vaglio_server.config import env
from vaglio_server.config.erased import finish, keep_waiting, ledger, nothing_waits
from vaglio_server.config.session import SERVER, STARTING, refuse_newer
from vaglio_server.config.statistics import look_at_tables
from vaglio_server.privacy.actions import put_off_deleting
from vaglio_server.scoring.queries import WORKER


def backup(file: Path) -> int:
    """Write everything into a file, and return its size [bytes]. The server may run meanwhile.

    Raises
    ------
    VaglioError
        The file cannot be written, or the database cannot be read.
    """
    aside = file.with_name(f".{file.name}.part")
    try:
        with aside.open("xb") as written:
            os.chmod(aside, 0o600)
            _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", into=written.fileno())
            os.fsync(written.fileno())
        os.replace(aside, file)
    except FileExistsError as error:
        raise VaglioError("backup", f"{aside} is there already", "another backup is running, or was cut off: remove it") from error
    except OSError as error:
        raise VaglioError("backup", f"{file} cannot be written: {error.strerror}", "choose another folder") from error
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # so that its name is on disk too
    finally:
        os.close(folder)
    return file.stat().st_size


def restore(file: Path, now: datetime, *, replace: bool = False, erased: Path | None = None) -> int:
    """Bring a backup into an empty installation, in one transaction; no server starts meanwhile.

    Who was erased since, here or by a file (``erased``), is erased again; return how many people that were.

    Raises
    ------
    VaglioError
        There is something already, a server or worker runs, a newer version wrote the file, or one of the files cannot be read.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [STARTING])
    if _is_served():
        raise VaglioError("restore", "a server or a worker runs on this installation", "stop it first: what it works on would be dropped")
    if not replace and _is_used():
        raise VaglioError(
            "restore", "this installation is not empty", "restore into a new VAGLIO_HOME, or use --replace to drop what is there"
        )
    refuse_newer(_applied(file))
    keep_waiting(ledger(erased))
    try:
        _run("pg_restore", "--single-transaction", "--clean", "--if-exists", "--no-owner", "--no-privileges", "--exit-on-error",
             f"--dbname={env.database()['NAME']}", str(file.resolve()))  # fmt: skip
    except VaglioError:
        nothing_waits()
        raise
    call_command("migrate", verbosity=0)
    again = finish(now)
    put_off_deleting(at=now)
    look_at_tables()
    connection.close()
    return again


def _is_served() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND (application_name = %s"
            " OR application_name LIKE %s))",
            [SERVER, f"{WORKER} %"],
        )
        return bool(cursor.fetchone()[0])


def _applied(file: Path) -> list[tuple[str, str]]:
    """Return the migrations that were applied to what a backup holds, each with its app."""
    told = _run("pg_restore", "--data-only", "--table=django_migrations", "--file=-", str(file.resolve()))
    rows = [line.split("\t") for line in told.splitlines()]
    return [(row[1], row[2]) for row in rows if len(row) == 4]


def _is_used() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM users_user) OR EXISTS (SELECT FROM crm_lead) OR EXISTS (SELECT FROM tracking_source)"
            " OR EXISTS (SELECT FROM scoring_scoringmodel)"
        )
        return bool(cursor.fetchone()[0])


def _run(program: str, *arguments: str, into: int = subprocess.PIPE) -> str:
    """Run one of PostgreSQL's programs against the database, and return what it printed.

    The password goes by the environment, where no other user sees it.
    """
    database = env.database()
    named = {"PGHOST": database["HOST"], "PGPORT": database["PORT"], "PGUSER": database["USER"], "PGPASSWORD": database["PASSWORD"]}
    named |= {env.PARAMETERS[name]: value for name, value in database["OPTIONS"].items()}
    told = subprocess.run(
        [installed() / program, *arguments], check=False, stdout=into, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PGDATABASE": database["NAME"]} | {name: value for name, value in named.items() if value},
    )  # fmt: skip
    if told.returncode:
        lines = told.stderr.strip().splitlines()
        said = next((line for line in lines if "error:" in line), lines[-1] if lines else str(told.returncode))  # after it: what it did
        raise VaglioError("backup", f"{program} failed: {said}", "PostgreSQL says so")
    return told.stdout or ""
