"""The worker: takes deliveries as they come, scores what is due, and sends mails, each in a thread with its own connection.

Where very many leads are due at once, as after a large import, another thread scores those in large batches, the oldest first, while
the first goes on with what became due since, so that news never waits behind a backlog. When a model goes live, two threads score all
leads, so that while the database stores one batch another is worked out.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection

from vaglio.errors import VaglioError
from vaglio_server.config import env
from vaglio_server.config.bell import Bell
from vaglio_server.config.duplicates import Looking, merge_next, nightly
from vaglio_server.config.lifecycle import (
    BREACHES_SECONDS,
    SUMMARIES_SECONDS,
    Looks,
    begin_days,
    look_at_everybody,
    move_on,
    take_off,
    tell_sellers,
)
from vaglio_server.config.loops import RARELY_SECONDS, SELDOM_SECONDS, Loop
from vaglio_server.config.retaining import Retaining
from vaglio_server.config.studies import Studying
from vaglio_server.config.webhooks import forget_old_tests, hand_out, sender
from vaglio_server.forms.actions import forget_old, send_next_mail
from vaglio_server.imports.actions import Importer, Undoer
from vaglio_server.lifecycle.actions import forget_happenings, forget_notices
from vaglio_server.scoring.actions import recheck_nightly, score_backlog, score_due, score_run
from vaglio_server.scoring.engine import Scorer, colleagues_counted, document_of
from vaglio_server.scoring.failing import Failing
from vaglio_server.scoring.models import ModelVersion
from vaglio_server.scoring.queries import WORKER, backlog_since, live_versions, newest_drafts
from vaglio_server.studies.actions import take_census
from vaglio_server.tracking.actions import Sweeper, take_deliveries
from vaglio_server.tracking.logic.colleagues import Counted

logger = logging.getLogger(__name__)
SWEEP_SECONDS = 2.0  # between looks back for machines and suspicious leads
DELIVERIES = 500
LEADS = 300  # in a batch of news: the next ones wait for it
MANY = 2_000  # leads due at once are a backlog
BACKLOG = 25_000  # leads in a batch of it, and their colleagues
HOUR_SECONDS = 3600.0
_UNREAD = Failing()  # live versions whose rules on colleagues could not be read of late


def work(stop: threading.Event) -> None:
    """Work until told to stop."""
    # Read by every connection of this process: by its name the page of jobs knows who works.
    os.environ["PGAPPNAME"] = f"{WORKER} {socket.gethostname()[:40]} {os.getpid()}"
    scores, sending, looking, studying = _Scores(), sender(), Looking(stop), Studying(stop)
    bell = Bell()
    # Who waits for whom within the process: rows of files are taken once those before are leads, leads are scored once events are taken,
    # and move once they are scored. Everybody else, and they too, are woken by the bell.
    brought, taken, news, scored, told = (bell.event() for _ in range(5))
    loops = [
        Loop("deliveries", take, woken_by=brought, wakes=(taken, news), pause=SELDOM_SECONDS),
        Loop("imports", _now(Importer().step), woken_by=taken, wakes=(brought,), pause=SELDOM_SECONDS),
        Loop("scores", scores.news, woken_by=news, wakes=(scored,)),
        Loop("backlog", scores.backlog, woken_by=bell.event(), pause=SELDOM_SECONDS),
        Loop("run", scores.run, woken_by=bell.event(), pause=SELDOM_SECONDS),
        Loop("lifecycle", move_on, woken_by=scored),
        Loop("mails", _mails, woken_by=bell.event()),
        Loop("happenings", hand_out, woken_by=bell.event(), wakes=(told,), pause=SELDOM_SECONDS),
        Loop("webhooks", sending.step, woken_by=told),
        Loop("gone", take_off, pause=BREACHES_SECONDS),
        Loop("breaches", Looks().note_late, pause=BREACHES_SECONDS),
        Loop("summaries", begin_days, pause=SUMMARIES_SECONDS),
        Loop("retention", Retaining().step, pause=SUMMARIES_SECONDS, rest=1.0),
        # It is enough that these look once a second, and more rarely while nothing is written at all.
        Loop("sweeps", _now(Sweeper().step), pause=SWEEP_SECONDS, rest=1.0, bell=bell),
        Loop("looks", look_at_everybody, rest=1.0, bell=bell),
        Loop("undos", _now(Undoer().step), bell=bell),
        Loop("notices", tell_sellers, bell=bell),
        Loop("duplicates", looking.step, bell=bell),
        Loop("census", _census, bell=bell),
        Loop("studies", studying.step, bell=bell),
        Loop("merges", merge_next, bell=bell),
    ]
    threads = [
        threading.Thread(target=bell.watch, args=(stop,), name="bell"),
        threading.Thread(target=_hourly, args=(stop,), name="hourly"),
        *(each.thread(stop) for each in loops),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in (scores, sending, looking, studying):
        each.close()


def _now(step: Callable[[datetime], int]) -> Callable[[], int]:
    return lambda: step(datetime.now(UTC))


def _mails() -> int:
    return send_next_mail(at=datetime.now(UTC)) if settings.CAN_MAIL else 0


def _census() -> int:
    return take_census(clock=lambda: datetime.now(UTC))


def take() -> int:
    """Take what came in."""
    return take_deliveries(limit=DELIVERIES, rules=_colleagues)


def _colleagues() -> list[Counted] | None:
    """Return the rules on colleagues of all live versions; None where one cannot be read, so that nobody can say who counts."""
    found = [_rules_of(version) for version in live_versions()]
    known = [rules for rules in found if rules is not None]
    return [each for rules in known for each in rules] if len(known) == len(found) else None


def _rules_of(version: ModelVersion) -> list[Counted] | None:
    if _UNREAD.is_left_alone(version.pk):
        return None
    try:
        return colleagues_counted(document_of(version.text))
    except VaglioError as error:
        _UNREAD.note(version.pk)
        logger.error("%s cannot be read, so whatever a lead does makes all of its colleagues due: %s", version, error)
        return None


class _Scores:
    """The ways of scoring what is due. ``_until``: the instant up to which leads are the backlog's; None where there is none."""

    def __init__(self) -> None:
        self._few, self._many, self._more = (Scorer(env.database()) for _ in range(3))
        self._until: datetime | None = None
        self._warm: set[str] = set()
        self._looked_at = float("-inf")  # for drafts, by the clock of the process
        self._is_ready = False

    def news(self) -> int:
        """Score what became due of late."""
        if not self._is_ready:
            self._warm_up(self._few, live_versions())
            self._is_ready = True
        done = score_due(scorer=self._few, limit=LEADS, since=self._until)
        if not done:
            self._warm_up(self._few, live_versions())
        return done

    def _warm_up(self, scorer: Scorer, versions: Iterable[ModelVersion]) -> None:
        """Write the plans of versions before anybody waits for them: when the process starts, nobody is due, or they are not live yet."""
        for version in versions:
            if version.fingerprint not in self._warm:
                self._warm.add(version.fingerprint)
                try:
                    scorer.warm(document_of(version.text))
                except VaglioError as error:
                    logger.error("no plan could be written for %s before its first lead: %s", version, error)

    def backlog(self) -> int:
        """Score a batch of what a version that went live is to score, or of the backlog of due leads."""
        if done := score_run(scorer=self._many):
            return done
        if self._until is None:
            self._until = backlog_since(MANY)
        if self._until is None:
            return 0
        done = score_backlog(scorer=self._many, limit=BACKLOG, until=self._until)
        if done < MANY:
            self._until = None
        return done

    def run(self) -> int:
        """Score a batch of what a version that went live is to score, beside the other thread that does.

        Without a run, write the plans of what may go live next; whoever has just uploaded it looks at it for a second.
        """
        done = score_run(scorer=self._more)
        if not done and self._is_ready and time.monotonic() - self._looked_at >= RARELY_SECONDS:
            self._looked_at = time.monotonic()
            self._warm_up(self._more, newest_drafts())
        return done

    def close(self) -> None:
        """Let go of the connections."""
        for scorer in (self._few, self._many, self._more):
            scorer.close()


def _hourly(stop: threading.Event) -> None:
    """Do in peace what nobody waits for, each hour; forget at once what should not be there any more."""
    _in_peace(_forget)
    while not stop.wait(HOUR_SECONDS):
        _in_peace(_recheck)
        _in_peace(_look_for_duplicates)
        _in_peace(_forget)


def _in_peace(chore: Callable[[datetime], None]) -> None:
    try:
        chore(datetime.now(UTC))
    except Exception:  # an hour later is another hour
        logger.exception("a chore failed: %s", chore.__doc__)
    connection.close()


def _recheck(now: datetime) -> None:
    """Work out stored scores again, once a day."""
    with closing(Scorer(env.database())) as scorer:
        recheck_nightly(scorer=scorer, at=now)


def _look_for_duplicates(_now: datetime) -> None:
    """Look for duplicates, once a day."""
    nightly()


def _forget(now: datetime) -> None:
    """Forget what nobody confirmed in time, and what happened long ago."""
    while forget_old(unconfirmed_days=settings.UNCONFIRMED_DAYS, at=now):
        pass
    while forget_happenings(at=now):
        pass
    forget_notices(at=now)
    forget_old_tests(now)
