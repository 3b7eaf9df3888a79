"""What is sent: thin, made of the happening each time; so nothing is kept twice, and nothing is sent of somebody who was erased."""

import json
from collections.abc import Sequence
from typing import Any

from vaglio_server.connectors.models import WebhookDelivery
from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.models import Happening


def bodies_of(deliveries: Sequence[WebhookDelivery]) -> dict[int, bytes]:
    """Return the bodies of some deliveries, which come with their happening and their endpoint, by id."""
    asked = {each.happening.lead_id for each in deliveries if each.happening is not None and each.endpoint.has_email}
    emails = dict(Lead.objects.filter(pk__in=asked).values_list("pk", "fields__email")) if asked else {}
    return {each.pk: _body(each, emails) for each in deliveries}


def body_of(delivery: WebhookDelivery) -> bytes:
    """Return the body of one delivery."""
    return bodies_of([delivery])[delivery.pk]


def _body(delivery: WebhookDelivery, emails: dict[int, Any]) -> bytes:
    happening = delivery.happening
    data: dict[str, Any] = {}
    if happening is not None:
        email = {"email": emails.get(happening.lead_id)} if delivery.endpoint.has_email else {}
        data = told_of(happening) | email
    told = {"type": delivery.kind, "timestamp": delivery.at.isoformat().replace("+00:00", "Z"), "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def told_of(happening: Happening) -> dict[str, Any]:
    """Return what is told of a happening: which lead, by its number, and what is written of it."""
    return {"lead_id": happening.lead_id, **happening.detail}
