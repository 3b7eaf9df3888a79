"""Mails to those who sell: that a lead came, that a promise is late, and what a day begins with."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vaglio_server.users.models import User


class Wanted(models.TextChoices):
    """Which mails a seller wants."""

    EACH = "each", _("Each lead as it comes, and a summary each morning")
    DIGEST = "digest", _("A summary each morning")
    NONE = "none", _("None")


class About(models.TextChoices):
    """What a mail is about."""

    ASSIGNED = "assigned", _("Leads that came")
    LATE = "late", _("A promise that is late")
    ESCALATED = "escalated", _("A promise that a team did not keep")
    REMINDER = "reminder", _("A reminder of leads that lie idle")
    DIGEST = "digest", _("A day's summary")


class Notice(models.Model):
    """A mail to somebody, written down first and sent by a worker; its text is made when it is sent, of what is so then.

    ``day``: of a summary. ``next_at`` is None once there is nothing more to do; a mail that had nothing to say any more has no ``sent_at``.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    about = models.CharField(max_length=10, choices=About)
    leads = ArrayField(models.BigIntegerField(), default=list)
    day = models.DateField(null=True)
    created_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")

    class Meta:
        """Workers look for those to send; a day has one summary."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "day"], name="one_summary_a_day", condition=Q(day__isnull=False))]
        indexes: ClassVar = [models.Index(fields=["next_at"], name="notice_to_send", condition=Q(next_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.about} to {self.user_id}"
