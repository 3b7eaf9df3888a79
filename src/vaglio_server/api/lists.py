"""Lists: priority accounts, competitors, customers, partners, and whatever else a model reads."""

from datetime import UTC, datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from ninja.errors import HttpError

from vaglio_server.api.seen import account_of, lead_now
from vaglio_server.api.tokens import WRITING
from vaglio_server.crm.actions import add_list_member, list_called, remove_list_member
from vaglio_server.crm.models import ListMember
from vaglio_server.crm.queries import list_sizes, members_of
from vaglio_server.refused import Refused
from vaglio_server.users.models import Role

router = Router(tags=["lists"])
Members = Literal["leads", "accounts"]
KEPT_BY = (Role.ADMINISTRATOR, Role.MARKETING, Role.SALES)  # both teams keep the priority accounts


class ListOut(Schema):
    """A list and how many are on it now."""

    name: str
    members: int


class MemberOut(Schema):
    """A lead or an account on a list, since when."""

    lead_id: int | None
    account_id: int | None
    name: str
    since: datetime | None


@router.get("", response=list[ListOut], operation_id="lists_list")
def lists_list(request: HttpRequest) -> Any:
    """Return the lists that have members now."""
    return [ListOut(name=name, members=count) for name, count in list_sizes()]


@router.get("/{name}", response=list[MemberOut], operation_id="lists_get")
def lists_get(request: Any, name: str, limit: int = 1000) -> Any:
    """Return who is on a list now."""
    found = members_of(_called(name), request.auth.user)[: max(1, min(limit, 10_000))]
    return [_out(each) for each in found]


def _out(member: ListMember) -> MemberOut:
    return MemberOut(lead_id=member.lead_id, account_id=member.account_id, name=str(member.lead or member.account), since=member.from_at)


@router.put("/{name}/{members}/{int:member_id}", response={204: None}, operation_id="lists_add", auth=WRITING)
def lists_add(request: Any, name: str, members: Members, member_id: int) -> Any:
    """Put a lead or an account on a list; doing it again changes nothing."""
    add_list_member(name=_called(name), **_member(request, members, member_id), by=request.auth.user.username, at=datetime.now(UTC))
    return Status(204, None)


@router.delete("/{name}/{members}/{int:member_id}", response={204: None}, operation_id="lists_remove", auth=WRITING)
def lists_remove(request: Any, name: str, members: Members, member_id: int) -> Any:
    """Take a lead or an account off a list; that it was on it stays known."""
    remove_list_member(name=_called(name), **_member(request, members, member_id), by=request.auth.user.username, at=datetime.now(UTC))
    return Status(204, None)


def _called(name: str) -> str:
    try:
        return list_called(name)
    except Refused as refused:
        raise HttpError(422, str(refused)) from None


def _member(request: Any, members: Members, member_id: int) -> dict[str, Any]:
    user = request.auth.user
    if user.role not in KEPT_BY:
        raise HttpError(403, "your role keeps no lists")
    return {"lead": lead_now(request, member_id)} if members == "leads" else {"account": account_of(member_id)}
