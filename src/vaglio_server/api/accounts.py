"""Accounts: companies, with the leads who work there."""

from datetime import datetime
from typing import Any

from ninja import Router, Schema

from vaglio_server.api.leads import LeadOut
from vaglio_server.api.seen import account_of
from vaglio_server.crm.models import Account, Lead

router = Router(tags=["accounts"])
LEADS = 100


class AccountOut(Schema):
    """A company."""

    id: int
    name: str
    domain: str | None
    fields: dict[str, Any]
    created_at: datetime


class AccountPage(Schema):
    """Some accounts; ``next_cursor`` asks for those after them, None after the last."""

    accounts: list[AccountOut]
    next_cursor: int | None


class AccountDetail(AccountOut):
    """A company with the leads one may see, the first to call first."""

    leads: list[LeadOut]


@router.get("", response=AccountPage, operation_id="accounts_list")
def accounts_list(request: Any, domain: str | None = None, cursor: int = 0, limit: int = 50) -> Any:
    """Return accounts by id, or the one with a domain."""
    limit = max(1, min(limit, 500))
    found = Account.objects.filter(pk__gt=max(0, min(cursor, 2**63 - 1))).order_by("pk")
    if domain:
        found = found.filter(domain=domain)
    rows = list(found[: limit + 1])
    return {"accounts": rows[:limit], "next_cursor": rows[limit - 1].pk if len(rows) > limit else None}


@router.get("/{int:account_id}", response=AccountDetail, operation_id="accounts_get")
def accounts_get(request: Any, account_id: int) -> Any:
    """Return one account with its leads."""
    account = account_of(account_id)
    leads = Lead.objects.visible_to(request.auth.user).filter(account=account).order_by("rank", "id")[:LEADS]
    return AccountDetail(**AccountOut.from_orm(account).model_dump(), leads=[LeadOut.from_orm(lead) for lead in leads])
