"""Receivers of webhooks."""

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class WhyOff(models.TextChoices):
    """Why nothing is sent to a receiver."""

    BY_HAND = "by_hand", _("switched off by hand")
    GONE = "gone", _("it answered that it is gone (410)")
    FAILING = "failing", _("it only failed for five days")
    UNREADABLE = "unreadable", _("its secret cannot be read: the server has another secret key now; make a new one")


class Endpoint(models.Model):
    """Another system that is told of some ``kinds`` of happenings.

    ``secret`` and, until ``secret_before_until``, ``secret_before`` sign what is sent; both are kept encrypted. ``has_email``: it is told
    the mail address of the lead, too. ``told_since``: when those kinds were chosen that were not at first. ``failing_since``: it only
    failed since then. ``paused_until``: it asked to be left alone so long.
    """

    name = models.TextField(unique=True)
    address = models.TextField()
    kinds = ArrayField(models.CharField(max_length=30))
    told_since = models.JSONField(default=dict, db_default={})
    has_email = models.BooleanField(default=False)
    secret = models.TextField()
    secret_before = models.TextField(null=True)
    secret_before_until = models.DateTimeField(null=True)
    is_on = models.BooleanField(default=True)
    why_off = models.CharField(max_length=20, null=True, choices=WhyOff)
    off_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    by = models.TextField()

    class Meta:
        """What is off says why."""

        constraints: ClassVar = [
            models.CheckConstraint(
                name="off_says_why",
                condition=Q(is_on=True, why_off=None, off_at=None) | Q(is_on=False, why_off__isnull=False, off_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def told_from(self, kind: str) -> datetime:
        """Return since when it is to be told of a kind that was chosen."""
        since = self.told_since.get(kind)
        return datetime.fromisoformat(since) if since else self.created_at

    def is_changing(self, at: datetime) -> bool:
        """Whether it was given another secret, and the one before signs, too."""
        return bool(self.secret_before and self.secret_before_until and self.secret_before_until > at)
