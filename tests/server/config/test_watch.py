"""A private PostgreSQL that dies or hangs is started again; one that only takes long is left alone."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.server.config.private import ask, called, first_pid, serves
from tests.server.running import wait_for
from vaglio.private.postgres import PrivatePostgres
from vaglio.private.pulse import processes
from vaglio_server.config.watch import watched

PATIENCE = 2.0
LONG = 2.5 * PATIENCE  # how long a recovery is held back, whatever the machine


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
    wait_for(lambda: serves(kept.folder), 60)
    assert ask(kept.folder, "SELECT number FROM kept") == 7


@pytest.fixture
def shell(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Somebody's program that stands in the data folder."""
    process = subprocess.Popen(["sleep", "600"], cwd=folder / "data")
    yield process
    process.kill()
    process.wait()


def test_one_that_died_is_started_again_though_an_orphan_holds_its_memory(folder: Path, shell: subprocess.Popen[bytes]) -> None:
    with closing(psycopg.connect(host=str(folder), user="vaglio", dbname="vaglio")) as link:
        orphan = link.info.backend_pid
        os.kill(orphan, signal.SIGSTOP)
        before = first_pid(folder)
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: serves(folder), 30)
    assert first_pid(folder) != before
    assert orphan not in [process.pid for process in processes(folder / "data")]
    assert shell.poll() is None


def test_a_first_process_that_hangs_alone_is_found_though_old_clients_are_served(folder: Path) -> None:
    with closing(psycopg.connect(host=str(folder), user="vaglio", dbname="vaglio")) as link:
        before = first_pid(folder)
        os.kill(before, signal.SIGSTOP)
        assert link.execute("SELECT 1").fetchone() == (1,)
        wait_for(lambda: serves(folder), 60)
    assert first_pid(folder) != before


class Brake(threading.Thread):
    """Holds whoever recovers a server back: it works for a moment, then stands, until it took long; or stands for good."""

    def __init__(self, folder: Path, for_good: bool) -> None:
        super().__init__()
        self._folder, self._for_good = folder, for_good
        self.released = threading.Event()
        self.held: set[int] = set()
        self._until = time.monotonic() + LONG

    def run(self) -> None:
        while not self.released.wait(0.01) and (self._for_good or time.monotonic() < self._until):
            for process in called(self._folder, "startup"):
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGSTOP)
                    self.held.add(process.pid)
                    if self._for_good:
                        return
                    self.released.wait(0.6)  # well within patience; what is to be recovered takes a dozen moments on a fast machine
                    self._let_work(process)

    def _let_work(self, process: psutil.Process) -> None:
        before = process.cpu_times()
        process.send_signal(signal.SIGCONT)
        while process.cpu_times() == before and not self.released.wait(0.005):
            pass


def recovered(folder: Path, for_good: bool) -> tuple[int, float, set[int]]:
    """Kill a server with something to recover; return its first process then, how long it took and who was held back."""
    ask(folder, "CREATE TABLE IF NOT EXISTS much (number bigint)")
    ask(folder, "INSERT INTO much SELECT generate_series(1, 800000)")
    os.kill(first_pid(folder), signal.SIGKILL)
    begun = time.monotonic()
    brake = Brake(folder, for_good)
    brake.start()
    try:
        wait_for(lambda: bool(brake.held), 30)
        first = first_pid(folder)
        wait_for(lambda: serves(folder), 120)
    finally:
        brake.released.set()
        brake.join()
    return first, time.monotonic() - begun, brake.held


def test_a_slow_recovery_is_not_cut(folder: Path) -> None:
    first, seconds, held = recovered(folder, for_good=False)
    assert seconds > 2 * PATIENCE
    assert (first_pid(folder), len(held)) == (first, 1)


def test_a_recovery_that_stands_still_is_ended(folder: Path) -> None:
    first, _seconds, _held = recovered(folder, for_good=True)
    assert first_pid(folder) != first
