"""Mails that could not be sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from vaglio_server.lifecycle.models import Notice

LATELY = timedelta(days=30)


@dataclass(frozen=True)
class Unsent:
    """Mails of late that could not be sent: how many, how many of them were given up, and why the newest."""

    count: int
    given_up: int
    why: str


def unsent(now: datetime) -> Unsent:
    """Return how many mails could not be sent, and why."""
    failed = Notice.objects.filter(sent_at=None, created_at__gte=now - LATELY).exclude(error="").order_by("-id")
    newest = failed.first()
    return Unsent(failed.count(), failed.filter(next_at=None).count(), newest.error if newest else "")
