"""What the worker does about where leads stand: what crossings lead to as they come, and once in a while which promises are late."""

from datetime import UTC, datetime

from vaglio_server.lifecycle.actions import find_breaches, give_waiting, look_again, take_crossings
from vaglio_server.lifecycle.logic.stages import Policy

CROSSINGS = 500
BREACHES_SECONDS = 20.0  # between looks for promises that are late, which are found to the minute
_POLICY = Policy()


def move_on() -> int:
    """Take crossings, then those whose minimum stay or cool-down is over."""
    now = datetime.now(UTC)
    return take_crossings(limit=CROSSINGS, policy=_POLICY, at=now) or look_again(limit=CROSSINGS, policy=_POLICY, at=now)


def note_late() -> int:
    """Take the steps for promised responses that are late, and give away what is nobody's and somebody can take now."""
    now = datetime.now(UTC)
    return len(find_breaches(at=now)) + give_waiting(limit=CROSSINGS, at=now)
