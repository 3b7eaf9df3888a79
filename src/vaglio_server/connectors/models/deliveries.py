"""What is sent to receivers, and what became of it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vaglio_server.connectors.models.endpoints import Endpoint
from vaglio_server.lifecycle.models import Happening

TEST = "ping"  # what a test is called


class State(models.TextChoices):
    """What became of a delivery."""

    WAITING = "waiting", _("waiting")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("failed")


class WebhookDelivery(models.Model):
    """One happening for one receiver; without a happening it is a test. What is sent is made of the happening each time, and not kept here.

    ``key`` is what the receiver knows it by, on every attempt. ``next_at``: when it is tried; a sender that takes it puts that off for a
    while, so that it is tried again should the sender be killed. ``attempts``, ``status``, ``answer``, ``error``: how often it was
    answered or not, and what came of the last.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    happening = models.ForeignKey(Happening, null=True, on_delete=models.CASCADE, related_name="deliveries")
    key = models.UUIDField()
    kind = models.CharField(max_length=30)
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    took_ms = models.IntegerField(null=True)
    status = models.IntegerField(null=True)
    answer = models.TextField(default="")
    error = models.TextField(default="")

    class Meta:
        """Each happening once for each receiver; taken by when they are due, read newest first."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["endpoint", "happening"], name="happening_once"),
            models.CheckConstraint(
                name="waiting_has_a_time",
                condition=Q(state=State.WAITING, next_at__isnull=False) | (~Q(state=State.WAITING) & Q(next_at=None)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["endpoint", "next_at", "id"], name="delivery_due", condition=Q(state=State.WAITING)),
            models.Index(fields=["endpoint", "-id"], name="delivery_of_endpoint"),
            models.Index(fields=["endpoint", "-id"], name="delivery_failed", condition=Q(state=State.FAILED)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.endpoint_id}: {self.state}"
