"""Who a lead is: what it is known by, which company it belongs to, and which other lead is the same person."""

from datetime import UTC, datetime
from typing import Any

from django.http import Http404
from ninja import Router, Schema, Status
from pydantic import Field

from vaglio_server.api.leads import LeadOut, leads_out
from vaglio_server.api.seen import account_of, found_or_404, lead_now, writer
from vaglio_server.api.tokens import WRITING
from vaglio_server.crm.actions import set_account
from vaglio_server.crm.models import Lead
from vaglio_server.crm.queries import account_candidates
from vaglio_server.tracking.actions import dismiss_match, join_identity, merge_leads, part_identity, undo_merge
from vaglio_server.tracking.models import Identity, IdentityKind, Merge
from vaglio_server.tracking.queries import identities_of_lead, link_of, match_of, matches_of, merges_of

MOST = 1_000  # identities at once
router = Router(tags=["identity"])


class IdentityOut(Schema):
    """A key that points to a lead: a user id, a mail address or a device, since when and by whom."""

    id: int
    kind: str
    value: str
    known_at: datetime
    by: str


class IdentityIn(Schema):
    """A device that nobody is known by yet."""

    anonymous_id: str = Field(max_length=255)


class PartedOut(Schema):
    """Whose an identity is after it was taken away; None: nobody's."""

    lead_id: int | None


class MatchOut(Schema):
    """A lead that events say is the same person, and why."""

    id: int
    lead: LeadOut
    reason: str
    known_at: datetime


class MergeIn(Schema):
    """The lead that goes into this one; ``prefer_other`` names fields of which its value is kept where both have one."""

    other: int
    prefer_other: list[str] = Field(default_factory=list)


class MergeOut(Schema):
    """A merge, and whether it was undone."""

    id: int
    lead_id: int
    other_id: int
    known_at: datetime
    by: str
    undone_at: datetime | None
    undone_by: str | None


class AccountIn(Schema):
    """The company of a lead; None: none."""

    account_id: int | None


class CandidateOut(Schema):
    """A company whose name is like what the lead says; ``likeness_share`` is 1 where they differ in nothing but legal form and accents."""

    account_id: int
    name: str
    likeness_share: float


def _now() -> datetime:
    return datetime.now(UTC)


@router.get("/{int:lead_id}/identities", response=list[IdentityOut], operation_id="identities_list")
def identities_list(request: Any, lead_id: int, cursor: int | None = None, limit: int = MOST) -> Any:
    """Return what a lead is known by, by id: at most 1,000 at once. ``cursor``: the id of the last one, for those after it."""
    found = identities_of_lead(lead_now(request, lead_id)).order_by("identity")
    found = found.filter(identity__pk__gt=cursor) if cursor is not None else found
    return [
        IdentityOut(id=each.identity_id, kind=each.identity.kind, value=each.identity.value, known_at=each.known_at, by=each.by)
        for each in found[: max(1, min(limit, MOST))]
    ]


@router.post("/{int:lead_id}/identities", response={204: None}, operation_id="identities_join", auth=WRITING)
def identities_join(request: Any, lead_id: int, body: IdentityIn) -> Any:
    """Say that a device is this lead's; what was done on it counts from now on."""
    found = Identity.objects.filter(kind=IdentityKind.ANONYMOUS_ID, value=body.anonymous_id).first()
    if found is None:
        raise Http404("no event came from this device")
    join_identity(identity=found, lead=lead_now(request, lead_id), by=writer(request), at=_now())
    return Status(204, None)


@router.delete("/{int:lead_id}/identities/{int:identity_id}", response=PartedOut, operation_id="identities_part", auth=WRITING)
def identities_part(request: Any, lead_id: int, identity_id: int) -> Any:
    """Take an identity from a lead: a user id or a mail address becomes a lead of its own, a device nobody's."""
    held = link_of(lead_now(request, lead_id), identity_id)
    if held is None:
        raise Http404(f"lead {lead_id} is not known by identity {identity_id}")
    return PartedOut(lead_id=part_identity(identity=held.identity, by=writer(request), at=_now()))


@router.get("/{int:lead_id}/matches", response=list[MatchOut], operation_id="matches_list")
def matches_list(request: Any, lead_id: int) -> Any:
    """Return the leads that events say are this person; merging them is somebody's to decide."""
    lead = lead_now(request, lead_id)
    found = list(matches_of(lead, request.auth.user))
    return [
        MatchOut(id=match.pk, lead=other, reason=str(match.get_reason_display()), known_at=match.known_at)
        for other, (_lead, match) in zip(leads_out([other for other, _match in found]), found, strict=True)
    ]


@router.delete("/{int:lead_id}/matches/{int:match_id}", response={204: None}, operation_id="matches_dismiss", auth=WRITING)
def matches_dismiss(request: Any, lead_id: int, match_id: int) -> Any:
    """Say that the two are not one person."""
    lead = lead_now(request, lead_id)
    found = match_of(lead, match_id, request.auth.user)
    if found is None:
        raise Http404(f"nothing proposes match {match_id} of lead {lead_id}")
    dismiss_match(match=found[1], by=writer(request), at=_now())
    return Status(204, None)


@router.get("/{int:lead_id}/merges", response=list[MergeOut], operation_id="merges_list")
def merges_list(request: Any, lead_id: int) -> Any:
    """Return the merges into a lead and those of it into others, newest first."""
    return [MergeOut.from_orm(each) for each in merges_of(lead_now(request, lead_id))]


@router.post("/{int:lead_id}/merges", response={201: MergeOut}, operation_id="merges_make", auth=WRITING)
def merges_make(request: Any, lead_id: int, body: MergeIn) -> Any:
    """Merge another lead into this one. Both scores' past stays; the merge can be undone."""
    lead, other = lead_now(request, lead_id), lead_now(request, body.other)
    made = merge_leads(lead=lead, other=other, prefer_other=body.prefer_other, by=writer(request), at=_now())
    return Status(201, MergeOut.from_orm(made))


@router.delete("/{int:lead_id}/merges/{int:merge_id}", response=LeadOut, operation_id="merges_undo", auth=WRITING)
def merges_undo(request: Any, lead_id: int, merge_id: int) -> Any:
    """Take a merge into this lead back, and return the lead that is one again."""
    lead = lead_now(request, lead_id)
    merge = found_or_404(Merge.objects.filter(lead=lead), merge_id, f"there is no merge {merge_id} into lead {lead_id}")
    undo_merge(merge=merge, by=writer(request), at=_now())
    return LeadOut.from_orm(Lead.objects.get(pk=merge.other_id))


@router.get("/{int:lead_id}/account-candidates", response=list[CandidateOut], operation_id="accounts_candidates")
def accounts_candidates(request: Any, lead_id: int) -> Any:
    """Return the companies that a lead without one may belong to, by the name it gives."""
    found = account_candidates(lead_now(request, lead_id))
    return [CandidateOut(account_id=each.account.pk, name=each.account.name, likeness_share=each.likeness_share) for each in found]


@router.put("/{int:lead_id}/account", response=LeadOut, operation_id="accounts_set", auth=WRITING)
def accounts_set(request: Any, lead_id: int, body: AccountIn) -> Any:
    """Say which company a lead belongs to."""
    lead = lead_now(request, lead_id)
    account = account_of(body.account_id) if body.account_id is not None else None
    set_account(lead=lead, account=account, by=writer(request), at=_now())
    return LeadOut.from_orm(lead)
