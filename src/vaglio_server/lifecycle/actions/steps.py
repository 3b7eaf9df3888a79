"""What a seller does next with a lead, and when: a step that is said, or the lead seen again later."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import refuse_gone
from vaglio_server.crm.models import Lead, among
from vaglio_server.lifecycle.actions.clocks import end_wait
from vaglio_server.lifecycle.models import ClockPause, LeadStage, SlaClock, Stage
from vaglio_server.lifecycle.queries import IN_SALES
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit

LONGEST = 200
FURTHEST = timedelta(days=366)


@transaction.atomic
def postpone_lead(*, lead: Lead, until: datetime, by: str, at: datetime) -> LeadStage:
    """See a lead again later that waits for an answer: its clock stands until then, as it was the lead who asked for it.

    Raises
    ------
    Refused
        It does not wait, or not so long.
    """
    standing = _held(lead)
    if standing.stage != Stage.MARKETING_QUALIFIED:
        raise Refused(_("only a lead that waits for an answer is postponed; say the next step of one that is in work"))
    _check(until, at)
    clock = SlaClock.objects.select_for_update().filter(lead=lead, ended_at=None).first()
    if clock is not None:
        _end_postponing(Q(clock=clock), at)  # another day was said before
        end_wait(clock, at)
        ClockPause.objects.create(clock=clock, from_at=at, to_at=until, by=by)
    standing.postponed_until = until
    standing.save(update_fields=["postponed_until"])
    audit(by=by, verb="postpone_lead", subject=f"lead:{lead.pk}", at=at, until=until.isoformat())
    return standing


@transaction.atomic
def show_again(*, lead: Lead, by: str, at: datetime) -> LeadStage:
    """See a lead now that was to be seen again later: its clock runs on.

    Raises
    ------
    Refused
        It was not put off, or its day has come.
    """
    standing = _held(lead)
    if not show_at_once([lead.pk], at):
        raise Refused(_("this lead was not put off, or its day has come"))
    audit(by=by, verb="show_lead_again", subject=f"lead:{lead.pk}", at=at)
    standing.refresh_from_db(fields=["postponed_until"])
    return standing


def show_at_once(leads: Collection[int], at: datetime) -> int:
    """End that leads were put off; return how many were. What is known of them is held."""
    many = LeadStage.objects.filter(among(leads), postponed_until__gt=at).update(postponed_until=None)
    if many:
        _end_postponing(among(leads, "clock__lead") & Q(clock__ended_at=None), at)
    return many


def _end_postponing(those: Q, at: datetime) -> None:
    """End pauses that go on until a day; somebody may have begun one since we looked at the time."""
    ClockPause.objects.filter(those, to_at__gt=at).update(to_at=Greatest(F("from_at"), Value(at)))


@transaction.atomic
def say_next_step(*, lead: Lead, step: str, on: datetime | None, by: str, at: datetime) -> LeadStage:
    """Say what is done next with a lead that sales has taken on, and when; without a text there is none.

    Raises
    ------
    Refused
        It is not in work, or the day is past or too far.
    """
    standing, step = _held(lead), " ".join(step.split())
    if standing.stage not in IN_SALES:
        raise Refused(_("only a lead that sales has taken on has a next step"))
    if len(step) > LONGEST or "\x00" in step:
        raise Refused(_("a next step is text of at most {longest} characters").format(longest=LONGEST))
    if step and on is None:
        raise Refused(_("say when: a step without a day is none"))
    if on is not None and on != standing.next_step_at:  # what is late already may be kept so, while something else is said
        _check(on, at)
    standing.next_step, standing.next_step_at = step, on if step else None
    standing.save(update_fields=["next_step", "next_step_at"])
    audit(by=by, verb="say_next_step", subject=f"lead:{lead.pk}", at=at, step=step, on=on.isoformat() if on and step else None)
    return standing


def _held(lead: Lead) -> LeadStage:
    Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
    refuse_gone(lead.pk)
    standing = LeadStage.objects.filter(lead=lead).first()
    return standing or LeadStage(lead=lead, stage=Stage.INQUIRY)


def _check(until: datetime, at: datetime) -> None:
    if not at < until <= at + FURTHEST:
        raise Refused(_("give a day after now, within a year"))
