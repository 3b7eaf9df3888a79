"""What sales says of a lead that came to it: a verdict is data, and what scores are compared with."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import Became, now_known, record_outcome, refuse_gone, take_back_outcomes, write_owners
from vaglio_server.crm.models import Fate, Lead, LeadOutcome
from vaglio_server.lifecycle.actions.happenings import given_by_hand, verdict_undone, write_happenings
from vaglio_server.lifecycle.actions.moves import Why, move, write_moves
from vaglio_server.lifecycle.actions.opinions import ask_opinion
from vaglio_server.lifecycle.actions.routing import assign_by_hand
from vaglio_server.lifecycle.models import ClockPause, LeadStage, SecondOpinion, SlaClock, Stage, StageMove
from vaglio_server.lifecycle.queries import UNDO_ACCEPT_WITHIN, may_undo_accept, newest_move, stood_since
from vaglio_server.refused import Refused
from vaglio_server.users.models import Role, User


@transaction.atomic
def accept_lead(*, lead: Lead, seller: User, at: datetime) -> StageMove:
    """Take a lead on; one that is nobody's is the seller's then, one that another team handed over already qualified too.

    Raises
    ------
    Refused
        It does not wait for sales, is another's, or was merged into another lead.
    """
    held = _hold(lead, seller)
    if (handed := _take_over(held, seller, at)) is not None:
        return handed
    _refuse_answered(held, seller, "accept")
    is_taken = held.owner_id is None and seller.role == Role.SALES
    made, is_new = move(lead, "accept", Why(), seller.username, at, is_taken=is_taken)
    if is_new and is_taken:
        assign_by_hand(leads=[lead.pk], owner=seller, by=seller.username, at=at)
    if is_new:
        _record(made, Fate.ACCEPTED, seller)
    return made


def _hold(lead: Lead, seller: User) -> Lead:
    """Take the row of a lead, and return it as it is now: it may be somebody else's since it was looked at."""
    held = Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
    refuse_gone(lead.pk)
    if held.owner_id not in (None, seller.pk) and not Lead.objects.visible_to(seller).filter(pk=lead.pk).exists():
        raise Refused(_("this lead is somebody else's now; whoever has it answers for it"))
    return held


def _refuse_answered(lead: Lead, seller: User, *verbs: str) -> None:
    """Say who was faster, where somebody else answered for a lead since it was looked at."""
    last = newest_move(lead)
    if last is None or last.verb not in verbs or last.by == seller.username:
        return
    who = User.objects.filter(username=last.by).first()
    said = _("{name} has accepted it already") if last.verb == "accept" else _("{name} has handed it back already")
    raise Refused(said.format(name=who.called if who else last.by))


def _take_over(lead: Lead, seller: User, at: datetime) -> StageMove | None:
    """Give a lead that was handed over to a team, and is nobody's, to who takes it; None of any other. Once is enough."""
    if lead.owner_id not in (None, seller.pk) or not LeadStage.objects.filter(lead=lead, stage=Stage.SALES_QUALIFIED).exists():
        return None
    last = newest_move(lead)
    if lead.owner_id is None:
        if seller.role != Role.SALES:
            raise Refused(_("it is qualified already and waits for a seller to take it; give it to one"))
        assign_by_hand(leads=[lead.pk], owner=seller, by=seller.username, at=at)
        return last
    return last if last is not None and last.by != seller.username else None


@transaction.atomic
def reject_lead(*, lead: Lead, why: Why, seller: User, at: datetime) -> StageMove:
    """Hand a lead back, with a reason: no rating brings it again before the cool-down is over.

    Raises
    ------
    Refused
        It does not wait for sales, the reason is none of the list, or it was merged into another lead.
    """
    _refuse_answered(_hold(lead, seller), seller, "accept", "reject")
    made, is_new = move(lead, "reject", why, seller.username, at)
    if is_new:
        _record(made, Fate.REJECTED, seller)
    return made


def _record(made: StageMove, fate: Fate, seller: User) -> None:
    """Write a verdict down as what became of the lead; not later than the database's clock says, which may be behind ours."""
    with connection.cursor() as cursor:
        occurred_at = min(made.at, now_known(cursor))
    ask_opinion(made, seller, made.at)
    record_outcome(lead=made.lead, became=Became(fate, occurred_at, made.reason), by=seller.username, at=made.at)


@transaction.atomic
def undo_accept(*, lead: Lead, seller: User, at: datetime) -> StageMove:
    """Take back that one accepted a lead just now, such as by a mistaken key; once is enough.

    It is whose it was and stands where it stood; its clock runs as if nobody had answered, and the verdict does not hold.

    Raises
    ------
    Refused
        It was not they who did so just now, something was done with it since, or it was merged into another lead.
    """
    held, last = _hold(lead, seller), newest_move(lead)
    if last is not None and (last.verb, last.by) == ("unaccept", seller.username):
        return last
    standing = LeadStage.objects.filter(lead=lead).first()
    if last is None or standing is None or not may_undo_accept(last, seller.username, at):
        minutes = UNDO_ACCEPT_WITHIN.seconds // 60
        raise Refused(
            _("only what you accepted yourself in the last {n} minutes, and nobody moved since, can be undone; hand it back").format(
                n=minutes
            )
        )
    if standing.next_step:
        raise Refused(_("its next step was said since it was accepted; hand it back"))
    back = StageMove(lead=held, verb="unaccept", before=last.after, after=last.before, at=at, by=seller.username, rating=held.rating)
    write_moves([back], [verdict_undone(back)])
    if last.is_taken and held.owner_id == seller.pk:
        _free(held.pk, seller.username, at)
    SecondOpinion.objects.filter(move=last, at=None).delete()  # nobody need be asked
    verdicts = LeadOutcome.objects.present().filter(lead=lead, outcome=Fate.ACCEPTED, by=seller.username).order_by("-pk")[:1]
    take_back_outcomes(outcomes=list(verdicts.values_list("pk", flat=True)), by=seller.username, at=at)
    _stand_as_before(last, standing, at)
    return back


def _stand_as_before(accepted: StageMove, standing: LeadStage, at: datetime) -> None:
    """Have a lead stand where it did for as long as it did, put off until when it was; its clock was never answered."""
    clock = SlaClock.objects.filter(lead=accepted.lead_id, met_at=accepted.at).first()
    if clock is not None:
        SlaClock.objects.filter(pk=clock.pk).update(met_at=None, ended_at=None)
    until = ClockPause.objects.filter(clock=clock, to_at__gt=at).order_by("-to_at").values_list("to_at", flat=True).first()
    since = stood_since(accepted) or standing.since
    LeadStage.objects.filter(lead=accepted.lead_id).update(since=since, postponed_until=until)


def _free(lead: int, by: str, at: datetime) -> None:
    """Have a lead be nobody's, as it was before it was accepted."""
    with connection.cursor() as cursor:
        write_happenings(given_by_hand(write_owners(cursor, {lead: None}, now_known(cursor), by=by), None, by, at))
