"""Models, their versions, and what they said of each lead."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from vaglio_server.crm.models import Lead
from vaglio_server.users.models import ANSWERERS, MARKETERS, Role


class ScoringModel(models.Model):
    """A named model with its versions; one of them drives the lifecycle."""

    name = models.TextField(unique=True)
    is_driving = models.BooleanField(default=False)

    class Meta:
        """Two models cannot drive."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["is_driving"], name="one_model_drives", condition=models.Q(is_driving=True))
        ]

    def __str__(self) -> str:
        return self.name


class ModelVersion(models.Model):
    """One immutable text of a model. Until marketing and sales have both signed it (``signed_at``) it is shown as unsigned."""

    scoring_model = models.ForeignKey(ScoringModel, on_delete=models.PROTECT, related_name="versions")
    number = models.IntegerField()
    text = models.TextField()
    title = models.TextField(default="")  # as the text says; empty: none
    rank_order = ArrayField(models.TextField())  # the ratings, first to call first
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    by = models.TextField()
    live_from = models.DateTimeField(null=True)
    live_to = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    discarded_at = models.DateTimeField(null=True)
    discarded_by = models.TextField(null=True)

    class Meta:
        """One live version per model; what was live is never discarded."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scoring_model", "number"], name="version_number"),
            models.UniqueConstraint(
                fields=["scoring_model"], name="one_live_version", condition=models.Q(live_from__isnull=False, live_to__isnull=True)
            ),
            models.CheckConstraint(
                name="only_drafts_are_discarded", condition=models.Q(discarded_at__isnull=True) | models.Q(live_from__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}" if self.title else f"{self.scoring_model} version {self.number}"

    @property
    def is_live(self) -> bool:
        """Whether it scores leads now."""
        return self.live_from is not None and self.live_to is None

    @property
    def is_draft(self) -> bool:
        """Whether it was never live, and may still be."""
        return self.live_from is None and self.discarded_at is None


class Side(models.TextChoices):
    """The two that a model is a contract between."""

    MARKETING = "marketing", _("marketing")
    SALES = "sales", _("sales")


# Who may sign for a side: an administrator of a small company is the one or the other, never both.
SIGNERS: dict[Side, tuple[Role, ...]] = {Side.MARKETING: MARKETERS, Side.SALES: ANSWERERS}
SPEAKERS = tuple(dict.fromkeys(role for roles in SIGNERS.values() for role in roles))  # who has a say in what is agreed


class ModelSignature(models.Model):
    """Somebody's word for a side that a version is what was agreed."""

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="signatures")
    side = models.CharField(max_length=10, choices=Side)
    by = models.TextField()
    at = models.DateTimeField()

    class Meta:
        """One signature a side, and two people for two sides."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "side"], name="one_signature_a_side"),
            models.UniqueConstraint(fields=["version", "by"], name="one_side_a_signer"),
        ]

    def __str__(self) -> str:
        return f"{self.version} signed for {self.side} by {self.by}"


class ModelRemark(models.Model):
    """What somebody said about a version, for those who change and sign it. It stays: it is part of how a contract came about."""

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="remarks")
    text = models.TextField()
    by = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.by} about {self.version}"


class Run(models.Model):
    """Everybody is to be scored anew since an instant at which a version went live.

    So making millions of leads due is one row. Leads are taken by their companies up to ``last_account``, then those without one, by
    their ids up to ``last_lead``. Who was scored since is done; who was not, when all were taken, is made due as usual.
    """

    at = models.DateTimeField()
    last_account = models.BigIntegerField(default=0)
    last_lead = models.BigIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """One at a time: a later one does what an earlier one has still to do."""

        constraints: ClassVar = [
            models.UniqueConstraint(models.Value(1), name="one_open_run", condition=models.Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"run since {self.at}"


class Score(models.Model):
    """What a version said of a lead at an instant. The newest is current; all of them stay: a change of score is a new row.

    ``lines``: what each rule and bound gave, from ``axis.rule.part`` to millipoints, those of an axis summing to its score; lines of
    0 are left out. ``is_outside``: the lead is no longer among those whom the version scores.
    """

    # Neither is checked by the database: whoever stores holds the lead, and versions stay. The checks are a third of the time of storing.
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="scores", db_index=False, db_constraint=False)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    as_of = models.DateTimeField()
    known_at = models.DateTimeField()
    profile_millipoints = models.BigIntegerField()
    engagement_millipoints = models.BigIntegerField()
    rating = models.CharField(max_length=2, null=True)
    temperature = models.TextField(null=True)
    buying_stage = models.TextField(null=True)
    potential = models.FloatField(null=True)
    coverage = models.FloatField(null=True)
    flags = models.TextField(null=True)
    excluded_by = models.TextField(null=True)
    probability = models.FloatField(null=True)
    lines = models.JSONField(default=dict)
    is_outside = models.BooleanField(default=False, db_default=False)
    next_change_at = models.DateTimeField(null=True)

    class Meta:
        """One score per lead, version and instant."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["lead", "version", "as_of"], name="score_once")]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.rating} as of {self.as_of}"


class Crossing(models.Model):
    """A rating or a set of flags that changed, recorded once: its score can only be named once.

    ``waits``: until what follows from it was done.
    """

    # Not checked by the database: both are written together with the score, whose lead is, and checks are half the time of storing.
    score = models.OneToOneField(Score, on_delete=models.CASCADE, related_name="crossing", db_constraint=False)
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, db_constraint=False)
    at = models.DateTimeField()
    rating_before = models.CharField(max_length=2, null=True)
    rating_after = models.CharField(max_length=2, null=True)
    flags_before = models.TextField(null=True)
    flags_after = models.TextField(null=True)
    waits = models.BooleanField(default=True, db_default=True)

    class Meta:
        """Changes are found among first ratings, of which there is one for every lead when a model goes live."""

        indexes: ClassVar = [
            models.Index(fields=["-at", "-id"], name="crossing_changed", condition=models.Q(rating_before__isnull=False)),
            models.Index(fields=["id"], name="crossing_waits", condition=models.Q(waits=True)),
        ]

    def __str__(self) -> str:
        return f"{self.rating_before} → {self.rating_after}"
