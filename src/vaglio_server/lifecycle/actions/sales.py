"""What becomes of opportunities, and of the leads who were converted into them: won they are customers, lost they go back to marketing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from vaglio_server.crm.actions import (
    Became,
    Told,
    create_opportunity,
    edit_opportunity,
    first_open_stage,
    put_outcome,
    remove_opportunity_contact,
    set_opportunity_contact,
    take_back_outcomes,
)
from vaglio_server.crm.models import Contact, Fate, Lead, LeadOutcome, LossReason, Opportunity, OpportunityContact, Outcome
from vaglio_server.crm.queries import history_of
from vaglio_server.lifecycle.actions.moves import write_moves
from vaglio_server.lifecycle.logic.stages import GOES_BACK, TRANSITIONS, Stage
from vaglio_server.lifecycle.models import Conversion, LeadStage, StageMove
from vaglio_server.lifecycle.queries.conversions import conversions_into, merges_of, now_is
from vaglio_server.lifecycle.queries.standing import moves_of

_FATES = {Outcome.WON.value: Fate.WON, Outcome.LOST.value: Fate.LOST}
_VERBS = {Outcome.WON.value: "win", Outcome.LOST.value: "lose"}


@transaction.atomic
def open_opportunity(*, told: Told, contact: Contact | None = None, by: str, at: datetime) -> Opportunity:
    """Make an opportunity by hand, with a contact who has a say in it. Where nothing says otherwise, it stands at the first stage.

    Raises
    ------
    FaultyValues
        Something does not fit, or it has no account.
    """
    if "stage" not in told.columns and "pipeline_stage" not in told.links:
        told = Told(told.columns, told.fields, {**told.links, "pipeline_stage": first_open_stage(at=at)})
    made = create_opportunity(told=told, by=by, at=at)
    if contact is not None:
        add_to_opportunity(opportunity=made, contact=contact, by=by, at=at)
    return made


@transaction.atomic
def add_to_opportunity(
    *, opportunity: Opportunity, contact: Contact, role: str | None = None, by: str, at: datetime
) -> OpportunityContact:  # fmt: skip
    """Give a contact a say in an opportunity; whoever was converted without one stands at one by that.

    Raises
    ------
    FaultyValues
        The role is none as models name them.
    """
    those = _hold(Conversion.objects.present().filter(contact=contact))
    says = set_opportunity_contact(opportunity=opportunity, contact=contact, role=role, by=by, at=at)
    if opportunity.outcome == Outcome.OPEN:
        _move(_standing(those.leads, TRANSITIONS["convert"].before), "convert", by, at)
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

    What became of them is recorded, with the amount once: on the lead with whom the sale began. A sale that is open again takes that back.

    Raises
    ------
    FaultyValues
        Something does not fit, or its account would be taken away.
    """
    those = _hold(conversions_into(opportunity))
    before = Opportunity.objects.select_for_update(no_key=True).values_list("outcome", flat=True).get(pk=opportunity.pk)
    held = edit_opportunity(opportunity=opportunity, told=told, by=by, at=at)
    if held.outcome != before and those.leads:
        if before != Outcome.OPEN:
            _resume(held, those, by, at)
        if held.outcome != Outcome.OPEN:
            _end(held, those, by, at)
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
    known_at = history_of(sale, field="outcome").order_by("-known_at", "-pk").values_list("known_at", flat=True)[0]
    reason = sale.loss_reason if sale.outcome == Outcome.LOST else None
    for place, lead in enumerate(those.leads):
        value = sale.amount if place == 0 else None
        put_outcome(lead.pk, Became(_FATES[sale.outcome], at, reason, value), known_at, by)
    verb = _VERBS[sale.outcome]
    ended = _standing(those.leads, TRANSITIONS[verb].before)
    if sale.outcome == Outcome.WON:
        _move(ended, verb, by, at)
        return
    said = str(LossReason(sale.loss_reason).label) if sale.loss_reason else ""
    note = " · ".join(filter(None, (said, str(sale.fields.get("lost_because") or ""))))
    _move(_without(sale, those, ended, Outcome.OPEN), verb, by, at, note=note)


def _resume(sale: Opportunity, those: _Those, by: str, at: datetime) -> None:
    """Take back that a sale ended: what was recorded when it did, and the moves that followed, but of whom another sale was won."""
    ended_at = history_of(sale, field="outcome").order_by("-known_at", "-pk").values_list("known_at", flat=True)[1]
    ever = {each.pk for each in those.leads} | those.merges.keys()  # it was recorded with the lead they were then
    recorded = LeadOutcome.objects.present().filter(lead__in=ever, outcome__in=_FATES.values(), known_at=ended_at)
    take_back_outcomes(outcomes=list(recorded.values_list("pk", flat=True)), by=by, at=at)
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
