"""The watch over the private PostgreSQL: while ``vaglio serve`` runs, one that dies or hangs is started again."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from vaglio.errors import VaglioError
from vaglio.private.postgres import PrivatePostgres
from vaglio.private.pulse import State

logger = logging.getLogger(__name__)
EVERY_SECONDS = 2.0
AT_ONCE_SECONDS = 0.1
# What does not start (the disk is full) writes to its log each time it is tried.
LONGEST_PAUSE_SECONDS = 30.0
SAID = {
    State.DEAD: "the private PostgreSQL had died; it was started again",
    State.HANGS: "the private PostgreSQL hung: it neither answered nor worked; it was ended and started again",
}


@contextmanager
def watched(server: PrivatePostgres | None, every: float = EVERY_SECONDS) -> Iterator[None]:
    """Watch over a private server meanwhile; an operator's own is never touched."""
    if server is None:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_watch, args=(server, stop, every), name="watch")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _watch(server: PrivatePostgres, stop: threading.Event, every: float) -> None:
    pulse = server.pulse()
    pause, failures = every, 0
    while not stop.wait(pause):
        try:
            found = server.tend(pulse)
            failures = 0
            if found in SAID:
                logger.error(SAID[found])
            # Its first answer is to be seen before it dies again: until then it is given more patience, for it may be slow.
            pause = AT_ONCE_SECONDS if found in SAID else every
        except Exception as error:  # whatever it is, it is tried again: nobody else would
            failures += 1
            pause = min(failures * every, LONGEST_PAUSE_SECONDS)
            logger.error("%s; tried again in %g s", error, pause, exc_info=not isinstance(error, VaglioError))
