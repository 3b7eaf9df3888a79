"""Calls that could not be taken: why, and what people did about them."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from vaglio_server.tracking.logic.calls import call_text
from vaglio_server.tracking.logic.mending import editable
from vaglio_server.tracking.models import RefusedEvent, Settled
from vaglio_server.users.models import MARKETERS

SHOWN = 2_000  # characters of a refused call in a list
COUNTED = 10_000  # newest calls whose reasons are counted
REFUSED_SEEN_BY = MARKETERS  # such calls hold whatever anybody sent


@dataclass(frozen=True)
class RefusedCall:
    """A call that could not be taken: why, when it came, from where, and as it was sent; who settled it, and when."""

    id: int
    reason: str
    received_at: datetime
    source: str
    kind: str
    sent: str
    settled: str = ""
    settled_by: str = ""
    settled_at: datetime | None = None


@dataclass(frozen=True)
class RefusedPage:
    """Some refused calls, newest first; ``next_cursor`` asks for those before them, None after the last."""

    calls: list[RefusedCall]
    next_cursor: int | None


def open_refused(*, reason: str = "", up_to: int | None = None) -> QuerySet[RefusedEvent]:
    """Return refused calls that nobody settled: of one reason, or of all; no newer ones than one."""
    found = RefusedEvent.objects.filter(settled=Settled.NOT_YET)
    found = found.filter(reason=reason) if reason else found
    return found.filter(pk__lte=up_to) if up_to is not None else found


def refused_calls(*, before: int | None = None, limit: int, settled: str = "", reason: str = "") -> RefusedPage:
    """Return calls that were refused, newest first, with the start of what was sent: the open ones, or those settled one way."""
    found = RefusedEvent.objects.filter(Q(id__lt=before) if before else Q(), settled=settled)
    found = (found.filter(reason=reason) if reason else found).select_related("delivery__source").order_by("-id")
    rows = list(found[: limit + 1])
    calls = [_shown(row, call_text(bytes(row.delivery.body), row.place)[:SHOWN]) for row in rows[:limit]]
    return RefusedPage(calls, rows[limit - 1].pk if len(rows) > limit else None)


def refused_call(refused: RefusedEvent) -> RefusedCall:
    """Return one refused call, whole and laid out to be changed."""
    return _shown(refused, editable(bytes(refused.delivery.body), refused.place))


def _shown(row: RefusedEvent, sent: str) -> RefusedCall:
    came = row.delivery
    return RefusedCall(row.pk, row.reason, came.received_at, came.source.name, came.kind, sent, row.settled, row.settled_by, row.settled_at)


@dataclass(frozen=True)
class RefusedReasons:
    """How many of the newest open calls were refused for which reason, the commonest first; whether there are more calls than counted."""

    counts: list[tuple[str, int]]
    is_more: bool


def refused_reasons() -> RefusedReasons:
    """Return why calls were refused that nobody settled."""
    reasons = list(open_refused().order_by("-id").values_list("reason", flat=True)[: COUNTED + 1])
    return RefusedReasons(Counter(reasons[:COUNTED]).most_common(), len(reasons) > COUNTED)


def settled_counts() -> dict[str, int]:
    """Return how many calls were mended, and how many put away."""
    found = RefusedEvent.objects.exclude(settled=Settled.NOT_YET).values_list("settled", flat=True)[:COUNTED]
    return dict(Counter(found))
