"""Backup and restore, while events come in."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.cli.company import vaglio as here
from tests.server.ready import bring_ready
from tests.server.world import leads, make_live, make_source, post, send, take
from vaglio.private.postgres import installed


def vaglio(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vaglio.cli.main", *arguments]
    return subprocess.run(command, env=os.environ | {"VAGLIO_HOME": str(home)}, check=False, capture_output=True, text=True)


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="vaglio-"))
    home.chmod(0o711)
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def made(elsewhere: Path, pytestconfig: pytest.Config) -> Path:
    """Another installation, which need not be made from nothing where what it is made of is not the point."""
    bring_ready(elsewhere, pytestconfig.cache.mkdir("database"))  # type: ignore[union-attr]
    return elsewhere


def test_a_backup_under_load_comes_back_whole(tables: Path, elsewhere: Path, tmp_path: Path) -> None:
    source = make_source()
    make_live()
    kept: list[int] = []
    stop = threading.Event()

    def load() -> None:
        from django.db import connection

        number = 0
        while not stop.is_set():
            number += 1
            body = {"userId": f"u{number}", "traits": {"email": f"u{number}@acme.example"}}
            if post(source, "identify", body).status_code == 200:
                kept.append(number)
            if number % 20 == 0:
                take()
        connection.close()

    sender = threading.Thread(target=load)
    sender.start()
    file = tmp_path / "vaglio.dump"
    try:
        while len(kept) < 50:
            assert sender.is_alive(), "whoever sends events has ended; its thread says why"
            stop.wait(0.01)
        before = list(kept)
        told = here("backup", str(file))
    finally:
        stop.set()
        sender.join()
    assert told.returncode == 0, told.stderr
    assert len(kept) > len(before) and file.stat().st_mode & 0o077 == 0 and list(tmp_path.iterdir()) == [file]
    # What was cut off on its way leaves a new installation new, without the tables that it would only have dropped.
    cut = tmp_path / "cut.dump"
    cut.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert vaglio(elsewhere, "restore", str(cut)).returncode == 2 and not has_tables(elsewhere)
    told = vaglio(elsewhere, "restore", str(file))
    assert told.returncode == 0, told.stderr
    found = question(elsewhere)
    assert found["deliveries"] >= len(before) and found["orphans"] == 0
    assert found["events"] == found["taken"]
    # What is there is not written over unasked.
    again = vaglio(elsewhere, "restore", str(file))
    assert again.returncode == 2 and "not empty" in again.stderr
    assert vaglio(elsewhere, "restore", str(file), "--replace").returncode == 0
    assert question(elsewhere) == found
    assert leads()
    # Nor does it take away what a server works on.
    with psycopg.connect(host=str(tables / "postgres"), user="vaglio", dbname="vaglio", application_name="vaglio server"):
        beside = vaglio(tables, "restore", str(file), "--replace")
    assert beside.returncode == 2 and "a server or a worker runs on this installation; stop it first" in beside.stderr


def has_tables(home: Path) -> bool:
    script = f"""
import psycopg
from vaglio.private.postgres import PrivatePostgres
from pathlib import Path
with PrivatePostgres(Path({str(home / "postgres")!r})).running(), psycopg.connect(
        host={str(home / "postgres")!r}, user="vaglio", dbname="vaglio") as connection:
    print(connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()[0])
"""
    return int(subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout) > 0


def test_a_version_that_does_not_know_all_migrations_touches_nothing(tables: Path, made: Path, tmp_path: Path) -> None:
    from django.db import connection

    file = tmp_path / "vaglio.dump"
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('crm', '0099_future', now())")
        try:
            told = [vaglio(tables, *line) for line in (("serve", "--role", "worker"), ("doctor",))]
            dump = [installed() / "pg_dump", "--format=custom", f"--file={file}", f"--host={tables / 'postgres'}", "--username=vaglio"]
            subprocess.run([*dump, "vaglio"], check=True)
        finally:
            cursor.execute("DELETE FROM django_migrations WHERE name = '0099_future'")
    told.append(vaglio(made, "restore", str(file)))
    line = "vaglio: a newer version of Vaglio made these tables (crm.0099_future); install that version, or a later one\n"
    assert [(each.returncode, each.stderr) for each in told] == [(2, line)] * 3
    assert question(made)["deliveries"] == 0


def test_what_is_wrong_is_said_and_not_what_was_being_done(tables: Path, made: Path, tmp_path: Path) -> None:
    file = tmp_path / "vaglio.dump"
    assert here("backup", str(file)).returncode == 0
    # Somebody's own table refers to one that is to be dropped.
    script = """
from vaglio_server.config.session import database_up
with database_up():
    from django.db import connection
    with connection.cursor() as cursor:
        cursor.execute("CREATE VIEW mine AS SELECT id FROM crm_lead")
    connection.close()
