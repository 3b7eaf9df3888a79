"""What the worker does about where leads stand: what crossings lead to as they come, once in a while which promises are late, and mails."""

from datetime import UTC, datetime

from django.conf import settings

from vaglio_server.lifecycle.actions import (
    find_breaches,
    give_waiting,
    leave_gone,
    look_again,
    look_at_all,
    send_next_notice,
    take_crossings,
    take_outcomes,
    tell_owners,
    write_notices,
    write_summaries,
)
from vaglio_server.lifecycle.logic.stages import Policy

CROSSINGS = 1_000
LOOKS = 1_000  # leads in a batch of a look at all of them
BREACHES_SECONDS = 20.0  # between looks for promises that are late, which are found to the minute
SUMMARIES_SECONDS = 60.0  # between looks for sellers whose day begins
_POLICY = Policy()


def move_on() -> int:
    """Take crossings, then outcomes, then whose minimum stay or cool-down is over; then tell whose leads became by files and merges."""
    now = datetime.now(UTC)
    for take in (take_crossings, take_outcomes, look_again):
        if moved := take(limit=CROSSINGS, policy=_POLICY, at=now):
            return moved
    return tell_owners(limit=CROSSINGS)


def look_at_everybody() -> int:
    """Look at some of all leads, while that is due."""
    return look_at_all(limit=LOOKS, policy=_POLICY, at=datetime.now(UTC))


def take_off() -> int:
    """Take leads off their lists that are none any more."""
    return leave_gone(at=datetime.now(UTC))


class Looks:
    """Looks of a process, once in a while, for what waits; each goes on where the one before ended."""

    def __init__(self) -> None:
        self._after: tuple[datetime, int] | None = None

    def note_late(self) -> int:
        """Take the steps for promised responses that are late, and give away what is nobody's and somebody can take now."""
        now = datetime.now(UTC)
        steps = len(find_breaches(at=now))
        waited = give_waiting(limit=CROSSINGS, after=self._after, at=now)
        self._after = waited.further
        return steps + waited.given


def tell_sellers() -> int:
    """Write down whom to tell by mail of what happened, and send the mail that is due first."""
    now = datetime.now(UTC)
    written = write_notices(can_mail=settings.CAN_MAIL, at=now)
    return written or (send_next_notice(address=settings.ADDRESS, at=now) if settings.CAN_MAIL else 0)


def begin_days() -> int:
    """Write down the summaries of sellers whose working day begins."""
    return write_summaries(at=datetime.now(UTC)) if settings.CAN_MAIL else 0
