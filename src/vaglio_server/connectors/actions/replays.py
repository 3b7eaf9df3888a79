"""Sending again: one delivery, all that failed since an instant, or what happened while a receiver was off; and a test."""

import uuid
from datetime import datetime

from django.db import transaction

from vaglio_server.connectors.actions.fanning import delivery_of
from vaglio_server.connectors.models import TEST, Endpoint, State, WebhookDelivery
from vaglio_server.lifecycle.models import Happening
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit

_AT_ONCE = 1_000


@transaction.atomic
def send_test(*, endpoint: Endpoint, by: str, at: datetime) -> WebhookDelivery:
    """Send a receiver something of which it need only say that it came; it is tried once.

    Raises
    ------
    Refused
        It is switched off.
    """
    _refuse_off(endpoint)
    made = WebhookDelivery.objects.create(endpoint=endpoint, key=uuid.uuid4(), kind=TEST, at=at, next_at=at)
    audit(by=by, verb="send_test", subject=f"endpoint:{endpoint.pk}", at=at)
    return made


@transaction.atomic
def replay_delivery(*, delivery: WebhookDelivery, by: str, at: datetime) -> None:
    """Send something again now, with the id it had, whether it came or failed; one that waits is sent at once.

    Raises
    ------
    Refused
        Its receiver is switched off.
    """
    _refuse_off(delivery.endpoint)
    _again([delivery.pk], at)
    audit(by=by, verb="replay_delivery", subject=f"endpoint:{delivery.endpoint_id}", at=at, key=str(delivery.key))


@transaction.atomic
def replay_failed(*, endpoint: Endpoint, since: datetime, by: str, at: datetime) -> int:
    """Send again what happened since an instant and failed, and what nobody was told of because the receiver was off; return how many.

    Raises
    ------
    Refused
        It is switched off.
    """
    _refuse_off(endpoint)
    failed = list(WebhookDelivery.objects.filter(endpoint=endpoint, state=State.FAILED, at__gte=since).values_list("pk", flat=True))
    _again(failed, at)
    missed = Happening.objects.filter(kind__in=endpoint.kinds, at__gte=max(since, endpoint.created_at), webhooks_wait=False)
    missed = missed.exclude(pk__in=WebhookDelivery.objects.filter(endpoint=endpoint, happening__isnull=False).values("happening"))
    new = [delivery_of(endpoint, each, at) for each in missed.order_by("place").iterator(_AT_ONCE)]
    WebhookDelivery.objects.bulk_create(new, batch_size=_AT_ONCE, ignore_conflicts=True)
    audit(by=by, verb="replay_failed", subject=f"endpoint:{endpoint.pk}", at=at, failed=len(failed), missed=len(new))
    return len(failed) + len(new)


def _again(deliveries: list[int], at: datetime) -> None:
    WebhookDelivery.objects.filter(pk__in=deliveries).update(state=State.WAITING, next_at=at, attempts=0)


def _refuse_off(endpoint: Endpoint) -> None:
    if not endpoint.is_on:
        raise Refused(f"{endpoint.name} is switched off; switch it on first")


@transaction.atomic
def forget_tests(*, before: datetime) -> int:
    """Forget the tests of long ago, and return how many; what was sent of happenings is forgotten with them."""
    return WebhookDelivery.objects.filter(happening=None, at__lt=before).delete()[0]
