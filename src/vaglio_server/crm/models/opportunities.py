"""Opportunities: possible sales, the stages of the pipelines they go through, and who has a say in them."""

from typing import ClassVar, Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vaglio_server.crm.logic.loss import LONGEST_WORD, ReasonSaid
from vaglio_server.crm.models.records import Account, Contact, OwnedQuerySet, Words
from vaglio_server.users.models import User


class Pipeline(models.Model):
    """The stages through which a kind of sale goes; the first pipeline is that of new opportunities."""

    name = models.TextField(unique=True)
    place = models.IntegerField(default=0)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class PipelineStage(models.Model):
    """A stage of a pipeline: how likely what stands there is won, and whether a sale that comes there is won, or lost, by that."""

    pipeline = models.ForeignKey(Pipeline, on_delete=models.CASCADE, related_name="stages", db_index=False)
    name = models.TextField()
    place = models.IntegerField()
    probability_percent = models.IntegerField()
    is_won = models.BooleanField(default=False)
    is_lost = models.BooleanField(default=False)

    class Meta:
        """A word is of one stage of a pipeline, and a pipeline has at most one stage of those won, and one of those lost."""

        constraints: ClassVar = [
            models.UniqueConstraint("pipeline", Lower("name"), name="stage_once_in_pipeline"),
            models.UniqueConstraint("pipeline", name="one_stage_won", condition=Q(is_won=True)),
            models.UniqueConstraint("pipeline", name="one_stage_lost", condition=Q(is_lost=True)),
            models.CheckConstraint(name="stage_is_won_or_lost", condition=~Q(is_won=True, is_lost=True)),
            models.CheckConstraint(name="probability_is_a_share", condition=Q(probability_percent__range=(0, 100))),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def outcome(self) -> str:
        """How a sale ends that comes here."""
        return Outcome.WON if self.is_won else Outcome.LOST if self.is_lost else Outcome.OPEN


class LossReason(models.Model):
    """Why sales are lost: a word that opportunities keep, and what it is called. Without any row, the usual ones hold.

    ``retired_at``: since when it is not offered any more; what was lost by it stays so.
    """

    word = models.CharField(max_length=LONGEST_WORD, unique=True)
    label = models.TextField()
    place = models.IntegerField()
    retired_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What it is called; the usual ones in the language of the reader."""
        return gettext(self.label)

    @property
    def said(self) -> ReasonSaid:
        """As somebody says that it stays."""
        return ReasonSaid(self.label, self.word, self.retired_at is not None)


class OpportunityQuerySet(OwnedQuerySet["Opportunity"]):
    """Filters on opportunities."""

    def present(self) -> Self:
        """Leave out opportunities of conversions that were undone."""
        return self.filter(taken_back_at__isnull=True)

    def visible_to(self, user: User) -> Self:
        """Leave the opportunities a user may see now: sellers see their own and their team's, everybody else all."""
        return super().visible_to(user).present()


class Outcome(models.TextChoices):
    """How a possible sale ended, if it did."""

    OPEN = "open", _("Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class Opportunity(models.Model):
    """A possible sale: to whom, for how much, by when, and how it ended.

    ``stage`` is the word for where it stands; ``pipeline_stage`` the stage of a pipeline that is called so, None where none is.
    ``taken_back_at``: since when it is none any more, because the conversion that made it was undone. ``key`` is that of the form by which
    it was made: sent again, it makes nothing.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="opportunities")
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="opportunities")
    name = models.TextField()
    stage = models.TextField(null=True)
    pipeline_stage = models.ForeignKey(PipelineStage, null=True, on_delete=models.SET_NULL, related_name="opportunities", db_index=False)
    loss_reason = models.CharField(max_length=LONGEST_WORD, null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    amount = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, null=True)
    close_date = models.DateField(null=True)
    contacts = models.ManyToManyField(Contact, through="OpportunityContact", related_name="opportunities")
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)
    key = models.TextField(null=True)
    words = models.GeneratedField(expression=Words("name"), output_field=SearchVectorField(), db_persist=True)

    objects = OpportunityQuerySet.as_manager()

    class Meta:
        """An amount is worth nothing without its currency; a form makes one opportunity."""

        constraints: ClassVar = [
            models.CheckConstraint(name="amount_has_currency", condition=Q(amount=None) | Q(currency__regex="^[A-Z]{3}$")),
            models.CheckConstraint(name="outcome_is_one", condition=Q(outcome__in=Outcome.values)),
            models.UniqueConstraint(name="opportunity_of_key", fields=["key"], condition=Q(key__isnull=False)),
        ]
        indexes: ClassVar = [
            GinIndex(fields=["words"], name="opportunity_words"),
            models.Index(fields=["pipeline_stage"], name="opportunity_stage", condition=Q(pipeline_stage__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name


class OpportunityContact(models.Model):
    """A contact who has a say in an opportunity; ``role`` is a buying role as models name them, such as ``economic_buyer``."""

    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="people")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="says")
    role = models.TextField(null=True)

    class Meta:
        """A contact has one role in an opportunity."""

        constraints: ClassVar = [models.UniqueConstraint(name="contact_once", fields=["opportunity", "contact"])]

    def __str__(self) -> str:
        return f"{self.contact} ({self.role})" if self.role else str(self.contact)
