"""Work in a process of its own, watched by a thread of the worker: nobody waits for it, its memory comes back, and it can be ended."""

import subprocess
import sys
import threading
from collections.abc import Callable

from django.db import connection

WATCHED_SECONDS = 0.3


def apart(module: str, key: int, is_off: Callable[[], bool], stop: threading.Event) -> int | None:
    """Run ``python -m module key`` until it ends, or end it when it is off or the worker stops; return its code, None if it was ended."""
    python = [sys.executable, "-m", "vaglio_server.config.child", sys.executable]
    process = subprocess.Popen([*python, "-m", module, str(key)])
    try:
        while process.poll() is None and not stop.wait(WATCHED_SECONDS):
            if is_off():
                return None
    finally:
        was_running = process.poll() is None
        if was_running:
            process.terminate()
            process.wait()
    return None if was_running or stop.is_set() else process.returncode


def alone(lock: int, work: Callable[[], int]) -> int:
    """Work if no other worker holds an advisory lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock])
        if not cursor.fetchone()[0]:
            return 0
        try:
            return work()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [lock])
