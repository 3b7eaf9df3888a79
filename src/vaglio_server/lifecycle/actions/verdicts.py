"""What sales says of a lead that came to it: a verdict is data, and what scores are compared with."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import Became, now_known, record_outcome, refuse_gone
from vaglio_server.crm.models import Fate, Lead
from vaglio_server.lifecycle.actions.moves import Why, move
from vaglio_server.lifecycle.actions.opinions import ask_opinion
from vaglio_server.lifecycle.actions.routing import assign_by_hand
from vaglio_server.lifecycle.models import LeadStage, Stage, StageMove
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
    made, is_new = move(lead, "accept", Why(), seller.username, at)
    if is_new and held.owner_id is None and seller.role == Role.SALES:
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


def _take_over(lead: Lead, seller: User, at: datetime) -> StageMove | None:
    """Give a lead that was handed over to a team, and is nobody's, to who takes it; None of any other. Once is enough."""
    if lead.owner_id not in (None, seller.pk) or not LeadStage.objects.filter(lead=lead, stage=Stage.SALES_QUALIFIED).exists():
        return None
    last = StageMove.objects.filter(lead=lead).order_by("-id").first()
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
    _hold(lead, seller)
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
