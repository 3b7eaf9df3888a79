"""Working hours by which promised answers are counted: read, made, changed, removed."""

from datetime import UTC, datetime
from typing import Any

from ninja import Router, Schema, Status
from pydantic import Field

from vaglio_server.api.seen import found_or_404, marketer
from vaglio_server.api.tokens import WRITING
from vaglio_server.lifecycle.actions import Hours, keep_calendar, remove_calendar
from vaglio_server.lifecycle.logic.hours import DAYS, written
from vaglio_server.lifecycle.models import BusinessCalendar

router = Router(tags=["routing"])


class CalendarIn(Schema):
    """When people work: for each day from Monday the hours, from and to in minutes since its midnight; and the days off.

    Past midnight is past 1440. A day off is a day, perhaps with its name: ``2026-12-25 Christmas``. ``is_default``: for everybody who has
    none of their own.
    """

    name: str
    timezone: str
    week: list[list[tuple[int, int]]] = Field(min_length=DAYS, max_length=DAYS)
    holidays: list[str] = Field(default_factory=list)
    is_default: bool = False


class CalendarOut(CalendarIn):
    """A calendar as it is kept."""

    id: int


@router.get("/calendars", response=list[CalendarOut], operation_id="routing_calendars")
def routing_calendars(request: Any) -> Any:
    """Return the calendars, the usual one first (administrators and marketing)."""
    marketer(request)
    return list(BusinessCalendar.objects.order_by("-is_default", "name"))


@router.post("/calendars", response={201: CalendarOut}, operation_id="routing_calendars_make", auth=WRITING)
def routing_calendars_make(request: Any, body: CalendarIn) -> Any:
    """Make a calendar."""
    by = marketer(request)
    return Status(201, CalendarOut.from_orm(keep_calendar(calendar=None, says=_says(body), by=by, at=datetime.now(UTC))))


@router.put("/calendars/{int:calendar_id}", response=CalendarOut, operation_id="routing_calendars_change", auth=WRITING)
def routing_calendars_change(request: Any, calendar_id: int, body: CalendarIn) -> Any:
    """Say a calendar anew; promises that run are counted by it at once."""
    by, calendar = marketer(request), _calendar(calendar_id)
    return CalendarOut.from_orm(keep_calendar(calendar=calendar, says=_says(body), by=by, at=datetime.now(UTC)))


@router.delete("/calendars/{int:calendar_id}", response={204: None}, operation_id="routing_calendars_remove", auth=WRITING)
def routing_calendars_remove(request: Any, calendar_id: int) -> Any:
    """Remove a calendar that nobody works by."""
    by, calendar = marketer(request), _calendar(calendar_id)
    remove_calendar(calendar=calendar, by=by, at=datetime.now(UTC))
    return Status(204, None)


def _calendar(number: int) -> BusinessCalendar:
    return found_or_404(BusinessCalendar.objects.all(), number, f"there is no calendar {number}")


def _says(body: CalendarIn) -> Hours:
    """Return a calendar as people write it, so that it is checked as theirs is."""
    return Hours(body.name, body.timezone, [written(day) for day in body.week], "\n".join(body.holidays), is_default=body.is_default)
