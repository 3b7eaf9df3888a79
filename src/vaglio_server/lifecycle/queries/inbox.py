"""What waits for a seller."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.models import LeadStage, SlaClock, Stage
from vaglio_server.lifecycle.queries.clocks import Due, due_of
from vaglio_server.users.models import Role, User

WAITING = (Stage.MARKETING_QUALIFIED,)  # for an answer of sales
NOBODYS = (*WAITING, Stage.SALES_QUALIFIED)  # what is nobody's and to be taken: handed over to another team, too
IN_SALES = (Stage.SALES_ACCEPTED, Stage.SALES_QUALIFIED)
LOOKED_AT = 1_000  # leads that wait, of which the most urgent are sought; of more, those that have waited longest
GRACE = timedelta(hours=4)  # from accepting a lead to saying what comes next
_UNREAD = ("lead__account__words", "lead__account__near")  # what companies are found by, and no page shows


@dataclass(frozen=True)
class Waiting:
    """A lead that waits for sales, with its promised response if one runs; ``is_kept_back``: it is given away by hand only."""

    lead: Lead
    since: datetime
    due: Due | None
    is_kept_back: bool = False


@dataclass(frozen=True)
class Waits:
    """What waits: the most urgent first, how many there are and how many of them are late; ``is_least``: there may be more of both."""

    rows: list[Waiting]
    count: int
    late: int
    is_least: bool


def inbox(user: User, now: datetime, limit: int) -> Waits:
    """Return what waits for a user: a seller's own, for others all sellers'; of these the ``limit`` most urgent."""
    return _waiting(_given(user, now), WAITING, now, limit)


def has_waiting(user: User, now: datetime) -> bool:
    """Return whether any lead waits for a user."""
    return present(_given(user, now)).filter(stage__in=WAITING).exists()


def _given(user: User, now: datetime) -> QuerySet[LeadStage]:
    """Return what a seller has, for others what all sellers have, without what is put off."""
    return standing_of(user).filter(lead__owner__isnull=False).exclude(postponed_until__gt=now)


def standing_of(user: User) -> QuerySet[LeadStage]:
    """Return where leads stand: a seller's own, for others everybody's."""
    return LeadStage.objects.filter(lead__owner=user) if user.role == Role.SALES else LeadStage.objects.all()


def present(standing: QuerySet[LeadStage]) -> QuerySet[LeadStage]:
    """Leave out leads that were merged into others, or taken back."""
    return standing.filter(lead__merged_into=None, lead__taken_back_at=None).select_related("lead__account", "lead__owner")


def queue(user: User, now: datetime, limit: int) -> Waits:
    """Return what waits for sales and is nobody's: for a seller what is in no queue or in that of their team, for others all."""
    return _waiting(nobodys_of(user), NOBODYS, now, limit)


def nobodys_of(user: User) -> QuerySet[LeadStage]:
    """Return what is nobody's and a user may take: for a seller what is in no queue or in that of their team, for others all."""
    nobodys = LeadStage.objects.filter(lead__owner=None)
    return nobodys.filter(Q(team=None) | Q(team=user.team_id)) if user.role == Role.SALES else nobodys


def first(standing: QuerySet[LeadStage], stages: Iterable[str], limit: int, *, newest: bool = False) -> list[LeadStage]:
    """Return those at some stages for longest, or for shortest, with their leads."""
    those = _first(standing, stages, limit, newest=newest)
    return list(those.select_related("lead__account", "lead__owner").defer(*_UNREAD)[:limit])


def _first(standing: QuerySet[LeadStage], stages: Iterable[str], limit: int, *, newest: bool = False) -> QuerySet[LeadStage]:
    """Return those first in order: of each stage an index has them so, of several at once it has not."""
    order = ("-since" if newest else "since", "lead")
    named, *others = (standing.filter(stage=each).order_by(*order).values("lead")[:limit] for each in stages)
    return LeadStage.objects.filter(lead__in=named.union(*others, all=True) if others else named).order_by(*order)


