"""Campaigns, and who is in them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from ninja import Router, Schema, Status
from pydantic import Field

from vaglio_server.api.records import Value
from vaglio_server.api.seen import found_or_404, marketer
from vaglio_server.api.tokens import WRITING
from vaglio_server.campaigns.actions import add_members, create_campaign, edit_campaign, remove_member, set_member_status
from vaglio_server.campaigns.models import Campaign, CampaignMember
from vaglio_server.campaigns.queries import member_counts, members_of
from vaglio_server.crm.queries import LARGEST_ID, page_by_id

router = Router(tags=["campaigns"])
AT_ONCE = 10_000
Ids = Annotated[list[Annotated[int, Field(ge=1, le=LARGEST_ID)]], Field(max_length=AT_ONCE)]


class CampaignOut(Schema):
    """A marketing effort, with how many members of each status it has; ``budget`` is exact, in ``currency`` (ISO 4217)."""

    id: int
    name: str
    channel: str | None
    status: str
    starts_on: date | None
    ends_on: date | None
    budget: Decimal | None
    currency: str | None
    created_at: datetime
    members: dict[str, int]


class CampaignPage(Schema):
    """Some campaigns; ``next_cursor`` asks for those after them, None after the last."""

    campaigns: list[CampaignOut]
    next_cursor: int | None


class CampaignEdit(Schema):
    """What to change: what is not named stays, null takes away."""

    name: Value = None
    channel: Value = None
    status: Value = None
    starts_on: Value = None
    ends_on: Value = None
    budget: Value = None
    currency: Value = None


class CampaignIn(CampaignEdit):
    """A campaign to make; it needs a name."""


class MemberOut(Schema):
    """A lead or a contact in a campaign; ``first_responded_at`` is when they first answered positively."""

    id: int
    lead_id: int | None
    contact_id: int | None
    name: str
    status: str
    added_at: datetime
    first_responded_at: datetime | None


class MemberPage(Schema):
    """Some members; ``next_cursor`` asks for those after them, None after the last."""

    members: list[MemberOut]
    next_cursor: int | None


class MembersIn(Schema):
    """Whom to add, by number."""

    leads: Ids = Field(default_factory=list)
    contacts: Ids = Field(default_factory=list)


class AddedOut(Schema):
    """How many came in, and how many were in already."""

    added: int
    already: int


class StatusIn(Schema):
    """What became of a member."""

    status: str


def _now() -> datetime:
    return datetime.now(UTC)


def _campaign(campaign_id: int) -> Campaign:
    return found_or_404(Campaign.objects.all(), campaign_id, f"there is no campaign {campaign_id}")


def _member(request: Any, campaign_id: int, member_id: int) -> CampaignMember:
    found = members_of(_campaign(campaign_id), request.auth.user)
    return found_or_404(found, member_id, f"there is no member {member_id} in campaign {campaign_id}, or they are not yours to see")


def _out(campaigns: list[Campaign]) -> list[CampaignOut]:
    counts = member_counts(campaigns)
    columns = set(CampaignOut.model_fields) - {"members"}
    return [CampaignOut(**{name: getattr(each, name) for name in columns}, members=counts[each.pk]) for each in campaigns]


def _member_out(member: CampaignMember) -> MemberOut:
    columns = set(MemberOut.model_fields) - {"name"}
    return MemberOut(**{name: getattr(member, name) for name in columns}, name=str(member))


@router.get("", response=CampaignPage, operation_id="campaigns_list")
def campaigns_list(request: Any, status: str | None = None, cursor: int | None = None, limit: int = 50) -> Any:
    """Return campaigns by id, or those of a status."""
    found = Campaign.objects.filter(status=status) if status else Campaign.objects.all()
    page = page_by_id(found, cursor=cursor, limit=max(1, min(limit, 500)))
    return CampaignPage(campaigns=_out(page.rows), next_cursor=page.next_cursor)


@router.post("", response={201: CampaignOut}, operation_id="campaigns_create", auth=WRITING)
def campaigns_create(request: Any, body: CampaignIn) -> Any:
    """Make a campaign. 422 names every value that does not fit; 409: its name is another's."""
    made = create_campaign(values=body.model_dump(exclude_unset=True), by=marketer(request), at=_now())
    return Status(201, _out([made])[0])


@router.get("/{int:campaign_id}", response=CampaignOut, operation_id="campaigns_get")
def campaigns_get(request: Any, campaign_id: int) -> Any:
    """Return one campaign with how many members of each status it has."""
    return _out([_campaign(campaign_id)])[0]


@router.patch("/{int:campaign_id}", response=CampaignOut, operation_id="campaigns_edit", auth=WRITING)
def campaigns_edit(request: Any, campaign_id: int, body: CampaignEdit) -> Any:
    """Change a campaign. 422 names every value that does not fit; 409: its name is another's."""
    by, campaign = marketer(request), _campaign(campaign_id)
    return _out([edit_campaign(campaign=campaign, values=body.model_dump(exclude_unset=True), by=by, at=_now())])[0]


@router.get("/{int:campaign_id}/members", response=MemberPage, operation_id="campaigns_members")
def campaigns_members(request: Any, campaign_id: int, status: str | None = None, cursor: int | None = None, limit: int = 100) -> Any:
    """Return the members of a campaign that one may see, in the order they came in."""
    found = members_of(_campaign(campaign_id), request.auth.user)
    page = page_by_id(found.filter(status=status) if status else found, cursor=cursor, limit=max(1, min(limit, 1000)))
    return MemberPage(members=[_member_out(each) for each in page.rows], next_cursor=page.next_cursor)


@router.post("/{int:campaign_id}/members", response=AddedOut, operation_id="campaigns_add_members", auth=WRITING)
def campaigns_add_members(request: Any, campaign_id: int, body: MembersIn) -> Any:
    """Put leads and contacts into a campaign; who is in it already stays as they are."""
    by, campaign = marketer(request), _campaign(campaign_id)
    return add_members(campaign=campaign, leads=body.leads, contacts=body.contacts, by=by, at=_now())


@router.patch("/{int:campaign_id}/members/{int:member_id}", response=MemberOut, operation_id="campaigns_set_status", auth=WRITING)
def campaigns_set_status(request: Any, campaign_id: int, member_id: int, body: StatusIn) -> Any:
    """Say what became of a member."""
    by, member = marketer(request), _member(request, campaign_id, member_id)
    return _member_out(set_member_status(member=member, status=body.status, by=by, at=_now()))


@router.delete("/{int:campaign_id}/members/{int:member_id}", response={204: None}, operation_id="campaigns_remove_member", auth=WRITING)
def campaigns_remove_member(request: Any, campaign_id: int, member_id: int) -> Any:
    """Take somebody out of a campaign."""
    by, member = marketer(request), _member(request, campaign_id, member_id)
    remove_member(member=member, by=by, at=_now())
    return Status(204, None)
