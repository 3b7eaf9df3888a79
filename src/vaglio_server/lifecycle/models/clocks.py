"""Promised first responses that run, and when they do not."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from vaglio_server.crm.models import Lead
from vaglio_server.users.models import User


class Step(models.TextChoices):
    """What happens, one after the other, when nobody responds."""

    OWNER = "owner", _("Its owner was told")
    LEADER = "leader", _("The leader of the team was told")
    QUEUE = "queue", _("It was given to somebody else")
    AGAIN = "again", _("Somebody has it again who answers for it from now on")


class SlaClock(models.Model):
    """A promised first response: it runs from ``started_at`` until somebody responds (``met_at``) or nobody need any more (``ended_at``).

    ``promised_seconds`` is what the document promises. When it is over is worked out from this, the calendar and the pauses, never stored;
    ``breached_at`` says when it was found to be over.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="clocks", db_index=False)
    rating = models.CharField(max_length=2)
    promised_seconds = models.IntegerField()
    started_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)

    class Meta:
        """One runs at a time."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["lead"], name="one_running_clock", condition=Q(ended_at__isnull=True)),
            models.CheckConstraint(name="met_ends_clock", condition=Q(met_at=None) | Q(ended_at=F("met_at"))),
        ]
        indexes: ClassVar = [models.Index(fields=["lead", "-id"], name="clock_of_lead")]

    def __str__(self) -> str:
        return f"lead {self.lead_id}: {self.rating} since {self.started_at}"


class Escalation(models.Model):
    """A promised response that was late, and who was told, or got the lead, at which step; rows are only ever added.

    ``owner``: whose it was then; ``to``: who was told, or whose it became; None: nobody's, for everybody to see. ``turn``: 0 for whoever
    had it first; each who gets it by that has a turn of their own, with all steps anew.
    """

    clock = models.ForeignKey(SlaClock, on_delete=models.CASCADE, related_name="escalations")
    turn = models.IntegerField(default=0)
    step = models.CharField(max_length=10, choices=Step)
    at = models.DateTimeField()
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    to = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        """Each step of a turn is taken once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["clock", "turn", "step"], name="escalated_once")]

    def __str__(self) -> str:
        return f"clock {self.clock_id}: {self.step}"


class ClockPause(models.Model):
    """A time during which a clock does not run, because we wait for the lead."""

    clock = models.ForeignKey(SlaClock, on_delete=models.CASCADE, related_name="pauses")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True)
    by = models.TextField()

    class Meta:
        """One at a time, and it does not end before it begins."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clock"], name="one_open_pause", condition=Q(to_at__isnull=True)),
            models.CheckConstraint(name="pause_goes_on", condition=Q(to_at=None) | Q(to_at__gte=F("from_at"))),
        ]

    def __str__(self) -> str:
        return f"clock {self.clock_id} from {self.from_at}"
