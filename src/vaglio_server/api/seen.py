"""What a caller may see and write, by its number in the address; anything else is not there."""

from typing import Any, Literal

from django.http import Http404
from ninja.errors import HttpError

from vaglio_server.crm.models import Account, Contact, Lead, Opportunity
from vaglio_server.crm.queries import owners
from vaglio_server.users.models import Role, User

LARGEST_ID = 2**63 - 1
Records = Literal["leads", "contacts", "accounts", "opportunities"]


def lead_once(request: Any, lead_id: int) -> Lead:
    """Return a lead that the caller may see, also one that was merged into another."""
    lead = Lead.objects.ever_visible_to(request.auth.user).filter(pk=lead_id).first() if lead_id <= LARGEST_ID else None
    if lead is None:
        raise Http404(f"there is no lead {lead_id}, or it is not yours to see")
    return lead


def lead_now(request: Any, lead_id: int) -> Lead:
    """Return a lead that the caller may see and that is one now."""
    lead = lead_once(request, lead_id)
    if lead.merged_into_id is not None:
        raise Http404(f"lead {lead_id} was merged into lead {lead.merged_into_id}")
    return lead


def account_of(account_id: int) -> Account:
    """Return an account; everybody sees all of them."""
    account = Account.objects.filter(pk=account_id).first() if account_id <= LARGEST_ID else None
    if account is None:
        raise Http404(f"there is no account {account_id}")
    return account


def writer(request: Any) -> str:
    """Return who writes; refuse those who only read."""
    if request.auth.user.role == Role.READ_ONLY:
        raise HttpError(403, "your role only reads")
    return str(request.auth.user.username)


def marketer(request: Any) -> str:
    """Return who writes what both teams rely on: accounts, fields, campaigns. Administrators and marketing do."""
    if request.auth.user.role not in {Role.ADMINISTRATOR, Role.MARKETING}:
        raise HttpError(403, "administrators and marketing write this")
    return str(request.auth.user.username)


def contact_of(request: Any, contact_id: int) -> Contact:
    """Return a contact that the caller may see."""
    found = Contact.objects.visible_to(request.auth.user).select_related("owner")
    contact = found.filter(pk=contact_id).first() if contact_id <= LARGEST_ID else None
    if contact is None:
        raise Http404(f"there is no contact {contact_id}, or it is not yours to see")
    return contact


def opportunity_of(request: Any, opportunity_id: int) -> Opportunity:
    """Return an opportunity that the caller may see."""
    found = Opportunity.objects.visible_to(request.auth.user).select_related("owner")
    opportunity = found.filter(pk=opportunity_id).first() if opportunity_id <= LARGEST_ID else None
    if opportunity is None:
        raise Http404(f"there is no opportunity {opportunity_id}, or it is not yours to see")
    return opportunity


def record_of(request: Any, records: Records, record_id: int) -> Lead | Contact | Account | Opportunity:
    """Return a record that the caller may see, also a lead that was merged into another."""
    if records == "accounts":
        return account_of(record_id)
    if records == "contacts":
        return contact_of(request, record_id)
    return opportunity_of(request, record_id) if records == "opportunities" else lead_once(request, record_id)


def owner_named(request: Any, name: str) -> User:
    """Return who a record is given to; sellers give to themselves and to their team, so that they go on seeing it."""
    user = request.auth.user
    found = User.objects.filter(username=name, is_active=True).first() if "\x00" not in name else None
    if found is None or (user.role == Role.SALES and found not in owners(user)):
        raise Http404("there is no such owner, or it is nobody of your team")
    return found
