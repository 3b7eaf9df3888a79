"""What happens when nobody responds in time: the owner is told, then the leader of the team, then somebody else gets the lead.

Each step is a share of what was promised, in working time, and is taken once. Whoever gets the lead by that has a turn of their own: the
steps begin anew from when they got it. Nobody gets a lead again by themselves who let it run out, so the last turn ends in the queue, where
everybody sees it; whoever has it from there has a turn again. A late lead that is nobody's, whyever, is in the queue at once: there is no
owner to wait for, and whoever gets it next is not charged with what was before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.actions.clocks import breach
from vaglio_server.lifecycle.actions.happenings import escalated, write_happenings
from vaglio_server.lifecycle.actions.routing import arrivals_of, give_or_free
from vaglio_server.lifecycle.models import BY, Escalation, LeadStage, Queue, SlaClock, Step
from vaglio_server.lifecycle.queries import WAITING, Due, due_of

AT_ONCE = 500  # leads held at a time, as after a worker was away for long
SHARES = {Step.OWNER: 1.0, Step.LEADER: 1.5, Step.QUEUE: 2.0}
TURNS = (Step.QUEUE, Step.AGAIN)  # by which a turn ends or begins


@dataclass(frozen=True)
class _Turn:
    """Whose turn it is with a clock: the how many-th, and since when; None: since somebody has it again just now."""

    number: int
    since: datetime | None


@dataclass(frozen=True)
class _Late:
    """A clock, when it is due, and the steps that are due in a turn and were not taken."""

    clock: SlaClock
    due: Due
    turn: int
    steps: list[Step]


@transaction.atomic
def find_breaches(*, at: datetime) -> list[Escalation]:
    """Take the steps that are due for promised responses that are late, each once, and return them; where they are very many, some."""
    late = [each.clock.lead_id for each in _late(_running(), at) if each.steps][:AT_ONCE]
    if not late:
        return []
    # Whoever answers holds the lead before its clock; so do we, and leave those whom somebody answers just now.
    held = list(
        Lead.objects.select_for_update(no_key=True, skip_locked=True).filter(pk__in=late).order_by("pk").values_list("pk", flat=True)
    )
    found = _late(_running().filter(lead__in=held).select_related("lead__owner", "lead__standing"), at)
    breach([each.clock for each in found if each.clock.breached_at is None and each.due.is_late], at)
    leaders = dict(Queue.objects.filter(leader__isnull=False, leader__is_active=True).values_list("team", "leader"))
    taken = [_taken(each, step, leaders, at) for each in found for step in each.steps]
    _give_to_others([each for each in taken if each.step == Step.QUEUE], at)
    Escalation.objects.bulk_create(taken)
    told = [each for each in taken if each.step != Step.AGAIN]  # that somebody has it was told when they got it
    write_happenings(escalated(told))
    return told


def _running() -> QuerySet[SlaClock]:
    """Return the clocks that run and of which there is a step to take, now or later: what ended in the queue waits there for somebody."""
    running = SlaClock.objects.filter(ended_at=None, lead__merged_into=None, lead__taken_back_at=None)
    later = Escalation.objects.filter(clock=OuterRef("clock"), step__in=TURNS, turn__gt=OuterRef("turn"))
    in_queue = Escalation.objects.filter(~Exists(later), clock=OuterRef("pk"), step=Step.QUEUE, to=None)
    further = running.exclude(Q(lead__owner=None) & Exists(in_queue))
    return further.annotate(owner=F("lead__owner")).prefetch_related("pauses", "escalations").order_by("id")


def _late(clocks: Iterable[SlaClock], at: datetime) -> list[_Late]:
    """Return clocks with when they are due, and the steps that are due and were not taken."""
    read: list[Any] = list(clocks)  # with whose the lead is
    due = due_of(read, {each.lead_id: each.owner for each in read}, at)
    return [_looked_at(each, due[each.lead_id]) for each in read]


def _looked_at(clock: Any, due: Due) -> _Late:
    taken = list(clock.escalations.all())
    turn = _turn(clock, taken)
    if turn.since is None:
        return _Late(clock, due, turn.number, [Step.AGAIN])
    used, done = due.used_share(turn.since), {each.step for each in taken if each.turn == turn.number}
    if clock.owner is None and (turn.number or used > SHARES[Step.OWNER]):
        return _Late(clock, due, turn.number, [step for step in (SHARES if not turn.number else [Step.QUEUE]) if step not in done])
    return _Late(clock, due, turn.number, [step for step, share in SHARES.items() if step not in done and used > share])


def _turn(clock: SlaClock, taken: Sequence[Escalation]) -> _Turn:
    """Return whose turn it is, as the steps tell that were taken: one ends when the lead is given to somebody else, or to everybody."""
    begun = {each.turn: each.at for each in taken if each.step == Step.AGAIN}
    last = max((each for each in taken if each.step == Step.QUEUE), key=lambda each: each.turn, default=None)
    if last is None:
        return _Turn(0, clock.started_at)
    number = last.turn + 1
    return _Turn(number, begun.get(number, last.at if last.to_id is not None else None))


def _taken(late: _Late, step: Step, leaders: dict[int, int], at: datetime) -> Escalation:
    """Return a step that is taken; whose a lead becomes is not known yet."""
    lead = late.clock.lead
    team = lead.owner.team_id if lead.owner is not None else lead.standing.team_id
    to = {Step.OWNER: lead.owner_id, Step.LEADER: leaders.get(team or 0), Step.QUEUE: None, Step.AGAIN: lead.owner_id}
    return Escalation(clock=late.clock, turn=late.turn, step=step, at=at, owner_id=lead.owner_id, to_id=to[step])


def _give_to_others(taken: Sequence[Escalation], at: datetime) -> None:
    """Give leads to others, and write down in the steps whose they became; what somebody gave to nobody waits in the queue."""
    if not taken:
        return
    by_lead = {each.clock.lead_id: each for each in taken}
    kept_back = LeadStage.objects.filter(lead__in=by_lead, is_kept_back=True, lead__owner=None).values_list("lead", flat=True)
    with connection.cursor() as cursor:
        give_or_free(cursor, arrivals_of(cursor, by_lead.keys() - set(kept_back), WAITING, is_nobodys=False), BY, at)
    owners = dict(Lead.objects.filter(pk__in=by_lead).values_list("pk", "owner"))
    for lead, step in by_lead.items():
        step.to_id = owners[lead]
