"""Ctrl-C: whatever the library that it interrupts makes of it, somebody stopped the command."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stopped_by_hand() -> Iterator[None]:
    """Raise KeyboardInterrupt for what is raised after an interrupt; DuckDB says *Query interrupted*, or what it was about to read."""
    if threading.current_thread() is not threading.main_thread():  # which alone hears of it
        yield
        return
    is_asked = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal is_asked
        is_asked = True
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    except Exception:
        if is_asked:
            raise KeyboardInterrupt from None
        raise
    finally:
        signal.signal(signal.SIGINT, before)
