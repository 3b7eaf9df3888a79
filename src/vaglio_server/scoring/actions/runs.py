"""A run over everybody ends: who was not scored in it is due."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models.functions import Now

from vaglio_server.crm.models import PRESENT
from vaglio_server.scoring.models import Run

RUNNING = 730_440  # an advisory lock: held, shared, by whoever scores leads of a run
SLICE = 4_000  # leads that are written to together: so long a fact about one of them waits


def end_run(run: Run) -> None:
    """Leave the rest of a run to those who score what is due; unless somebody is still at it, who will find that nothing is left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [RUNNING])
        if cursor.fetchone()[0]:
            try:
                _make_all_due(run.at)
                Run.objects.filter(pk=run.pk, ended_at=None).update(ended_at=Now())
            finally:
                if connection.is_usable():
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [RUNNING])


def _make_all_due(live_at: datetime) -> None:
    """Make all leads due that were not scored since an instant, some at a time so that no fact has to wait for long.

    Who became due after it stays so. Several transactions: nobody may wait for leads while holding the lock on knowledge.
    """
    last: int | None = 0
    while last is not None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT id FROM crm_lead WHERE id > %s AND {PRESENT}
                AND (scored_at < %s) IS NOT FALSE ORDER BY id LIMIT %s FOR NO KEY UPDATE""",
                [last, live_at, SLICE],
            )
            ids = [row[0] for row in cursor.fetchall()]
            cursor.execute(
                "UPDATE crm_lead SET due_at = %s WHERE id = ANY(%s) AND (due_at BETWEEN %s AND clock_timestamp()) IS NOT TRUE",
                [live_at, ids, live_at],
            )
        last = ids[-1] if ids else None
