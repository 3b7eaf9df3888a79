"""Work in a process of its own, watched by a thread of the worker: nobody waits for it, its memory comes back, and it can be ended.

The process stays for a while after its work: starting one and loading what it needs takes longer than most of what it is asked for.
"""

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from django.db import connection

from vaglio_server.config.lingering import DONE, TAKEN

WATCHED_SECONDS = 0.3
STOPS_SECONDS = 1.0  # within which the worker hears that it is to stop, where whoever stops it tells all its processes


class Apart:
    """A process for one piece of work after the other; used by one thread."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._process: subprocess.Popen[bytes] | None = None
        self._answers = -1

    def run(self, module: str, key: int, is_off: Callable[[], bool]) -> int | None:
        """Have ``main(key)`` of a module of this package run, or end it when it is off or the worker stops.

        Returns 0, or the code with which the process broke off; None if it was ended.
        """
        question = f"{module} {key}\n".encode()
        try:
            ended, was_taken = self._asked(question, is_off)
            if ended and not was_taken:  # in peace, or killed, before it took this up
                ended, _was_taken = self._asked(question, is_off)
        except BaseException:
            self.close()  # or its answer would be taken for that to the next question
            raise
        return ended

    def _asked(self, question: bytes, is_off: Callable[[], bool]) -> tuple[int | None, bool]:
        """Return what :meth:`run` does, and whether the process took the question up."""
        process, was_taken = self._running(), False
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended, and so have its answers
            process.stdin.write(question)
            process.stdin.flush()
        while True:
            if not select.select([self._answers], [], [], WATCHED_SECONDS)[0]:
                if self._stop.is_set() or is_off():
                    self.close()
                    return None, was_taken
                continue
            said = os.read(self._answers, 1)
            if said == DONE:
                return 0, True
            if said == TAKEN:
                was_taken = True
                continue
            code = self._forget()
            is_stopped = self._stop.wait(STOPS_SECONDS if code in (-signal.SIGTERM, -signal.SIGINT) else 0)
            return None if is_stopped else code or 1, was_taken

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._answers, told = os.pipe()
            python = [sys.executable, "-m", "vaglio_server.config.child", sys.executable]
            command = [*python, "-m", "vaglio_server.config.lingering", str(told)]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[told])
            os.close(told)
        return self._process

    def tidy(self) -> None:
        """Let go of the process where it has ended in peace."""
        if self._process is not None and self._process.poll() is not None:
            self._forget()

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.terminate()
            self._forget()

    def _forget(self) -> int:
        """Return the code with which the process ended."""
        assert self._process is not None and self._process.stdin is not None
        code = self._process.wait()
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        os.close(self._answers)
        self._process, self._answers = None, -1
        return code


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
