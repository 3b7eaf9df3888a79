"""Reading what came in and what a lead did."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Count, Exists, F, Func, OuterRef, Q, QuerySet

from vaglio.dates import from_microseconds, to_microseconds
from vaglio_server.crm.models import Lead
from vaglio_server.tracking.logic.calls import call_text
from vaglio_server.tracking.logic.suspicion import SUSPICIOUS
from vaglio_server.tracking.models import (
    Activity,
    Delivery,
    IdentityLink,
    MachineMark,
    MarkedActivity,
    Match,
    Merge,
    RefusedEvent,
    Source,
    Suspicion,
    Verdict,
)
from vaglio_server.users.models import MARKETERS, User

SHOWN = 2_000  # characters of a refused call
REFUSED_SEEN_BY = MARKETERS  # such calls hold whatever anybody sent


@dataclass(frozen=True)
class Intake:
    """How the intake is doing; ``waiting_since`` is when the oldest request came that no worker has taken yet."""

    sources: int
    last_received_at: datetime | None
    requests_last_hour: int
    activities_last_hour: int
    waiting: int
    waiting_since: datetime | None
    refused_last_day: int

    def is_late(self, now: datetime) -> bool:
        """Whether requests wait longer than they do while a worker runs."""
        return self.waiting_since is not None and self.waiting_since < now - timedelta(seconds=30)


def intake(now: datetime) -> Intake:
    """Return how the intake is doing."""
    hour = now - timedelta(hours=1)
    waiting = Delivery.objects.filter(is_open=True).order_by("id")
    newest = Delivery.objects.order_by("-id").values_list("received_at", flat=True)
    return Intake(
        sources=Source.objects.filter(is_active=True).count(),
        last_received_at=newest.first(),
        requests_last_hour=Delivery.objects.filter(received_at__gte=hour).count(),
        activities_last_hour=Activity.objects.filter(known_at__gte=hour).count(),
        waiting=waiting.count(),
        waiting_since=waiting.values_list("received_at", flat=True).first(),
        refused_last_day=RefusedEvent.objects.filter(refused_at__gte=now - timedelta(days=1)).count(),
    )


def activities_of(lead: Lead, *, before: datetime | None = None) -> QuerySet[Activity]:
    """Return what a lead did under all its identities, newest first; what was marked and restored is there once."""
    found = Activity.objects.filter(identity__links__lead=lead, identity__links__ended_at=None)
    found = found.exclude(Exists(MarkedActivity.objects.filter(activity=OuterRef("pk"), restored__isnull=False)))
    return found.filter(Q(occurred_at__lt=before) if before else Q()).order_by("-occurred_at", "-id")


@dataclass(frozen=True)
class ActivityPage:
    """Some activities, newest first; ``next_cursor`` asks for those before them, None after the last."""

    activities: list[Activity]
    next_cursor: str | None


def page_of_activities(lead: Lead, *, cursor: str | None, limit: int) -> ActivityPage:
    """Return a page of what a lead did, from where the page before ended.

    Raises
    ------
    ValueError
        The cursor is none that a page gave.
    """
    found = activities_of(lead)
    if cursor:
        at, last = _read(cursor)
        found = found.filter(occurred_at__lte=at).filter(Q(occurred_at__lt=at) | Q(id__lt=last))
    rows = list(found[: limit + 1])
    end = f"{to_microseconds(rows[limit - 1].occurred_at)}~{rows[limit - 1].pk}" if len(rows) > limit else None
    return ActivityPage(rows[:limit], end)


def _read(cursor: str) -> tuple[datetime, int]:
    found = re.fullmatch(r"(-?[0-9]{1,17})~([0-9]{1,18})", cursor, re.ASCII)
    try:
        if found is not None:
            return from_microseconds(int(found[1])), int(found[2])
    except (ValueError, OverflowError, OSError):
        pass
    raise ValueError("cursor is none that this list gave")


def last_activity(leads: list[Lead]) -> dict[int, datetime]:
    """Return when each lead last did something, without what machines did: one question, a look into an index per lead."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT asked.id, max(newest.occurred_at) FROM unnest(%s::bigint[]) AS asked (id)
            JOIN tracking_identitylink AS link ON link.lead_id = asked.id AND link.ended_at IS NULL
            CROSS JOIN LATERAL (
                SELECT occurred_at FROM tracking_activity WHERE identity_id = link.identity_id AND NOT is_machine
                ORDER BY occurred_at DESC LIMIT 1
            ) AS newest GROUP BY asked.id""",
            [[lead.pk for lead in leads]],
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True)
class RefusedCall:
    """A call that could not be taken: why, when it came, from where, and as it was sent."""

    id: int
    reason: str
    received_at: datetime
    source: str
    kind: str
    sent: str


@dataclass(frozen=True)
class RefusedPage:
    """Some refused calls, newest first; ``next_cursor`` asks for those before them, None after the last."""

    calls: list[RefusedCall]
    next_cursor: int | None


def refused_calls(*, before: int | None = None, limit: int) -> RefusedPage:
    """Return calls that were refused, newest first, with the start of what was sent."""
    found = RefusedEvent.objects.filter(Q(id__lt=before) if before else Q()).select_related("delivery__source").order_by("-id")
    rows = list(found[: limit + 1])
    calls = [
        RefusedCall(row.pk, row.reason, row.delivery.received_at, row.delivery.source.name, row.delivery.kind, shown_call(row))
        for row in rows[:limit]
    ]  # fmt: skip
    return RefusedPage(calls, rows[limit - 1].pk if len(rows) > limit else None)


def shown_call(refused: RefusedEvent) -> str:
    """Return a refused call as it was sent, cut where it is long; of a batch, the one at its place where that can be read."""
    return call_text(bytes(refused.delivery.body), refused.place)[:SHOWN]


def identities_of_lead(lead: Lead) -> list[IdentityLink]:
    """Return what a lead is known by now, with since when."""
    return list(
        IdentityLink.objects.filter(lead=lead, ended_at=None).select_related("identity").order_by("identity__kind", "identity__value")
    )


def link_of(lead: Lead, identity_id: int) -> IdentityLink | None:
    """Return how a lead is known by an identity now; None: it is not."""
    return next((each for each in identities_of_lead(lead) if each.identity_id == identity_id), None)


def merge_in_force(lead_id: int, known_at: datetime) -> Merge | None:
    """Return the merge that had taken a lead into another at an instant."""
    standing = Q(undone_at__isnull=True) | Q(undone_at__gt=known_at)
    return Merge.objects.filter(standing, other=lead_id, known_at__lte=known_at).first()


def merges_of(lead: Lead) -> QuerySet[Merge]:
    """Return the merges into a lead and out of it, newest first."""
    return Merge.objects.filter(Q(lead=lead) | Q(other=lead)).select_related("lead", "other").order_by("-known_at")


def matches_of(lead: Lead, user: User) -> list[tuple[Lead, Match]]:
    """Return the leads a user may see that events say are this person, each with the proposal; those decided on are left out."""
    found = Match.objects.filter(Q(lead=lead) | Q(other=lead), dismissed_at=None).select_related("lead", "other").order_by("-known_at")
    others = [(match.other if match.lead_id == lead.pk else match.lead, match) for match in found]
    seen = set(Lead.objects.visible_to(user).filter(pk__in=[each.pk for each, _match in others]).values_list("pk", flat=True))
    return [(other, match) for other, match in others if other.pk in seen]


def match_of(lead: Lead, match_id: int, user: User) -> tuple[Lead, Match] | None:
    """Return the other lead of one of these proposals, with the proposal; None: there is no such one, or it was decided on."""
    return next(((other, match) for other, match in matches_of(lead, user) if match.pk == match_id), None)


def sources() -> QuerySet[Source]:
    """Return who sends events, by name."""
    return Source.objects.order_by("name", "id")


@dataclass(frozen=True)
class Received:
    """When the last request of a source came (None: never), and the activity it told of."""

    last_at: datetime | None
    activity: str | None


LATELY = 2_000  # requests among which those of one source are looked for


def received(source: Source) -> Received:
    """Return what came last from a source, of the requests of late."""
    newest = Delivery.objects.order_by("-id").values_list("pk", flat=True).first() or 0
    last = Delivery.objects.filter(source=source, pk__gt=newest - LATELY).order_by("-id").first()
    if last is None:
        return Received(None, None)
    lately = Activity.objects.filter(known_at__gte=last.received_at)  # few, found by their blocks
    told = lately.filter(event__delivery=last).order_by("-id").values_list("activity_type", flat=True).first()
    return Received(last.received_at, told)


def suspicions(verdict: str, reason: str = "") -> QuerySet[Suspicion]:
    """Return suspicious leads of a verdict (those undecided: only who is suspicious enough), the most suspicious first."""
    found = Suspicion.objects.filter(verdict=verdict, lead__merged_into=None).select_related("lead__account")
    found = found.filter(score__gte=SUSPICIOUS) if verdict == Verdict.OPEN else found
    return (found.filter(names__contains=[reason]) if reason else found).order_by("-score", "lead")


def suspicion_counts(verdict: str) -> dict[str, int]:
    """Return how many suspicious leads of a verdict there are by reason, the most frequent first; a lead may have several."""
    each = suspicions(verdict).order_by().annotate(reason=Func(F("names"), function="unnest")).values("reason")
    rows = each.annotate(n=Count("pk")).values_list("reason", "n")
    return dict(sorted(rows, key=lambda row: (-row[1], row[0])))


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
