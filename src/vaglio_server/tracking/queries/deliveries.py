"""What came in, what waits, and from whom."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from vaglio_server.tracking.models import Activity, Delivery, Source
from vaglio_server.tracking.queries.refused import open_refused


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
    waiting = waiting_deliveries()
    newest = Delivery.objects.order_by("-id").values_list("received_at", flat=True)
    return Intake(
        sources=Source.objects.filter(is_active=True).count(),
        last_received_at=newest.first(),
        requests_last_hour=Delivery.objects.filter(received_at__gte=hour).count(),
        activities_last_hour=Activity.objects.filter(known_at__gte=hour).count(),
        waiting=waiting.requests,
        waiting_since=waiting.since,
        refused_last_day=open_refused().filter(refused_at__gte=now - timedelta(days=1)).count(),
    )


@dataclass(frozen=True)
class Waiting:
    """Requests that no worker has taken yet, and when the first of them came (None: none waits)."""

    requests: int
    since: datetime | None


def waiting_deliveries() -> Waiting:
    """Return what waits to be taken, by the index of what is open alone."""
    waiting = Delivery.objects.filter(is_open=True).order_by("id")
    return Waiting(waiting.count(), waiting.values_list("received_at", flat=True).first())


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
