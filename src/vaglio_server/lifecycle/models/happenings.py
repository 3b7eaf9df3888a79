"""What happened to leads, for whoever is told of it: other systems by webhooks, people by mail."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from vaglio_server.crm.models import Lead


class Kind(models.TextChoices):
    """What can happen to a lead, as webhooks name it."""

    CROSSED = "rating.crossed"
    MOVED = "stage.changed"
    ASSIGNED = "lead.assigned"
    BREACHED = "clock.breached"
    ESCALATED = "clock.escalated"
    ANSWERED = "verdict.given"
    ANSWER_UNDONE = "verdict.undone"
    CONVERTED = "lead.converted"
    CONVERSION_UNDONE = "conversion.undone"
    NURTURE_ENTERED = "nurture.entered"
    NURTURE_LEFT = "nurture.left"


class Happening(models.Model):
    """Something that happened to a lead, written in the transaction that did it; rows are only ever added, and forgotten after some weeks.

    ``key`` is what receivers know it by, however often it is sent. ``place``: where it stands in the order in which happenings could be
    seen first, given when webhooks were looked after. ``webhooks_wait``, ``mails_wait``: nobody has looked yet whom to tell.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True)
    kind = models.CharField(max_length=30, choices=Kind)
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="happenings")
    at = models.DateTimeField()
    detail = models.JSONField(default=dict)
    place = models.BigIntegerField(null=True, unique=True)
    webhooks_wait = models.BooleanField(default=True)
    mails_wait = models.BooleanField(default=True)

    class Meta:
        """Read in order by whoever passes them on, and forgotten by age."""

        indexes: ClassVar = [
            models.Index(fields=["id"], name="happening_for_webhooks", condition=Q(webhooks_wait=True)),
            models.Index(fields=["id"], name="happening_for_mails", condition=Q(mails_wait=True)),
            models.Index(fields=["kind", "place"], name="happening_of_kind", condition=Q(place__isnull=False)),
            models.Index(fields=["at"], name="happening_at"),
        ]

    def __str__(self) -> str:
        return f"lead {self.lead_id}: {self.kind}"
