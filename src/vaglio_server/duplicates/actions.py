"""Looking for duplicates, and what people decide on them. Merging itself is tracking's: this says which, and remembers it."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import copy_rows
from vaglio_server.crm.models import Lead
from vaglio_server.duplicates.engine import Found, find
from vaglio_server.duplicates.logic.deciding import said, stays_first
from vaglio_server.duplicates.models import Bulk, Pair, PairState, Search, SearchState
from vaglio_server.duplicates.queries import dismissed, leads_to_compare
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions import merge_leads, undo_merge
from vaglio_server.users.actions import audit

NIGHTLY = timedelta(hours=24)
DECIDED = (PairState.MERGED, PairState.DIFFERENT, PairState.ASKED, PairState.UNDO)
Clock = Callable[[], datetime]


@transaction.atomic
def ask_search(*, by: str, at: datetime) -> Search:
    """Have a worker look through all leads.

    Raises
    ------
    Refused
        A search runs already.
    """
    try:
        with transaction.atomic():
            search = Search.objects.create(by=by, started_at=at)
    except IntegrityError as error:
        raise Refused(_("duplicates are being looked for already; what is found shows up when that is done")) from error
    audit(by=by, verb="ask_search", subject=f"search:{search.pk}", at=at)
    return search


def ask_nightly(*, at: datetime) -> bool:
    """Ask for a search where the last one is a day old; return whether it was asked for."""
    if Search.objects.filter(started_at__gt=at - NIGHTLY).exists() or Search.objects.filter(state=SearchState.RUNNING).exists():
        return False
    ask_search(by="worker", at=at)
    return True


@transaction.atomic
def stop_search(*, search: Search, by: str, at: datetime) -> None:
    """Stop a search; what it found so far is dropped, and what was found before stays."""
    if Search.objects.filter(pk=search.pk, state=SearchState.RUNNING).update(state=SearchState.STOPPED, finished_at=at):
        audit(by=by, verb="stop_search", subject=f"search:{search.pk}", at=at)


def fail_search(*, search: Search, at: datetime) -> None:
    """Say that a search broke off."""
    Search.objects.filter(pk=search.pk, state=SearchState.RUNNING).update(state=SearchState.FAILED, finished_at=at)


def look(*, search: Search, clock: Clock) -> int:
    """Look through all leads, store the pairs found as a whole, and return how many are new or still open.

    A search that was stopped meanwhile stores nothing.
    """

    def progress(share: float) -> None:
        Search.objects.filter(pk=search.pk, state=SearchState.RUNNING).update(done_share=share)

    read = 0

    def counted() -> Iterable[list[tuple[int, dict[str, Any]]]]:
        nonlocal read
        for batch in leads_to_compare():
            read += len(batch)
            yield batch

    found = find(counted(), progress)
    with transaction.atomic():
        if not Search.objects.select_for_update().filter(pk=search.pk, state=SearchState.RUNNING).exists():
            return 0
        at = clock()
        kept = _store(found, at)
        Search.objects.filter(pk=search.pk).update(state=SearchState.DONE, finished_at=at, done_share=1.0, leads=read, found=kept)
    return kept


def _store(found: Sequence[Found], at: datetime) -> int:
    """Put pairs in the place of those that were open; those decided on stay decided while both leads say what they said then."""
    Pair.objects.filter(state=PairState.OPEN).delete()
    again = {(each.lead, each.other) for each in found}
    decided = {
        (pair.lead_id, pair.other_id): pair
        for pair in Pair.objects.filter(state__in=DECIDED).select_related("lead", "other")
        if (pair.lead_id, pair.other_id) in again
    }
    changed = {key for key, pair in decided.items() if pair.state == PairState.DIFFERENT and _said(pair) != pair.decided_on}
    Pair.objects.filter(pk__in=[decided[key].pk for key in changed]).delete()
    gone = (decided.keys() - changed) | dismissed()
    new = [each for each in found if (each.lead, each.other) not in gone]
    with connection.cursor() as cursor:
        copy_rows(
            cursor,
            "duplicates_pair (lead_id, other_id, probability, answers, known_at, state, decided_on, refused_because)",
            ((each.lead, each.other, each.probability, json.dumps(each.answers), at, PairState.OPEN, "", "") for each in new),
        )
    return len(new)


def _said(pair: Pair) -> str:
    return said(pair.lead.fields, pair.other.fields)


def _held(pair: Pair, *states: str) -> Pair:
    """Return a pair that nobody else decides on meanwhile."""
    held = Pair.objects.select_for_update(of=("self",)).select_related("lead", "other", "merge").filter(pk=pair.pk).first()
    if held is None or held.state not in states:
        raise Refused(_("somebody decided on this pair meanwhile; load the page again"))
    return held


def _decide(pair: Pair, state: str, by: str | None, at: datetime | None) -> None:
    pair.state, pair.decided_by, pair.decided_at = state, by, at
    pair.decided_on = _said(pair) if state in DECIDED else ""
    pair.save()


def who_stays(pair: Pair) -> int:
    """Return the id of the lead that another is merged into where nobody chooses."""
    return pair.lead_id if stays_first(pair.lead.fields, pair.other.fields) else pair.other_id


@transaction.atomic
def merge_pair(*, pair: Pair, stays: int | None, by: str, at: datetime) -> Pair:
    """Merge the leads of a pair, into the one that is to stay.

    Raises
    ------
    Refused
        The pair was decided on, or one of its leads was merged into a third.
    """
    held = _held(pair, PairState.OPEN)
    _merge(held, stays, by, at)
    return held


def _merge(pair: Pair, stays: int | None, by: str, at: datetime) -> None:
    kept = stays if stays in (pair.lead_id, pair.other_id) else who_stays(pair)
    _decide(pair, PairState.MERGED, by, at)
    lead, other = (pair.lead, pair.other) if kept == pair.lead_id else (pair.other, pair.lead)
    into, gone = _now(lead), _now(other)
    if into.pk != gone.pk:  # else others of the same person brought them together already
        pair.merge = merge_leads(lead=into, other=gone, by=by, at=at)
    pair.stays, pair.refused_because = into, ""
    pair.save()


def _now(lead: Lead) -> Lead:
    """Return the lead that somebody is now, however many merges later."""
    while lead.merged_into_id is not None:
        lead = Lead.objects.get(pk=lead.merged_into_id)
    return lead


@transaction.atomic
def dismiss_pair(*, pair: Pair, by: str, at: datetime) -> None:
    """Say that the leads of a pair are two people; they are not proposed again while both say what they say now.

    Raises
    ------
    Refused
        The pair was decided on.
    """
    held = _held(pair, PairState.OPEN)
    _decide(held, PairState.DIFFERENT, by, at)
    audit(by=by, verb="dismiss_pair", subject=f"lead:{held.lead_id}", at=at, other=held.other_id)


@transaction.atomic
def undo_pair(*, pair: Pair, by: str, at: datetime) -> None:
    """Take a decision back: a merge is undone, and the pair is open again.

    Raises
    ------
    Refused
        It was undone already, or the lead was merged into another since.
    """
    _undo(_held(pair, PairState.MERGED, PairState.DIFFERENT), by, at)


def _undo(pair: Pair, by: str, at: datetime) -> None:
    if pair.merge is not None and pair.merge.undone_at is None:
        undo_merge(merge=pair.merge, by=by, at=at)
    pair.merge = pair.stays = None
    pair.refused_because = ""
    _decide(pair, PairState.OPEN, None, None)
    audit(by=by, verb="undo_pair", subject=f"lead:{pair.lead_id}", at=at, other=pair.other_id)


@transaction.atomic
def ask_bulk(*, pairs: Sequence[int], stays: Mapping[int, int], by: str, at: datetime) -> Bulk:
    """Have workers merge many pairs, each into the lead chosen to stay (by pair), else into the one that is better known.

    Raises
    ------
    Refused
        None of them is open.
    """
    asked = list(Pair.objects.select_for_update().filter(pk__in=pairs, state=PairState.OPEN))
    if not asked:
        raise Refused(_("none of these pairs is open any more; load the page again"))
    bulk = Bulk.objects.create(by=by, asked_at=at, pairs_asked=len(asked))
    for pair in asked:
        pair.state, pair.bulk, pair.decided_by, pair.decided_at, pair.refused_because = PairState.ASKED, bulk, by, at, ""
        pair.stays_id = stays.get(pair.pk) if stays.get(pair.pk) in (pair.lead_id, pair.other_id) else None
    Pair.objects.bulk_update(asked, ["state", "bulk", "decided_by", "decided_at", "refused_because", "stays"], batch_size=1_000)
    audit(by=by, verb="ask_bulk", subject=f"bulk:{bulk.pk}", at=at, pairs=len(asked))
    return bulk


@transaction.atomic
def undo_bulk(*, bulk: Bulk, by: str, at: datetime) -> int:
    """Have workers undo all merges of a bulk, the last first; what was not merged yet no longer is. Return how many there are to undo.

    Raises
    ------
    Refused
        There is nothing left to undo.
    """
    waiting = Pair.objects.filter(bulk=bulk, state=PairState.ASKED).update(
        state=PairState.OPEN, bulk=None, stays=None, decided_at=None, decided_by=None
    )  # fmt: skip
    merged = Pair.objects.filter(bulk=bulk, state=PairState.MERGED).update(state=PairState.UNDO, refused_because="")
    if not waiting + merged:
        raise Refused(_("there is nothing left to undo of this"))
    Bulk.objects.filter(pk=bulk.pk).update(undo_asked_at=at, undo_by=by)
    audit(by=by, verb="undo_bulk", subject=f"bulk:{bulk.pk}", at=at, pairs=merged)
    return merged


@transaction.atomic
def do_next(*, at: datetime) -> int:
    """Do the next merge or the next undo that somebody asked for in bulk; return whether there was one. What cannot be done says why."""
    waiting = Pair.objects.select_for_update(of=("self",), skip_locked=True).select_related("lead", "other", "merge", "bulk")
    pair = waiting.filter(state=PairState.UNDO).order_by("-merge_id", "-id").first()
    if pair is None:
        pair = waiting.filter(state=PairState.ASKED).order_by("-probability", "id").first()
    if pair is None or pair.bulk is None:
        return 0
    undoing = pair.state == PairState.UNDO
    try:
        with transaction.atomic():
            if undoing:
                _undo(pair, pair.bulk.undo_by or pair.bulk.by, at)
            else:
                _merge(pair, pair.stays_id, pair.bulk.by, at)
    except Refused as refused:
        state = PairState.MERGED if undoing else PairState.OPEN
        Pair.objects.filter(pk=pair.pk).update(state=state, refused_because=str(refused))
    return 1
