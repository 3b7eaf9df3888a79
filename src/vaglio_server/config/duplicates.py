"""What the worker does about duplicates: a search at a time, in a process of its own, and the merges somebody asked for in bulk."""

import logging
import subprocess
import sys
import threading
from datetime import UTC, datetime

from django.db import connection

from vaglio_server.duplicates.actions import ask_nightly, do_next, fail_search
from vaglio_server.duplicates.models import Search, SearchState

logger = logging.getLogger(__name__)
ONE_LOOKS = 730_420  # the advisory lock: of several workers one looks
WATCHED_SECONDS = 0.3


def merge_next() -> int:
    """Do the next merge, or undo, of a bulk."""
    return do_next(at=datetime.now(UTC))


def nightly() -> None:
    """Ask for the search of the day."""
    ask_nightly(at=datetime.now(UTC))


class Looking:
    """Carries out the search that runs; used by one thread."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def step(self) -> int:
        """Carry out the search that runs, if any; one that a killed worker left is begun again."""
        search = Search.objects.filter(state=SearchState.RUNNING).first()
        if search is None:
            return 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_LOOKS])
            if not cursor.fetchone()[0]:
                return 0
            try:
                return self._watch(search)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_LOOKS])

    def _watch(self, search: Search) -> int:
        """Have a process look, and end it when the search is stopped or the worker is."""
        python = [sys.executable, "-m", "vaglio_server.config.child", sys.executable]
        process = subprocess.Popen([*python, "-m", "vaglio_server.config.looking", str(search.pk)])
        try:
            while process.poll() is None and not self._stop.wait(WATCHED_SECONDS):
                search.refresh_from_db(fields=["state"])
                if search.state == SearchState.STOPPED:
                    return 1
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if not self._stop.is_set() and process.returncode:
            logger.error("looking for duplicates broke off with code %d", process.returncode)
            fail_search(search=search, at=datetime.now(UTC))
        return 1
