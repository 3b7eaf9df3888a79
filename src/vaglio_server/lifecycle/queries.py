"""Reading where leads stand: who may get one, when promised responses are due, and what waits for a seller."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.logic.assignment import Member
from vaglio_server.lifecycle.logic.stages import Bounds, bounds
from vaglio_server.lifecycle.logic.working_time import Calendar, Span, elapsed_seconds, ends_at, promised_seconds
from vaglio_server.lifecycle.models import Assignment, BusinessCalendar, LeadStage, Seller, SlaClock, Stage, StageMove
from vaglio_server.scoring.engine import ModelDocument, document_of
from vaglio_server.scoring.queries import driving_version
from vaglio_server.users.models import Role, User

# Where no calendar is kept: Monday to Friday, nine to six with an hour's break, as clocks in UTC say.
USUAL = Calendar("UTC", (((540, 780), (840, 1080)),) * 5 + ((), ()))


def driving_document() -> ModelDocument | None:
    """Return the document whose ratings move leads."""
    version = driving_version()
    return document_of(version.text) if version is not None else None


def bounds_of(document: ModelDocument | None) -> Bounds:
    """Return the ratings that bring leads to sales and leave them there; none where no model says so."""
    return bounds(document.ratings.sales if document is not None and document.ratings is not None else ())


@lru_cache(maxsize=64)
def _calendar(timezone: str, week: tuple[Any, ...], holidays: frozenset[date]) -> Calendar:
    """Return a calendar; kept, as it knows the hours of days that it was asked for."""
    return Calendar(timezone, week, holidays)


def calendar_of(kept: BusinessCalendar | None) -> Calendar:
    """Return a stored calendar as plain values."""
    if kept is None:
        return USUAL
    week = tuple(tuple((start, end) for start, end in hours) for hours in kept.week)
    return _calendar(kept.timezone, week, frozenset(map(date.fromisoformat, kept.holidays)))


def calendars_of(users: Iterable[int | None]) -> dict[int | None, Calendar]:
    """Return the calendar by which each of some users works; that of nobody is the default."""
    default = calendar_of(BusinessCalendar.objects.filter(is_default=True).first())
    own: dict[int | None, Calendar] = {
        each.user_id: calendar_of(each.calendar)
        for each in Seller.objects.filter(user__in=users, calendar__isnull=False).select_related("calendar")
    }
    return {user: own.get(user, default) for user in users}


def members(now: datetime) -> list[Member]:
    """Return the sellers who may get leads now: they can sign in and are not away."""
    away = Q(selling__away_from__lte=now) & (Q(selling__away_until=None) | Q(selling__away_until__gt=now))
    sellers = User.objects.filter(role=Role.SALES, is_active=True).exclude(away).select_related("selling").order_by("pk")
    had: dict[int, dict[str, int]] = {}
    last: dict[int, int] = {}
    for row in Assignment.objects.values("owner", "rating").annotate(leads=Count("id"), last=Max("id")):
        had.setdefault(row["owner"], {})[row["rating"]] = row["leads"]
        last[row["owner"]] = max(last.get(row["owner"], 0), row["last"])
    in_work = (Stage.MARKETING_QUALIFIED, Stage.SALES_ACCEPTED, Stage.SALES_QUALIFIED)
    standing = LeadStage.objects.filter(stage__in=in_work, lead__owner__isnull=False)
    opened = dict(standing.values_list("lead__owner").annotate(Count("lead")))
    return [_member(each, had.get(each.pk, {}), opened.get(each.pk, 0), last.get(each.pk, 0)) for each in sellers]


def _member(user: User, had: dict[str, int], opened: int, last: int) -> Member:
    selling = getattr(user, "selling", None)
    return Member(user.pk, selling.weight if selling else 1, selling.capacity if selling else None, had, opened, last)


@dataclass(frozen=True)
class Due:
    """A promised response that runs: when it is over, and how much working time is left [seconds], less than 0 where it is late."""

    clock: SlaClock
    due_at: datetime
    left_seconds: float
    is_paused: bool

    @property
    def is_late(self) -> bool:
        """Whether it is over."""
        return self.left_seconds < 0


def due_of(clocks: Sequence[SlaClock], owners: dict[int, int | None], now: datetime) -> dict[int, Due]:
    """Return when promised responses are due, by lead; ``clocks`` come with their pauses, ``owners`` says whose calendar counts."""
    calendars = calendars_of(set(owners.values()))
    return {each.lead_id: _due(each, calendars[owners[each.lead_id]], now) for each in clocks}


def _due(clock: SlaClock, calendar: Calendar, now: datetime) -> Due:
    pauses: list[Span] = [(each.from_at, each.to_at or max(now, each.from_at)) for each in clock.pauses.all()]
    promised = promised_seconds(calendar, clock.promised_seconds)
    until = ends_at(calendar, clock.started_at, promised, pauses)
    passed = elapsed_seconds(calendar, clock.started_at, now, pauses)
    return Due(clock, until, promised - passed, any(each.to_at is None for each in clock.pauses.all()))


def due_for(lead: Lead, now: datetime) -> Due | None:
    """Return when the promised response to a lead is due; None where none runs."""
    running = list(SlaClock.objects.filter(lead=lead, ended_at=None).prefetch_related("pauses"))
    return due_of(running, {lead.pk: lead.owner_id}, now)[lead.pk] if running else None


@dataclass(frozen=True)
class Waiting:
    """A lead that waits for sales, with its promised response if one runs."""

    lead: Lead
    since: datetime
    due: Due | None


def inbox(user: User, now: datetime, limit: int) -> list[Waiting]:
    """Return what waits for a user, the most urgent first: a seller's own, for others all sellers'."""
    return _waiting(_of(user).filter(lead__owner__isnull=False), now, limit)


def _of(user: User) -> QuerySet[LeadStage]:
    """Return where leads stand: a seller's own, for others everybody's."""
    return LeadStage.objects.filter(lead__owner=user) if user.role == Role.SALES else LeadStage.objects.all()


def _present(standing: QuerySet[LeadStage]) -> QuerySet[LeadStage]:
    """Leave out leads that were merged into others, or taken back."""
    return standing.filter(lead__merged_into=None, lead__taken_back_at=None).select_related("lead__account", "lead__owner")


def queue(now: datetime, limit: int) -> list[Waiting]:
    """Return what waits for sales and is nobody's."""
    return _waiting(LeadStage.objects.filter(lead__owner=None), now, limit)


