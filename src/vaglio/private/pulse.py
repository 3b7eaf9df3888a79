"""How the PostgreSQL of a folder fares: it answers, works towards answering, hangs, or is dead; and how all that is left of it is ended.

A recovery may take as long as it needs, so time alone condemns nobody. Evidence of work is, after a crash and while stopping, what
the startup process and the checkpointer do: they come, go, rename themselves (``startup recovering 00000001…``), use the processor,
read, write, or wait for the disk, where no signal would reach them. The other processes say nothing: the postmaster uses the
processor merely by turning us away, the rest wake up for housekeeping. In the hang that was seen (18.4 after kill -9 of several of
its processes) the postmaster waits for a checkpointer and a background writer who were never told to end, and nothing uses anything.
"""

import select
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import psutil
import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo

from vaglio.errors import VaglioError

# So long without an answer and without a sign of work, and it hangs. A quarter of it is allowed for an answer that takes milliseconds.
PATIENCE_SECONDS = 20.0
LONGEST_PATIENCE_SECONDS = 600.0
# Whoever did not look for so long was stopped itself, or starved: it knows nothing of the time between.
GAP_SECONDS = 15.0
WORKERS = ("postgres: startup", "postgres: checkpointer")


class Answer(Enum):
    """What a client gets."""

    SERVES = "it serves"
    REFUSES = "it turns clients away: it starts, recovers or stops"
    NOTHING = "nothing in time, or nobody there"


class State(Enum):
    """How a server fares."""

    ANSWERS = "answers"
    WORKS = "works towards answering"
    HANGS = "hangs"
    DEAD = "is dead"


@dataclass(frozen=True)
class Found:
    """What a look found, and whom."""

    state: State
    postmaster: psutil.Process | None


class Pulse:
    """Looks at one server again and again; what it saw before is what tells slow from stuck."""

    def __init__(self, folder: Path, patience: float = PATIENCE_SECONDS) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._least = self._patience = patience
        self._seen: object = None
        self._since = self._looked = 0.0

    def look(self) -> Found:
        """Ask for an answer, and where there is none say why."""
        answer = ask(self._folder, self._least / 4)
        if answer is Answer.SERVES:
            self._seen, self._patience = None, self._least
            return Found(State.ANSWERS, None)
        found = postmaster(self._data)
        if found is None:
            # Somebody refuses whom we cannot see: a container of its own may share the folder. It is not ours to end.
            return Found(State.DEAD if answer is Answer.NOTHING else State.WORKS, None)
        return Found(State.HANGS if self.stands_still(found) else State.WORKS, found)

    def stands_still(self, found: psutil.Process) -> bool:
        """Whether nothing was done for longer than patience lasts; asked every few seconds at least."""
        now = time.monotonic()
        left = processes(self._data)
        seen = (found, *_work(left))
        if seen != self._seen or now - self._looked > GAP_SECONDS or _waits_for_disk(left):
            self._seen, self._since = seen, now
        self._looked = now
        return now - self._since > self._patience

    def more_patience(self) -> None:
        """Wait twice as long the next time, until it has answered: a machine too slow for us must be able to finish, too."""
        self._seen, self._patience = None, min(2 * self._patience, LONGEST_PATIENCE_SECONDS)


def ask(folder: Path, seconds: float) -> Answer:
    """Sign in and run a query, in bounded time whatever the server does: ``pg_isready`` says yes where nobody can sign in.

    Raises
    ------
    VaglioError
        It cannot be asked; that says nothing of the server.
    """
    end = time.monotonic() + seconds
    link = pq.PGconn.connect_start(make_conninfo(host=str(folder), user="vaglio", dbname="postgres").encode())
    try:
        while (state := link.connect_poll()) not in {pq.PollingStatus.OK, pq.PollingStatus.FAILED}:
            if not _ready(link.socket, state == pq.PollingStatus.WRITING, end):
                return Answer.NOTHING
        if link.status != pq.ConnStatus.OK:
            return _refusal(link.error_message.decode(errors="replace"))
        link.send_query(b"SELECT 1")
        while link.is_busy():
            if not _ready(link.socket, False, end):
                return Answer.NOTHING
            link.consume_input()
        result = link.get_result()
        return Answer.SERVES if result and result.status == pq.ExecStatus.TUPLES_OK else Answer.REFUSES
    except psycopg.Error:
        return Answer.NOTHING
    finally:
        link.finish()


def _ready(socket: int, writing: bool, end: float) -> bool:
    poll = select.poll()
    poll.register(socket, select.POLLOUT if writing else select.POLLIN)
    return bool(poll.poll(max(0.0, end - time.monotonic()) * 1000))


def _refusal(said: str) -> Answer:
    if "could not create socket" in said:  # too many open files, say
        raise VaglioError("database_start", "the private PostgreSQL cannot be asked", said.strip())
    if "FATAL" not in said:
        return Answer.NOTHING
    # "the database system is starting up | in recovery mode | shutting down"; too many clients, say, is a sign of health.
    return Answer.REFUSES if "the database system is" in said or "terminating connection" in said else Answer.SERVES


def postmaster(data: Path) -> psutil.Process | None:
    """Return the living first process of a data folder. A number in its pid file may be a dead one's, or long somebody else's."""
    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text(encoding="ascii").split()[0]))
    except (FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):
        return None
    return process if _works_in(process, str(data.resolve())) else None


def processes(data: Path) -> list[psutil.Process]:
    """Return every process of PostgreSQL whose data folder this is; somebody's shell that stands in it is none."""
    folder = str(data.resolve())
    return [process for process in psutil.process_iter() if _works_in(process, folder)]


def _works_in(process: psutil.Process, folder: str) -> bool:
    try:  # the dead whom nobody noted (in a container whose first process is no init) stay in the list
        return bool(process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE and process.cwd() == folder)
    except psutil.Error:
        return False


def _work(those: list[psutil.Process]) -> Iterator[object]:
    for process in those:
        with suppress(psutil.Error), process.oneshot():
            title = (process.cmdline() or [""])[0]
            if title.startswith(WORKERS):
                read_and_written = process.io_counters() if hasattr(process, "io_counters") else None
                yield process.pid, title, process.cpu_times()[:2], read_and_written


def _waits_for_disk(those: list[psutil.Process]) -> bool:
    found = False
    for process in those:
        with suppress(psutil.Error):
            found = found or process.status() == psutil.STATUS_DISK_SLEEP
    return found


def end(data: Path, quit_seconds: float = 2.0, kill_seconds: float = 10.0) -> None:
    """End every process of a data folder, orphans too, who would keep its shared memory: first as an immediate shutdown does.

    Nothing acknowledged is lost: what was acknowledged is in the log on disk, from which the next start recovers.

    Raises
    ------
    VaglioError
        Some do not end; they wait for a disk.
    """
    for number, seconds in ((signal.SIGQUIT, quit_seconds), (signal.SIGKILL, kill_seconds)):
        told: set[psutil.Process] = set()
        last = time.monotonic() + seconds
        while left := processes(data):
            for process in left:
                if process not in told:
                    told.add(process)
                    with suppress(psutil.Error):
                        process.send_signal(number)
            if time.monotonic() > last:
                break
            time.sleep(0.05)
        else:
            return
    raise VaglioError("database_start", f"processes of the private PostgreSQL in {data} do not end", "see whether its disk answers")
