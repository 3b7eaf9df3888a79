"""Who is suspicious, and what machines did."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Count, QuerySet

from vaglio_server.crm.models import Lead
from vaglio_server.tracking.logic.suspicion import SUSPICIOUS
from vaglio_server.tracking.models import (
    Activity,
    MachineMark,
    MarkedActivity,
    Suspicion,
    Verdict,
)


def suspicions(verdict: str, reason: str = "") -> QuerySet[Suspicion]:
    """Return suspicious leads of a verdict (those undecided: only who is suspicious enough), the most suspicious first."""
    found = Suspicion.objects.filter(verdict=verdict, lead__merged_into=None, lead__taken_back_at=None).select_related("lead__account")
    found = found.filter(score__gte=SUSPICIOUS) if verdict == Verdict.OPEN else found
    return (found.filter(names__contains=[reason]) if reason else found).order_by("-score", "lead")


def suspicion_counts(verdict: str) -> tuple[int, dict[str, int]]:
    """Return how many suspicious leads of a verdict there are, and how many by reason, the most frequent first; one may have several."""
    alike = suspicions(verdict).order_by().values("names").annotate(n=Count("pk")).values_list("names", "n")
    leads, found = 0, Counter[str]()
    for names, n in alike:  # few sets of reasons, however many leads
        leads += n
        found.update(dict.fromkeys(names, n))
    return leads, dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def suspicion_of(lead: Lead) -> Suspicion | None:
    """Return why a lead is suspicious, if it is enough to be shown; who was found genuine is not."""
    found = Suspicion.objects.filter(lead=lead).exclude(verdict=Verdict.GENUINE).first()
    return found if found and (found.score >= SUSPICIOUS or found.verdict == Verdict.SPAM) else None


def machine_days(now: datetime, days: int) -> list[tuple[date, dict[str, int]]]:
    """Return what machines did by the day it was known and by what they were seen by (``""``: by their own name), newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT (act.machine_known_at AT TIME ZONE 'UTC')::date, COALESCE(mark.kind, ''), count(*) FROM tracking_activity AS act
            LEFT JOIN tracking_markedactivity AS its ON its.activity_id = act.id
            LEFT JOIN tracking_machinemark AS mark ON mark.id = its.mark_id
            WHERE act.is_machine AND act.machine_known_at > %s AND mark.undone_at IS NULL GROUP BY 1, 2 ORDER BY 1 DESC""",
            [now - timedelta(days=days)],
        )
        found: dict[date, dict[str, int]] = {}
        for day, kind, count in cursor.fetchall():
            found.setdefault(day, {})[kind] = count
    return list(found.items())


def machine_marks(state: str) -> QuerySet[MachineMark]:
    """Return marks to be looked at, or those that were confirmed or undone, newest first."""
    found = {
        "confirmed": MachineMark.objects.filter(undone_at=None, confirmed_at__isnull=False),
        "undone": MachineMark.objects.filter(undone_at__isnull=False),
    }.get(state, MachineMark.objects.filter(undone_at=None, confirmed_at=None))
    return found.select_related("lead").order_by("-known_at", "-id")


def acts_of_marks(marks: list[MachineMark], limit: int) -> dict[int, list[Activity]]:
    """Return the first activities under each of some marks."""
    found: dict[int, list[Activity]] = {}
    for each in MarkedActivity.objects.filter(mark__in=marks).select_related("activity").order_by("mark", "activity__occurred_at", "id"):
        mine = found.setdefault(each.mark_id, [])
        if len(mine) < limit:
            mine.append(each.activity)
    return found


@dataclass(frozen=True)
class Program:
    """A program, or a network, that events came by of late, and how many."""

    kind: str
    value: str
    count: int


def programs(limit: int) -> list[Program]:
    """Return the programs and networks of late that are not known for machines, the most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH late AS (
                SELECT agent_id, count(*) AS n FROM tracking_activity
                WHERE id > (SELECT max(id) FROM tracking_activity) - 20000 AND NOT is_machine AND agent_id IS NOT NULL GROUP BY 1
            ), both_kinds AS (
                SELECT 'agent' AS kind, agent AS value, n FROM late JOIN tracking_agent ON id = agent_id
                UNION ALL SELECT 'network', network, n FROM late JOIN tracking_agent ON id = agent_id
            ) SELECT kind, value, sum(n)::bigint FROM both_kinds WHERE value <> '' GROUP BY 1, 2 ORDER BY 3 DESC, 2 LIMIT %s""",
            [limit],
        )
        return [Program(*row) for row in cursor.fetchall()]


def named_programs(now: datetime, days: int, limit: int) -> list[Program]:
    """Return the programs whose own names made machines of them of late and how much they did, the most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT 'name', agent, sum(n)::bigint FROM (
                SELECT agent_id, count(*) AS n FROM tracking_activity AS act
                WHERE is_machine AND machine_known_at > %s AND machine_known_at = known_at AND taken_back_at IS NULL
                    AND agent_id IS NOT NULL AND NOT EXISTS (SELECT FROM tracking_markedactivity AS its WHERE its.activity_id = act.id)
                GROUP BY 1
            ) AS late JOIN tracking_agent ON id = agent_id
            WHERE agent <> '' AND NOT EXISTS (SELECT FROM tracking_machinemark AS mark WHERE mark.undone_at IS NULL
                AND ((mark.kind = 'agent' AND mark.value = agent) OR (mark.kind = 'network' AND mark.value = network)))
            GROUP BY 2 ORDER BY 3 DESC, 2 LIMIT %s""",
            [now - timedelta(days=days), limit],
        )
        return [Program(*row) for row in cursor.fetchall()]
