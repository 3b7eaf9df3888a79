"""Campaigns, and who is in them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from vaglio_server.crm.models import Contact, Lead, one_of


class CampaignStatus(models.TextChoices):
    """Where a campaign is."""

    PLANNED = "planned", _("Planned")
    RUNNING = "running", _("Running")
    ENDED = "ended", _("Ended")


class MemberStatus(models.TextChoices):
    """What became of a member."""

    ADDED = "added", _("Added")
    SENT = "sent", _("Sent")
    BOUNCED = "bounced", _("Bounced")
    OPENED = "opened", _("Opened")
    CLICKED = "clicked", _("Clicked")
    REGISTERED = "registered", _("Registered")
    RESPONDED = "responded", _("Responded")
    ATTENDED = "attended", _("Attended")
    OPTED_OUT = "opted_out", _("Opted out")


class Campaign(models.Model):
    """A marketing effort: a mailing, a webinar, a fair."""

    name = models.TextField(unique=True)
    channel = models.TextField(null=True)
    status = models.CharField(max_length=10, choices=CampaignStatus, default=CampaignStatus.PLANNED)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    budget = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, null=True)
    created_at = models.DateTimeField()

    class Meta:
        """A budget has a currency, and an end comes after its start."""

        constraints: ClassVar = [
            models.CheckConstraint(name="budget_has_currency", condition=Q(budget=None) | Q(currency__regex="^[A-Z]{3}$")),
            models.CheckConstraint(
                name="ends_after_start", condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(name="campaign_status", condition=Q(status__in=CampaignStatus.values)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class CampaignMember(models.Model):
    """A lead or a contact in a campaign; ``first_responded_at`` stays, whatever becomes of them later."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="members")
    lead = models.ForeignKey(Lead, null=True, on_delete=models.CASCADE, related_name="campaigns")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.CASCADE, related_name="campaigns")
    status = models.CharField(max_length=10, choices=MemberStatus, default=MemberStatus.ADDED)
    added_at = models.DateTimeField()
    first_responded_at = models.DateTimeField(null=True)

    class Meta:
        """Somebody is in a campaign once."""

        constraints: ClassVar = [
            models.CheckConstraint(name="campaign_member_is_one", condition=one_of("lead", "contact")),
            models.UniqueConstraint(name="lead_once_in_campaign", fields=["campaign", "lead"]),
            models.UniqueConstraint(name="contact_once_in_campaign", fields=["campaign", "contact"]),
            models.CheckConstraint(name="campaign_member_status", condition=Q(status__in=MemberStatus.values)),
        ]

    def __str__(self) -> str:
        return str(self.lead or self.contact)
