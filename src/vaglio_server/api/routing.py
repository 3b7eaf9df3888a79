"""Where leads go, how teams share them, and when sellers work, to be read: rules, teams, sellers, calendars."""

from datetime import UTC, datetime, timedelta
from typing import Any

from ninja import Router, Schema
from ninja.errors import HttpError

from vaglio_server.lifecycle.models import BusinessCalendar, Share
from vaglio_server.lifecycle.queries import assigned_by_rule, open_with, queues, rules, sellers_there, selling_users
from vaglio_server.users.models import MARKETERS
from vaglio_server.users.queries import teams

router = Router(tags=["routing"])
LATELY = timedelta(days=30)


class RuleOut(Schema):
    """A rule: leads of these ratings (none: all) of whom its conditions hold go to a team or to a seller; the first that fits holds.

    ``conditions`` are filters of the list of leads. ``sent`` is how many it gave to somebody within 30 days.
    """

    id: int
    name: str
    is_on: bool
    ratings: list[str]
    conditions: list[str]
    team: str | None
    seller: str | None
    sent: int


class TeamOut(Schema):
    """A team: who leads it, how it shares what comes to it, and to which team it hands over what it has qualified."""

    name: str
    leader: str | None
    share: Share
    is_at_work_first: bool
    hands_over_to: str | None


class SellerOut(Schema):
    """A seller: which part of a team's leads they get (``weight``), how many may be open with them (None: any number) and how many are.

    ``calendar`` None: the usual one. ``is_there``: not away now.
    """

    name: str
    team: str | None
    weight: int
    capacity: int | None
    open: int
    calendar: str | None
    away_from: datetime | None
    away_until: datetime | None
    is_there: bool


class CalendarOut(Schema):
    """When people work: for each day from Monday the hours, from and to in minutes since its midnight; and the days off."""

    id: int
    name: str
    timezone: str
    week: list[list[tuple[int, int]]]
    holidays: list[Any]
    is_default: bool


def _may(request: Any) -> None:
    if request.auth.user.role not in MARKETERS:
        raise HttpError(403, "administrators and marketing look after routing")


@router.get("/rules", response=list[RuleOut], operation_id="routing_rules")
def routing_rules(request: Any) -> Any:
    """Return the rules in the order in which they are asked."""
    _may(request)
    sent = assigned_by_rule(datetime.now(UTC) - LATELY)
    return [
        RuleOut(
            id=each.pk, name=each.name, is_on=each.is_on, ratings=each.ratings, conditions=each.conditions,
            team=each.team.name if each.team else None, seller=each.user.username if each.user else None, sent=sent.get(each.pk, 0),
        )
        for each in rules()
    ]  # fmt: skip


@router.get("/teams", response=list[TeamOut], operation_id="routing_teams")
def routing_teams(request: Any) -> Any:
    """Return the teams by name, with how each shares leads."""
    _may(request)
    kept = queues()
    return [_team(each.name, kept.get(each.pk)) for each in teams()]


def _team(name: str, queue: Any) -> TeamOut:
    if queue is None:
        return TeamOut(name=name, leader=None, share=Share.MIX, is_at_work_first=False, hands_over_to=None)
    return TeamOut(
        name=name, leader=queue.leader.username if queue.leader else None, share=queue.share, is_at_work_first=queue.is_at_work_first,
        hands_over_to=queue.hands_over_to.name if queue.hands_over_to else None,
    )  # fmt: skip


@router.get("/sellers", response=list[SellerOut], operation_id="routing_sellers")
def routing_sellers(request: Any) -> Any:
    """Return everybody who sells and can sign in."""
    _may(request)
    opened, there = open_with(), {each.pk for each in sellers_there(datetime.now(UTC))}
    return [_seller(each, opened.get(each.pk, 0), each.pk in there) for each in selling_users()]


def _seller(user: Any, opened: int, is_there: bool) -> SellerOut:
    its = getattr(user, "selling", None)
    return SellerOut(
        name=user.username, team=user.team.name if user.team else None, weight=its.weight if its else 1,
        capacity=its.capacity if its else None, open=opened, calendar=its.calendar.name if its and its.calendar else None,
        away_from=its.away_from if its else None, away_until=its.away_until if its else None, is_there=is_there,
    )  # fmt: skip


@router.get("/calendars", response=list[CalendarOut], operation_id="routing_calendars")
def routing_calendars(request: Any) -> Any:
    """Return the calendars, the usual one first."""
    _may(request)
    return list(BusinessCalendar.objects.order_by("-is_default", "name"))
