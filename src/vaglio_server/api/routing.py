"""How teams share leads, and how sellers get them: read and said."""

from datetime import UTC, datetime
from typing import Any

from ninja import Router, Schema

from vaglio_server.api.exact import Moment
from vaglio_server.api.rules import seller_called, team_named
from vaglio_server.api.seen import found_or_404, marketer, named_or_404
from vaglio_server.api.tokens import WRITING
from vaglio_server.lifecycle.actions import Selling, Sharing, set_queue, set_seller
from vaglio_server.lifecycle.models import BusinessCalendar, Share
from vaglio_server.lifecycle.queries import open_with, queues, sellers_there, selling_users
from vaglio_server.users.models import Team, User
from vaglio_server.users.queries import teams

router = Router(tags=["routing"])


class TeamOut(Schema):
    """A team: who leads it, by user name, how it shares what comes to it, and to which team it hands over what it has qualified."""

    id: int
    name: str
    leader: str | None
    share: Share
    is_at_work_first: bool
    hands_over_to: str | None


class TeamIn(Schema):
    """How a team is to share what comes to it, whole; ``hands_over_to`` is the name of a team."""

    leader: str | None = None
    share: Share = Share.MIX
    is_at_work_first: bool = False
    hands_over_to: str | None = None


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


class SellerIn(Schema):
    """How a seller is to get leads, whole: a weight of 0 gets none, without ``capacity`` there is no limit; ``calendar`` by name."""

    weight: int = 1
    capacity: int | None = None
    calendar: str | None = None
    away_from: Moment | None = None
    away_until: Moment | None = None


@router.get("/teams", response=list[TeamOut], operation_id="routing_teams")
def routing_teams(request: Any) -> Any:
    """Return the teams by name, with how each shares leads."""
    marketer(request)
    kept = queues()
    return [_team(each, kept.get(each.pk)) for each in teams()]


@router.put("/teams/{int:team_id}", response=TeamOut, operation_id="routing_teams_change", auth=WRITING)
def routing_teams_change(request: Any, team_id: int, body: TeamIn) -> Any:
    """Say how a team shares leads, who leads it, and to which team it hands over what it has qualified."""
    by, team = marketer(request), found_or_404(Team.objects.all(), team_id, f"there is no team {team_id}")
    onward = team_named(body.hands_over_to) if body.hands_over_to is not None else None
    leader = _leader(body.leader) if body.leader is not None else None
    says = Sharing(leader, body.share, body.is_at_work_first, onward)
    return _team(team, set_queue(team=team, says=says, by=by, at=datetime.now(UTC)))


def _leader(name: str) -> User:
    return named_or_404(User.objects.all(), f"there is no user {name[:100]}", username=name)


def _team(team: Team, queue: Any) -> TeamOut:
    if queue is None:
        return TeamOut(id=team.pk, name=team.name, leader=None, share=Share.MIX, is_at_work_first=False, hands_over_to=None)
    return TeamOut(
        id=team.pk, name=team.name, leader=queue.leader.username if queue.leader else None, share=queue.share,
        is_at_work_first=queue.is_at_work_first, hands_over_to=queue.hands_over_to.name if queue.hands_over_to else None,
    )  # fmt: skip


@router.get("/sellers", response=list[SellerOut], operation_id="routing_sellers")
def routing_sellers(request: Any) -> Any:
    """Return everybody who sells and can sign in."""
    marketer(request)
    opened, there = open_with(), {each.pk for each in sellers_there(datetime.now(UTC))}
    return [_seller(each, opened.get(each.pk, 0), each.pk in there) for each in selling_users()]


def _seller(user: Any, opened: int, is_there: bool) -> SellerOut:
    its = getattr(user, "selling", None)
    return SellerOut(
        name=user.username, team=user.team.name if user.team else None, weight=its.weight if its else 1,
        capacity=its.capacity if its else None, open=opened, calendar=its.calendar.name if its and its.calendar else None,
        away_from=its.away_from if its else None, away_until=its.away_until if its else None, is_there=is_there,
    )  # fmt: skip


@router.put("/sellers/{name}", response=SellerOut, operation_id="routing_sellers_change", auth=WRITING)
def routing_sellers_change(request: Any, name: str, body: SellerIn) -> Any:
    """Say how a seller gets leads, and when they are away."""
    by, user, now = marketer(request), seller_called(name), datetime.now(UTC)
    calendar = _calendar(body.calendar) if body.calendar is not None else None
    set_seller(user=user, says=Selling(body.weight, body.capacity, calendar, body.away_from, body.away_until), by=by, at=now)
    return _seller(seller_called(name), open_with().get(user.pk, 0), user in sellers_there(now))


def _calendar(name: str) -> BusinessCalendar:
    return named_or_404(BusinessCalendar.objects.all(), f"there is no calendar {name[:100]}", name=name)