"""
    subprocess.run([sys.executable, "-c", script], env=os.environ | {"VAGLIO_HOME": str(made)}, check=True)
    told = vaglio(made, "restore", str(file))
    assert told.returncode == 2 and told.stderr.count("\n") == 1
    assert "depend on them DETAIL:  view mine depends on table crm_lead" in told.stderr


def test_all_that_migrations_make_is_dropped_before_a_backup_comes_back(tables: Path) -> None:
    from django.db import connection

    from vaglio_server.config.backup import FUNCTIONS, SEQUENCES

    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        assert {name for (name,) in cursor.fetchall()} == set(FUNCTIONS)
        cursor.execute(
            """SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype IN ('a', 'i'))"""
        )
        assert {name for (name,) in cursor.fetchall()} == set(SEQUENCES)


@pytest.mark.drill  # half a minute of migrations; in `make test` test_up_to_date has some that are missing made by a start
def test_a_backup_from_before_some_migrations_is_brought_up_to_date(tables: Path, made: Path, tmp_path: Path) -> None:
    """Tables, a sequence and functions that it does not know are there already; those of before hold what they held."""
    send(make_source(), {"type": "identify", "userId": "bob", "traits": {"email": "bob@nest.example", "company": "Nest"}})
    new, old = tmp_path / "new.dump", tmp_path / "old.dump"
    assert here("backup", str(new)).returncode == 0 and vaglio(made, "restore", str(new)).returncode == 0
    as_before(made, old, "crm 0025", "lifecycle 0005")
    told = vaglio(made, "restore", str(old), "--replace")
    assert (told.returncode, told.stderr) == (0, "")
    assert "lead 1: bob@nest.example" in vaglio(made, "person", "show", "bob@nest.example").stdout


def as_before(home: Path, file: Path, *migrations: str) -> None:
    """Write what a backup by an earlier version would be: the tables are taken back to some migrations first."""
    script = f"""
import subprocess
from vaglio_server.config.session import database_up
with database_up():
    from django.core.management import call_command
    from django.db import connection
    from vaglio_server.config.backup import backup
    for name in {migrations!r}:
        call_command("migrate", *name.split(), verbosity=0)
    connection.close()
    backup(__import__("pathlib").Path({str(file)!r}))
"""
    subprocess.run([sys.executable, "-c", script], env=os.environ | {"VAGLIO_HOME": str(home)}, check=True)


def question(home: Path) -> dict[str, int]:
    """Ask a restored installation, whose database is its own."""
    script = """
import json
from vaglio_server.config.session import database_up
with database_up():
    from django.db import connection
    with connection.cursor() as cursor:
        found = {}
        for name, sql in {
            "deliveries": "SELECT count(*) FROM tracking_delivery",
            "taken": "SELECT count(*) FROM tracking_delivery WHERE NOT is_open",
            "events": "SELECT count(*) FROM tracking_event",
            "orphans": "SELECT count(*) FROM tracking_event WHERE delivery_id NOT IN (SELECT id FROM tracking_delivery)",
        }.items():
            cursor.execute(sql)
            found[name] = cursor.fetchone()[0]
    connection.close()
print(json.dumps(found))
"""
    import json

    environment = os.environ | {"VAGLIO_HOME": str(home)}
    told = subprocess.run([sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True)
    found: dict[str, int] = json.loads(told.stdout)
    return found


def test_a_backup_that_cannot_be_written_leaves_nothing(tables: Path, tmp_path: Path) -> None:
    told = vaglio(tables, "backup", str(tmp_path / "no-such-folder" / "vaglio.dump"))
    assert told.returncode == 2 and "there is no folder" in told.stderr
    (tmp_path / "text").write_bytes(b"PGDMP and no more")
    told = vaglio(tables, "restore", str(tmp_path / "text"))
    assert told.returncode == 2 and told.stderr.count("\n") == 1 and "pg_restore failed: pg_restore: error" in told.stderr


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("restore", "nofile"), "there is no file nofile; name what vaglio backup wrote"),
        (("restore", "text"), "text is no backup; name what vaglio backup wrote"),
        (("restore", ""), "FILE is empty, and names no file; name one; is a variable of the shell not set?"),
        (("backup", "nofolder/b.vb"), "there is no folder nofolder to write b.vb into; make it first"),
        (("backup", ""), "FILE is empty, and names no file; name one; is a variable of the shell not set?"),
    ],
)
def test_what_somebody_can_see_is_wrong_is_said_before_the_database_is_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: tuple[str, ...], said: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    (tmp_path / "text").write_text("no backup")
    told = here(*line, cwd=tmp_path)
    assert (told.returncode, told.stderr) == (2, f"vaglio: {said}\n")
