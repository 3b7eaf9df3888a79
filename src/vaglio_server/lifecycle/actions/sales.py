"""What becomes of opportunities, and of the leads who were converted into them: won they are customers, lost they go back to marketing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet

from vaglio_server.crm.actions import (
    Became,
    Told,
    create_opportunity,
    edit_opportunity,
    first_ending_stage,
    first_open_stage,
    now_known,
    put_outcome,
    remove_opportunity_contact,
    set_opportunity_contact,
    take_back_outcomes,
)
from vaglio_server.crm.models import Contact, Fate, Lead, LeadOutcome, Opportunity, OpportunityContact, Outcome
from vaglio_server.crm.queries import history_of, loss_reasons
from vaglio_server.lifecycle.actions.keys import check_key
from vaglio_server.lifecycle.actions.moves import write_moves
from vaglio_server.lifecycle.logic.stages import GOES_BACK, TRANSITIONS, Stage
from vaglio_server.lifecycle.models import Conversion, LeadStage, StageMove
from vaglio_server.lifecycle.queries.conversions import conversions_into, merges_of, now_is
from vaglio_server.lifecycle.queries.standing import moves_of

_FATES = {Outcome.WON.value: Fate.WON, Outcome.LOST.value: Fate.LOST}
_TOLD = ("amount", "currency", "loss_reason")  # what is recorded of a sale that ended
_VERBS = {Outcome.WON.value: "win", Outcome.LOST.value: "lose"}


def open_opportunity(*, told: Told, contact: Contact | None = None, key: str | None = None, by: str, at: datetime) -> Opportunity:
    """Make an opportunity by hand, with a contact who has a say in it. Where nothing says otherwise, it stands at the first stage.

    The same ``key`` of the same person is the same opportunity.

    Raises
    ------
    FaultyValues, Refused
        Something does not fit, or it has no account.
    """
    check_key(key)
    own = f"{by}:{key}" if key is not None else None
    if own is not None and (there := Opportunity.objects.filter(key=own).first()) is not None:
        return there
    try:
        with transaction.atomic():
            _hold(Conversion.objects.present().filter(contact=contact))  # before anything becomes known
            made = create_opportunity(told=_placed_first(told, at), key=own, by=by, at=at)
            if contact is not None:
                add_to_opportunity(opportunity=made, contact=contact, by=by, at=at)
            return made
    except IntegrityError:  # the same was sent twice at one time
        if own is None or (there := Opportunity.objects.filter(key=own).first()) is None:
            raise
        return there


def _placed_first(told: Told, at: datetime) -> Told:
    """Return what was told of a new opportunity with where it stands, if that was not."""
    if "stage" in told.columns or "pipeline_stage" in told.links:
        return told
    outcome = told.columns.get("outcome", Outcome.OPEN)
    stage = first_ending_stage(outcome, at=at) if outcome in (Outcome.WON, Outcome.LOST) else first_open_stage(at=at)
    return Told(told.columns, told.fields, {**told.links, "pipeline_stage": stage})


@transaction.atomic
def add_to_opportunity(
    *, opportunity: Opportunity, contact: Contact, role: str | None = None, by: str, at: datetime
) -> OpportunityContact:  # fmt: skip
    """Give a contact a say in an opportunity; whoever was converted without one stands at one by that.

    In one that ended, what became of it is recorded with them too.

    Raises
    ------
    FaultyValues
        The role is none as models name them.
    """
    those = _hold(Conversion.objects.present().filter(contact=contact))
    says = set_opportunity_contact(opportunity=opportunity, contact=contact, role=role, by=by, at=at)
    sale, new = says.opportunity, those.leads
    if new and sale.outcome != Outcome.OPEN:
        told = _recorded(those, _ended_at(sale)).values()
        new = [lead for lead in new if lead.pk not in told]
    _move(_standing(new, TRANSITIONS["convert"].before), "convert", by, at)
    if new and sale.outcome != Outcome.OPEN:
        _end(sale, _hold(conversions_into(sale)), by, at)
    return says


@transaction.atomic
def remove_from_opportunity(*, opportunity: Opportunity, contact: Contact, by: str, at: datetime) -> None:
    """Take a contact out of an opportunity; who has no other that is open is worked on as before there was one.

    Raises
    ------
    Refused
        They have no say in it.
    """
    those = _hold(Conversion.objects.present().filter(contact=contact))
    remove_opportunity_contact(opportunity=opportunity, contact=contact, by=by, at=at)
    left = _without(opportunity, those, _standing(those.leads, GOES_BACK["step_back"]), Outcome.OPEN)
    _move(left, "step_back", by, at, after=dict.fromkeys(left, Stage.SALES_QUALIFIED))


@transaction.atomic
def change_opportunity(*, opportunity: Opportunity, told: Told, by: str, at: datetime) -> Opportunity:
    """Change an opportunity. Won, its leads are customers; lost, they go back to marketing where no other sale to them is open.

    What became of them is recorded, with the amount once: on the lead with whom the sale began. A sale that is open again takes that back;
    one whose amount or reason is put right has it recorded anew.

    Raises
    ------
    FaultyValues
        Something does not fit, or its account would be taken away.
    """
    those = _hold(conversions_into(opportunity))
    before = Opportunity.objects.select_for_update(no_key=True).get(pk=opportunity.pk)
    held = edit_opportunity(opportunity=opportunity, told=told, by=by, at=at)
    if those.leads and held.outcome != before.outcome:
        if before.outcome != Outcome.OPEN:
            _resume(held, those, by, at)
        if held.outcome != Outcome.OPEN:
            _end(held, those, by, at)
    elif those.leads and held.outcome != Outcome.OPEN and any(getattr(held, name) != getattr(before, name) for name in _TOLD):
        _put_right(held, those, by, at)
    return held


@dataclass(frozen=True)
class _Those:
    """The leads that were converted into contacts, held, the first converted first; and which of them were merged into which."""

    leads: list[Lead]
    merges: Mapping[int, int]


def _hold(conversions: QuerySet[Conversion]) -> _Those:
    """Take the rows of the leads that converted ones are now, in one order."""
    numbers = list(dict.fromkeys(conversions.order_by("pk").values_list("lead", flat=True)))
    merges = merges_of(numbers)
    while True:
        now = [now_is(number, merges) for number in numbers]
        rows = {each.pk: each for each in Lead.objects.present().select_for_update(no_key=True).filter(pk__in=now).order_by("pk")}
        if (held := merges_of(numbers)) == merges:  # nobody merged them while we waited
            return _Those([rows[number] for number in dict.fromkeys(now) if number in rows], merges)
        merges = held


def _end(sale: Opportunity, those: _Those, by: str, at: datetime) -> None:
    """Record what became of leads by a sale that ended, where it is not recorded yet, and move them."""
    with connection.cursor() as cursor:
        known_at = now_known(cursor)
    ended_at = _ended_at(sale)
    told = set(_recorded(those, ended_at).values())
    new = [lead for lead in those.leads if lead.pk not in told]
    for place, lead in enumerate(new):
        put_outcome(lead.pk, _became(sale, ended_at, is_first=place == 0 and not told), known_at, by)
    verb = _VERBS[sale.outcome]
    ended = _standing(new, TRANSITIONS[verb].before)
    if sale.outcome == Outcome.WON:
        _move(ended, verb, by, at)
        return
    said = next((each.title for each in loss_reasons() if each.word == sale.loss_reason), "") if sale.loss_reason else ""
    note = " · ".join(filter(None, (said, str(sale.fields.get("lost_because") or ""))))
    _move(_without(sale, those, ended, Outcome.OPEN), verb, by, at, note=note)


def _became(sale: Opportunity, ended_at: datetime, *, is_first: bool) -> Became:
    """Return what became of a lead by a sale that ended; the first has the amount."""
    reason = sale.loss_reason if sale.outcome == Outcome.LOST else None
    has_amount = is_first and sale.amount is not None
    return Became(_FATES[sale.outcome], ended_at, reason, sale.amount if has_amount else None, sale.currency if has_amount else None)


def _put_right(sale: Opportunity, those: _Those, by: str, at: datetime) -> None:
    """Record anew what became of leads where a sale says it otherwise than when it ended; what was believed until now stays known."""
    ended_at, place = _ended_at(sale), {lead.pk: number for number, lead in enumerate(those.leads)}
    recorded = _recorded(those, ended_at)
    # The amount stays with whom it is, though that lead be another now; where nobody has it, it is the first's.
    rows = sorted(LeadOutcome.objects.filter(pk__in=recorded), key=lambda row: (row.value is None, place.get(recorded[row.pk], 0), row.pk))
    said = {row: _became(sale, ended_at, is_first=row == rows[0]) for row in rows}
    wrong = {row: became for row, became in said.items() if any(getattr(row, name) != told for name, told in became.told().items())}
    if not wrong:
        return
    take_back_outcomes(outcomes=[row.pk for row in wrong], by=by, at=at)
    with connection.cursor() as cursor:
        known_at = now_known(cursor)
    for row, became in wrong.items():
        put_outcome(row.lead_id, became, known_at, by)


def _ended_at(sale: Opportunity, *, place: int = 0) -> datetime:
    """Return when it became known how a sale ended, for the last time or the one before: what became of its leads occurred then."""
    found = history_of(sale, field="outcome").order_by("-known_at", "-pk").values_list("known_at", flat=True)
    return found[place]


def _recorded(those: _Those, ended_at: datetime) -> dict[int, int]:
    """Return what is recorded of a sale that ended at an instant, as the leads were then: rows by the lead it is now."""
    ever = {each.pk for each in those.leads} | those.merges.keys()
    rows = LeadOutcome.objects.present().filter(lead__in=ever, outcome__in=_FATES.values(), occurred_at=ended_at)
    return {row: now_is(lead, those.merges) for row, lead in rows.values_list("pk", "lead")}


def _resume(sale: Opportunity, those: _Those, by: str, at: datetime) -> None:
    """Take back that a sale ended: what was recorded when it did, and the moves that followed, but of whom another sale was won."""
    recorded = _recorded(those, _ended_at(sale, place=1))
    take_back_outcomes(outcomes=list(recorded), by=by, at=at)
    ended = _without(sale, those, _standing(those.leads, GOES_BACK["resume"]), Outcome.WON)
    last = {lead: moves_of(lead).first() for lead in ended}
    back = {lead: Stage(move.before) for lead, move in last.items() if move is not None and move.verb in _VERBS.values()}
    _move({lead: ended[lead] for lead in back}, "resume", by, at, after=back)


def _standing(leads: Sequence[Lead], stages: frozenset[Stage]) -> dict[Lead, Stage]:
    """Return which of some leads stand at one of some stages, and at which."""
    found = dict(LeadStage.objects.filter(lead__in=leads).values_list("lead", "stage"))
    at = {each: Stage(found.get(each.pk, Stage.INQUIRY)) for each in leads}
    return {lead: stage for lead, stage in at.items() if stage in stages}


def _without(sale: Opportunity, those: _Those, standing: Mapping[Lead, Stage], outcome: Outcome) -> dict[Lead, Stage]:
    """Leave those leads to whose contacts there is no other sale with an outcome."""
    others = Opportunity.objects.present().filter(outcome=outcome).exclude(pk=sale.pk)
    contacts = OpportunityContact.objects.filter(opportunity__in=others).values("contact")
    theirs = Q(lead__in=[*(each.pk for each in standing), *those.merges]) | Q(lead__merged_into__in=list(standing))
    found = set(Conversion.objects.present().filter(theirs, contact__in=contacts).values_list("lead", flat=True))
    merges = merges_of(found)
    have = {now_is(number, merges) for number in found}
    return {lead: stage for lead, stage in standing.items() if lead.pk not in have}


def _move(
    leads: Mapping[Lead, Stage], verb: str, by: str, at: datetime, *, note: str = "", after: Mapping[Lead, Stage] | None = None
) -> None:  # fmt: skip
    """Move leads from where they stand to where a verb leads, or where each is said to go."""
    to = after if after is not None else dict.fromkeys(leads, TRANSITIONS[verb].after)
    moves = [
        StageMove(lead=each, verb=verb, before=before, after=to[each], at=at, by=by, rating=each.rating, note=note)
        for each, before in leads.items()
    ]
    if moves:
        write_moves(moves)
