"""Leads on nurture lists, and the looks at all leads that follow when ratings come to lead elsewhere."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.logic import nurture


class Why(models.TextChoices):
    """Why a lead entered a nurture list or left it, as pages name it."""

    RATING = nurture.Why.RATING.value, _("its rating")
    SALES = nurture.Why.SALES.value, _("it went to sales")
    RECYCLED = nurture.Why.RECYCLED.value, _("sales gave it back")
    DISQUALIFIED = nurture.Why.DISQUALIFIED.value, _("it was disqualified")
    GONE = nurture.Why.GONE.value, _("it was merged or taken back")


class NurtureEnrollment(models.Model):
    """A stay of a lead on a nurture list, by its name in the model; open until ``left_at``."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="enrollments", db_index=False)
    track = models.CharField(max_length=100)
    rating = models.CharField(max_length=2)
    entered_at = models.DateTimeField()
    why = models.CharField(max_length=20, choices=Why)
    left_at = models.DateTimeField(null=True)
    why_left = models.CharField(max_length=20, null=True, choices=Why)

    class Meta:
        """A lead is on one list at a time; a list is read newest first."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["lead"], name="one_open_enrollment", condition=Q(left_at__isnull=True)),
            models.CheckConstraint(
                name="left_says_why", condition=Q(left_at=None, why_left=None) | Q(left_at__gte=F("entered_at"), why_left__isnull=False)
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["track", "-id"], name="enrolled_now", condition=Q(left_at__isnull=True)),
            models.Index(fields=["track", "-id"], name="enrolled_once", condition=Q(left_at__isnull=False)),
            models.Index(fields=["lead", "-id"], name="enrollment_of_lead"),
        ]

    def __str__(self) -> str:
        return f"lead {self.lead_id} on {self.track} since {self.entered_at}"


class LookAtAll(models.Model):
    """A look at all leads, by their ids up to ``last_lead``, by what ratings led to when it began; at most one goes on."""

    began_at = models.DateTimeField()
    leads_to = models.JSONField()
    last_lead = models.BigIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """A later one does what an earlier one has still to do."""

        constraints: ClassVar = [
            models.UniqueConstraint(models.Value(1), name="one_open_look", condition=Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"look since {self.began_at}"
