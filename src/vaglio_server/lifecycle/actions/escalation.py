"""What happens when nobody responds in time: the owner is told, then the leader of the team, then somebody else gets the lead.

Each step is a share of what was promised, in working time, and is taken once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, QuerySet

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.actions.routing import BY, arrivals_of, give_or_free
from vaglio_server.lifecycle.actions.telling import breached, escalated, tell
from vaglio_server.lifecycle.models import Escalation, Queue, SlaClock, Step
from vaglio_server.lifecycle.queries import WAITING, Due, due_of
from vaglio_server.users.actions import audit

AT_ONCE = 500  # leads held at a time, as after a worker was away for long
SHARES = {Step.OWNER: 1.0, Step.LEADER: 1.5, Step.QUEUE: 2.0}


@transaction.atomic
def find_breaches(*, at: datetime) -> list[Escalation]:
    """Take the steps that are due for promised responses that are late, each once, and return them; where they are very many, some."""
    late = [clock.lead_id for clock, _due, steps in _late(_running(), at) if steps][:AT_ONCE]
    if not late:
        return []
    # Whoever answers holds the lead before its clock; so do we, and leave those whom somebody answers just now.
    held = list(
        Lead.objects.select_for_update(no_key=True, skip_locked=True).filter(pk__in=late).order_by("pk").values_list("pk", flat=True)
    )
    found = _late(_running().filter(lead__in=held).select_related("lead__owner", "lead__standing"), at)
    _breach([clock for clock, due, _steps in found if clock.breached_at is None and due.is_late], at)
    leaders = dict(Queue.objects.filter(leader__isnull=False, leader__is_active=True).values_list("team", "leader"))
    taken = [_taken(clock, step, leaders, at) for clock, _due, steps in found for step in steps]
    _give_to_others([each for each in taken if each.step == Step.QUEUE], at)
    Escalation.objects.bulk_create(taken)
    tell(escalated(taken))
    return taken


def _running() -> QuerySet[SlaClock]:
    """Return the clocks that run and of which there is a step to take, now or later."""
    running = SlaClock.objects.filter(ended_at=None, lead__merged_into=None, lead__taken_back_at=None)
    further = running.exclude(pk__in=Escalation.objects.filter(step=Step.QUEUE).values("clock"))
    return further.annotate(owner=F("lead__owner")).prefetch_related("pauses", "escalations").order_by("id")


def _late(clocks: Iterable[SlaClock], at: datetime) -> list[tuple[SlaClock, Due, list[Step]]]:
    """Return clocks with when they are due, and the steps that are due and were not taken."""
    read: list[Any] = list(clocks)  # with whose the lead is
    due = due_of(read, {each.lead_id: each.owner for each in read}, at)
    return [(each, due[each.lead_id], _due_steps(each, due[each.lead_id])) for each in read]


def _due_steps(clock: SlaClock, due: Due) -> list[Step]:
    done = {each.step for each in clock.escalations.all()}
    return [step for step, share in SHARES.items() if step not in done and due.used_share > share]


def _breach(late: Sequence[SlaClock], at: datetime) -> None:
    SlaClock.objects.filter(pk__in=[each.pk for each in late]).update(breached_at=at)
    tell(breached(late, at))
    for each in late:
        audit(by=BY, verb="breach_clock", subject=f"lead:{each.lead_id}", at=at, rating=each.rating, owner=each.lead.owner_id)


def _taken(clock: SlaClock, step: Step, leaders: dict[int, int], at: datetime) -> Escalation:
    """Return a step that is taken; whose a lead becomes is not known yet."""
    lead = clock.lead
    team = lead.owner.team_id if lead.owner is not None else lead.standing.team_id
    to = {Step.OWNER: lead.owner_id, Step.LEADER: leaders.get(team or 0), Step.QUEUE: None}
    return Escalation(clock=clock, step=step, at=at, owner_id=lead.owner_id, to_id=to[step])


def _give_to_others(taken: Sequence[Escalation], at: datetime) -> None:
    """Give leads to others, and write down in the steps whose they became."""
    if not taken:
        return
    by_lead = {each.clock.lead_id: each for each in taken}
    with connection.cursor() as cursor:
        give_or_free(cursor, arrivals_of(cursor, by_lead, WAITING, is_nobodys=False), BY, at)
    owners = dict(Lead.objects.filter(pk__in=by_lead).values_list("pk", "owner"))
    for lead, step in by_lead.items():
        step.to_id = owners[lead]
