"""Reading what came in and what a lead did."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q, QuerySet

from vaglio_server.crm.models import Lead
from vaglio_server.tracking.models import Activity, Delivery, RefusedEvent, Source


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
    """Return what a lead did under all its identities, newest first."""
    found = Activity.objects.filter(identity__links__lead=lead, identity__links__ended_at=None)
    return found.filter(Q(occurred_at__lt=before) if before else Q()).order_by("-occurred_at", "-id")


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
