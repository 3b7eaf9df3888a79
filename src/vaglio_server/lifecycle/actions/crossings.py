"""What crossings do: each is taken once, in the transaction in which it acts, so neither a kill nor a second worker makes it act twice.

A crossing says only that a lead is to be looked at. What happens follows from its rating and its stage as they are then.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from vaglio_server.crm.models import PRESENT, Fate, LeadOutcome
from vaglio_server.lifecycle.actions.happenings import crossed, reached, write_happenings
from vaglio_server.lifecycle.actions.moves import write_moves
from vaglio_server.lifecycle.actions.nurture import Place, follow
from vaglio_server.lifecycle.actions.routing import give
from vaglio_server.lifecycle.logic.assignment import Arrival
from vaglio_server.lifecycle.logic.nurture import Tracks, track
from vaglio_server.lifecycle.logic.stages import TRANSITIONS, Bounds, Decision, Policy, Stage, Standing, decide
from vaglio_server.lifecycle.models import BY, LeadStage, SlaClock, StageMove
from vaglio_server.lifecycle.queries import bounds_of, driving_document, tracks_of

# Where a lead stood already, by what became of it before anybody moved it here.
BROUGHT = {Fate.ACCEPTED: Stage.SALES_ACCEPTED, Fate.REJECTED: Stage.RECYCLED, Fate.WON: Stage.CUSTOMER, Fate.LOST: Stage.RECYCLED}


@dataclass(frozen=True)
class _Seen:
    """A lead as it was seen; ``owner``: who has it and can sign in; ``track``: the nurture list it is on."""

    lead: int
    owner: int | None
    account: int | None
    standing: Standing
    is_new: bool  # it has no stage of its own yet
    track: str | None


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
            write_happenings(crossed(lead, crossed_at, tuple(changes)) for _crossing, lead, crossed_at, *changes in rows)
            look_at(cursor, {row[1] for row in rows}, policy, at)
            cursor.execute("UPDATE scoring_crossing SET waits = false WHERE id = ANY(%s)", [[row[0] for row in rows]])
    return len(rows)


@transaction.atomic
def look_again(*, limit: int, policy: Policy, at: datetime) -> int:
    """Look at leads whose minimum stay or cool-down is over, and return how many there were."""
    found = LeadStage.objects.filter(look_again_at__lte=at).order_by("look_again_at")[:limit]
    leads = set(found.values_list("lead_id", flat=True))
    if leads:
        with connection.cursor() as cursor:
            look_at(cursor, leads, policy, at)
    return len(leads)


def look_at(cursor: Any, leads: Collection[int], policy: Policy, at: datetime) -> None:
    """Do with leads what follows from how they stand: those with whom nothing is to be done are not held up."""
    document = driving_document()
    limits, lists = bounds_of(document), tracks_of(document)
    promises = dict(document.promises.first_response) if document is not None and document.promises is not None else {}
    those = [
        each.lead for each in _read(cursor, leads, limits, lists) if _is_to_act(each, decide(each.standing, limits, policy, at), lists)
    ]
    hold(cursor, those)
    held = _read(cursor, those, limits, lists)  # as they are now that nobody else moves them
    decided = [(each, decide(each.standing, limits, policy, at)) for each in held]
    kept = [_kept(each, said, at) for each, said in decided if said.move is None and (each.is_new or said.look_again_at is not None)]
    LeadStage.objects.bulk_create(kept, update_conflicts=True, unique_fields=["lead"], update_fields=["look_again_at"])
    write_moves([_move(each, said.move, at) for each, said in decided if said.move is not None])
    follow({each.lead: Place(each.standing.stage, each.standing.rating) for each, said in decided if said.move is None}, lists, at)
    qualified = [each for each, said in decided if said.move == "qualify"]
    _promise(qualified, promises, at)
    write_happenings(reached(each.lead, each.owner, each.standing.rating, at) for each in qualified if each.owner is not None)
    give(cursor, [Arrival(each.lead, each.standing.rating or "", each.account) for each in qualified if each.owner is None], BY, at)
    LeadStage.objects.filter(lead__in=list(leads), look_again_at__lte=at).update(look_again_at=None)


def _is_to_act(lead: _Seen, said: Decision, lists: Tracks) -> bool:
    """Whether something is to be done with a lead, by how it was seen."""
    if lead.is_new or said.move is not None or said.look_again_at is not None:
        return True
    return track(lead.standing.stage, lead.standing.rating, lists) != lead.track


def hold(cursor: Any, leads: Collection[int]) -> None:
    """Take the rows of leads; what stands beside them is read after that, or it would be as it was before whoever had them wrote it."""
    if leads:
        cursor.execute("SELECT id FROM crm_lead WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [sorted(leads)])


def _read(cursor: Any, leads: Collection[int], limits: Bounds, lists: Tracks) -> list[_Seen]:
    """Return leads that may be moved or nurtured, in order; one that stands nowhere and whose rating leads nowhere is none."""
    cursor.execute(
        f"""SELECT crm_lead.id, crm_lead.rating, holder.id, account_id, stage, since, enrolled.track FROM crm_lead
        LEFT JOIN users_user AS holder ON holder.id = owner_id AND holder.is_active
        LEFT JOIN lifecycle_leadstage AS standing ON standing.lead_id = crm_lead.id
        LEFT JOIN lifecycle_nurtureenrollment AS enrolled ON enrolled.lead_id = crm_lead.id AND enrolled.left_at IS NULL
        WHERE crm_lead.id = ANY(%s) AND {PRESENT}
            AND (standing.lead_id IS NOT NULL OR enrolled.id IS NOT NULL OR crm_lead.rating = ANY(%s))
        ORDER BY crm_lead.id""",
        [sorted(leads), sorted(limits.enter | lists.usual.keys())],
    )
    rows = cursor.fetchall()
    told = brought([row[0] for row in rows if row[4] is None])
    found = []
    for lead, rating, owner, account, stage, since, on in rows:
        before = (Stage(stage), since) if stage is not None else told.get(lead, (Stage.INQUIRY, None))
        is_new = stage is None and lead in told
        found.append(_Seen(lead, owner, account, Standing(before[0], before[1], rating), is_new=is_new, track=on))
    return found


def brought(leads: list[int]) -> Mapping[int, tuple[Stage, datetime]]:
    """Return where leads stood by what became of them last, as files and other systems told it."""
    became = LeadOutcome.objects.present().filter(lead__in=leads).order_by("occurred_at", "id")
    return {each.lead_id: (BROUGHT[Fate(each.outcome)], each.occurred_at) for each in became}


def _kept(held: _Seen, decision: Decision, at: datetime) -> LeadStage:
    return LeadStage(lead_id=held.lead, stage=held.standing.stage, since=held.standing.since or at, look_again_at=decision.look_again_at)


def _move(held: _Seen, verb: str, at: datetime) -> StageMove:
    return StageMove(
        lead_id=held.lead, verb=verb, before=held.standing.stage, after=TRANSITIONS[verb].after, at=at, by=BY, rating=held.standing.rating
    )


def _promise(leads: Iterable[_Seen], promises: Mapping[str, int], at: datetime) -> None:
    """Start the clocks that the document promises."""
    rated = [(held.lead, rating) for held in leads if (rating := held.standing.rating) is not None]
    SlaClock.objects.bulk_create(
        SlaClock(lead_id=lead, rating=rating, promised_seconds=promises[rating], started_at=at)
        for lead, rating in rated
        if rating in promises
    )
