"""Who may get leads, and what they had."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet

from vaglio_server.lifecycle.logic.assignment import Member, Pool
from vaglio_server.lifecycle.models import Assignment, LeadStage, Queue, Share, Stage
from vaglio_server.lifecycle.queries.clocks import calendars_of
from vaglio_server.users.models import Role, User

LOOKED_BACK = timedelta(days=90)  # what was given before counts no more
_INVITED = Q(link_made_at__isnull=False, last_login=None)  # and did not come in yet: nobody would answer their leads
_Had = tuple[dict[int, dict[str, int]], dict[int, int]]
IN_WORK = (Stage.MARKETING_QUALIFIED, Stage.SALES_ACCEPTED, Stage.SALES_QUALIFIED)


def sellers_there(now: datetime) -> list[User]:
    """Return the sellers who may get leads now: they can sign in, came in once where they were invited, and are not away."""
    away = Q(selling__away_from__lte=now) & (Q(selling__away_until=None) | Q(selling__away_until__gt=now))
    return list(
        User.objects.filter(role=Role.SALES, is_active=True).exclude(away).exclude(_INVITED).select_related("selling").order_by("pk")
    )


def selling_users() -> QuerySet[User]:
    """Return everybody who sells and can sign in, by name, with how they get leads."""
    found = User.objects.filter(role=Role.SALES, is_active=True).select_related("selling__calendar", "team")
    return found.order_by("team__name", "first_name", "username")


def queues() -> dict[int, Queue]:
    """Return how teams share leads, by team."""
    return {each.team_id: each for each in Queue.objects.select_related("leader", "hands_over_to")}


def pools(teams: Iterable[int | None], now: datetime) -> dict[int | None, Pool]:
    """Return among whom leads of some teams are shared; under None all sellers."""
    there = sellers_there(now)
    queues = {each.team_id: each for each in Queue.objects.filter(team__in=[team for team in teams if team is not None])}
    is_clock_asked = any(each.is_at_work_first for each in queues.values())
    calendars = calendars_of([each.pk for each in there]) if is_clock_asked else {}
    at_work = {user for user, calendar in calendars.items() if calendar.is_open(now)}
    opened = open_with() if _is_load_asked(there, queues.values()) else {}
    those = {team: [each for each in there if team is None or each.team_id == team] for team in {None, *teams}}
    given = _given(those, now)
    found: dict[int | None, Pool] = {}
    for team, sellers in those.items():
        had, last = given[team]
        members = tuple(
            _member(each, had.get(each.pk, {}), opened.get(each.pk, 0), last.get(each.pk, 0), is_at_work=each.pk in at_work)
            for each in sellers
        )
        queue = queues.get(team or 0)
        found[team] = Pool(members, queue is not None and queue.share == Share.LOAD, queue is not None and queue.is_at_work_first)
    return found


def _is_load_asked(sellers: Iterable[User], queues: Iterable[Queue]) -> bool:
    """Return whether it matters how much is open with whom: it is counted over all that is in work."""
    return any(_capacity(each) is not None for each in sellers) or any(each.share == Share.LOAD for each in queues)


def open_with() -> Mapping[int, int]:
    """Return how many leads are open with each seller."""
    standing = LeadStage.objects.filter(stage__in=IN_WORK, lead__owner__isnull=False, lead__merged_into=None, lead__taken_back_at=None)
    return dict(standing.values_list("lead__owner").annotate(Count("lead")))


def _given(those: Mapping[int | None, list[User]], now: datetime) -> dict[int | None, _Had]:
    """Return what the sellers of each team were given since they share as they do now; of teams that do so since one instant at once."""
    by_since: dict[datetime, list[int | None]] = {}
    for team, sellers in those.items():
        by_since.setdefault(max([now - LOOKED_BACK, *(_since(each, now) for each in sellers)]), []).append(team)
    found: dict[int | None, _Had] = {}
    for since, teams in by_since.items():
        found |= dict.fromkeys(teams, _had({each.pk for team in teams for each in those[team]}, since))
    return found


def _had(sellers: Collection[int], since: datetime) -> _Had:
    """Return what each of some sellers was given of each rating since an instant, and the number of the last."""
    had: dict[int, dict[str, int]] = {}
    last: dict[int, int] = {}
    given = Assignment.objects.filter(owner__in=sellers, at__gte=since)
    for row in given.values("owner", "rating").annotate(leads=Count("id"), last=Max("id")):
        had.setdefault(row["owner"], {})[row["rating"]] = row["leads"]
        last[row["owner"]] = max(last.get(row["owner"], 0), row["last"])
    return had, last


def _since(user: User, now: datetime) -> datetime:
    """Return since when somebody takes part as they do now; what others had before is no debt to them."""
    selling = getattr(user, "selling", None)
    back = selling.away_until if selling and selling.away_until and selling.away_until <= now else None
    return max(each for each in (user.date_joined, user.team_since, selling.since if selling else None, back) if each is not None)


def _member(user: User, had: dict[str, int], opened: int, last: int, *, is_at_work: bool) -> Member:
    selling = getattr(user, "selling", None)
    return Member(user.pk, selling.weight if selling else 1, _capacity(user), had, opened, last, is_at_work)


def _capacity(user: User) -> int | None:
    selling = getattr(user, "selling", None)
    return selling.capacity if selling else None
