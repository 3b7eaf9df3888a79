"""What sales says of a lead that came to it: a verdict is data, and what scores are compared with."""

from datetime import datetime

from django.db import connection, transaction

from vaglio_server.crm.actions import Became, now_known, record_outcome
from vaglio_server.crm.models import Fate, Lead
from vaglio_server.lifecycle.actions.moves import Why, move
from vaglio_server.lifecycle.actions.routing import assign_by_hand
from vaglio_server.lifecycle.models import StageMove
from vaglio_server.users.models import Role, User


@transaction.atomic
def accept_lead(*, lead: Lead, seller: User, at: datetime) -> StageMove:
    """Take a lead on; one that is nobody's is the seller's then.

    Raises
    ------
    Refused
        It does not wait for sales, or was merged into another lead.
    """
    made, is_new = move(lead, "accept", Why(), seller.username, at)
    if is_new and Lead.objects.values_list("owner", flat=True).get(pk=lead.pk) is None and seller.role == Role.SALES:
        assign_by_hand(leads=[lead.pk], owner=seller, by=seller.username, at=at)
    if is_new:
        _record(made, Fate.ACCEPTED, seller)
    return made


@transaction.atomic
def reject_lead(*, lead: Lead, why: Why, seller: User, at: datetime) -> StageMove:
    """Hand a lead back, with a reason: no rating brings it again before the cool-down is over.

    Raises
    ------
    Refused
        It does not wait for sales, the reason is none of the list, or it was merged into another lead.
    """
    made, is_new = move(lead, "reject", why, seller.username, at)
    if is_new:
        _record(made, Fate.REJECTED, seller)
    return made


def _record(made: StageMove, fate: Fate, seller: User) -> None:
    """Write a verdict down as what became of the lead; not later than the database's clock says, which may be behind ours."""
    with connection.cursor() as cursor:
        occurred_at = min(made.at, now_known(cursor))
    record_outcome(lead=made.lead, became=Became(fate, occurred_at, made.reason), by=seller.username, at=made.at)
