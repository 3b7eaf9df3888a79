"""What the worker does about webhooks: whom to tell of what happened, and telling them."""

from datetime import UTC, datetime

from django.conf import settings

from vaglio_server.connectors.actions import Sender, fan_out, forget_tests
from vaglio_server.lifecycle.actions.happenings import KEPT

HAPPENINGS = 500


def hand_out() -> int:
    """Find out who is told of what happened."""
    return fan_out(limit=HAPPENINGS, at=datetime.now(UTC))


def forget_old_tests(now: datetime) -> None:
    """Forget tests as long ago as happenings that are forgotten."""
    forget_tests(before=now - KEPT)


def sender() -> Sender:
    """Return what sends."""
    return Sender(clock=lambda: datetime.now(UTC), allowed=settings.WEBHOOK_HOSTS)
