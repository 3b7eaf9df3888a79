"""Promised responses: paused while we wait for the lead.

A pause of which nobody says that it is over ends by itself, see :func:`vaglio_server.lifecycle.queries.answered_at`: that is never written,
until the next one begins or somebody says so.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import refuse_gone
from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.actions.happenings import breached, write_happenings
from vaglio_server.lifecycle.models import BY, ClockPause, SlaClock
from vaglio_server.lifecycle.queries import answered_at, due_of
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit


@transaction.atomic
def pause_clock(*, lead: Lead, by: str, at: datetime) -> ClockPause:
    """Stop the clock of a lead for which we wait; one that stands already stays as it is.

    Raises
    ------
    Refused
        None runs, or the lead was merged into another.
    """
    clock = _running(lead)
    standing = _standing(clock, at)
    if standing is not None:
        return standing
    audit(by=by, verb="pause_clock", subject=f"lead:{lead.pk}", at=at)
    return ClockPause.objects.create(clock=clock, from_at=at, by=by)


@transaction.atomic
def resume_clock(*, lead: Lead, by: str, at: datetime) -> None:
    """Let the clock of a lead run on that stands because we wait for it.

    Raises
    ------
    Refused
        None stands, or the lead was merged into another.
    """
    standing = _standing(_running(lead), at)
    if standing is None:
        raise Refused(_("the clock of this lead runs already"))
    _end(standing, at)
    audit(by=by, verb="resume_clock", subject=f"lead:{lead.pk}", at=at)


def note_late(leads: Collection[int], at: datetime) -> None:
    """Write down of leads that are answered now which answers come too late, should no worker have looked since their time was over."""
    running: list[SlaClock] = list(
        SlaClock.objects.filter(lead__in=leads, ended_at=None, breached_at=None).select_related("lead__owner").prefetch_related("pauses")
    )
    due = due_of(running, {each.lead_id: each.lead.owner_id for each in running}, at)
    breach([each for each in running if due[each.lead_id].is_late], at)


def breach(late: Sequence[SlaClock], at: datetime) -> None:
    """Write down that promised responses are late; ``late`` come with their leads."""
    if not late:
        return
    SlaClock.objects.filter(pk__in=[each.pk for each in late]).update(breached_at=at)
    write_happenings(breached(late, at))
    for each in late:
        audit(by=BY, verb="breach_clock", subject=f"lead:{each.lead_id}", at=at, rating=each.rating, owner=each.lead.owner_id)


def end_wait(clock: SlaClock, at: datetime) -> None:
    """Write down when the wait for a lead was over: now, if it was not by itself. The clock is held."""
    if (standing := _standing(clock, at)) is not None:
        _end(standing, at)


def _standing(clock: SlaClock, at: datetime) -> ClockPause | None:
    """Return the pause by which a clock stands now; of one that ended by itself it is written when."""
    found = ClockPause.objects.filter(clock=clock, to_at=None).first()
    if found is None:
        return None
    ended = answered_at([found], {clock.pk: clock.lead_id})[found.pk]
    if at < ended:
        return found
    _end(found, ended)
    return None


def _end(pause: ClockPause, at: datetime) -> None:
    pause.to_at = max(at, pause.from_at)  # somebody may have begun to wait since we looked at the time
    pause.save(update_fields=["to_at"])


def _running(lead: Lead) -> SlaClock:
    Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
    refuse_gone(lead.pk)
    clock = SlaClock.objects.select_for_update().filter(lead=lead, ended_at=None).first()
    if clock is None:
        raise Refused(_("no clock runs for this lead"))
    return clock
