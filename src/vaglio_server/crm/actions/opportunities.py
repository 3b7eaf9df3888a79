"""Opportunities: possible sales, and the contacts who have a say in them."""

from datetime import datetime

from django.db import connection, transaction

from vaglio_server.crm.actions.knowledge import now_known
from vaglio_server.crm.actions.records import FaultyValues, Told, fitting, tell, write
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
    opportunity = Opportunity()
    fits = fitting(opportunity, told, _homeless(opportunity, told), _bare_amount(opportunity, told))
    with connection.cursor() as cursor:
        changed = write(cursor, opportunity, fits, now_known(cursor), by)
    tell("create_opportunity", opportunity, changed, by=by, at=at)
    return opportunity


@transaction.atomic
def edit_opportunity(*, opportunity: Opportunity, told: Told, by: str, at: datetime) -> Opportunity:
    """Change an opportunity: move its stage, win it, lose it, open it again. What it was stays in its history.

    Raises
    ------
    FaultyValues
        Something does not fit, or its account would be taken away.
    """
    held = Opportunity.objects.select_for_update(no_key=True).get(pk=opportunity.pk)
    fits = fitting(held, told, _homeless(held, told), _bare_amount(held, told))
    with connection.cursor() as cursor:
        changed = write(cursor, held, fits, now_known(cursor), by)
    if changed:
        tell("edit_opportunity", held, changed, by=by, at=at)
    return held


def _homeless(opportunity: Opportunity, told: Told) -> str | None:
    missing = told.links.get("account", None if opportunity.pk is None else opportunity) is None
    return "account_id: is missing; an opportunity is a sale to an account" if missing else None


def _bare_amount(opportunity: Opportunity, told: Told) -> str | None:
    amount, currency = (told.columns.get(name, getattr(opportunity, name)) for name in ("amount", "currency"))
    return "currency: is missing; an amount needs one, such as EUR" if amount is not None and not currency else None


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