def _waiting(standing: QuerySet[LeadStage], now: datetime, limit: int) -> list[Waiting]:
    """Return leads that sales has not answered yet; where they are very many, those of whom that is so for longest."""
    rows = list(_present(standing).filter(stage=Stage.MARKETING_QUALIFIED).order_by("since", "lead")[:limit])
    leads = {each.lead_id: each.lead.owner_id for each in rows}
    running = SlaClock.objects.filter(lead__in=leads, ended_at=None).prefetch_related("pauses")
    due = due_of(list(running), leads, now)
    waiting = [Waiting(each.lead, each.since, due.get(each.lead_id)) for each in rows]
    return sorted(waiting, key=lambda each: (each.due.left_seconds if each.due else float("inf"), each.lead.rank, each.lead.pk))


def in_work(user: User, limit: int) -> list[LeadStage]:
    """Return what sales has taken on and has not ended, the newest first: a seller's own, for others everybody's."""
    found = _present(_of(user)).filter(stage__in=(Stage.SALES_ACCEPTED, Stage.SALES_QUALIFIED))
    return list(found.order_by("-since", "lead")[:limit])


def waits_for(user: User, lead_id: int) -> Lead | None:
    """Return a lead that a user may answer for: one that they see, or that waits for sales and is nobody's."""
    if (seen := Lead.objects.visible_to(user).filter(pk=lead_id).first()) is not None:
        return seen
    nobodys = LeadStage.objects.filter(lead=lead_id, stage=Stage.MARKETING_QUALIFIED, lead__owner=None)
    return Lead.objects.present().filter(pk__in=nobodys.values("lead")).first()


def stage_of(lead: Lead) -> LeadStage | None:
    """Return where a lead stands; None: it is an inquiry."""
    return LeadStage.objects.filter(lead=lead).first()


def moves_of(lead: Lead, *, before: datetime | None = None) -> QuerySet[StageMove]:
    """Return how a lead came where it stands, newest first."""
    return StageMove.objects.filter(Q(at__lt=before) if before else Q(), lead=lead).order_by("-id")
