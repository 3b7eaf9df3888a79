"""What the worker does about what has grown old: once a day, a little at a time."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from vaglio_server.privacy.actions import begin_deleting, delete_old


class Retaining:
    """Deletes what is old; used by one thread."""

    def __init__(self) -> None:
        self._run: Iterator[Any] | None = None

    def step(self) -> int:
        """Delete some of it while a run is on, begin one where that is due; return whether there is more to do."""
        now = datetime.now(UTC)
        if self._run is None:
            if not begin_deleting(at=now):
                return 0
            self._run = delete_old(at=now)
        for _rows in self._run:
            return 1
        self._run = None
        return 0
