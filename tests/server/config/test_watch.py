"""A private PostgreSQL that dies or hangs is started again; one that only takes long is left alone."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.server.config.private import ask, called, first_pid, serves
from tests.server.running import wait_for
from vaglio_server.config.postgres import PrivatePostgres
from vaglio_server.config.pulse import processes
from vaglio_server.config.watch import watched

PATIENCE = 2.0


@pytest.fixture(scope="module")
def kept() -> Iterator[PrivatePostgres]:
    """A server with a table, watched over with little patience."""
    made = Path(tempfile.mkdtemp(prefix="vaglio-pg-"))
    made.chmod(0o711)
    server = PrivatePostgres(made / "postgres", PATIENCE)
    with server.running():
        ask(server.folder, "CREATE TABLE kept AS SELECT 7 AS number")
        with watched(server, every=0.5):
            yield server
    assert processes(server.folder / "data") == []
    shutil.rmtree(made)


@pytest.fixture
def folder(kept: PrivatePostgres) -> Iterator[Path]:
    """Its folder; at the end it serves, with what it held."""
    yield kept.folder
    wait_for(lambda: serves(kept.folder), 20)
    assert ask(kept.folder, "SELECT number FROM kept") == 7


def send(folder: Path, number: signal.Signals) -> None:
    for process in processes(folder / "data"):
        process.send_signal(number)


@pytest.fixture
def shell(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Somebody's program that stands in the data folder."""
    process = subprocess.Popen(["sleep", "60"], cwd=folder / "data")
    yield process
    process.kill()
    process.wait()


def test_one_that_died_is_started_again_though_an_orphan_holds_its_memory(folder: Path, shell: subprocess.Popen[bytes]) -> None:
    with closing(psycopg.connect(host=str(folder), user="vaglio", dbname="vaglio")) as link:
        orphan = link.info.backend_pid
        os.kill(orphan, signal.SIGSTOP)
        before = first_pid(folder)
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: serves(folder), 15)
    assert first_pid(folder) != before
    assert orphan not in [process.pid for process in processes(folder / "data")]
    assert shell.poll() is None


def test_a_first_process_that_hangs_alone_is_found_though_old_clients_are_served(folder: Path) -> None:
    with closing(psycopg.connect(host=str(folder), user="vaglio", dbname="vaglio")) as link:
        before = first_pid(folder)
        os.kill(before, signal.SIGSTOP)
        assert link.execute("SELECT 1").fetchone() == (1,)
        wait_for(lambda: serves(folder), 20)
    assert first_pid(folder) != before


class Brake(threading.Thread):
    """Holds whoever recovers a server back: it runs for a moment, then stands; without a moment it stands for good."""

    def __init__(self, folder: Path, moment: float) -> None:
        super().__init__()
        self._folder, self._moment = folder, moment
        self.released = threading.Event()
        self.held: set[int] = set()

    def run(self) -> None:
        while not self.released.wait(0.01):
            for process in called(self._folder, "startup"):
                process.send_signal(signal.SIGSTOP)
                self.held.add(process.pid)
                if not self._moment:
                    return
                self.released.wait(0.5)
                process.send_signal(signal.SIGCONT)
                time.sleep(self._moment)


def recovered(folder: Path, moment: float) -> tuple[int, float, set[int]]:
    """Kill a server with something to recover; return its first process then, how long it took and who was held back."""
    ask(folder, "CREATE TABLE IF NOT EXISTS much (number bigint)")
    ask(folder, "INSERT INTO much SELECT generate_series(1, 400000)")
    os.kill(first_pid(folder), signal.SIGKILL)
    begun = time.monotonic()
    brake = Brake(folder, moment)
    brake.start()
    try:
        wait_for(lambda: bool(brake.held), 15)
        first = first_pid(folder)
        wait_for(lambda: serves(folder), 60)
    finally:
        brake.released.set()
        brake.join()
    return first, time.monotonic() - begun, brake.held


def test_a_slow_recovery_is_not_cut(folder: Path) -> None:
    first, seconds, held = recovered(folder, 0.02)
    assert seconds > 2 * PATIENCE
    assert (first_pid(folder), len(held)) == (first, 1)


def test_a_recovery_that_stands_still_is_ended(folder: Path) -> None:
    first, _seconds, _held = recovered(folder, 0)
    assert first_pid(folder) != first


def test_the_last_to_leave_ends_one_that_does_not_stop(kept: PrivatePostgres) -> None:
    """The watch is away by then: it is the end that must not hang."""
    other = PrivatePostgres(kept.folder.with_name("other"), PATIENCE)
    with other.running():
        send(other.folder, signal.SIGSTOP)
    assert processes(other.folder / "data") == []
    with other.running():
        assert serves(other.folder)
