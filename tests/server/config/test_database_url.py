"""What DATABASE_URL says reaches everybody who uses the database: pages, scoring, backup."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from vaglio.errors import VaglioError
from vaglio_server.config import env

OPEN = "import django; django.setup(); from django.db import connection; connection.ensure_connection()"
WEAK = 'method requirement "scram-sha-256" failed'  # what the client says of a server that asks for no password


def address(monkeypatch: pytest.MonkeyPatch, home: Path, parameters: str) -> None:
    """Name the private PostgreSQL as if it were the operator's own."""
    monkeypatch.setenv("DATABASE_URL", f"postgresql://vaglio@/vaglio?host={home}/postgres{parameters}")
    monkeypatch.setenv("VAGLIO_SECRET_KEY", "for processes of this test")


def failures(home: Path, file: Path) -> list[str]:
    """Return what pages, scoring and backup say of the database; empty where they reach it."""
    from vaglio_server.config.backup import backup
    from vaglio_server.scoring.engine import Scorer

    told = [subprocess.run([sys.executable, "-c", OPEN], env=dict(os.environ), check=False, capture_output=True, text=True).stderr]
    with closing(Scorer(env.database())) as scorer:
        told += [said_by(lambda: scorer.snapshot().__enter__())]
    return [*told, said_by(lambda: backup(file))]


def said_by(asking: Any) -> str:
    try:
        asking()
    except Exception as error:
        return str(error)
    return ""


def test_its_parameters_reach_pages_scoring_and_backup(database: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    address(monkeypatch, database, "&require_auth=none")
    assert failures(database, tmp_path / "one") == ["", "", ""]
    address(monkeypatch, database, "&require_auth=scram-sha-256")
    assert [WEAK in each for each in failures(database, tmp_path / "two")] == [True, True, True]


def test_what_encrypts_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ada:p%40ss@db.example:5433/sales?sslmode=verify-full&sslrootcert=/etc/ca.pem")
    assert env.database() == {
        "NAME": "sales", "USER": "ada", "PASSWORD": "p@ss", "HOST": "db.example", "PORT": "5433",
        "OPTIONS": {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://db.example/sales?ssl=true", "parameter ssl,"),
        ("postgresql://db.example/sales?sslpassword=x", "parameter sslpassword,"),
        ("postgresql://db.example/sales?sslmode", "not the address"),
        ("postgresql://db.example:port/sales", "not the address"),
        ("postgresql://db.example/", "not the address"),
        ("mysql://db.example/sales", "not the address"),
    ],
)
def test_what_would_have_no_effect_is_refused(monkeypatch: pytest.MonkeyPatch, address: str, said: str) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    with pytest.raises(VaglioError, match=said):
        env.database()


def test_a_database_that_cannot_be_reached_is_one_line(tmp_path: Path) -> None:
    named = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "VAGLIO_HOME": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-m", "vaglio.cli.main", "doctor"], env=os.environ | named, capture_output=True, text=True, check=False
    )
    (line,) = told.stderr.splitlines()
    assert told.returncode == 2 and line.startswith("vaglio: the database cannot be reached: ")
    assert "Connection refused" in line and line.endswith("; see DATABASE_URL")


@pytest.mark.parametrize("name", ["DATABASE_URL", "VAGLIO_HOME", "VAGLIO_SECRET_KEY"])
def test_an_empty_variable_is_not_taken_for_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv(name, "")
    asking = {"DATABASE_URL": env.private_folder, "VAGLIO_HOME": env.private_folder, "VAGLIO_SECRET_KEY": env.secret_key}[name]
    with pytest.raises(VaglioError, match=f"^{name} is set and empty; give it its value, or unset {name}"):
        asking()
    monkeypatch.setenv("VAGLIO_HOSTS", "")
    assert env.VAGLIO_HOSTS.read() == env.VAGLIO_HOSTS.default
