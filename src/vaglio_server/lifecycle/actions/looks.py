"""Looking at all leads, some at a time: when ratings come to lead elsewhere, and once a day, so that whatever came about without a crossing
(a merge that was undone) is made good.

It waits for whom a version that went live has still to score: ratings of one version are not judged by what another does with them.
"""

from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from django.db import connection, transaction

from vaglio_server.lifecycle.actions.crossings import look_at
from vaglio_server.lifecycle.logic.stages import Policy
from vaglio_server.lifecycle.models import LookAtAll
from vaglio_server.lifecycle.queries import driving_document
from vaglio_server.scoring.engine import ModelDocument
from vaglio_server.scoring.models import Run
from vaglio_server.scoring.queries import driving_version

EACH = timedelta(days=1)


@transaction.atomic
def look_at_all(*, limit: int, policy: Policy, at: datetime) -> int:
    """Look at the next leads, if a look at all of them is due or goes on, and return how many there were."""
    if Run.objects.filter(ended_at=None).exists():
        return 0
    look = _open(at)
    if look is None:
        return 0
    with connection.cursor() as cursor:
        leads, is_last = _next(cursor, look.last_lead, limit, at)
        if leads:
            look_at(cursor, leads, policy, at)
    if is_last:
        look.ended_at = at
    look.last_lead = leads[-1] if leads else look.last_lead
    look.save()
    return len(leads)


def _next(cursor: Any, last: int, limit: int, at: datetime) -> tuple[list[int], bool]:
    """Return the next leads, up to the first that waits to be scored by what is live, and whether none come after them."""
    version = driving_version()
    cursor.execute(
        """SELECT id, due_at <= %s AND (scored_at IS NULL OR scored_at < %s) FROM crm_lead WHERE id > %s ORDER BY id LIMIT %s""",
        [at, version.live_from if version is not None else at, last, limit],
    )
    rows = cursor.fetchall()
    ready = [lead for lead, _waits in takewhile(lambda row: not row[1], rows)]
    return ready, len(ready) == len(rows) < limit


def _open(at: datetime) -> LookAtAll | None:
    """Return the look that goes on and that nobody else has just now; begun if one is due, from the start if ratings lead elsewhere."""
    newest = LookAtAll.objects.order_by("-pk").first()
    document = driving_document()
    if document is None:
        return None
    leads_to = _leads_to(document)
    if newest is None or (newest.ended_at is not None and (newest.leads_to != leads_to or newest.began_at <= at - EACH)):
        LookAtAll.objects.bulk_create([LookAtAll(began_at=at, leads_to=leads_to)], ignore_conflicts=True)  # of two workers one begins
    held = LookAtAll.objects.select_for_update(skip_locked=True).filter(ended_at=None).first()
    if held is not None and held.leads_to != leads_to:
        held.began_at, held.leads_to, held.last_lead = at, leads_to, 0
    return held


def _leads_to(document: ModelDocument) -> dict[str, Any]:
    ratings = document.ratings
    if ratings is None:
        return {}
    return {"sales": sorted(ratings.sales), "nurture": {name: sorted(each) for name, each in sorted(ratings.nurture.items())}}
