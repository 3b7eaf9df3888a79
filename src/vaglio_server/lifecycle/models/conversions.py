"""Leads that became contacts: into what, what was made for it and what was written, so that it can be taken back."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vaglio_server.crm.models import Account, Contact, Lead, Opportunity
from vaglio_server.lifecycle.models.standing import Stage


class Made(models.TextChoices):
    """What a conversion leads to."""

    CONTACT = "contact", _("contact")
    ACCOUNT = "account", _("company")
    OPPORTUNITY = "opportunity", _("opportunity")


class ConversionQuerySet(models.QuerySet["Conversion"]):
    """Asks for conversions."""

    def present(self) -> Self:
        """Return those that hold: that were not undone."""
        return self.filter(undone_at=None)


TEAM = "team_id"  # among what a conversion changed of its lead: in whose queue it was before it was handed over


class Conversion(models.Model):
    """A lead that became a contact at a company, perhaps with an opportunity.

    ``key`` is the caller's: the same key is the same conversion. ``made`` names the records that were made for it. ``changed`` holds what
    was written to records that were there, by record and field: the value before, and after. ``mapping`` says what went where; ``left``
    which values did not fit. ``is_accepted``: sales accepted the lead by it.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="conversions", db_index=False)
    key = models.TextField(null=True)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="conversions")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="conversions")
    opportunity = models.ForeignKey(Opportunity, null=True, on_delete=models.PROTECT, related_name="conversions")
    made = ArrayField(models.CharField(max_length=11, choices=Made))
    changed = models.JSONField(default=dict)
    mapping = models.JSONField(default=list)
    left = models.JSONField(default=list)
    stage_before = models.CharField(max_length=20, choices=Stage)
    is_accepted = models.BooleanField()
    converted_at = models.DateTimeField()
    known_at = models.DateTimeField()
    by = models.TextField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.TextField(null=True)

    objects = ConversionQuerySet.as_manager()

    class Meta:
        """A lead is converted once at a time, and once for a key."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["lead"], name="converted_once", condition=Q(undone_at__isnull=True)),
            models.UniqueConstraint(fields=["lead", "key"], name="conversion_of_key"),
        ]

    def __str__(self) -> str:
        return f"lead {self.lead_id} → contact {self.contact_id}"

    @property
    def was_handed_over(self) -> bool:
        """Whether the lead went to another team by it."""
        return TEAM in self.changed.get("lead", {})


class ConversionMapping(models.Model):
    """Which field of a lead becomes which of its contact, company and opportunity. Rows are only ever added; the newest holds.

    ``rows``: the lead's field, the record, its field, and whether a value that is there is written over.
    """

    rows = models.JSONField()
    at = models.DateTimeField()
    by = models.TextField()

    def __str__(self) -> str:
        return f"mapping of {self.at}"
