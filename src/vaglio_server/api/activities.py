"""What a lead did."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.errors import HttpError

from vaglio_server.api.seen import lead_now
from vaglio_server.tracking.queries import page_of_activities

router = Router(tags=["activities"])


class ActivityOut(Schema):
    """Something a lead did: when, and when that became known; machines' doings are kept, and worth nothing."""

    id: int
    activity_type: str
    occurred_at: datetime
    known_at: datetime
    is_machine: bool
    properties: dict[str, Any]


class ActivityPage(Schema):
    """Some activities, newest first; ``next_cursor`` asks for those before them, None after the last."""

    activities: list[ActivityOut]
    next_cursor: str | None


@router.get("/{int:lead_id}/activities", response=ActivityPage, operation_id="activities_list")
def activities_list(request: HttpRequest, lead_id: int, cursor: str | None = None, limit: int = 50) -> Any:
    """Return what a lead did under all that it is known by, newest first."""
    try:
        page = page_of_activities(lead_now(request, lead_id), cursor=cursor, limit=max(1, min(limit, 500)))
    except ValueError as error:
        raise HttpError(422, str(error)) from error
    return ActivityPage(activities=[ActivityOut.from_orm(each) for each in page.activities], next_cursor=page.next_cursor)
