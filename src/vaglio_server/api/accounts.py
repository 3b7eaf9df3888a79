"""Accounts: companies, with the leads who work there."""

from datetime import UTC, datetime
from typing import Any

from ninja import Router, Schema, Status

from vaglio_server.api.leads import LeadOut, OwnerIn, leads_out
from vaglio_server.api.records import RecordIn, Value, owner_name, told
from vaglio_server.api.seen import account_of, account_once, marketer, seller_named
from vaglio_server.api.tokens import WRITING
from vaglio_server.crm.actions import assign_account, create_account, edit_account
from vaglio_server.crm.logic.standard import columns
from vaglio_server.crm.models import Account, Lead
from vaglio_server.crm.queries import page_by_id

router = Router(tags=["accounts"])
LEADS = 100


class AccountOut(Schema):
    """A company."""

    id: int
    name: str
    domain: str | None
    owner: str | None
    fields: dict[str, Any]
    created_at: datetime

    @staticmethod
    def resolve_owner(account: Any) -> str | None:
        """Return by name whose it is: leads that come to sales from there are theirs."""
        return owner_name(account)

    @staticmethod
    def resolve_fields(account: Any) -> dict[str, Any]:
        """Return the fields without the name and the domain that models read among them."""
        fields = account["fields"] if isinstance(account, dict) else account.fields
        return {name: value for name, value in fields.items() if name not in columns("account")}


class AccountPage(Schema):
    """Some accounts; ``next_cursor`` asks for those after them, None after the last."""

    accounts: list[AccountOut]
    next_cursor: int | None


class AccountDetail(AccountOut):
    """A company with the leads one may see, the first to call first."""

    leads: list[LeadOut]


class AccountEdit(RecordIn):
    """What to change: what is not named stays, null takes away."""

    name: Value = None
    domain: Value = None


class AccountIn(AccountEdit):
    """An account to make; it needs a name."""


@router.get("", response=AccountPage, operation_id="accounts_list")
def accounts_list(request: Any, domain: str | None = None, cursor: int = 0, limit: int = 50) -> Any:
    """Return accounts by id, or the one with a domain."""
    found = Account.objects.filter(domain=domain) if domain else Account.objects.present()
    page = page_by_id(found.select_related("owner"), cursor=cursor, limit=max(1, min(limit, 500)))
    return {"accounts": page.rows, "next_cursor": page.next_cursor}


@router.get("/{int:account_id}", response=AccountDetail, operation_id="accounts_get")
def accounts_get(request: Any, account_id: int) -> Any:
    """Return one account with its leads."""
    account = account_once(account_id)
    leads = list(Lead.objects.visible_to(request.auth.user).filter(account=account).order_by("rank", "id")[:LEADS])
    return AccountDetail(**AccountOut.from_orm(account).model_dump(), leads=leads_out(leads))


@router.post("", response={201: AccountOut}, operation_id="accounts_create", auth=WRITING)
def accounts_create(request: Any, body: AccountIn) -> Any:
    """Make an account. 422 names every value that does not fit; 409: its domain is another account's."""
    by = marketer(request)
    return Status(201, create_account(told=told(request, body), by=by, at=datetime.now(UTC)))


@router.patch("/{int:account_id}", response=AccountOut, operation_id="accounts_edit", auth=WRITING)
def accounts_edit(request: Any, account_id: int, body: AccountEdit) -> Any:
    """Change an account; the leads who work there are scored again. 422 names every value that does not fit."""
    by, account = marketer(request), account_of(account_id)
    return edit_account(account=account, told=told(request, body), by=by, at=datetime.now(UTC))


@router.put("/{int:account_id}/owner", response=AccountOut, operation_id="accounts_assign", auth=WRITING)
def accounts_assign(request: Any, account_id: int, body: OwnerIn) -> Any:
    """Give a company to a seller, or to nobody: leads that come to sales from there go to them before any rule is asked."""
    by, account = marketer(request), account_of(account_id)
    owner = seller_named(request, body.owner) if body.owner is not None else None
    return assign_account(account=account, owner=owner, by=by, at=datetime.now(UTC))
