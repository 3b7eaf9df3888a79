"""From one team to the next: what those who develop leads have qualified goes to those who close."""

from dataclasses import replace
from datetime import datetime

from django.db import connection

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.actions.routing import arrivals_of, give_or_free
from vaglio_server.lifecycle.logic.assignment import Route
from vaglio_server.lifecycle.models import Queue, Stage


def hand_over(*, lead: Lead, by: str, at: datetime) -> None:
    """Give a lead that was qualified just now to the team to which its owner's hands over, if it does, in a transaction of the caller."""
    owner = Lead.objects.select_related("owner").get(pk=lead.pk).owner
    if owner is None or owner.team_id is None:
        return
    queue = Queue.objects.filter(team=owner.team_id, hands_over_to__isnull=False).first()
    if queue is None:
        return
    with connection.cursor() as cursor:
        to = Route(team=queue.hands_over_to_id)
        arrivals = [replace(each, route=to) for each in arrivals_of(cursor, [lead.pk], [Stage.SALES_QUALIFIED], is_nobodys=False)]
        give_or_free(cursor, arrivals, by, at)
