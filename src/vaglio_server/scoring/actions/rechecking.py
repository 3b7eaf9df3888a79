"""Stored scores are worked out again from the facts, as a proof that they come out the same."""

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from vaglio.dates import to_microseconds
from vaglio_server.crm.models import Erasure
from vaglio_server.scoring.actions.scores import SAYS
from vaglio_server.scoring.engine import Instants, Scorer, colleagues_counted, document_of
from vaglio_server.scoring.models import Score
from vaglio_server.scoring.queries import last_recheck
from vaglio_server.users.actions import audit

logger = logging.getLogger(__name__)
RECHECK = 730_413  # an advisory lock
NIGHTLY = 1_000  # scores worked out again each day
MOST_NAMED = 1_000  # that came out otherwise; they are worked out again the next time


@dataclass(frozen=True)
class Rechecked:
    """How many stored scores were worked out again from the facts, and the ids of those that came out otherwise.

    ``excused``: so many others did, by models that count colleagues, of whom one was erased since.
    """

    checked: int
    different: list[int]
    excused: int = 0


def recheck(*, scorer: Scorer, sample: int, by: str, at: datetime) -> Rechecked:
    """Work out a sample of all stored scores again, each from the facts as they were known; every one must come out as it was stored.

    A score from before a colleague was erased may not: what it counted is gone. Such a one is no fault.

    Those that came out otherwise the last time are always among them, so that none is forgotten before it comes out right.
    """
    newest = Score.objects.order_by("-id").values_list("id", flat=True).first() or 0
    last = last_recheck()
    drawn = {*random.sample(range(1, newest + 1), min(sample, newest)), *(last.detail["different"] if last else ())}
    different, excused = [], 0
    rows = list(Score.objects.filter(id__in=drawn).select_related("version").order_by("id"))
    for stored in rows:
        again = scorer.replay(
            document_of(stored.version.text), stored.lead_id, Instants(to_microseconds(stored.as_of), to_microseconds(stored.known_at))
        )
        if _is_as_stored(stored, again):
            continue
        if _may_have_counted(stored):
            excused += 1
        else:
            logger.error("score %s does not come out again from the facts", stored.pk)
            different.append(stored.pk)
    audit(by=by, verb="recheck", subject="scores", at=at, checked=len(rows), different=different[:MOST_NAMED], excused=excused)
    return Rechecked(len(rows), different, excused)


def _may_have_counted(stored: Score) -> bool:
    """Whether a score is by a model that counts colleagues, and one of its lead's was erased since."""
    return bool(colleagues_counted(document_of(stored.version.text))) and Erasure.objects.touch(stored.lead_id, stored.known_at)


def _is_as_stored(stored: Score, again: dict[str, Any] | None) -> bool:
    if again is None or stored.is_outside:
        return again is None and stored.is_outside
    return all(again[name] == getattr(stored, name) for name in SAYS)


def recheck_nightly(*, scorer: Scorer, at: datetime) -> bool:
    """Recheck a sample if the last time was a day ago, by one worker only; return whether it was done."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [RECHECK])
        last = last_recheck()
        if not cursor.fetchone()[0] or (last is not None and last.at > at - timedelta(days=1)):
            return False
        recheck(scorer=scorer, sample=NIGHTLY, by="worker", at=at)
    return True
