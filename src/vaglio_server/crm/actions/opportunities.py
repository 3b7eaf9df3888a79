"""Opportunities: possible sales, and the contacts who have a say in them."""

from datetime import datetime

from django.db import transaction

from vaglio_server.crm.actions.records import FaultyValues, Told, create_record, edit_record
from vaglio_server.crm.logic.fields import name_fault
from vaglio_server.crm.models import Contact, Opportunity, OpportunityContact
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit


@transaction.atomic
def create_opportunity(*, told: Told, by: str, at: datetime) -> Opportunity:
    """Make an opportunity of an account.

    Raises
    ------
    FaultyValues
        Something does not fit, or it has no account.
    """
    return create_record(Opportunity(), told, _faults, by=by, at=at)


@transaction.atomic
def edit_opportunity(*, opportunity: Opportunity, told: Told, by: str, at: datetime) -> Opportunity:
    """Change an opportunity: move its stage, win it, lose it, open it again. What it was stays in its history.

    Raises
    ------
    FaultyValues
        Something does not fit, or its account would be taken away.
    """
    return edit_record(opportunity, told, _faults, by=by, at=at)


def _faults(opportunity: Opportunity, told: Told) -> list[str]:
    found = []
    if told.links.get("account", None if opportunity.pk is None else opportunity) is None:
        found.append("account_id: is missing; an opportunity is a sale to an account")
    amount, currency = (told.columns.get(name, getattr(opportunity, name)) for name in ("amount", "currency"))
    if amount is not None and not currency:
        found.append("currency: is missing; an amount needs one, such as EUR")
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
        raise Refused(f"{contact} has no say in {opportunity}")
    audit(by=by, verb="remove_opportunity_contact", subject=f"opportunity:{opportunity.pk}", at=at, contact=contact.pk)
