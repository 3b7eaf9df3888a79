"""What leads are known by, what was merged, and who may be one person."""

from datetime import datetime

from django.db.models import Q, QuerySet

from vaglio_server.crm.models import Lead
from vaglio_server.tracking.models import (
    IdentityLink,
    Match,
    Merge,
)
from vaglio_server.users.models import User


def identities_of_lead(lead: Lead) -> QuerySet[IdentityLink]:
    """Return what a lead is known by now, with since when: user ids, mail addresses, then devices."""
    found = IdentityLink.objects.filter(lead=lead, ended_at=None).select_related("identity")
    return found.order_by("-identity__kind", "identity__value")  # the names of the kinds happen to stand so


def link_of(lead: Lead, identity_id: int) -> IdentityLink | None:
    """Return how a lead is known by an identity now; None: it is not."""
    return identities_of_lead(lead).filter(identity__pk=identity_id).first()


def merge_in_force(lead_id: int, known_at: datetime) -> Merge | None:
    """Return the merge that had taken a lead into another at an instant."""
    standing = Q(undone_at__isnull=True) | Q(undone_at__gt=known_at)
    return Merge.objects.filter(standing, other=lead_id, known_at__lte=known_at).first()


def merges_of(lead: Lead) -> QuerySet[Merge]:
    """Return the merges into a lead and out of it, newest first."""
    return Merge.objects.filter(Q(lead=lead) | Q(other=lead)).select_related("lead", "other").order_by("-known_at")


def matches_of(lead: Lead, user: User) -> list[tuple[Lead, Match]]:
    """Return the leads a user may see that events say are this person, each with the proposal; those decided on are left out."""
    found = Match.objects.filter(Q(lead=lead) | Q(other=lead), dismissed_at=None).select_related("lead", "other").order_by("-known_at")
    others = [(match.other if match.lead_id == lead.pk else match.lead, match) for match in found]
    seen = set(Lead.objects.visible_to(user).filter(pk__in=[each.pk for each, _match in others]).values_list("pk", flat=True))
    return [(other, match) for other, match in others if other.pk in seen]


def match_of(lead: Lead, match_id: int, user: User) -> tuple[Lead, Match] | None:
    """Return the other lead of one of these proposals, with the proposal; None: there is no such one, or it was decided on."""
    return next(((other, match) for other, match in matches_of(lead, user) if match.pk == match_id), None)
