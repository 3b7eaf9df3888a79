"""Where leads stand follows what files and other systems tell of them, also of leads that were rated before; once a person moved a lead
here, it stands where they put it.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction

from vaglio_server.crm.models import Lead, LeadOutcome
from vaglio_server.lifecycle.actions.crossings import BROUGHT, brought, hold, look_at
from vaglio_server.lifecycle.actions.moves import write_moves
from vaglio_server.lifecycle.logic.stages import TRANSITIONS, Policy, Stage, Standing, decide
from vaglio_server.lifecycle.models import BY, LeadStage, StageMove
from vaglio_server.lifecycle.queries import bounds_of, driving_document


@transaction.atomic
def take_outcomes(*, limit: int, policy: Policy, at: datetime) -> int:
    """Let leads stand where what became of them says, if that was told or taken back since, and return how many leads were looked at.

    That is where they would stand had it been told before they were rated: nothing runs and nobody is told of what is past. One that waits
    for sales meanwhile is taken back from there.
    """
    leads = list(LeadOutcome.objects.filter(waits=True).order_by("lead").values_list("lead_id", flat=True).distinct()[:limit])
    if leads:
        with connection.cursor() as cursor:
            hold(cursor, leads)
            LeadOutcome.objects.filter(lead__in=leads, waits=True).update(waits=False)
            _follow(leads, policy, at)
            look_at(cursor, leads, policy, at)
    return len(leads)


def _follow(leads: Collection[int], policy: Policy, at: datetime) -> None:
    moved = StageMove.objects.filter(lead__in=leads).exclude(by=BY).values_list("lead_id", flat=True)
    free = Lead.objects.present().filter(pk__in=leads).exclude(pk__in=list(moved)).in_bulk()
    stands = {each.lead_id: (Stage(each.stage), each.since) for each in LeadStage.objects.filter(lead__in=free)}
    told, limits = brought(list(free)), bounds_of(driving_document())
    goes: dict[int, tuple[Stage, datetime]] = {}
    for number, lead in sorted(free.items()):
        now = stands.get(number, (Stage.INQUIRY, None))
        there = told.get(number, (Stage.INQUIRY, at) if now[0] in BROUGHT.values() else None)
        if there is None or there == now:
            continue
        comes_again = decide(Standing(there[0], there[1], lead.rating), limits, policy, at).move == "qualify"
        if now[0] != Stage.MARKETING_QUALIFIED or not comes_again:
            goes[number] = there
    waited = [free[number] for number in goes if number in stands and stands[number][0] == Stage.MARKETING_QUALIFIED]
    write_moves([_withdrawn(lead, at) for lead in waited])
    rows = [LeadStage(lead_id=number, stage=stage, since=since) for number, (stage, since) in goes.items()]
    LeadStage.objects.bulk_create(rows, update_conflicts=True, unique_fields=["lead"], update_fields=["stage", "since", "look_again_at"])


def _withdrawn(lead: Lead, at: datetime) -> StageMove:
    after = TRANSITIONS["withdraw"].after
    return StageMove(lead=lead, verb="withdraw", before=Stage.MARKETING_QUALIFIED, after=after, at=at, by=BY, rating=lead.rating)
