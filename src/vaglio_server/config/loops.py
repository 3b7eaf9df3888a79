"""A loop of the worker: one kind of work, done step by step in a thread with its own connection."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, connection

from vaglio_server.config.bell import Bell

logger = logging.getLogger(__name__)
RARELY_SECONDS = 1.0  # between looks for what time alone brings about, or somebody asks for now and then
SELDOM_SECONDS = 5.0  # between looks for what nothing but something that is written brings about
AFTER_FAILURE_SECONDS = 1.0


@dataclass(frozen=True)
class Loop:
    """One step after the other while there is work. A step is one transaction, so one that fails left nothing; it returns how much it did.

    Without work it looks again after ``pause`` [seconds], or when it is ``woken_by`` another loop; one that did something ``wakes`` others.
    After each step it rests that many times as long as the step took (``rest``). With a ``bell``, which wakes it not, it looks more rarely
    while that does not ring.
    """

    name: str
    step: Callable[[], int]
    woken_by: threading.Event | None = None
    wakes: tuple[threading.Event, ...] = ()
    pause: float = RARELY_SECONDS
    rest: float = 0.0
    bell: Bell | None = None

    def thread(self, stop: threading.Event) -> threading.Thread:
        """Return a thread that goes on until told to stop."""
        return threading.Thread(target=self._go_on, args=(stop,), name=self.name)

    def _go_on(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                self._once(stop)
            except (DatabaseError, InterfaceError) as error:
                logger.error("the database failed; trying again: %s", str(error).strip().splitlines()[:1])
                connection.close()
                stop.wait(AFTER_FAILURE_SECONDS)
            except Exception:  # whatever it is, the next step is tried: leads must not wait for one that fails
                logger.exception("a step failed; trying again")
                stop.wait(AFTER_FAILURE_SECONDS)
        connection.close()

    def _once(self, stop: threading.Event) -> None:
        begun, heard = time.perf_counter(), self.bell.rung if self.bell else 0
        if self.step():
            for each in self.wakes:
                each.set()
            stop.wait(self.rest * (time.perf_counter() - begun))
        elif self.bell:
            self.bell.rest(stop, self.pause, heard)
        elif (self.woken_by or stop).wait(self.pause) and self.woken_by:
            self.woken_by.clear()
