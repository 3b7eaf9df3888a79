"""Promised responses: paused while we wait for the lead, and found to be late to the minute."""

from datetime import datetime

from django.db import transaction

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.actions.telling import breached, tell
from vaglio_server.lifecycle.models import ClockPause, SlaClock
from vaglio_server.lifecycle.queries import due_of
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit


@transaction.atomic
def pause_clock(*, lead: Lead, by: str, at: datetime) -> ClockPause:
    """Stop the clock of a lead for which we wait; one that stands already stays as it is.

    Raises
    ------
    Refused
        None runs.
    """
    clock = _running(lead)
    made, is_new = ClockPause.objects.get_or_create(clock=clock, to_at=None, defaults={"from_at": at, "by": by})
    if is_new:
        audit(by=by, verb="pause_clock", subject=f"lead:{lead.pk}", at=at)
    return made


@transaction.atomic
def resume_clock(*, lead: Lead, by: str, at: datetime) -> None:
    """Let the clock of a lead run on.

    Raises
    ------
    Refused
        None stands.
    """
    if not ClockPause.objects.filter(clock=_running(lead), to_at=None).update(to_at=at):
        raise Refused("the clock of this lead runs already")
    audit(by=by, verb="resume_clock", subject=f"lead:{lead.pk}", at=at)


def _running(lead: Lead) -> SlaClock:
    clock = SlaClock.objects.select_for_update().filter(lead=lead, ended_at=None).first()
    if clock is None:
        raise Refused("no clock runs for this lead")
    return clock


@transaction.atomic
def find_breaches(*, at: datetime) -> list[SlaClock]:
    """Write down which promised responses are late now, each once, and return them."""
    running = (
        SlaClock.objects.filter(ended_at=None, breached_at=None).select_for_update(skip_locked=True, of=("self",)).select_related("lead")
    )
    clocks = list(running.prefetch_related("pauses"))
    due = due_of(clocks, {each.lead_id: each.lead.owner_id for each in clocks}, at)
    late = [each for each in clocks if due[each.lead_id].is_late]
    SlaClock.objects.filter(pk__in=[each.pk for each in late]).update(breached_at=at)
    tell(breached(late, at))
    for each in late:
        audit(by="lifecycle", verb="breach_clock", subject=f"lead:{each.lead_id}", at=at, rating=each.rating, owner=each.lead.owner_id)
    return late
