"""What becomes of opportunities, and of the leads who were converted into them: won they are customers, lost they go back to marketing."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from vaglio_server.crm.actions import (
    Became,
    Told,
    create_opportunity,
    edit_opportunity,
    first_open_stage,
    put_outcome,
    set_opportunity_contact,
    take_back_outcomes,
)
from vaglio_server.crm.models import Contact, Fate, Lead, LeadOutcome, LossReason, Opportunity, OpportunityContact, Outcome
from vaglio_server.crm.queries import history_of
from vaglio_server.lifecycle.actions.moves import write_moves
from vaglio_server.lifecycle.logic.stages import GOES_BACK, TRANSITIONS, Stage
from vaglio_server.lifecycle.models import Conversion, LeadStage, StageMove
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
    leads = _hold(Conversion.objects.present().filter(contact=contact))
    says = set_opportunity_contact(opportunity=opportunity, contact=contact, role=role, by=by, at=at)
    if opportunity.outcome == Outcome.OPEN:
        standing = _standing(leads, TRANSITIONS["convert"].before)
        _move([each for each in leads if each.pk in standing], "convert", standing, by, at)
    return says


@transaction.atomic
def change_opportunity(*, opportunity: Opportunity, told: Told, by: str, at: datetime) -> Opportunity:
    """Change an opportunity. Won, its leads are customers; lost, they go back to marketing where no other sale to them is open.

    What became of them is recorded, with the amount once: on the lead with whom the sale began. A sale that is open again takes that back.

    Raises
    ------
    FaultyValues
        Something does not fit, or its account would be taken away.
    """
    of_sale = Conversion.objects.present().filter(contact__says__opportunity=opportunity)
    leads = _hold(of_sale)
    before = Opportunity.objects.select_for_update(no_key=True).values_list("outcome", flat=True).get(pk=opportunity.pk)
    held = edit_opportunity(opportunity=opportunity, told=told, by=by, at=at)
    if held.outcome != before and leads:
        if before != Outcome.OPEN:
            _resume(held, leads, by, at)
        if held.outcome != Outcome.OPEN:
            _end(held, leads, by, at)
    return held


def _hold(conversions: QuerySet[Conversion]) -> list[Lead]:
    """Take the rows of leads, in one order, and return those who are there, the first converted first."""
    numbers = list(conversions.order_by("pk").values_list("lead", flat=True))
    rows = {each.pk: each for each in Lead.objects.present().select_for_update(no_key=True).filter(pk__in=numbers).order_by("pk")}
    return [rows[number] for number in dict.fromkeys(numbers) if number in rows]


def _end(sale: Opportunity, leads: Sequence[Lead], by: str, at: datetime) -> None:
    known_at = history_of(sale, field="outcome").order_by("-known_at", "-pk").values_list("known_at", flat=True)[0]
    reason = sale.loss_reason if sale.outcome == Outcome.LOST else None
    for place, lead in enumerate(leads):
        value = sale.amount if place == 0 else None
        put_outcome(lead.pk, Became(_FATES[sale.outcome], at, reason, value), known_at, by)
    standing = _standing(leads, frozenset({Stage.OPPORTUNITY}))
    ended = [each for each in leads if each.pk in standing and (sale.outcome == Outcome.WON or not _has_open(each))]
    said = str(LossReason(sale.loss_reason).label) if sale.loss_reason else ""
    note = " · ".join(filter(None, (said, str(sale.fields.get("lost_because") or "")))) if sale.outcome == Outcome.LOST else ""
    _move(ended, _VERBS[sale.outcome], standing, by, at, note=note)


def _has_open(lead: Lead) -> bool:
    """Whether a sale to the contact a lead became is open."""
    contacts = Conversion.objects.present().filter(lead=lead).values("contact")
    return Opportunity.objects.present().filter(outcome=Outcome.OPEN, people__contact__in=contacts).exists()


def _resume(sale: Opportunity, leads: Sequence[Lead], by: str, at: datetime) -> None:
    """Take back that a sale ended: what was recorded when it did, and the moves that followed."""
    ended_at = history_of(sale, field="outcome").order_by("-known_at", "-pk").values_list("known_at", flat=True)[1]
    recorded = LeadOutcome.objects.present().filter(lead__in=leads, outcome__in=_FATES.values(), known_at=ended_at)
    take_back_outcomes(outcomes=list(recorded.values_list("pk", flat=True)), by=by, at=at)
    standing = _standing(leads, GOES_BACK["resume"])
    back = [each for each in leads if each.pk in standing and (last := moves_of(each).first()) is not None and last.verb in _VERBS.values()]
    _move(back, "resume", standing, by, at)


def _standing(leads: Sequence[Lead], stages: frozenset[Stage]) -> dict[int, str]:
    """Return which of some leads stand at one of some stages, and at which."""
    found = LeadStage.objects.filter(lead__in=leads, stage__in=stages)
    return dict(found.values_list("lead", "stage"))


def _move(leads: Sequence[Lead], verb: str, standing: dict[int, str], by: str, at: datetime, note: str = "") -> None:
    if leads:
        after = TRANSITIONS[verb].after if verb in TRANSITIONS else Stage.OPPORTUNITY
        write_moves(
            [
                StageMove(lead=each, verb=verb, before=standing[each.pk], after=after, at=at, by=by, rating=each.rating, note=note)
                for each in leads
            ]
        )
