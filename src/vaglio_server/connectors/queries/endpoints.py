"""Receivers, and what became of what was sent to them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from vaglio_server.connectors.models import Endpoint, WebhookDelivery, WhyOff
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
    return _sent_to(Endpoint.objects.order_by("name"))


def sent_to(endpoint: Endpoint) -> Sent:
    """Return how it stands with a receiver."""
    return _sent_to([endpoint])[0]


def _sent_to(asked: Iterable[Endpoint]) -> list[Sent]:
    """Return how it stands with some receivers, in their order, by one question for all of them."""
    told = list(asked)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT its.endpoint, waiting.count, waiting.since, failed.count, delivered.last
            FROM unnest(%s::bigint[]) WITH ORDINALITY AS its (endpoint, place)
            CROSS JOIN LATERAL (
                SELECT count(*), min(at) AS since FROM connectors_webhookdelivery WHERE endpoint_id = its.endpoint AND state = 'waiting'
            ) AS waiting CROSS JOIN LATERAL (SELECT count(*) FROM (
                SELECT FROM connectors_webhookdelivery WHERE endpoint_id = its.endpoint AND state = 'failed' LIMIT %s
            ) AS few) AS failed CROSS JOIN LATERAL (SELECT max(tried_at) AS last FROM (
                SELECT tried_at FROM connectors_webhookdelivery WHERE endpoint_id = its.endpoint AND state = 'delivered'
                ORDER BY id DESC LIMIT 100
            ) AS late) AS delivered ORDER BY its.place""",
            [[each.pk for each in told], COUNTED],
        )
        found = cursor.fetchall()
    return [Sent(each, waiting, since, failed, last) for each, (_pk, waiting, since, failed, last) in zip(told, found, strict=True)]


def receivers_told(leads: Collection[int]) -> list[str]:
    """Return the names of the receivers that were told something of some leads."""
    told = WebhookDelivery.objects.filter(happening__lead__in=leads, attempts__gt=0)
    return sorted(set(told.values_list("endpoint__name", flat=True)))


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
