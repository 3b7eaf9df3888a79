"""The bell: while nothing is written in the database, nobody asks it for work in vain.

How far the log of what is written reached the disk is one number, which costs nothing to know. When it moves, every loop of the process
looks for its own work at once; until then each looks rarely, for what only time brings about.
"""

import threading

from django.db import DatabaseError, InterfaceError, connection

EVERY_SECONDS = 0.1
QUIET = 5  # times as long is waited while nothing is written
REACHED = "SELECT pg_current_wal_flush_lsn()"


class Bell:
    """What loops wait for; each has an event of its own."""

    def __init__(self) -> None:
        self._woken: list[threading.Event] = []
        self.rung = 0  # how often
        self._before: str | None = None
        self._again = False

    def event(self) -> threading.Event:
        """Return what one more loop waits for."""
        self._woken.append(threading.Event())
        return self._woken[-1]

    def watch(self, stop: threading.Event) -> None:
        """Ring until told to stop, and then once more, so that nobody waits on."""
        while not stop.wait(EVERY_SECONDS):
            if self._has_moved():
                self.ring()
        self.ring()
        connection.close()

    def ring(self) -> None:
        """Wake every loop."""
        self.rung += 1
        for each in self._woken:
            each.set()

    def rest(self, stop: threading.Event, seconds: float, heard: int) -> None:
        """Wait for a while; as long as it has rung no more often than ``heard``, ``QUIET`` times as long. For who need not come at once."""
        for _ in range(QUIET):
            if stop.wait(seconds) or self.rung != heard:
                return

    def _has_moved(self) -> bool:
        """Return whether anything was written since it was asked last, or just before: it is seen a moment after it is on disk."""
        try:
            with connection.cursor() as cursor:
                cursor.execute(REACHED)
                here = str(cursor.fetchone()[0])
        except (DatabaseError, InterfaceError):
            # The loops find out why; and where a database keeps it to itself, they look as often as this.
            connection.close()
            return True
        moved, self._before = here != self._before, here
        rings, self._again = moved or self._again, moved
        return rings
