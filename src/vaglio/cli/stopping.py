"""Ctrl-C: the query that runs is interrupted, and whatever the library makes of that, somebody stopped the command."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from vaglio.connections import interrupt

STOPPED = 130  # the code of whoever was interrupted


@contextmanager
def stopped_by_hand() -> Iterator[None]:
    """Raise KeyboardInterrupt for what is raised after an interrupt; DuckDB says *Query interrupted*, or what it was about to read."""
    if threading.current_thread() is not threading.main_thread():  # which alone hears of it
        yield
        return
    is_asked = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        is_asked.set()
        signal.default_int_handler(number, frame)

    def asked() -> None:
        if signal.getsignal(signal.SIGINT) is stop:  # else a command has a way of its own to stop, as what serves has
            interrupt()

    before = signal.signal(signal.SIGINT, stop)
    try:
        with _heard_at_once(asked):
            yield
    except (Exception, SystemExit) as error:
        # Typer makes an exit of an interrupt, and says nothing; PostgreSQL's driver hears of one in our place.
        is_stop = error.code == STOPPED if isinstance(error, SystemExit) else is_asked.is_set()
        if is_stop:
            raise KeyboardInterrupt from None
        raise
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _heard_at_once(asked: Callable[[], None]) -> Iterator[None]:
    """Call ``asked`` from a thread of its own as soon as there is an interrupt.

    Python calls its handlers on the main thread alone, which may wait inside DuckDB for what another thread works out: it would hear of
    an interrupt when the query is done.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)

    def listen() -> None:
        with open(reading, "rb", buffering=0) as signals:
            while number := signals.read(1):
                if number[0] == signal.SIGINT:
                    asked()

    try:
        threading.Thread(target=listen, name="interrupts", daemon=True).start()
        before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
    finally:
        os.close(writing)
