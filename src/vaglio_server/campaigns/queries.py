"""Reading campaigns and who is in them."""

from collections.abc import Collection, Iterable

from django.db.models import Count, Q, QuerySet

from vaglio_server.campaigns.models import Campaign, CampaignMember
from vaglio_server.crm.models import Contact, Lead
from vaglio_server.users.models import User


def member_counts(campaigns: Iterable[Campaign]) -> dict[int, dict[str, int]]:
    """Return how many members of each status some campaigns have, by campaign; those nobody has are left out."""
    found: dict[int, dict[str, int]] = {campaign.pk: {} for campaign in campaigns}
    counted = CampaignMember.objects.filter(campaign__in=found).values("campaign_id", "status").annotate(members=Count("id"))
    for row in counted.order_by("campaign_id", "status"):
        found[row["campaign_id"]][row["status"]] = row["members"]
    return found


def members_of(campaign: Campaign, user: User) -> QuerySet[CampaignMember]:
    """Return the members of a campaign that a user may see."""
    seen = Q(lead__in=Lead.objects.ever_visible_to(user)) | Q(contact__in=Contact.objects.visible_to(user))
    return CampaignMember.objects.filter(seen, campaign=campaign).select_related("lead", "contact")


def leads_in_campaigns(leads: Collection[int]) -> set[int]:
    """Return those of some leads that are in a campaign."""
    return set(CampaignMember.objects.filter(lead__in=leads).values_list("lead_id", flat=True))
