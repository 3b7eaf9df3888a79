"""What came of attempts, written down: for the delivery, and for its receiver."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from vaglio_server.connectors.actions.switching import switch_off
from vaglio_server.connectors.logic.retries import Answer, Patience, judge
from vaglio_server.connectors.models import Endpoint, State, WebhookDelivery, WhyOff

BY = "webhooks"


@transaction.atomic
def record(came: Sequence[tuple[WebhookDelivery, Answer]], *, patience: Patience, at: datetime) -> None:
    """Write down what came of attempts that ended by an instant."""
    endpoints = {each.pk: each for each in Endpoint.objects.select_for_update().filter(pk__in={one.endpoint_id for one, _answer in came})}
    there = set(WebhookDelivery.objects.filter(pk__in=[each.pk for each, _answer in came]).values_list("pk", flat=True))
    for delivery, answer in came:
        if delivery.pk in there:
            _record(delivery, answer, endpoints[delivery.endpoint_id], patience, at)
    names = ["state", "attempts", "next_at", "tried_at", "took_ms", "status", "answer", "error"]
    WebhookDelivery.objects.bulk_update([each for each, _answer in came if each.pk in there], names)
    for each in endpoints.values():
        each.save(update_fields=["failing_since", "paused_until", "is_on", "why_off", "off_at"])


def _record(delivery: WebhookDelivery, answer: Answer, endpoint: Endpoint, patience: Patience, at: datetime) -> None:
    delivery.attempts += 1
    verdict = judge(answer, delivery.attempts, patience, at)
    next_at = verdict.next_at if delivery.happening_id is not None else None  # a test is tried once
    delivery.next_at = next_at
    delivery.state = State.DELIVERED if answer.is_good else State.FAILED if next_at is None else State.WAITING
    delivery.tried_at, delivery.took_ms = at, answer.took_ms
    delivery.status, delivery.answer, delivery.error = answer.status, answer.text, answer.error
    if answer.is_good:
        endpoint.failing_since = None  # a pause that another answer asked for stays: this one was on its way already
        return
    endpoint.failing_since = endpoint.failing_since or at
    endpoint.paused_until = max(filter(None, (endpoint.paused_until, verdict.paused_until)), default=None)
    if verdict.is_gone:
        switch_off(endpoint, WhyOff.GONE, BY, at)
    elif at - endpoint.failing_since >= patience.gives_up_after:
        switch_off(endpoint, WhyOff.FAILING, BY, at)


@transaction.atomic
def unreadable(*, endpoint: Endpoint, at: datetime) -> None:
    """Send a receiver nothing that could not be signed."""
    held = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    switch_off(held, WhyOff.UNREADABLE, BY, at)
    held.save(update_fields=["is_on", "why_off", "off_at"])
