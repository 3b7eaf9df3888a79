"""What a caller may see and write, by its number in the address; anything else is not there."""

from typing import Any

from django.http import Http404
from ninja.errors import HttpError

from vaglio_server.crm.models import Account, Lead
from vaglio_server.users.models import Role

LARGEST_ID = 2**63 - 1


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
