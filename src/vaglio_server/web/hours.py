"""When people work, and when they are away: calendars and sellers."""

from collections.abc import Iterable
from datetime import UTC, datetime, time
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio_server.lifecycle.actions import Hours, Selling, keep_calendar, remove_calendar, set_seller
from vaglio_server.lifecycle.logic.hours import DAYS, written
from vaglio_server.lifecycle.models import BusinessCalendar, Seller
from vaglio_server.lifecycle.queries import open_with, selling_users, zone_of
from vaglio_server.refused import Refused
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.days import instant_on
from vaglio_server.web.tried import tried
from vaglio_server.web.whole_number import whole_number

_USUAL = "9:00-13:00, 14:00-18:00"


def week_words(week: Iterable[Any]) -> str:
    """Return the hours of a week, days with the same hours together: ``Mon–Fri 9:00-18:00``."""
    found: list[tuple[list[int], str]] = []
    for day, hours in enumerate(week):
        text = written(hours)
        if found and found[-1][1] == text and found[-1][0][-1] == day - 1:
            found[-1][0].append(day)
        elif text:
            found.append(([day], text))
    return " · ".join(f"{_days(days)} {text}" for days, text in found)


def _days(days: list[int]) -> str:
    first, last = str(WEEKDAYS_ABBR[days[0]]), str(WEEKDAYS_ABBR[days[-1]])
    return first if len(days) == 1 else f"{first}–{last}"


@allowed(*MARKETERS)
def calendar_new(request: Signed) -> HttpResponse:
    """Make a calendar."""
    return _calendar(request, None)


@allowed(*MARKETERS)
def calendar_detail(request: Signed, calendar_id: int) -> HttpResponse:
    """Show a calendar and change it."""
    return _calendar(request, get_object_or_404(BusinessCalendar, pk=calendar_id))


def _calendar(request: Signed, calendar: BusinessCalendar | None) -> HttpResponse:
    says, fault = _kept(calendar), ""
    if request.method == "POST":
        says = _said(request.POST)
        try:
            keep_calendar(calendar=calendar, says=says, by=request.user.username, at=datetime.now(UTC))
        except Refused as refused:
            fault = str(refused)
        else:
            messages.success(request, _("Saved. Promises that run are counted by it from now on."))
            return redirect("routing-list")
    days = [(f"day{day}", str(WEEKDAYS[day]), text) for day, text in enumerate(says.week)]
    shown = {"calendar": calendar, "says": says, "fault": fault, "days": days, "zones": _zones()}
    return render(request, "routing/calendar_detail.html", shown)


def _said(given: QueryDict) -> Hours:
    """Return a calendar as a form says it."""
    week = [given.get(f"day{day}", "") for day in range(DAYS)]
    return Hours(given.get("name", ""), given.get("timezone", ""), week, given.get("holidays", ""), is_default="is_default" in given)


def _kept(calendar: BusinessCalendar | None) -> Hours:
    """Return a calendar as it is kept; one that is new begins with the usual hours."""
    if calendar is None:
        return Hours("", "Europe/Rome", [_USUAL] * 5 + ["", ""], is_default=not BusinessCalendar.objects.exists())
    week = [written(hours) for hours in calendar.week]
    return Hours(calendar.name, calendar.timezone, week, "\n".join(calendar.holidays), is_default=calendar.is_default)


def _zones() -> list[str]:
    """Return the time zones that are named after places."""
    return sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "posix", "right")))


@allowed(*MARKETERS)
@require_POST
def calendar_remove(request: Signed, calendar_id: int) -> HttpResponse:
    """Remove a calendar that nobody works by."""
    calendar = get_object_or_404(BusinessCalendar, pk=calendar_id)
    removing = partial(remove_calendar, calendar=calendar, by=request.user.username, at=datetime.now(UTC))
    return tried(request, removing, _("The calendar is gone."), to="routing-list")


@allowed(*MARKETERS)
def seller_detail(request: Signed, user_id: int) -> HttpResponse:
    """Show how a seller gets leads, and change it."""
    user = get_object_or_404(selling_users(), pk=user_id)
    now = datetime.now(UTC)
    if request.method == "POST":

        def put() -> object:  # what was typed is read as it is tried, so that what is wrong with it is said
            return set_seller(user=user, says=_selling(request, zone_of(user)), by=request.user.username, at=now)

        return tried(request, put, _("Saved."), to="routing-list", back=request.path)
    selling, zone = getattr(user, "selling", None), zone_of(user)
    shown = {
        "shown": user,
        "selling": selling or Seller(user=user),
        "away_from": selling.away_from.astimezone(zone).date().isoformat() if selling and selling.away_from else "",
        "away_until": selling.away_until.astimezone(zone).date().isoformat() if selling and selling.away_until else "",
        "calendars": BusinessCalendar.objects.order_by("-is_default", "name"),
        "open": open_with().get(user.pk, 0),
    }
    return render(request, "routing/seller_detail.html", shown)


def _selling(request: Signed, zone: ZoneInfo) -> Selling:
    given = request.POST
    weight, capacity = whole_number(given.get("weight", "")), whole_number(given.get("capacity", ""))
    calendar = whole_number(given.get("calendar", ""))
    if weight is None or (capacity is None and given.get("capacity", "").strip()):
        raise Refused(_("Weight and limit are whole numbers; leave the limit empty for none."))
    return Selling(
        weight,
        capacity,
        BusinessCalendar.objects.filter(pk=calendar).first() if calendar else None,
        instant_on(given.get("away_from", ""), time(), zone),
        instant_on(given.get("away_until", ""), time(), zone),
    )
