"""What happened to leads, in order, for those who cannot take webhooks; and who is on nurture lists."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from ninja import Query, Router, Schema
from ninja.errors import HttpError

from vaglio_server.connectors.queries import happenings_after, told_of
from vaglio_server.crm.models import Lead
from vaglio_server.crm.queries import LARGEST_ID, page_by_id
from vaglio_server.lifecycle.models import Happening, Kind, NurtureEnrollment
from vaglio_server.lifecycle.queries import members_now, nurture_list, nurture_lists
from vaglio_server.users.models import Role

router = Router(tags=["happenings"])
NURTURE = (Kind.NURTURE_ENTERED.value, Kind.NURTURE_LEFT.value)
Kinds = Annotated[list[Kind], Query()]


class HappeningOut(Schema):
    """What happened: ``id``, ``type``, ``timestamp`` and ``data`` as webhooks have them."""

    id: UUID
    type: str
    timestamp: datetime
    data: dict[str, Any]


class HappeningPage(Schema):
    """What happened after a place, in order; ``next_cursor`` asks for what comes after these, also when nothing has come yet."""

    happenings: list[HappeningOut]
    next_cursor: int


class NurtureListOut(Schema):
    """A nurture list, the ratings that lead to it, and how many leads are on it."""

    name: str
    ratings: list[str]
    members: int


class NurtureMemberOut(Schema):
    """A lead on a list: since when, with which rating it came, and why."""

    lead_id: int
    name: str
    email: str | None
    rating: str | None
    entered_at: datetime
    why: str


class NurtureMemberPage(Schema):
    """Some leads on a list, in the order in which they came; ``next_cursor`` asks for those after them, None after the last."""

    members: list[NurtureMemberOut]
    next_cursor: int | None


@router.get("/happenings", response=HappeningPage, operation_id="happenings_list")
def happenings_list(request: Any, cursor: int = 0, kinds: Kinds = [], limit: int = 200) -> Any:  # noqa: B006 - never written to
    """Return what happened to leads after a cursor, in the order in which it could be seen first, of the last 30 days.

    None is left out and none comes twice when each call goes on from the cursor of the one before. Sellers see what happened to the
    leads that they see.
    """
    return _page(request, happenings_after(_place(cursor), tuple(kinds)), cursor, limit)


def _place(cursor: int) -> int:
    return max(0, min(cursor, LARGEST_ID))


def _page(request: Any, found: QuerySet[Happening], cursor: int, limit: int) -> HappeningPage:
    user = request.auth.user
    if user.role == Role.SALES:
        found = found.filter(lead__in=Lead.objects.ever_visible_to(user))
    rows = list(found[: max(1, min(limit, 1_000))])
    last = rows[-1].place if rows else _place(cursor)
    out = [HappeningOut(id=each.key, type=each.kind, timestamp=each.at, data=told_of(each)) for each in rows]
    return HappeningPage(happenings=out, next_cursor=last or 0)


@router.get("/nurture", response=list[NurtureListOut], operation_id="nurture_lists")
def nurture_all(request: Any) -> Any:
    """Return the nurture lists, each with the ratings that lead to it and how many are on it."""
    _sees(request)
    return [NurtureListOut(name=each.name, ratings=list(each.ratings), members=each.members) for each in nurture_lists()]


@router.get("/nurture/{name}/members", response=NurtureMemberPage, operation_id="nurture_members")
def nurture_members(request: Any, name: str, cursor: int | None = None, limit: int = 500) -> Any:
    """Return who is on a list now, in the order in which they came; what changes from then on comes by nurture_changes."""
    _sees(request, name)
    page = page_by_id(members_now(name), cursor=cursor, limit=max(1, min(limit, 5_000)))
    return NurtureMemberPage(members=[_member(each) for each in page.rows], next_cursor=page.next_cursor)


@router.get("/nurture/{name}/changes", response=HappeningPage, operation_id="nurture_changes")
def nurture_changes(request: Any, name: str, cursor: int = 0, limit: int = 500) -> Any:
    """Return who entered a list and who left it after a cursor, in order, of the last 30 days."""
    _sees(request, name)
    return _page(request, happenings_after(_place(cursor), NURTURE).filter(detail__list=name), cursor, limit)


def _sees(request: Any, name: str | None = None) -> None:
    if request.auth.user.role == Role.SALES:
        raise HttpError(403, "whole lists are seen by those who see all leads")
    if name is not None and nurture_list(name) is None:
        raise Http404("no model names such a nurture list, and nobody is or was on one")


def _member(each: NurtureEnrollment) -> NurtureMemberOut:
    lead = each.lead
    email = lead.fields.get("email")
    return NurtureMemberOut(
        lead_id=lead.pk, name=str(lead), email=str(email) if email else None, rating=lead.rating, entered_at=each.entered_at, why=each.why
    )
