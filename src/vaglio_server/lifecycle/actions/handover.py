"""From one team to the next: what those who develop leads have qualified goes to those who close."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.actions.routing import arrivals_of, give_or_free
from vaglio_server.lifecycle.logic.assignment import Route
from vaglio_server.lifecycle.models import LeadStage, Stage


@dataclass(frozen=True)
class HandedOver:
    """A lead that went to another team: in whose queue it was, and whose it is now; None: nobody's, it waits for that team."""

    team_before: int | None
    owner: int | None


def hand_over(*, lead: Lead, by: str, at: datetime, known_at: datetime | None = None) -> HandedOver | None:
    """Give a lead that was qualified just now to the team to which its owner's hands over, in a transaction of the caller.

    None: that hands over to nobody. ``known_at``: of what the caller writes.
    """
    onward = "lead__owner__team__queue__hands_over_to"
    found = LeadStage.objects.filter(lead=lead.pk, **{f"{onward}__isnull": False}).values_list("team", onward).first()
    if found is None:
        return None
    with connection.cursor() as cursor:
        to = Route(team=found[1])
        arrivals = [replace(each, route=to) for each in arrivals_of(cursor, [lead.pk], [Stage.SALES_QUALIFIED], is_nobodys=False)]
        give_or_free(cursor, arrivals, by, at, known_at)
    return HandedOver(found[0], Lead.objects.values_list("owner", flat=True).get(pk=lead.pk))
