"""Backup and restore: one file of PostgreSQL's own format, of one instant of the database."""

import os
import shutil
import subprocess
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from django.db import connection

from vaglio.errors import VaglioError
from vaglio.private.postgres import installed
from vaglio_server.config import env
from vaglio_server.config.erased import finish, keep_waiting, ledger, tables_now
from vaglio_server.config.session import SERVER, STARTING, make_tables, refuse_newer
from vaglio_server.config.statistics import look_at_tables
from vaglio_server.privacy.actions import put_off_deleting
from vaglio_server.scoring.queries import WORKER

# What migrations make beside tables, and backups of before do not know.
SEQUENCES = ("lifecycle_happening_place",)
FUNCTIONS = (
    "crm_account_order", "crm_facets", "crm_hashes", "crm_lead_order", "crm_lead_words", "crm_near", "crm_order_key", "crm_order_name",
)  # fmt: skip


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
    keep_waiting(ledger(erased), tables_now())
    _replace_all(file)
    make_tables()
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
    if not tables_now():
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM users_user) OR EXISTS (SELECT FROM crm_lead) OR EXISTS (SELECT FROM tracking_source)"
            " OR EXISTS (SELECT FROM scoring_scoringmodel)"
        )
        return bool(cursor.fetchone()[0])


def _replace_all(file: Path) -> None:
    """Drop what is there and bring in a backup, in one transaction.

    Tables that the backup does not know are dropped, too: they refer to others, and migrations make them anew. All goes through this
    process, which says the last word: where it or anything else ends before, nothing was done.
    """
    as_script = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--file=-")
    command: list[str | Path] = [installed() / "pg_restore", *as_script, file.resolve()]
    into: list[str | Path] = [installed() / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-"]
    with (
        TemporaryFile() as said, TemporaryFile() as answered,
        subprocess.Popen(into, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=answered, env=_environment()) as database,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said) as script,
    ):  # fmt: skip
        with suppress(BrokenPipeError):  # the database refuses something, and says so
            _pour(script, database)
        script.communicate()
        with suppress(BrokenPipeError):
            database.communicate()
        for program, ended, told in (("psql", database, answered), ("pg_restore", script, said)):
            told.seek(0)
            _check(program, ended.returncode, told.read().decode(errors="replace"))


def _pour(script: "subprocess.Popen[bytes]", database: "subprocess.Popen[bytes]") -> None:
    begin = f"BEGIN;\n{_dropping()}"
    said, into = _piped(script.stdout), _piped(database.stdin)
    into.write(begin.encode())
    shutil.copyfileobj(said, into)
    if script.wait() == 0:
        into.write(b"COMMIT;\n")
    into.flush()


def _piped(end: IO[bytes] | None) -> IO[bytes]:
    assert end is not None  # both were asked for
    return end


def _dropping() -> str:
    """Return the statements that drop all that is ours; one of somebody else's who depends on it is in their way, and is said."""
    tables = ["django_migrations", *connection.introspection.django_table_names(only_existing=True)]
    named = ", ".join(connection.ops.quote_name(name) for name in sorted(tables))
    dropped = {"TABLE": named, "SEQUENCE": ", ".join(SEQUENCES), "FUNCTION": ", ".join(FUNCTIONS)}
    return "".join(f"DROP {kind} IF EXISTS {names};\n" for kind, names in dropped.items())


def _run(program: str, *arguments: str, into: int = subprocess.PIPE) -> str:
    """Run one of PostgreSQL's programs against the database, and return what it printed."""
    told = subprocess.run(
        [installed() / program, *arguments], check=False, stdout=into, stderr=subprocess.PIPE, text=True, env=_environment()
    )  # fmt: skip
    _check(program, told.returncode, told.stderr)
    return told.stdout or ""


def _environment() -> dict[str, str]:
    """Return what says to PostgreSQL's programs where the database is; the password, too, where no other user sees it."""
    database = env.database()
    named = {"PGHOST": database["HOST"], "PGPORT": database["PORT"], "PGUSER": database["USER"], "PGPASSWORD": database["PASSWORD"]}
    named |= {env.PARAMETERS[name]: value for name, value in database["OPTIONS"].items()}
    return os.environ | {"PGDATABASE": database["NAME"]} | {name: value for name, value in named.items() if value}


def _check(program: str, code: int, told: str) -> None:
    if code:
        lines = told.strip().splitlines() or [str(code)]
        place = next((place for place, line in enumerate(lines) if "error:" in line.lower()), -1)  # after it: what it did
        said = " ".join([lines[place], *(line for line in lines[place:][1:2] if line.startswith("DETAIL:"))])
        raise VaglioError("backup", f"{program} failed: {said}", "PostgreSQL says so")
