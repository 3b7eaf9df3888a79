"""Promised responses: paused while we wait for the lead."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.models import ClockPause, SlaClock
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
        raise Refused(_("the clock of this lead runs already"))
    audit(by=by, verb="resume_clock", subject=f"lead:{lead.pk}", at=at)


def _running(lead: Lead) -> SlaClock:
    clock = SlaClock.objects.select_for_update().filter(lead=lead, ended_at=None).first()
    if clock is None:
        raise Refused(_("no clock runs for this lead"))
    return clock
