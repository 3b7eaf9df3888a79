"""Opportunities: possible sales, and the contacts who have a say in them."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions.records import FaultyValues, Told, create_record, edit_record
from vaglio_server.crm.logic.fields import name_fault, shown
from vaglio_server.crm.models import Contact, Opportunity, OpportunityContact, Outcome, PipelineStage
from vaglio_server.crm.queries import history_of, loss_reasons
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit

LOST_BECAUSE = "lost_because"  # a field: why it was lost, in words


@transaction.atomic
def create_opportunity(*, told: Told, key: str | None = None, by: str, at: datetime) -> Opportunity:
    """Make an opportunity of an account. A stage that a pipeline has is that stage, and how it ends says whether it is won or lost.

    ``key``: of what asks for it, see :class:`Opportunity`.

    Raises
    ------
    FaultyValues
        Something does not fit, or it has no account.
    """
    return create_record(Opportunity(key=key), placed(Opportunity(), told), _faults, by=by, at=at)


@transaction.atomic
def edit_opportunity(*, opportunity: Opportunity, told: Told, by: str, at: datetime) -> Opportunity:
    """Change an opportunity: move its stage, win it, lose it, open it again. What it was stays in its history.

    Who is to know of it that a sale was won or lost calls ``change_opportunity`` of the lifecycle.

    Raises
    ------
    FaultyValues
        Something does not fit, or its account would be taken away.
    """
    held = Opportunity.objects.select_for_update(no_key=True, of=("self",)).select_related("pipeline_stage").get(pk=opportunity.pk)
    return edit_record(held, placed(held, told), _faults, by=by, at=at)


def placed(opportunity: Opportunity, told: Told) -> Told:
    """Return what was told of an opportunity with what follows of it: where it stands in a pipeline, and how it ended by that.

    A stage is given by its word or as a link; without one, an opportunity that is won, lost or open again moves to the stage that means it.
    """
    told = _with_reason(told)
    stage = _stage_told(opportunity, told)
    if stage is None:
        if "stage" not in told.columns:
            return _without_reason(opportunity, told)
        return _without_reason(opportunity, replace(told, links={**told.links, "pipeline_stage": None}))
    columns = {"outcome": stage.outcome, **told.columns, "stage": stage.name}
    return _without_reason(opportunity, replace(told, columns=columns, links={**told.links, "pipeline_stage": stage}))


def _with_reason(told: Told) -> Told:
    """Return what was told with its reason for loss by its word, however it is written, or by what it is called."""
    said = told.columns.get("loss_reason")
    if not isinstance(said, str) or not said.strip():
        return told
    asked = said.strip().lower()
    found = (each.word for each in loss_reasons() if asked in (each.word, each.label.lower(), each.title.lower()))
    return replace(told, columns={**told.columns, "loss_reason": next(found, said)})


def _reason_fault(opportunity: Opportunity, told: Told) -> str | None:
    """Return why a reason for loss is none to give; the one that it has may be said again."""
    said = told.columns.get("loss_reason")
    if not isinstance(said, str) or not said.strip() or said == opportunity.loss_reason:
        return None
    offered = [each.word for each in loss_reasons() if each.retired_at is None]
    if said in offered:
        return None
    return f"loss_reason: {_('{value} is none of its choices; give one of {words}').format(value=shown(said), words=', '.join(offered))}"


def _stage_told(opportunity: Opportunity, told: Told) -> PipelineStage | None:
    given = told.links.get("pipeline_stage")
    if isinstance(given, PipelineStage):
        return given
    here, outcome = opportunity.pipeline_stage, told.columns.get("outcome")
    if "stage" in told.columns:
        found = _called(told.columns["stage"], here)
        return found if found is not None and outcome in (None, found.outcome) else None
    return _ending(opportunity, here, outcome) if here is not None and outcome not in (None, here.outcome) else None


def _called(word: Any, here: PipelineStage | None) -> PipelineStage | None:
    """Return the stage that a word means: of the pipeline it stands in first, then of the others in their order."""
    if not isinstance(word, str) or "\x00" in word:
        return None
    found = PipelineStage.objects.filter(name__iexact=word.strip()).order_by("pipeline__place", "pipeline")
    ordered = sorted(found, key=lambda stage: here is None or stage.pipeline_id != here.pipeline_id)
    return ordered[0] if ordered else None


def _ending(opportunity: Opportunity, here: PipelineStage, outcome: Any) -> PipelineStage | None:
    """Return the stage of its pipeline that means an outcome; one that is open again stands where it last was open, else at the start."""
    stages = [each for each in PipelineStage.objects.filter(pipeline=here.pipeline_id).order_by("place") if each.outcome == outcome]
    if outcome != Outcome.OPEN:
        return stages[0] if stages else None
    # Stages by number, whatever they are called now; by word where no number was written with it: a word that became a stage.
    known = {("pipeline_stage_id", str(each.pk)): each for each in stages} | {("stage", each.name.lower()): each for each in stages}
    were = history_of(opportunity).filter(field__in=["pipeline_stage_id", "stage"]).order_by("-known_at", "field", "-pk")
    stood = (known.get((field, str(value).lower())) for field, value in were.values_list("field", "value"))
    return next((each for each in stood if each is not None), stages[0] if stages else None)


def _without_reason(opportunity: Opportunity, told: Told) -> Told:
    """Return what was told so that only what is lost has a reason for it, of the list and in words."""
    if told.columns.get("outcome", opportunity.outcome) == Outcome.LOST:
        return told
    columns = {"loss_reason": None} if opportunity.loss_reason is not None else {}
    fields = {LOST_BECAUSE: None} if opportunity.fields.get(LOST_BECAUSE) is not None else {}
    return replace(told, columns={**columns, **told.columns}, fields={**fields, **told.fields})


def _faults(opportunity: Opportunity, told: Told) -> list[str]:
    found = []
    if told.links.get("account", None if opportunity.pk is None else opportunity) is None:
        found.append(f"account_id: {_('is missing; an opportunity is a sale to an account')}")
    if opportunity.taken_back_at is not None:
        found.append(_("this opportunity was taken back with the conversion that made it"))
    outcome = told.columns.get("outcome", opportunity.outcome)
    if told.columns.get("loss_reason") and outcome != Outcome.LOST:
        found.append(f"loss_reason: {_('only what is lost has a reason for it')}")
    if fault := _reason_fault(opportunity, told):
        found.append(fault)
    amount, currency = (told.columns.get(name, getattr(opportunity, name)) for name in ("amount", "currency"))
    if amount is not None and not currency:
        found.append(f"currency: {_('is missing; an amount needs one, such as EUR')}")
    return found


@transaction.atomic
def set_opportunity_contact(
    *, opportunity: Opportunity, contact: Contact, role: str | None, by: str, at: datetime
) -> OpportunityContact:  # fmt: skip
    """Give a contact a say in an opportunity, in a buying role or none; again changes the role.

    Raises
    ------
    FaultyValues
        The role is none as models name them.
    """
    if role is not None and (fault := name_fault("role", role, "economic_buyer")):
        raise FaultyValues([fault])
    held = Opportunity.objects.select_for_update(no_key=True).get(pk=opportunity.pk)
    says, made = OpportunityContact.objects.get_or_create(opportunity=held, contact=contact, defaults={"role": role})
    if made or says.role != role:
        says.role = role
        says.save()
        audit(by=by, verb="set_opportunity_contact", subject=f"opportunity:{held.pk}", at=at, contact=contact.pk, role=role)
    return says


@transaction.atomic
def remove_opportunity_contact(*, opportunity: Opportunity, contact: Contact, by: str, at: datetime) -> None:
    """Take a contact out of an opportunity.

    Raises
    ------
    Refused
        They have no say in it.
    """
    count, _each = OpportunityContact.objects.filter(opportunity=opportunity, contact=contact).delete()
    if not count:
        raise Refused(_("{contact} has no say in {sale}").format(contact=contact, sale=opportunity))
    audit(by=by, verb="remove_opportunity_contact", subject=f"opportunity:{opportunity.pk}", at=at, contact=contact.pk)
