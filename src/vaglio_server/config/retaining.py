"""What the worker does about what has grown old: once a week, a little at a time."""

from collections.abc import Generator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from vaglio_server.privacy.actions import begin_deleting, delete_old, end_deleting, go_on_deleting

Run = tuple[Generator[Any], datetime]  # what is still to be deleted, and what the run is held by


class Retaining:
    """Deletes what is old; used by one thread."""

    def __init__(self) -> None:
        self._on: Run | None = None

    def step(self) -> int:
        """Delete some of it while a run is on, begin one where that is due; return whether there is more to do.

        A run that meets an error is over: all that is old is looked for anew in some minutes, and what is gone is not there any more.
        """
        on, self._on = self._on or _begun(datetime.now(UTC)), None
        if on is None:
            return 0
        run, held = on
        with ExitStack() as over:
            over.callback(run.close)
            for _rows in run:
                if again := go_on_deleting(held=held, at=datetime.now(UTC)):
                    self._on = run, again
                    over.pop_all()
                    return 1
                return 0
            end_deleting(held=held, at=datetime.now(UTC))
        return 0


def _begun(now: datetime) -> Run | None:
    held = begin_deleting(at=now)
    return (delete_old(at=now), held) if held else None
