"""Finding out who is told of what happened: each happening once for each receiver, in one transaction."""

from datetime import datetime

from django.db import connection, transaction

from vaglio_server.connectors.models import Endpoint, WebhookDelivery
from vaglio_server.lifecycle.models import Happening

FANNING = 730_461  # an advisory lock: one at a time gives places, so that they are in the order in which they can be seen


@transaction.atomic
def fan_out(*, limit: int, at: datetime) -> int:
    """Take happenings that wait, in order: give each its place, and a delivery to each receiver that is told of its kind.

    Returns how many were taken.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [FANNING])
        if not cursor.fetchone()[0]:
            return 0
        waiting = list(Happening.objects.filter(webhooks_wait=True).order_by("id")[:limit])
        if not waiting:
            return 0
        cursor.execute("SELECT nextval('lifecycle_happening_place') FROM generate_series(1, %s)", [len(waiting)])
        places = sorted(row[0] for row in cursor.fetchall())
        cursor.execute(
            """UPDATE lifecycle_happening AS here SET webhooks_wait = false, place = given.place
            FROM unnest(%s::bigint[], %s::bigint[]) AS given (id, place) WHERE here.id = given.id""",
            [[each.pk for each in waiting], places],
        )
    told = Endpoint.objects.filter(is_on=True).order_by("pk")
    WebhookDelivery.objects.bulk_create(
        (delivery_of(endpoint, each, at) for endpoint in told for each in waiting if each.kind in endpoint.kinds), ignore_conflicts=True
    )
    return len(waiting)


def delivery_of(endpoint: Endpoint, happening: Happening, at: datetime) -> WebhookDelivery:
    """Return a delivery that is to be tried from an instant on."""
    return WebhookDelivery(endpoint=endpoint, happening=happening, key=happening.key, kind=happening.kind, at=happening.at, next_at=at)
