"""Sending again: one delivery, all that failed since an instant, or what happened while a receiver was off; and a test."""

import uuid
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from vaglio_server.connectors.models import TEST, Endpoint, State, WebhookDelivery
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit


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
    _again(WebhookDelivery.objects.filter(pk=delivery.pk), at)
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
    failed = _again(WebhookDelivery.objects.filter(endpoint=endpoint, state=State.FAILED, at__gte=since), at)
    missed = _make_up_for(endpoint, since, at)
    audit(by=by, verb="replay_failed", subject=f"endpoint:{endpoint.pk}", at=at, failed=failed, missed=missed)
    return failed + missed


def _again(deliveries: QuerySet[WebhookDelivery], at: datetime) -> int:
    return deliveries.update(state=State.WAITING, next_at=at, attempts=0)


def _make_up_for(endpoint: Endpoint, since: datetime, at: datetime) -> int:
    """Make deliveries of what a receiver was not told while it was off; in the database, as it may be of every lead."""
    told = {kind: max(since, endpoint.told_from(kind)) for kind in endpoint.kinds}
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO connectors_webhookdelivery (endpoint_id, happening_id, key, kind, at, next_at, state, attempts, answer, error)
            SELECT %s, here.id, here.key, here.kind, here.at, %s, 'waiting', 0, '', '' FROM lifecycle_happening AS here
            JOIN unnest(%s::text[], %s::timestamptz[]) AS told (kind, since) ON here.kind = told.kind AND here.at >= told.since
            WHERE NOT here.webhooks_wait AND NOT EXISTS (
                SELECT FROM connectors_webhookdelivery AS its WHERE its.endpoint_id = %s AND its.happening_id = here.id
            ) ORDER BY here.place ON CONFLICT DO NOTHING""",
            [endpoint.pk, at, list(told), list(told.values()), endpoint.pk],
        )
        return int(cursor.rowcount)


def _refuse_off(endpoint: Endpoint) -> None:
    if not endpoint.is_on:
        raise Refused(_("{name} is switched off; switch it on first").format(name=endpoint.name))


@transaction.atomic
def forget_tests(*, before: datetime) -> int:
    """Forget the tests of long ago, and return how many; what was sent of happenings is forgotten with them."""
    return WebhookDelivery.objects.filter(happening=None, at__lt=before).delete()[0]
