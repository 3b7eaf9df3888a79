"""What crossings do: each is taken once, in the transaction in which it acts, so neither a kill nor a second worker makes it act twice.

A crossing says only that a lead is to be looked at. What happens follows from its rating and its stage as they are then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from vaglio_server.crm.models import PRESENT, Fate, LeadOutcome
from vaglio_server.lifecycle.actions.moves import write_moves
from vaglio_server.lifecycle.actions.routing import give
from vaglio_server.lifecycle.actions.telling import crossed, tell
from vaglio_server.lifecycle.logic.assignment import Arrival
from vaglio_server.lifecycle.logic.stages import TRANSITIONS, Bounds, Decision, Policy, Stage, Standing, decide
from vaglio_server.lifecycle.models import LeadStage, SlaClock, StageMove
from vaglio_server.lifecycle.queries import bounds_of, driving_document

BY = "lifecycle"
# Where a lead stood already, by what became of it before anybody moved it here.
_BROUGHT = {Fate.ACCEPTED: Stage.SALES_ACCEPTED, Fate.REJECTED: Stage.RECYCLED, Fate.WON: Stage.CUSTOMER, Fate.LOST: Stage.RECYCLED}


@dataclass(frozen=True)
class _Held:
    """A lead whose row is held."""

    lead: int
    owner: int | None
    account: int | None
    standing: Standing
    is_new: bool  # it has no stage of its own yet


@transaction.atomic
def take_crossings(*, limit: int, policy: Policy, at: datetime) -> int:
    """Look at leads whose rating or flags changed, in the order in which that was written, and return how many crossings were taken."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id, lead_id, at, rating_before, rating_after, flags_before, flags_after
            FROM scoring_crossing WHERE waits ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED""",
            [limit],
        )
        rows = cursor.fetchall()
        if rows:
            tell(crossed(lead, crossed_at, tuple(told)) for _crossing, lead, crossed_at, *told in rows)
            _look_at(cursor, {row[1] for row in rows}, policy, at)
            cursor.execute("UPDATE scoring_crossing SET waits = false WHERE id = ANY(%s)", [[row[0] for row in rows]])
    return len(rows)


@transaction.atomic
def look_again(*, limit: int, policy: Policy, at: datetime) -> int:
    """Look at leads whose minimum stay or cool-down is over, and return how many there were."""
    found = LeadStage.objects.filter(look_again_at__lte=at).order_by("look_again_at")[:limit]
    leads = set(found.values_list("lead_id", flat=True))
    if leads:
        with connection.cursor() as cursor:
            _look_at(cursor, leads, policy, at)
    return len(leads)


def _look_at(cursor: Any, leads: Iterable[int], policy: Policy, at: datetime) -> None:
    document = driving_document()
    limits = bounds_of(document)
    promises = dict(document.promises.first_response) if document is not None and document.promises is not None else {}
    moved: list[tuple[_Held, str]] = []
    kept: list[LeadStage] = []
    for held in _held(cursor, leads, limits):
        decision = decide(held.standing, limits, policy, at)
        if decision.move is not None:
            moved.append((held, decision.move))
        elif held.is_new or decision.look_again_at is not None:
            kept.append(_kept(held, decision, at))
    LeadStage.objects.bulk_create(kept, update_conflicts=True, unique_fields=["lead"], update_fields=["look_again_at"])
    write_moves([_move(held, verb, at) for held, verb in moved])
    qualified = [held for held, verb in moved if verb == "qualify"]
    _promise(qualified, promises, at)
    give(cursor, [Arrival(held.lead, held.standing.rating or "", held.account) for held in qualified if held.owner is None], BY, at)
    LeadStage.objects.filter(lead__in=list(leads), look_again_at__lte=at).update(look_again_at=None)


def _held(cursor: Any, leads: Iterable[int], limits: Bounds) -> list[_Held]:
    """Take the rows of leads that may be moved, the first to call first; an inquiry whose rating leads nowhere is none of them."""
    cursor.execute(
        f"""SELECT crm_lead.id, rating, owner_id, account_id, stage, since FROM crm_lead
        LEFT JOIN lifecycle_leadstage AS standing ON standing.lead_id = crm_lead.id
        WHERE crm_lead.id = ANY(%s) AND {PRESENT} AND (standing.lead_id IS NOT NULL OR rating = ANY(%s))
        ORDER BY crm_lead.id FOR NO KEY UPDATE OF crm_lead""",
        [sorted(leads), sorted(limits.enter)],
    )
    rows = cursor.fetchall()
    brought = _brought([row[0] for row in rows if row[4] is None])
    found = []
    for lead, rating, owner, account, stage, since in rows:
        before = (Stage(stage), since) if stage is not None else brought.get(lead, (Stage.INQUIRY, None))
        found.append(_Held(lead, owner, account, Standing(before[0], before[1], rating), is_new=stage is None and lead in brought))
    return found


def _brought(leads: list[int]) -> Mapping[int, tuple[Stage, datetime]]:
    """Return where leads stood by what became of them last, as files and other systems told it."""
    became = LeadOutcome.objects.present().filter(lead__in=leads).order_by("occurred_at", "id")
    return {each.lead_id: (_BROUGHT[Fate(each.outcome)], each.occurred_at) for each in became}


def _kept(held: _Held, decision: Decision, at: datetime) -> LeadStage:
    return LeadStage(lead_id=held.lead, stage=held.standing.stage, since=held.standing.since or at, look_again_at=decision.look_again_at)


def _move(held: _Held, verb: str, at: datetime) -> StageMove:
    return StageMove(
        lead_id=held.lead, verb=verb, before=held.standing.stage, after=TRANSITIONS[verb].after, at=at, by=BY, rating=held.standing.rating
    )


def _promise(leads: Iterable[_Held], promises: Mapping[str, int], at: datetime) -> None:
    """Start the clocks that the document promises."""
    rated = [(held.lead, rating) for held in leads if (rating := held.standing.rating) is not None]
    SlaClock.objects.bulk_create(
        SlaClock(lead_id=lead, rating=rating, promised_seconds=promises[rating], started_at=at)
        for lead, rating in rated
        if rating in promises
    )
