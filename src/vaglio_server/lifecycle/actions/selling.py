"""How teams and sellers get leads, and when they work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.lifecycle.logic.hours import UnclearHours, known_zone, read_holidays, read_week
from vaglio_server.lifecycle.models import BusinessCalendar, Queue, Seller, Share, Wanted
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit
from vaglio_server.users.models import Role, Team, User

LONGEST_NAME, MOST_WEIGHT, MOST_CAPACITY = 100, 100, 100_000


@dataclass(frozen=True)
class Sharing:
    """How a team shares leads, see :class:`Queue`."""

    leader: User | None = None
    share: str = Share.MIX
    is_at_work_first: bool = False
    hands_over_to: Team | None = None


@transaction.atomic
def set_queue(*, team: Team, says: Sharing, by: str, at: datetime) -> Queue:
    """Say how a team shares leads, who leads it and to whom it hands over.

    Raises
    ------
    Refused
        It hands over to itself, in a circle, or shares in no known way; who shall lead it is no seller who can sign in. Who leads it
        already stays.
    """
    before = Queue.objects.select_for_update().filter(team=team).first()
    if says.share not in Share.values:
        raise Refused(
            _("{share!r} is no way to share; choose one of {values}").format(share=says.share[:40], values=", ".join(Share.values))
        )
    is_new = says.leader is not None and (before is None or before.leader_id != says.leader.pk)
    if says.leader is not None and is_new and not (says.leader.role == Role.SALES and says.leader.is_active):
        raise Refused(_("{called} is no seller who can sign in; choose another leader").format(called=says.leader.called))
    if says.hands_over_to is not None and team.pk in _line(says.hands_over_to):
        raise Refused(
            _("{team} and {hands_over_to} would hand over to each other in a circle").format(team=team, hands_over_to=says.hands_over_to)
        )
    kept, _made = Queue.objects.update_or_create(
        team=team,
        defaults={
            "leader": says.leader, "share": says.share, "is_at_work_first": says.is_at_work_first, "hands_over_to": says.hands_over_to
        },
    )  # fmt: skip
    audit(
        by=by, verb="set_queue", subject=f"team:{team.pk}", at=at, leader=says.leader.pk if says.leader else None, share=says.share,
        is_at_work_first=says.is_at_work_first, hands_over_to=says.hands_over_to.pk if says.hands_over_to else None,
    )  # fmt: skip
    return kept


def _line(team: Team) -> set[int]:
    """Return a team and those to whom its leads go on, one after the other."""
    onward = dict(Queue.objects.filter(hands_over_to__isnull=False).values_list("team", "hands_over_to"))
    found: set[int] = set()
    each: int | None = team.pk
    while each is not None and each not in found:
        found.add(each)
        each = onward.get(each)
    return found


@dataclass(frozen=True)
class Selling:
    """How a seller gets leads, see :class:`Seller`."""

    weight: int = 1
    capacity: int | None = None
    calendar: BusinessCalendar | None = None
    away_from: datetime | None = None
    away_until: datetime | None = None


@transaction.atomic
def set_seller(*, user: User, says: Selling, by: str, at: datetime) -> Seller:
    """Say how a seller gets leads; a new weight counts from now on.

    Raises
    ------
    Refused
        A number does not fit, or they would be back before they leave.
    """
    if not 0 <= says.weight <= MOST_WEIGHT:
        raise Refused(_("a weight is a number from 0 (gets none) to {most_weight}").format(most_weight=MOST_WEIGHT))
    if says.capacity is not None and not 0 <= says.capacity <= MOST_CAPACITY:
        raise Refused(_("a limit is a number from 0 to {most_capacity:,}; without one there is none").format(most_capacity=MOST_CAPACITY))
    if says.away_until is not None and (says.away_from is None or says.away_until <= says.away_from):
        raise Refused(_("they would be back before they leave; give the first day away and the first day back"))
    before = Seller.objects.select_for_update().filter(user=user).first()
    is_new_share = before is None or before.weight != says.weight
    kept, _made = Seller.objects.update_or_create(
        user=user,
        defaults={
            "weight": says.weight, "capacity": says.capacity, "calendar": says.calendar, "away_from": says.away_from,
            "away_until": says.away_until, "since": at if is_new_share else before.since if before else None,
        },
    )  # fmt: skip
    audit(
        by=by, verb="set_seller", subject=f"user:{user.pk}", at=at, weight=says.weight, capacity=says.capacity,
        calendar=says.calendar.pk if says.calendar else None, away_from=_text(says.away_from), away_until=_text(says.away_until),
    )  # fmt: skip
    return kept


@transaction.atomic
def set_mails(*, user: User, mails: str, by: str, at: datetime) -> Seller:
    """Say which mails a seller gets.

    Raises
    ------
    Refused
        It is no choice.
    """
    if mails not in Wanted.values:
        raise Refused(_("choose one of {values}").format(values=", ".join(Wanted.values)))
    kept, _made = Seller.objects.update_or_create(user=user, defaults={"mails": mails})
    audit(by=by, verb="set_mails", subject=f"user:{user.pk}", at=at, mails=mails)
    return kept


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


@dataclass(frozen=True)
class Hours:
    """A calendar as somebody writes it: a time zone, the hours of Monday to Sunday, days off one a line."""

    name: str
    timezone: str
    week: Sequence[str]
    holidays: str = ""
    is_default: bool = False


@transaction.atomic
def keep_calendar(*, calendar: BusinessCalendar | None, says: Hours, by: str, at: datetime) -> BusinessCalendar:
    """Make a calendar, or change one: promises that run are counted by it at once.

    Raises
    ------
    Refused
        Something does not fit.
    """
    name = " ".join(says.name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(_("a calendar has a name of up to {longest_name} characters").format(longest_name=LONGEST_NAME))
    kept = calendar or BusinessCalendar()
    if BusinessCalendar.objects.filter(name__iexact=name).exclude(pk=kept.pk).exists():
        raise Refused(_("there is a calendar called {name} already").format(name=name))
    try:
        kept.timezone, kept.holidays = known_zone(says.timezone), read_holidays(says.holidays)
        kept.week = [list(map(list, hours)) for hours in read_week(says.week)]
    except UnclearHours as fault:
        raise Refused(str(fault)) from fault
    kept.name = name
    if says.is_default and not kept.is_default:
        BusinessCalendar.objects.filter(is_default=True).update(is_default=False)
    kept.is_default = says.is_default
    kept.save()
    audit(by=by, verb="keep_calendar", subject=f"calendar:{kept.pk}", at=at, name=name, timezone=kept.timezone, week=kept.week,
          holidays=kept.holidays, is_default=kept.is_default)  # fmt: skip
    return kept


@transaction.atomic
def remove_calendar(*, calendar: BusinessCalendar, by: str, at: datetime) -> None:
    """Remove a calendar that nobody works by.

    Raises
    ------
    Refused
        Somebody does.
    """
    users = [each.user.called for each in Seller.objects.filter(calendar=calendar).select_related("user")[:5]]
    if users:
        raise Refused(_("{users} work by it; give them another calendar first").format(users=", ".join(users)))
    audit(by=by, verb="remove_calendar", subject=f"calendar:{calendar.pk}", at=at, name=calendar.name)
    calendar.delete()
