"""Ctrl-C, or SIGTERM: the query that runs is interrupted, and whatever the library makes of that, somebody stopped the command."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from vaglio.connections import interrupt

STOPPED = 130  # the code of whoever was interrupted
CODES: dict[int, int] = {signal.SIGINT: STOPPED, signal.SIGTERM: 143}
SAID = "vaglio: stopped; what was not finished is not written"


@contextmanager
def stopped_by_hand() -> Iterator[None]:
    """Raise KeyboardInterrupt for what is raised after an interrupt; DuckDB says *Query interrupted*, or what it was about to read.

    It holds the code to end with. SIGTERM is heard too, for it would leave what lies in temporary folders.
    """
    if threading.current_thread() is not threading.main_thread():  # which alone hears of it
        yield
        return
    asked: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        raise KeyboardInterrupt

    def heard(number: int) -> None:
        if number in CODES and signal.getsignal(number) is stop:  # else a command has a way of its own to stop, as what serves has
            interrupt()

    before = {number: signal.signal(number, stop) for number in CODES}
    try:
        with _heard_at_once(heard):
            yield
    except BaseException as error:
        if _is_stop(error, is_asked=bool(asked)):
            raise KeyboardInterrupt(CODES[asked[0]] if asked else STOPPED) from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_stop(error: BaseException, *, is_asked: bool) -> bool:
    """Return whether an error says that we were stopped, or comes of that."""
    if isinstance(error, SystemExit):
        return error.code == STOPPED  # Typer makes an exit of an interrupt, and says nothing
    return is_asked or isinstance(error, KeyboardInterrupt)  # PostgreSQL's driver hears of one in our place


@contextmanager
def _heard_at_once(heard: Callable[[int], None]) -> Iterator[None]:
    """Call ``heard`` from a thread of its own as soon as there is a signal.

    Python calls its handlers on the main thread alone, which may wait inside DuckDB for what another thread works out: it would hear of
    an interrupt when the query is done.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)

    def listen() -> None:
        with open(reading, "rb", buffering=0) as signals:
            while number := signals.read(1):
                heard(number[0])

    try:
        threading.Thread(target=listen, name="interrupts", daemon=True).start()
        before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
    finally:
        os.close(writing)
