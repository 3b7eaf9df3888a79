"""Who a lead is: merged with another and taken apart again, from the lead's page."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio_server.crm.models import Lead
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions import dismiss_match, merge_leads, part_identity, undo_merge
from vaglio_server.tracking.models import Merge
from vaglio_server.tracking.queries import link_of, match_of, matches_of, merges_of
from vaglio_server.users.models import Role
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.known import identities_shown

WRITERS = (Role.ADMINISTRATOR, Role.MARKETING, Role.SALES)


def who(request: Signed, lead: Lead) -> dict[str, Any]:
    """Return what a lead is known by, the merges into it that stand, and who events say is the same person."""
    identities, more = identities_shown(lead)
    return {
        "identities": identities,
        "more_identities": more,
        "merges": merges_of(lead).filter(lead=lead, undone_at=None),
        "matches": matches_of(lead, request.user),
        "may_join": request.user.role in WRITERS,
    }


def lead_now(request: Signed, lead_id: int) -> Lead:
    """Return a lead that somebody may see and that is one now."""
    return get_object_or_404(Lead.objects.visible_to(request.user), pk=lead_id)


def _done(request: Signed, lead: Lead, do: Callable[[], Any], said: str) -> HttpResponse:
    try:
        do()
        messages.success(request, said)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("lead-detail", lead.pk)


@allowed(*WRITERS)
@require_POST
def lead_merge(request: Signed, lead_id: int, match_id: int) -> HttpResponse:
    """Merge the other lead of a match into this one."""
    lead = lead_now(request, lead_id)
    found = match_of(lead, match_id, request.user)
    if found is None:
        return redirect("lead-detail", lead.pk)
    other = found[0]
    said = _("%(other)s is part of this lead now. It can be undone below.") % {"other": other}
    return _done(request, lead, lambda: merge_leads(lead=lead, other=other, by=request.user.username, at=datetime.now(UTC)), said)


@allowed(*WRITERS)
@require_POST
def lead_unmerge(request: Signed, lead_id: int, merge_id: int) -> HttpResponse:
    """Take a merge into this lead back."""
    lead = lead_now(request, lead_id)
    merge = get_object_or_404(Merge, pk=merge_id, lead=lead)
    said = _("%(other)s is a lead of its own again.") % {"other": merge.other}
    return _done(request, lead, lambda: undo_merge(merge=merge, by=request.user.username, at=datetime.now(UTC)), said)


@allowed(*WRITERS)
@require_POST
def lead_not_same(request: Signed, lead_id: int, match_id: int) -> HttpResponse:
    """Say that the two leads of a match are not one person."""
    lead = lead_now(request, lead_id)
    found = match_of(lead, match_id, request.user)
    if found is not None:
        dismiss_match(match=found[1], by=request.user.username, at=datetime.now(UTC))
    return redirect("lead-detail", lead.pk)


@allowed(*WRITERS)
@require_POST
def lead_part(request: Signed, lead_id: int, identity_id: int) -> HttpResponse:
    """Take an identity from this lead."""
    lead = lead_now(request, lead_id)
    held = link_of(lead, identity_id)
    if held is None:
        return redirect("lead-detail", lead.pk)
    said = _("%(name)s is this lead's no more, and what was done under it counts elsewhere.") % {"name": held.identity.value}
    return _done(request, lead, lambda: part_identity(identity=held.identity, by=request.user.username, at=datetime.now(UTC)), said)
