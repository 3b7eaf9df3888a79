"""The whole server as an operator runs it, on a free port of the loopback."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass
class Running:
    """A running server."""

    address: str
    process: subprocess.Popen[bytes]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(home: Path, role: str = "all", processes: int = 2, **settings: str) -> Iterator[Running]:
    """Run a server, with some settings in its environment beside the test's own.

    ``processes``: of the web, two unless an operator says otherwise; where pages are looked at one is enough, and does half the loading.
    """
    port = free_port()
    command = [sys.executable, "-m", "vaglio.cli.main", "serve", "--role", role, "--port", str(port), "--workers", str(processes)]
    process = subprocess.Popen(command, env=os.environ | {"VAGLIO_HOME": str(home)} | settings, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: answers(port), 90)  # a second or two; far more where drills share the machine
        yield Running(f"http://127.0.0.1:{port}", process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        left = [each for each in psutil.process_iter(["cmdline"]) if str(port) in (each.info["cmdline"] or ()) and each.is_running()]
        assert left == [], "processes outlive the server"


def answers(port: int, timeout: float = 2) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=timeout) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def wait_for(holds: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)
