"""Counts of what a version says of all leads, comparisons of two versions, and counts of leads by rating, as workers make them."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from vaglio_server.scoring.models import ModelVersion


class StudyState(models.TextChoices):
    """Where a study is."""

    ASKED = "asked", _("Waiting for a worker")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")
    FAILED = "failed", _("Broken off")


UNFINISHED = (StudyState.ASKED, StudyState.RUNNING)


class Study(models.Model):
    """What a version says of all leads (``against`` is none), or what would change if another took its place (``against``).

    ``told`` holds the figures, a few kilobytes however many leads there are. ``leads`` were looked at, of ``leads_there``: where there are
    very many, a draw of them. Of each kind the newest that is done is kept, and what came after it.
    """

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="studies")
    against = models.ForeignKey(ModelVersion, null=True, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=StudyState, default=StudyState.ASKED)
    by = models.TextField()
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    as_of = models.DateTimeField(null=True)
    done_share = models.FloatField(default=0.0)
    leads = models.BigIntegerField(default=0)
    leads_there = models.BigIntegerField(default=0)
    newest_score = models.BigIntegerField(default=0)
    told: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)

    class Meta:
        """The same is asked for once at a time. Workers look for what nobody has finished."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "against"],
                name="study_asked_once",
                nulls_distinct=False,
                condition=Q(state__in=["asked", "running"]),
            ),
            models.CheckConstraint(name="study_state_is_one", condition=Q(state__in=StudyState.values)),
            models.CheckConstraint(name="study_of_two", condition=Q(against=None) | ~Q(against=F("version"))),
        ]
        indexes: ClassVar = [models.Index(fields=["id"], name="study_to_do", condition=Q(state__in=["asked", "running"]))]

    def __str__(self) -> str:
        return f"{self.version} against {self.against}" if self.against_id else f"count of {self.version}"

    @property
    def is_unfinished(self) -> bool:
        """Whether a worker has still to do with it."""
        return self.state in UNFINISHED

    @property
    def is_sample(self) -> bool:
        """Whether it is of a draw of leads, not of all."""
        return self.leads < self.leads_there


class Trial(models.Model):
    """A version held against what is remembered of leads; with a ``method``, a model is learned from the same beside it.

    ``good`` is the outcome that counts, waited for ``horizon_days``. ``told`` holds the report as plain values, ``figures`` what a line
    says of it, ``text`` the document that was learned, ``kept`` the draft it was kept as. ``stage``: what is being done, or why it was not.
    """

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="trials")
    method = models.CharField(max_length=12, blank=True)
    good = models.CharField(max_length=10)
    horizon_days = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=StudyState, default=StudyState.ASKED)
    stage = models.TextField(blank=True)
    done_share = models.FloatField(default=0.0)
    by = models.TextField()
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    told: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    figures: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    text = models.TextField(blank=True)
    kept = models.ForeignKey(ModelVersion, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        """The same is asked for once at a time. Workers look for what nobody has finished."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "method"], name="trial_asked_once", condition=Q(state__in=["asked", "running"])),
            models.CheckConstraint(name="trial_state_is_one", condition=Q(state__in=StudyState.values)),
            models.CheckConstraint(name="trial_method_is_one", condition=Q(method__in=["", "logistic", "predictive"])),
        ]
        indexes: ClassVar = [models.Index(fields=["id"], name="trial_to_do", condition=Q(state__in=["asked", "running"]))]

    def __str__(self) -> str:
        return f"{self.version} by {self.method}" if self.method else f"proof of {self.version}"

    @property
    def is_unfinished(self) -> bool:
        """Whether a worker has still to do with it."""
        return self.state in UNFINISHED


class Census(models.Model):
    """How many leads have each rating, counted by a worker where there are so many that a page cannot wait for it; one row or none.

    ``leads``: by rating, under an empty text those without one. ``seconds``: how long it took to count.
    """

    leads: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField()
    counted_at = models.DateTimeField()
    seconds = models.FloatField()
    newest_score = models.BigIntegerField()

    class Meta:
        """One at a time; the next takes its place."""

        constraints: ClassVar = [models.UniqueConstraint(models.Value(1), name="one_census")]

    def __str__(self) -> str:
        return f"leads by rating, {self.counted_at}"
