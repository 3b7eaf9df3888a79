"""When duplicates were looked for, which pairs of leads were found, what people decided on them, and what was merged in one go."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vaglio_server.crm.models import Lead
from vaglio_server.tracking.models import Merge


class SearchState(models.TextChoices):
    """Where a search is."""

    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")
    FAILED = "failed", _("Broken off")


class Search(models.Model):
    """A look through all leads for those that are one person. What it found is there as a whole, or not at all."""

    by = models.TextField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=SearchState, default=SearchState.RUNNING)
    done_share = models.FloatField(default=0.0)
    leads = models.BigIntegerField(default=0)
    found = models.BigIntegerField(default=0)

    class Meta:
        """One search runs at a time."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["state"], name="one_search_at_a_time", condition=models.Q(state="running")),
            models.CheckConstraint(name="search_state_is_one", condition=models.Q(state__in=SearchState.values)),
        ]

    def __str__(self) -> str:
        return f"search {self.pk}"


class Bulk(models.Model):
    """Pairs merged in one go, and undone in one go; workers do it pair by pair."""

    by = models.TextField()
    asked_at = models.DateTimeField()
    pairs_asked = models.IntegerField()
    undo_asked_at = models.DateTimeField(null=True)
    undo_by = models.TextField(null=True)

    def __str__(self) -> str:
        return f"bulk {self.pk}"


class PairState(models.TextChoices):
    """What became of a pair."""

    OPEN = "open", _("To be looked at")
    ASKED = "asked", _("To be merged")
    MERGED = "merged", _("Merged")
    UNDO = "undo", _("To be undone")
    DIFFERENT = "different", _("Not the same")


class Pair(models.Model):
    """Two leads that are probably one person (the smaller id first), why, and what somebody decided.

    ``answers`` are those of the comparisons, by name. ``decided_on`` marks what both leads said when somebody decided: while they say the
    same, the pair is not proposed again. ``stays`` is the lead that the other was merged into.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+", db_index=False)
    probability = models.FloatField()
    answers = models.JSONField()
    known_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=PairState, default=PairState.OPEN)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(null=True)
    decided_on = models.TextField(default="")
    stays = models.ForeignKey(Lead, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    merge = models.ForeignKey(Merge, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    bulk = models.ForeignKey(Bulk, null=True, on_delete=models.SET_NULL, related_name="pairs")
    refused_because = models.TextField(default="")

    class Meta:
        """Two leads are one pair. The surest of those open are asked for; workers look for what is to be done."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["lead", "other"], name="pair_once"),
            models.CheckConstraint(name="pair_in_order", condition=models.Q(lead__lt=models.F("other"))),
            models.CheckConstraint(name="pair_state_is_one", condition=models.Q(state__in=PairState.values)),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-probability", "id"], name="pair_open", condition=models.Q(state="open")),
            models.Index(fields=["id"], name="pair_to_do", condition=models.Q(state__in=["asked", "undo"])),
            models.Index(fields=["-decided_at"], name="pair_decided", condition=models.Q(decided_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} = {self.other_id}?"
