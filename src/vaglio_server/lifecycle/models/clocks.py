"""Promised first responses that run, and when they do not."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from vaglio_server.crm.models import Lead


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
