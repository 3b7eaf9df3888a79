"""Running the processes: granian for the web, and workers; a process that ends is started again until we are told to stop."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from vaglio.errors import VaglioError
from vaglio_server.config import env
from vaglio_server.config.ports import need_port
from vaglio_server.config.session import SERVER, database_up
from vaglio_server.config.watch import watched

logger = logging.getLogger(__name__)
ENDS = (signal.SIGTERM, signal.SIGINT)
ROLES = ("all", "web", "worker")
LISTENING_SECONDS = 0.1  # between two looks whether the web is there
CALM_SECONDS = 1.0  # between the end of a process and its next start


def serve(*, role: str, host: str, port: int, workers: int, beside: Sequence[list[str]] = ()) -> None:
    """Run until SIGTERM or SIGINT, then end every process and the private database cleanly; commands ``beside`` it run with it.

    Raises
    ------
    VaglioError
        There is no such role, something else listens on the port, or the database cannot be used.
    """
    if role not in ROLES:
        raise VaglioError("role", f"there is no role {role}", f"choose one of {', '.join(ROLES)}")
    if role != "worker":
        need_port(host, port, "stop what listens there already, or choose another by --port or --host")
        os.environ[env.SERVED_PORT] = str(port)  # the worker beside us writes links to where we are
        say_first_start()
    stop = threading.Event()

    def stopping(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    os.environ["PGAPPNAME"] = SERVER  # by which a restore sees that it is not alone
    for number in ENDS:  # a long recovery is not waited for
        signal.signal(number, signal.default_int_handler)
    with database_up() as server, watched(server):
        for number in ENDS:
            signal.signal(number, stopping)
        if role == "worker":
            from vaglio_server.config.worker import work

            work(stop)
            return
        starts = [_process(web_command("vaglio_server.config.wsgi:application", host, port, workers))]
        if role == "all":
            starts.append(_process([sys.executable, "-m", "vaglio.cli.main", "serve", "--role", "worker"]))
        starts += [_process(command) for command in beside]
        with _greeting(host, port, stop):
            _keep(starts, stop)


def say_first_start() -> None:
    """Say what takes so long the first time, and where it is kept."""
    folder = env.private_folder()
    if folder is not None and not (folder / "data").exists():
        print(f"making a database in {folder}; that takes some seconds, this once", flush=True)


@contextmanager
def _greeting(host: str, port: int, stop: threading.Event) -> Iterator[None]:
    """Say where it is as soon as somebody is heard there; not before, as who follows a link at once would find nobody."""
    from vaglio_server.web.welcome import welcome_path

    path = welcome_path()
    greeter = threading.Thread(target=_greet, args=(host, port, path, stop), daemon=True)
    greeter.start()
    try:
        yield
    finally:
        stop.set()
        greeter.join()


def _greet(host: str, port: int, path: str | None, stop: threading.Event) -> None:
    """Where nobody can sign in yet, say how to become the first, and open that page for somebody who sits in front of it."""
    here = f"http://{host}:{port}"
    while not _is_heard(host, port):
        if stop.wait(LISTENING_SECONDS):
            return
    print(f"Vaglio on {here} (Ctrl-C stops it)", flush=True)
    if path is None:
        return
    print(f"Nobody can sign in yet. Make the first administrator: {here}{path}", flush=True)
    if sys.stdout.isatty():
        webbrowser.open(f"{here}{path}")


def _is_heard(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def web_command(application: str, host: str, port: int, workers: int) -> list[str]:
    """Return the command that serves a WSGI application."""
    command = f"granian --interface wsgi {application} --host {host} --port {port} --workers {workers}"
    options = "--blocking-threads 8 --backpressure 64 --respawn-failed-workers --workers-kill-timeout 20 --no-ws --log-level error"
    return [sys.executable, "-m", *command.split(), *options.split()]


def _process(command: list[str]) -> Callable[[], subprocess.Popen[bytes]]:
    # In a group of its own: Ctrl-C reaches only us, and we end the others in order.
    command = [sys.executable, "-m", "vaglio_server.config.child", *command]
    return lambda: subprocess.Popen(command, env=dict(os.environ), start_new_session=True)


def _keep(starts: list[Callable[[], subprocess.Popen[bytes]]], stop: threading.Event) -> None:
    running = [start() for start in starts]
    while not stop.wait(CALM_SECONDS):
        for place, process in enumerate(running):
            if process.poll() is not None:
                logger.error("%s ended with %s; it is started again", " ".join(map(str, process.args[4:7])), process.returncode)  # type: ignore[index]
                _end_group(process)
                running[place] = starts[place]()
    for process in running:
        process.terminate()
    for process in running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=30)
        _end_group(process)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End what a process has left behind: its children outlive it when it is killed."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
