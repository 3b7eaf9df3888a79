"""What follows from an answer: delivered, tried again, or given up; and whether its receiver is left alone, for a while or for good."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_SECOND = timedelta(seconds=1)
THROTTLED = (429, 502, 504)  # the receiver says that it is too much, or what stands before it does
GONE = 410


@dataclass(frozen=True)
class Patience:
    """How often and for how long something is tried, as Svix does: ``waits`` are between attempts.

    ``lease``: after which a delivery that a sender took is taken again, as the sender was killed. ``gives_up_after``: a receiver that only
    failed for so long is sent nothing more. ``longest_pause``: that it may ask for.
    """

    waits: tuple[timedelta, ...] = tuple(each * _SECOND for each in (5, 300, 1800, 7200, 18_000, 36_000, 36_000))
    timeout: timedelta = 15 * _SECOND
    lease: timedelta = 60 * _SECOND
    pause: timedelta = 30 * _SECOND
    longest_pause: timedelta = timedelta(days=1)
    gives_up_after: timedelta = timedelta(days=5)


@dataclass(frozen=True)
class Answer:
    """What came of an attempt: the status of the answer, None where there was none and ``error`` says why; ``text``: how it began."""

    status: int | None = None
    retry_after: str | None = None
    text: str = ""
    error: str = ""
    took_ms: int = 0

    @property
    def is_good(self) -> bool:
        """Whether it was taken."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class Verdict:
    """What follows for a delivery: ``next_at``: when it is tried again, None: not; for its receiver: ``paused_until``, and ``is_gone``."""

    next_at: datetime | None
    paused_until: datetime | None = None
    is_gone: bool = False


def judge(answer: Answer, attempts: int, patience: Patience, now: datetime) -> Verdict:
    """Return what follows from an answer to an attempt, the how many-th is said."""
    if answer.is_good:
        return Verdict(None)
    if answer.status == GONE:
        return Verdict(None, is_gone=True)
    asked = _asked(answer.retry_after, now)
    asked = min(asked, now + patience.longest_pause) if asked is not None else None
    paused = asked or (now + patience.pause if answer.status in THROTTLED else None)
    if attempts > len(patience.waits):
        return Verdict(None, paused)
    usual = now + patience.waits[attempts - 1]
    return Verdict(max(usual, paused) if paused else usual, paused)


def _asked(text: str | None, now: datetime) -> datetime | None:
    """Return until when a receiver asks to be left alone, in seconds or as a date; what is neither asks for nothing."""
    if not text:
        return None
    said = text.strip()
    if said.isascii() and said.isdigit() and len(said) < 10:
        return now + int(said) * _SECOND
    try:
        found = parsedate_to_datetime(said)
    except (ValueError, OverflowError, TypeError):  # whatever a receiver says, it must not be able to stop the sender
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found if found > now else None
