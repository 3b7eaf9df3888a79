"""What the worker does about duplicates: a search at a time, in a process of its own, and the merges somebody asked for in bulk."""

import logging
import threading
from datetime import UTC, datetime

from vaglio_server.config.apart import Apart, alone
from vaglio_server.duplicates.actions import ask_nightly, do_next, fail_search
from vaglio_server.duplicates.models import Search, SearchState

logger = logging.getLogger(__name__)
ONE_LOOKS = 730_420  # the advisory lock: of several workers one looks


def merge_next() -> int:
    """Do the next merge, or undo, of a bulk."""
    return do_next(at=datetime.now(UTC))


def nightly() -> None:
    """Ask for the search of the day."""
    ask_nightly(at=datetime.now(UTC))


class Looking:
    """Carries out the search that runs; used by one thread."""

    def __init__(self, stop: threading.Event) -> None:
        self._apart = Apart(stop)
        self.close = self._apart.close

    def step(self) -> int:
        """Carry out the search that runs, if any; one that a killed worker left is begun again."""
        self._apart.tidy()
        search = Search.objects.filter(state=SearchState.RUNNING).first()
        if search is None:
            return 0
        return alone(ONE_LOOKS, lambda: self._watch(search))

    def _watch(self, search: Search) -> int:
        """Have a process look, and end it when the search is stopped or the worker is."""

        def is_off() -> bool:
            search.refresh_from_db(fields=["state"])
            return search.state == SearchState.STOPPED

        if code := self._apart.run("looking", search.pk, is_off):
            logger.error("looking for duplicates broke off with code %d", code)
            fail_search(search=search, at=datetime.now(UTC))
        return 1
