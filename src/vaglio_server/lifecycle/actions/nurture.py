"""Leads enter and leave nurture lists: what follows from where they stand, written once, with the happening that tells of it.

Whoever calls holds the rows of the leads, so that two never write of one at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from vaglio_server.crm.models import Lead, Objection
from vaglio_server.lifecycle.actions.happenings import Happened, write_happenings
from vaglio_server.lifecycle.logic.nurture import NURTURED, Tracks, Why, track, why_entered, why_left
from vaglio_server.lifecycle.logic.stages import Stage
from vaglio_server.lifecycle.models import Kind, NurtureEnrollment, StageMove
from vaglio_server.lifecycle.queries import driving_document, tracks_of

# Part of the one question by which leads move, see :func:`leaving`; what it returns is told in it.
LEAVE = f"""gone AS (
    UPDATE lifecycle_nurtureenrollment AS stay SET left_at = greatest(%(now)s, entered_at), why_left = its.why
    FROM unnest(%(leaving)s::bigint[], %(whys_left)s::text[]) AS its (lead, why) WHERE stay.lead_id = its.lead AND stay.left_at IS NULL
    RETURNING '{Kind.NURTURE_LEFT.value}' AS kind, stay.lead_id AS lead, %(now)s::timestamptz AS at,
        jsonb_build_object('list', track, 'rating', stay.rating, 'why', its.why) AS detail
)"""
_AT_ONCE = 1_000  # leads that are gone taken off their lists in one go


@dataclass(frozen=True)
class Place:
    """Where a lead stands now, as far as nurturing goes."""

    stage: Stage
    rating: str | None


def follow(places: Mapping[int, Place], lists: Tracks, at: datetime) -> None:
    """Have leads leave the lists on which they do not belong, and enter those on which they do."""
    belongs = {lead: track(place.stage, place.rating, lists) for lead, place in places.items()}
    on = {each.lead_id: each for each in NurtureEnrollment.objects.filter(lead__in=list(places), left_at=None)}
    _leave([(each, why_left(places[each.lead_id].stage)) for each in on.values() if each.track != belongs[each.lead_id]], at)
    entering = [(lead, name) for lead, name in belongs.items() if name is not None and (lead not in on or on[lead].track != name)]
    entered = [
        NurtureEnrollment(lead_id=lead, track=name, rating=places[lead].rating or "", entered_at=at, why=why_entered(places[lead].stage))
        for lead, name in entering
    ]
    NurtureEnrollment.objects.bulk_create(entered)
    write_happenings(_happened(Kind.NURTURE_ENTERED, each, each.why, at) for each in entered)


def leaving(moves: Sequence[StageMove]) -> dict[str, list[Any]]:
    """Return what :data:`LEAVE` asks for: the leads that may be on a list and go where nobody is on one, and why they leave it."""
    gone = {each.lead_id: why_left(Stage(each.after)) for each in _followed(moves) if each.after not in NURTURED}
    return {"leaving": list(gone), "whys_left": [str(why) for why in gone.values()]}


def follow_moves(moves: Sequence[StageMove]) -> None:
    """Have leads that moved to where nurture lists are follow; those that moved elsewhere left theirs by the move."""
    places = {each.lead_id: Place(Stage(each.after), each.rating) for each in _followed(moves) if each.after in NURTURED}
    if places:
        follow(places, tracks_of(driving_document()), moves[0].at)


def _followed(moves: Sequence[StageMove]) -> Iterable[StageMove]:
    """Return the last move of each lead that may have been on a list, or enter one."""
    those = {each.lead_id for each in moves if each.before in NURTURED or each.after in NURTURED}
    return {each.lead_id: each for each in moves if each.lead_id in those}.values()


def _leave(leaving: Iterable[tuple[NurtureEnrollment, Why]], at: datetime) -> None:
    left = list(leaving)
    for each, why in left:
        each.left_at, each.why_left = max(at, each.entered_at), why
    NurtureEnrollment.objects.bulk_update([each for each, _why in left], ["left_at", "why_left"])
    write_happenings(_happened(Kind.NURTURE_LEFT, each, why, at) for each, why in left)


def _happened(kind: Kind, stay: NurtureEnrollment, why: str, at: datetime) -> Happened:
    return Happened(kind, stay.lead_id, at, {"list": stay.track, "rating": stay.rating, "why": str(why)})


@transaction.atomic
def leave_gone(*, at: datetime) -> int:
    """Take leads that were merged into others, taken back, or object to being rated, off their lists, and return how many were."""
    objecting = Objection.objects.filter(until=None).values("lead")
    gone = ~Q(lead__merged_into=None) | ~Q(lead__taken_back_at=None) | Q(lead__in=objecting)
    found = NurtureEnrollment.objects.filter(gone, left_at=None).order_by("lead").values_list("lead", flat=True)[:_AT_ONCE]
    held = Lead.objects.select_for_update(no_key=True).filter(pk__in=list(found)).order_by("pk").values_list("pk", flat=True)
    still = NurtureEnrollment.objects.filter(gone, lead__in=list(held), left_at=None)
    leaving = [(each, Why.GONE) for each in still]
    _leave(leaving, at)
    return len(leaving)
