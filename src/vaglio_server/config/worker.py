"""The worker: takes deliveries as they come and scores what is due, each in a thread with its own connection.

Where very many leads are due at once, as after a model went live, another thread scores those in large batches, the oldest first, while
the first goes on with what became due since, so that news never waits behind a backlog.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

from django.db import DatabaseError, InterfaceError, connection

from vaglio_server.config import env
from vaglio_server.config.duplicates import Looking, merge_next, nightly
from vaglio_server.imports.actions import Importer
from vaglio_server.scoring.actions import recheck_nightly, score_backlog, score_due
from vaglio_server.scoring.engine import Scorer, colleagues_counted, document_of
from vaglio_server.scoring.queries import backlog_since, live_versions
from vaglio_server.tracking.actions import take_deliveries
from vaglio_server.tracking.logic.colleagues import Counted

logger = logging.getLogger(__name__)
POLL_SECONDS = 0.1
AFTER_FAILURE_SECONDS = 1.0
DELIVERIES = 500
LEADS = 300  # in a batch of news: the next ones wait for it
MANY = 2_000  # leads due at once are a backlog
BACKLOG = 25_000  # leads in a batch of it, and their colleagues
RECHECK_SECONDS = 3600.0


def work(stop: threading.Event) -> None:
    """Work until told to stop."""
    scores = _Scores()
    news, nothing = threading.Event(), threading.Event()
    loops = [
        threading.Thread(target=_loop, args=(take, stop, stop, news), name="deliveries"),
        threading.Thread(target=_loop, args=(scores.news, stop, news, nothing), name="scores"),
        threading.Thread(target=_loop, args=(scores.backlog, stop, stop, nothing), name="backlog"),
        threading.Thread(target=_loop, args=(_files(Importer()), stop, stop, nothing), name="imports"),
        threading.Thread(target=_loop, args=(Looking(stop).step, stop, stop, nothing), name="duplicates"),
        threading.Thread(target=_loop, args=(merge_next, stop, stop, nothing), name="merges"),
        threading.Thread(target=_recheck, args=(stop,), name="recheck"),
    ]
    for loop in loops:
        loop.start()
    for loop in loops:
        loop.join()
    scores.close()


def _files(importer: Importer) -> Callable[[], int]:
    return lambda: importer.step(datetime.now(UTC))


def take() -> int:
    """Take what came in."""
    return take_deliveries(limit=DELIVERIES, rules=_colleagues)


def _colleagues() -> list[Counted]:
    return [each for version in live_versions() for each in colleagues_counted(document_of(version.text))]


class _Scores:
    """The two ways of scoring what is due. ``_until``: the instant up to which leads are the backlog's; None where there is none."""

    def __init__(self) -> None:
        self._few, self._many = Scorer(env.database()), Scorer(env.database())
        self._until: datetime | None = None
        self._warm: set[str] = set()

    def news(self) -> int:
        """Score what became due of late."""
        if not self._warm:
            self._write_plans()
        done = score_due(scorer=self._few, limit=LEADS, since=self._until)
        if not done:
            self._write_plans()
        return done

    def _write_plans(self) -> None:
        """Write the plans of versions that went live before anybody waits for them: when the process starts, or nobody is due."""
        for version in live_versions():
            if version.fingerprint not in self._warm:
                self._warm.add(version.fingerprint)
                self._few.warm(document_of(version.text))

    def backlog(self) -> int:
        """Score a batch of the backlog."""
        if self._until is None:
            self._until = backlog_since(MANY)
        if self._until is None:
            return 0
        done = score_backlog(scorer=self._many, limit=BACKLOG, until=self._until)
        if done < MANY:
            self._until = None
        return done

    def close(self) -> None:
        """Let go of both connections."""
        self._few.close()
        self._many.close()


def _recheck(stop: threading.Event) -> None:
    """Work out stored scores again and look for duplicates, once a day and in peace: after the first hour."""
    while not stop.wait(RECHECK_SECONDS):
        try:
            with closing(Scorer(env.database())) as scorer:
                recheck_nightly(scorer=scorer, at=datetime.now(UTC))
            nightly()
        except Exception:  # the day after is another day
            logger.exception("stored scores could not be worked out again, or duplicates not looked for")
        connection.close()


def _loop(step: Callable[[], int], stop: threading.Event, woken_by: threading.Event, wakes: threading.Event) -> None:
    """Do one step after the other, without a pause while there is work. A step is one transaction, so one that fails left nothing.

    Without work it looks again after a while, or when it is woken; a step that did something wakes another loop.
    """
    while not stop.is_set():
        try:
            if step():
                wakes.set()
            elif woken_by.wait(POLL_SECONDS) and woken_by is not stop:
                woken_by.clear()
        except (DatabaseError, InterfaceError) as error:
            logger.error("the database failed; trying again: %s", str(error).strip().splitlines()[:1])
            connection.close()
            stop.wait(AFTER_FAILURE_SECONDS)
        except Exception:  # whatever it is, the next step is tried: leads must not wait for one that fails
            logger.exception("a step failed; trying again")
            stop.wait(AFTER_FAILURE_SECONDS)
    connection.close()
