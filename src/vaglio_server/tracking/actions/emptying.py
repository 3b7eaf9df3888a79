"""Letting go of requests as they came once they are old: that they came stays known, and so nothing counts twice."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from vaglio_server.tracking.models import Delivery, RefusedEvent


@dataclass(frozen=True)
class Emptied:
    """How many requests were emptied, and how many refused calls went with them; ``through``: the last that was looked at."""

    through: int
    requests: int = 0
    refused: int = 0


@transaction.atomic
def empty_requests(*, before: datetime, after: int, limit: int) -> Emptied:
    """Delete what some requests said that came before an instant, the first ones after a number, up to one that is still to be taken.

    What could not be taken of them is deleted with its reason: nobody can put it right without what was said.
    """
    told = Delivery.objects.select_for_update().filter(pk__gt=after).order_by("pk")
    old = []
    for number, received_at, is_open in told.values_list("pk", "received_at", "is_open")[:limit]:
        if is_open or received_at >= before:
            break
        old.append(number)
    if not old:
        return Emptied(after)
    refused, _each = RefusedEvent.objects.filter(delivery__in=old).delete()
    Delivery.objects.filter(pk__in=old).update(body=b"")
    return Emptied(old[-1], len(old), refused)
