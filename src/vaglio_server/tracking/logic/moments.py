"""When something happened, from clocks that may be wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

AHEAD = timedelta(hours=24)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before, nobody clicked: it is a clock that was reset


def occurred(stamp: Any, sent: Any, received_at: datetime) -> datetime:
    """Return when a call happened: the sender's clock, corrected by how wrong it was when it sent.

    A call without a time that can be read happened when it was received, and so did one that would lie more than a day ahead,
    or before 1990.
    """
    at, sent_at = moment(stamp), moment(sent)
    if at is None:
        return received_at
    try:
        found = received_at - (sent_at - at) if sent_at is not None else at
    except OverflowError:
        return received_at
    return found if EARLIEST <= found <= received_at + AHEAD else received_at


def moment(found: Any) -> datetime | None:
    """Return an instant from ISO 8601 or an epoch number (seconds, milliseconds from 10^11 on); None: it is neither."""
    try:
        if isinstance(found, bool):
            return None
        if isinstance(found, int | float):
            return datetime.fromtimestamp(found / 1000 if abs(found) >= 1e11 else found, UTC)
        if not isinstance(found, str):
            return None
        read = datetime.fromisoformat(found.strip())
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
