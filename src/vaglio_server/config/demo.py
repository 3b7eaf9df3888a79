"""``vaglio demo``: a server with a made company, in a data folder of its own that starts afresh each time."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from vaglio.errors import VaglioError
from vaglio_server.config import env
from vaglio_server.config.mailbox import mailbox
from vaglio_server.config.ports import need_port
from vaglio_server.config.visitors import answers

MODEL = Path(__file__).resolve().parents[3] / "models/b2b_software.yaml"
PATIENCE_SECONDS = 600


def folder() -> Path:
    """Return the demo's data folder: never that of a real installation."""
    home = env.home()
    return home if os.environ.get("VAGLIO_DEMO") == "1" else home.with_name(f"{home.name}-demo")


def run(port: int, leads: int) -> None:
    """Make the company and serve it until stopped.

    Raises
    ------
    VaglioError
        A demo is running already, the port is taken, or a database is named that is not the demo's to empty.
    """
    home = folder()
    os.environ |= {"VAGLIO_HOME": str(home), "VAGLIO_DEMO": "1"}
    with _alone(home), ExitStack() as held:
        _need_free(port)
        _empty(home)
        kept = held.enter_context(mailbox(home / "mails"))
        os.environ |= {
            "EMAIL_URL": kept,
            "VAGLIO_MAIL_FROM": "Vaglio <vaglio@vela-suite.example>",
            "VAGLIO_ADDRESS": f"http://127.0.0.1:{port}",
        }
        from vaglio_server.config.serve import serve
        from vaglio_server.config.session import database_up

        with database_up():
            from vaglio_server.config.company import make_company

            source = make_company(leads=leads, model=MODEL.read_text(encoding="utf-8"), now=datetime.now(UTC), said=_said)
            visitors = [sys.executable, "-m", "vaglio_server.config.visitors", f"http://127.0.0.1:{port}", source.write_key, str(leads)]
            _said(f"open http://127.0.0.1:{port} and come in as anybody")
            serve(role="all", host="127.0.0.1", port=port, workers=2, beside=[visitors])


def _said(text: str) -> None:
    print(text, flush=True)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Let one demo at a time use the folder: what it starts with is emptied."""
    if env.DATABASE_URL.read():
        raise VaglioError("demo", "the demo makes a database of its own", "unset DATABASE_URL")
    home.mkdir(parents=True, exist_ok=True)
    with (home / "running").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise VaglioError("demo", "a demo is running already", "vaglio demo --stop ends one in the background") from error
        yield


def _empty(home: Path) -> None:
    postgres = home / "postgres"
    if (postgres / "data/postmaster.pid").exists():
        from vaglio.private.postgres import PrivatePostgres

        with PrivatePostgres(postgres).running():  # what a killed demo left behind is stopped by whoever leaves last
            pass
    shutil.rmtree(postgres / "data", ignore_errors=True)


def in_background(port: int, leads: int) -> None:
    """Start the demo in a session of its own, and come back when it answers."""
    home = folder()
    check_port(port)  # before the one that runs is ended for it
    if _pid(home) is not None:
        print("the demo that runs is ended, and what was done in it is forgotten")
        stop_background()
    with _alone(home):
        _need_free(port)
    with (home / "log").open("w") as log:
        command = [sys.executable, "-m", "vaglio.cli.main", "demo", "--port", str(port), "--leads", str(leads)]
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
    end = time.monotonic() + PATIENCE_SECONDS
    while not answers(f"http://127.0.0.1:{port}"):
        if process.poll() is not None or time.monotonic() > end:
            raise VaglioError("demo", "the demo did not start", f"see the end of {home / 'log'}:\n{(home / 'log').read_text()[-1000:]}")
        time.sleep(0.3)
    (home / "pid").write_text(str(process.pid))
    print(f"A made company of {leads:,} leads is on http://127.0.0.1:{port} - come in as anybody; vaglio demo --stop ends it.")


def check_port(port: int) -> None:
    """Refuse a port that another program has; the demo that runs may have it, for it is ended before another starts.

    Raises
    ------
    VaglioError
        The port is taken.
    """
    pid = _pid(folder())
    if pid is None or not _is_on(pid, port):
        _need_free(port)


def _need_free(port: int) -> None:
    other = port + 80 if port + 80 < 2**16 else port - 80
    need_port("127.0.0.1", port, f"name another one: --port {other}, or PORT={other} make demo")


def stop_background() -> None:
    """Stop the demo in the background, if there is one."""
    home = folder()
    pid = _pid(home)
    if pid is None:
        print("no demo is running")
        return
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + 60
    while _pid(home) and time.monotonic() < end:
        time.sleep(0.1)
    (home / "pid").unlink(missing_ok=True)
    print("stopped")


def _is_on(pid: int, port: int) -> bool:
    """Return whether a demo that runs was started for a port."""
    import psutil

    return ("--port", str(port)) in pairwise(psutil.Process(pid).cmdline())


def _pid(home: Path) -> int | None:
    """Return the process of the demo in the background, None where it has ended."""
    import psutil

    with suppress(OSError, ValueError, psutil.NoSuchProcess):
        process = psutil.Process(int((home / "pid").read_text()))
        if process.status() != psutil.STATUS_ZOMBIE and "demo" in process.cmdline():
            return int(process.pid)
    return None
