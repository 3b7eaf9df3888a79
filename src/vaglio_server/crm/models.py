"""Leads, accounts, lists, and every value their fields ever had."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Coalesce

UNRATED = "ZZ"  # after every rating
BEST_FIRST = Coalesce(F("rating"), Value(UNRATED))


class Account(models.Model):
    """A company."""

    name = models.TextField()
    domain = models.TextField(null=True, unique=True)
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Lead(models.Model):
    """A person not yet converted, with the rating of the model that drives the lifecycle.

    ``fields`` are the values as they are now; :class:`FieldChange` holds what they were, and when that was known.
    """

    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="leads")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="leads")
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    rating = models.CharField(max_length=2, null=True)
    profile_millipoints = models.BigIntegerField(null=True)
    engagement_millipoints = models.BigIntegerField(null=True)

    class Meta:
        """Workers look for what is due, people for what is best."""

        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="lead_due", condition=models.Q(due_at__isnull=False)),
            models.Index(BEST_FIRST, F("id"), name="lead_rating"),
            models.Index(fields=["account"], name="lead_account"),
        ]

    def __str__(self) -> str:
        return self.name or f"lead {self.pk}"

    @property
    def name(self) -> str:
        """First and last name, else the mail address."""
        whole = " ".join(str(self.fields[part]) for part in ("first_name", "last_name") if self.fields.get(part))
        return whole or str(self.fields.get("name") or self.fields.get("email") or "")


class FieldChange(models.Model):
    """A value a field took, and when that became known."""

    lead = models.ForeignKey(Lead, null=True, on_delete=models.CASCADE, related_name="field_changes")
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="field_changes")
    field = models.TextField()
    value = models.JSONField(null=True)
    known_at = models.DateTimeField()
    by = models.TextField()

    class Meta:
        """A change belongs to one record."""

        constraints: ClassVar = [
            models.CheckConstraint(
                name="field_change_of_one", condition=models.Q(lead__isnull=False) ^ models.Q(account__isnull=False)
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.field} = {self.value}"


class ListMember(models.Model):
    """A lead or an account on a list (customers, competitors, priority accounts), for a period ``[from, to)``."""

    list = models.TextField()
    lead = models.ForeignKey(Lead, null=True, on_delete=models.CASCADE)
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE)
    from_at = models.DateTimeField(null=True)
    to_at = models.DateTimeField(null=True)
    known_at = models.DateTimeField()

    class Meta:
        """A member is a lead or an account."""

        constraints: ClassVar = [
            models.CheckConstraint(name="member_is_one", condition=models.Q(lead__isnull=False) ^ models.Q(account__isnull=False))
        ]

    def __str__(self) -> str:
        return self.list
