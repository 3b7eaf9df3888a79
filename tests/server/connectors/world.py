"""Receivers, happenings, and sending until nothing is due."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.connectors.receiver import Receiver
from tests.server.world import AT

NOW = datetime(2026, 10, 2, 10, tzinfo=UTC)
ALL = ("rating.crossed", "stage.changed", "lead.assigned", "clock.breached", "verdict.given", "nurture.entered", "nurture.left")


@contextmanager
def allowing(receiver: Receiver) -> Iterator[None]:
    """Let webhooks go to a receiver of the test."""
    from django.conf import settings

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "WEBHOOK_HOSTS", settings.WEBHOOK_HOSTS | receiver.allowed)
        yield


def make_endpoint(
    receiver: Receiver, *, name: str = "crm", kinds: tuple[str, ...] = ALL, path: str = "/hooks", **more: Any
) -> tuple[Any, str]:
    """Make a receiver's row, and return it with its secret."""
    from vaglio_server.connectors.actions import NewEndpoint
    from vaglio_server.connectors.actions import make_endpoint as make

    with allowing(receiver):
        return make(told=NewEndpoint(name, receiver.url(path), kinds, **more), by="ada", at=AT)


def happen(count: int = 1, kind: str = "stage.changed", lead: Any = None, **detail: Any) -> list[Any]:
    """Have something happen to a lead, some times."""
    from vaglio_server.crm.models import Lead
    from vaglio_server.lifecycle.models import Happening

    lead = lead or Lead.objects.create(created_at=AT, fields={"email": "anna@acme.example"})
    return Happening.objects.bulk_create(
        Happening(kind=kind, lead=lead, at=NOW, detail=detail or {"to": "sales_accepted"}) for _ in range(count)
    )


def hand_out(at: datetime = NOW) -> int:
    from vaglio_server.connectors.actions import fan_out

    total = 0
    while count := fan_out(limit=500, at=at):
        total += count
    return total


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@contextmanager
def sending(receiver: Receiver, clock: Callable[[], datetime], **patience: timedelta) -> Iterator[Callable[[], None]]:
    """Give what sends all that is due."""
    from vaglio_server.connectors.actions import Sender
    from vaglio_server.connectors.logic.retries import Patience

    sender = Sender(clock=clock, allowed=receiver.allowed, patience=Patience(**patience))

    def send() -> None:
        end = time.monotonic() + 20
        while sender.step():
            assert time.monotonic() < end, "it does not come to an end"

    try:
        yield send
    finally:
        sender.close()


def deliveries(**such: Any) -> list[Any]:
    from vaglio_server.connectors.models import WebhookDelivery

    return list(WebhookDelivery.objects.filter(**such).order_by("id"))
