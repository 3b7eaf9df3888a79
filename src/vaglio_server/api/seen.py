"""What a caller may see and write, by its number in the address; anything else is not there."""

from typing import Any, Literal, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404
from ninja.errors import HttpError

from vaglio_server.crm.models import Account, Contact, Lead, Opportunity
from vaglio_server.crm.queries import LARGEST_ID, owners
from vaglio_server.users.models import ANSWERERS, MARKETERS, Role, User

Records = Literal["leads", "contacts", "accounts", "opportunities"]


M = TypeVar("M", bound=Model)


def found_or_404(among: QuerySet[M], number: int, missing: str) -> M:
    """Return the record with a number; where there is none among these, 404 says ``missing``."""
    found = among.filter(pk=number).first() if number <= LARGEST_ID else None
    if found is None:
        raise Http404(missing)
    return found


def named_or_404(among: QuerySet[M], missing: str, **named: str) -> M:
    """Return the record of a name, given by the column that holds it; where there is none among these, 404 says ``missing``."""
    found = among.filter(**named).first() if not any("\x00" in name for name in named.values()) else None
    if found is None:
        raise Http404(missing)
    return found


def lead_once(request: Any, lead_id: int) -> Lead:
    """Return a lead that the caller may see, also one that was merged into another."""
    return found_or_404(Lead.objects.ever_visible_to(request.auth.user), lead_id, f"there is no lead {lead_id}, or it is not yours to see")


def lead_now(request: Any, lead_id: int) -> Lead:
    """Return a lead that the caller may see and that is one now."""
    lead = lead_once(request, lead_id)
    if lead.merged_into_id is not None:
        raise Http404(f"lead {lead_id} was merged into lead {lead.merged_into_id}")
    if lead.taken_back_at is not None:
        raise Http404(f"lead {lead_id} was taken back with the file that brought it")
    return lead


def account_once(account_id: int) -> Account:
    """Return an account, also one that was taken back; everybody sees all of them."""
    return found_or_404(Account.objects.all(), account_id, f"there is no account {account_id}")


def account_of(account_id: int) -> Account:
    """Return an account that is one now, to write to it or to join something to it."""
    account = account_once(account_id)
    if account.taken_back_at is not None:
        raise Http404(f"account {account_id} was taken back with the file that brought it")
    return account


def writer(request: Any) -> str:
    """Return who writes; refuse those who only read."""
    if request.auth.user.role == Role.READ_ONLY:
        raise HttpError(403, "your role only reads")
    return str(request.auth.user.username)


def marketer(request: Any) -> str:
    """Return who reads or writes what both teams rely on: fields, campaigns, routing. Administrators and marketing do."""
    if request.auth.user.role not in MARKETERS:
        raise HttpError(403, "this is for administrators and marketing")
    return str(request.auth.user.username)


def contact_of(request: Any, contact_id: int) -> Contact:
    """Return a contact that the caller may see."""
    seen = Contact.objects.visible_to(request.auth.user).select_related("owner")
    return found_or_404(seen, contact_id, f"there is no contact {contact_id}, or it is not yours to see")


def opportunity_of(request: Any, opportunity_id: int) -> Opportunity:
    """Return an opportunity that the caller may see."""
    seen = Opportunity.objects.visible_to(request.auth.user).select_related("owner", "pipeline_stage__pipeline")
    return found_or_404(seen, opportunity_id, f"there is no opportunity {opportunity_id}, or it is not yours to see")


def record_of(request: Any, records: Records, record_id: int) -> Lead | Contact | Account | Opportunity:
    """Return a record that the caller may see, also a lead that was merged into another, or an account that was taken back."""
    if records == "accounts":
        return account_once(record_id)
    if records == "contacts":
        return contact_of(request, record_id)
    return opportunity_of(request, record_id) if records == "opportunities" else lead_once(request, record_id)


def record_now(request: Any, records: Records, record_id: int) -> Lead | Contact | Account | Opportunity:
    """Return a record that the caller may see and that is one now."""
    if records == "leads":
        return lead_now(request, record_id)
    return account_of(record_id) if records == "accounts" else record_of(request, records, record_id)


def owner_named(request: Any, name: str) -> User:
    """Return who a record is given to; sellers give to themselves and to their team, so that they go on seeing it."""
    user, missing = request.auth.user, "there is no such owner, or it is nobody of your team"
    found = named_or_404(User.objects.filter(is_active=True), missing, username=name)
    if user.role == Role.SALES and found not in owners(user):
        raise Http404(missing)
    return found


def seller_named(request: Any, name: str) -> User:
    """Return a seller whom the caller may give leads to."""
    found = next((each for each in owners(request.auth.user) if each.username == name), None)
    if found is None:
        raise Http404("there is no such seller, or it is nobody of your team")
    return found


def answerer(request: Any, *, or_marketing: bool = False) -> User:
    """Return who says what only sales says; where marketing may, too, it is said."""
    user: User = request.auth.user
    if user.role not in ANSWERERS and not (or_marketing and user.role == Role.MARKETING):
        raise HttpError(403, "that is for sales to say")
    return user
