"""The end of a process whose work is done: at once, without taking itself apart first, which took a sixth of a command's time."""

import atexit
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def ends_at_once() -> Iterator[None]:
    """End the process with the code of what is done inside, once threads and whatever else waits for the end have had theirs.

    An error that nobody expects ends it in Python's own way, and so does whoever waits for the end since before, as a tracer may: it
    would not be called. Only for what the process is there for: nothing is done after it.
    """
    if atexit._ncallbacks():
        yield
        return
    code: int | None = None

    def end() -> None:
        if code is None:
            return
        try:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:  # there was one to begin with
                    with suppress(BrokenPipeError):  # nobody reads on
                        stream.flush()
        except (OSError, ValueError):  # not all was written: Python says so, and gives a code of its own
            return
        os._exit(code)

    atexit.register(end)  # what is registered first is called last
    try:
        yield
        code = 0
    except SystemExit as said:
        code = said.code if isinstance(said.code, int) else 0 if said.code is None else None
        raise
