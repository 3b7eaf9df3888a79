"""From one team to the next: what those who develop leads have qualified goes to those who close."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.actions.routing import arrivals_of, give_or_free
from vaglio_server.lifecycle.logic.assignment import Route
from vaglio_server.lifecycle.models import LeadStage, Queue, Stage


@dataclass(frozen=True)
class HandedOver:
    """A lead that went to another team: in whose queue it was, and whose it is now; None: nobody's, it waits for that team."""

    team_before: int | None
    owner: int | None


def onward_of(owner: int | None) -> int | None:
    """Return the team to which that of a seller hands over; None: to none."""
    queue = Queue.objects.filter(team__members=owner, hands_over_to__isnull=False) if owner is not None else Queue.objects.none()
    return queue.values_list("hands_over_to", flat=True).first()


def hand_over(*, lead: Lead, by: str, at: datetime) -> None:
    """Give a lead that was qualified just now to the team to which its owner's hands over, if it does, in a transaction of the caller."""
    to = onward_of(Lead.objects.values_list("owner", flat=True).get(pk=lead.pk))
    if to is not None:
        hand_over_to(lead=lead, team=to, by=by, at=at)


def hand_over_to(*, lead: Lead, team: int, by: str, at: datetime, known_at: datetime | None = None) -> HandedOver:
    """Give a lead that was qualified just now to another team. ``known_at``: of what the caller writes, who held routing before that."""
    before = LeadStage.objects.values_list("team", flat=True).get(lead=lead.pk)
    with connection.cursor() as cursor:
        to = Route(team=team)
        arrivals = [replace(each, route=to) for each in arrivals_of(cursor, [lead.pk], [Stage.SALES_QUALIFIED], is_nobodys=False)]
        give_or_free(cursor, arrivals, by, at, known_at)
    return HandedOver(before, Lead.objects.values_list("owner", flat=True).get(pk=lead.pk))
