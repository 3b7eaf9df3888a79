"""The private PostgreSQL: shared, stopped by the last to leave, started again after a kill, closed to others."""

import os
import signal
import stat
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.server.config.private import ask, first_pid
from vaglio.errors import VaglioError
from vaglio.private.postgres import PrivatePostgres
from vaglio.private.pulse import processes


def test_it_works_and_keeps_its_data(folder: Path) -> None:
    with PrivatePostgres(folder).running():
        ask(folder, "CREATE TABLE kept AS SELECT 7 AS number")
        assert ask(folder, "SHOW synchronous_commit") == "on"
        assert str(ask(folder, "SHOW server_version")).startswith("18")
    with PrivatePostgres(folder).running():
        assert ask(folder, "SELECT number FROM kept") == 7


def test_the_last_to_leave_stops_it(folder: Path) -> None:
    with PrivatePostgres(folder).running():
        with PrivatePostgres(folder).running():
            pass
        assert ask(folder, "SELECT 1") == 1
    with pytest.raises(psycopg.OperationalError):
        ask(folder, "SELECT 1")


def test_the_last_to_leave_ends_one_that_does_not_stop(folder: Path) -> None:
    with PrivatePostgres(folder, patience=2).running():
        ask(folder, "CREATE TABLE kept AS SELECT 7 AS number")
        for process in processes(folder / "data"):
            with suppress(psutil.NoSuchProcess):  # one that served a question just now may be gone
                process.send_signal(signal.SIGSTOP)
    assert processes(folder / "data") == []
    with PrivatePostgres(folder).running():
        assert ask(folder, "SELECT number FROM kept") == 7


def test_it_starts_again_after_a_kill(folder: Path) -> None:
    server = PrivatePostgres(folder)
    with server.running():
        ask(folder, "CREATE TABLE kept AS SELECT 7 AS number")
        os.kill(first_pid(folder), signal.SIGKILL)
        with PrivatePostgres(folder).running():
            assert ask(folder, "SELECT number FROM kept") == 7


def test_nobody_else_can_enter(folder: Path) -> None:
    with PrivatePostgres(folder).running():
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert ask(folder, "SHOW listen_addresses") == ""


def test_it_rejects_a_folder_too_long_for_a_socket(tmp_path: Path) -> None:
    with pytest.raises(VaglioError, match="too long for a socket"), PrivatePostgres(tmp_path / ("x" * 100)).running():
        pass
