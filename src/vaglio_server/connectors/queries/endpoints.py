"""Receivers, and what became of what was sent to them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q, QuerySet

from vaglio_server.connectors.models import Endpoint, State, WebhookDelivery, WhyOff
from vaglio_server.lifecycle.models import Happening

COUNTED = 10_000  # of what failed: as many are read in a moment


@dataclass(frozen=True)
class Sent:
    """A receiver, how many deliveries wait for it and since when, how many failed, and when it took one last."""

    endpoint: Endpoint
    waiting: int
    waiting_since: datetime | None
    failed: int
    delivered_at: datetime | None


def endpoints() -> list[Sent]:
    """Return all receivers by name."""
    return [sent_to(each) for each in Endpoint.objects.order_by("name")]


def sent_to(endpoint: Endpoint) -> Sent:
    """Return how it stands with a receiver."""
    its = WebhookDelivery.objects.filter(endpoint=endpoint)
    waiting = its.filter(state=State.WAITING).aggregate(count=Count("pk"), since=Min("at"))
    failed = its.filter(state=State.FAILED)[:COUNTED].count()
    last = its.filter(state=State.DELIVERED).order_by("-pk")[:100].aggregate(last=Max("tried_at"))["last"]
    return Sent(endpoint, waiting["count"], waiting["since"], failed, last)


def troubled() -> list[Endpoint]:
    """Return receivers that only fail now, or that were switched off otherwise than by hand, by name."""
    failing = Q(is_on=True, failing_since__isnull=False) | (Q(is_on=False) & ~Q(why_off=WhyOff.BY_HAND))
    return list(Endpoint.objects.filter(failing).order_by("name"))


def deliveries_of(endpoint: Endpoint, *, state: str = "", kind: str = "") -> QuerySet[WebhookDelivery]:
    """Return what was sent to a receiver, or is to be; of one state, of one kind."""
    found = WebhookDelivery.objects.filter(Q(state=state) if state else Q(), Q(kind=kind) if kind else Q(), endpoint=endpoint)
    return found.select_related("endpoint", "happening__lead")


def happenings_after(place: int, kinds: tuple[str, ...] = ()) -> QuerySet[Happening]:
    """Return what happened after a place in the order in which it could be seen, in that order."""
    return Happening.objects.filter(Q(kind__in=kinds) if kinds else Q(), place__gt=place).order_by("place")
