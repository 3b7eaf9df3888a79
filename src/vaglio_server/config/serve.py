"""Running the processes: granian for the web, and workers; a process that ends is started again until we are told to stop."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

from vaglio.errors import VaglioError
from vaglio_server.config import env
from vaglio_server.config.session import SERVER, database_up
from vaglio_server.config.watch import watched

logger = logging.getLogger(__name__)
ENDS = (signal.SIGTERM, signal.SIGINT)
ROLES = ("all", "web", "worker")
AFTER_START_SECONDS = 2.0
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
        _need_port(host, port)
        os.environ[env.SERVED_PORT] = str(port)  # the worker beside us writes links to where we are
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
        print(f"Vaglio on http://{host}:{port} (Ctrl-C stops it)", flush=True)
        _greet(f"http://{host}:{port}")
        _keep(starts, stop)


def _need_port(host: str, port: int) -> None:
    """Refuse a port on which another server listens: ours would share it, and every other request would be that one's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trying:
        trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that ended just now are in nobody's way
        try:
            trying.bind((host, port))
        except OSError as error:
            why = f"nothing can listen on {host}:{port} ({error.strerror or error})"
            raise VaglioError("port", why, "stop what listens there already, or choose another by --port or --host") from error


def _greet(here: str) -> None:
    """Where nobody can sign in yet, say how to become the first, and open that page for somebody who sits in front of it."""
    from vaglio_server.web.welcome import welcome_path

    path = welcome_path()
    if path is None:
        return
    print(f"Nobody can sign in yet. Make the first administrator: {here}{path}", flush=True)
    if sys.stdout.isatty():
        opening = threading.Timer(AFTER_START_SECONDS, webbrowser.open, [f"{here}{path}"])
        opening.daemon = True
        opening.start()


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
