"""Which mails somebody wants, and which could not be sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from vaglio_server.lifecycle.models import Notice, Wanted
from vaglio_server.users.models import User

LATELY = timedelta(days=30)


def wants(user: User) -> str:
    """Return which mails somebody wants; who said nothing wants each."""
    selling = getattr(user, "selling", None)
    return selling.mails if selling is not None else Wanted.EACH


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