def _waiting(standing: QuerySet[LeadStage], stages: Iterable[str], now: datetime, limit: int) -> Waits:
    """Return the most urgent of the leads that sales has not answered yet.

    How urgent one is depends on what was promised, on hours of work and on pauses, so it is worked out of each that is looked at.
    """
    asked = ("lead", "since", "lead__owner", "lead__rank", "is_kept_back")
    rows = list(_first(present(standing), stages, LOOKED_AT).values_list(*asked)[:LOOKED_AT])
    running = SlaClock.objects.filter(lead__in=[row[0] for row in rows], ended_at=None).prefetch_related("pauses")
    due = due_of(list(running), {lead: owner for lead, _since, owner, *_rest in rows}, now)
    rows.sort(key=lambda row: (*_urgency(due.get(row[0])), row[3], row[0]))
    those = rows[:limit]
    leads = Lead.objects.select_related("account", "owner").defer("account__words", "account__near").in_bulk([row[0] for row in those])
    found = [
        Waiting(leads[lead], since, due.get(lead), is_kept_back=is_kept_back and owner is None)
        for lead, since, owner, _rank, is_kept_back in those
        if lead in leads
    ]
    return Waits(found, len(rows), sum(each.is_late for each in due.values()), is_least=len(rows) == LOOKED_AT)


def _urgency(due: Due | None) -> tuple[bool, float]:
    """Return what leads are ordered by: how long there is to answer; those for which we wait come after all that wait for us."""
    return due is not None and due.is_paused, due.left_seconds if due is not None else float("inf")


def postponed(user: User, now: datetime, limit: int) -> list[LeadStage]:
    """Return what somebody wants to see again later, the first of them first: a seller's own, for others everybody's."""
    return list(present(standing_of(user)).filter(postponed_until__gt=now, stage__in=WAITING).order_by("postponed_until", "lead")[:limit])


def without_step(now: datetime) -> Q:
    """Whether nobody says what comes next with a lead, or it should have been done; who took it on just now has time to say so."""
    return Q(next_step_at=None, since__lt=now - GRACE) | Q(next_step_at__lt=now)


def lacks_step(standing: LeadStage, now: datetime) -> bool:
    """Whether that is so of one lead in work."""
    return standing.since < now - GRACE if standing.next_step_at is None else standing.next_step_at < now


def without_next_step(user: User, now: datetime, limit: int) -> list[Lead]:
    """Return what sales has taken on of which nobody says what comes next, or not in time: a seller's own, for others everybody's."""
    idle = present(standing_of(user)).filter(without_step(now))
    return [each.lead for each in first(idle, IN_SALES, limit)]


def due_until(user: User, now: datetime, until: datetime, limit: int) -> list[LeadStage]:
    """Return leads in work with which something is due until an instant: what was said for then, then what lacks a next step.

    A seller's own, for others everybody's.
    """
    own = present(standing_of(user)).defer(*_UNREAD)
    dated = list(own.filter(next_step_at__lte=until, stage__in=IN_SALES).order_by("next_step_at", "lead")[:limit])
    room = limit - len(dated)
    return dated + (first(own.filter(without_step(now), next_step_at=None), IN_SALES, room) if room else [])


def in_work(user: User, limit: int) -> list[LeadStage]:
    """Return what sales has taken on and has not ended, the newest first: a seller's own, for others everybody's."""
    return first(present(standing_of(user)), IN_SALES, limit, newest=True)


def waits_for(user: User, lead_id: int) -> Lead | None:
    """Return a lead that a user may answer for: one that they see, or that waits for sales and is nobody's."""
    if (seen := Lead.objects.visible_to(user).filter(pk=lead_id).first()) is not None:
        return seen
    nobodys = nobodys_of(user).filter(lead=lead_id, stage__in=NOBODYS)
    return Lead.objects.present().filter(pk__in=nobodys.values("lead")).first()
