"""Refused events: what could not be taken, why, and once more."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.errors import HttpError

from vaglio_server.api.seen import found_or_404
from vaglio_server.api.tokens import WRITING
from vaglio_server.crm.queries import LARGEST_ID
from vaglio_server.tracking.actions import replay_refused
from vaglio_server.tracking.models import RefusedEvent
from vaglio_server.tracking.queries import REFUSED_SEEN_BY, refused_calls

router = Router(tags=["refused events"])


class RefusedOut(Schema):
    """A call that was refused, with the start of what was sent."""

    id: int
    reason: str
    received_at: datetime
    source: str
    kind: str
    sent: str


class RefusedPageOut(Schema):
    """Some refused calls, newest first; ``next_cursor`` asks for those before them."""

    calls: list[RefusedOut]
    next_cursor: int | None


class Replayed(Schema):
    """How many calls of the request are given to the workers again."""

    calls: int


def _may(request: Any) -> None:
    if request.auth.user.role not in REFUSED_SEEN_BY:
        raise HttpError(403, "refused events hold what anybody sent; administrators and marketing see them")


@router.get("", response=RefusedPageOut, operation_id="refused_list")
def refused_list(request: HttpRequest, cursor: int | None = None, limit: int = 50) -> Any:
    """Return refused calls, newest first."""
    _may(request)
    return refused_calls(before=cursor if cursor is None or 0 <= cursor <= LARGEST_ID else None, limit=max(1, min(limit, 200)))


@router.post("/{int:refused_id}/replay", response=Replayed, operation_id="refused_replay", auth=WRITING)
def refused_replay(request: Any, refused_id: int) -> Replayed:
    """Give the request with this call to the workers again; calls that were taken are not taken twice."""
    _may(request)
    refused = found_or_404(RefusedEvent.objects.all(), refused_id, f"there is no refused event {refused_id}")
    return Replayed(calls=replay_refused(refused=refused, by=request.auth.user.username, at=datetime.now(UTC)))
