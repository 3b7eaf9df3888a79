"""What became of leads."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vaglio_server.crm.models.records import Lead


class Fate(models.TextChoices):
    """What became of a lead."""

    ACCEPTED = "accepted", _("Accepted by sales")
    REJECTED = "rejected", _("Rejected by sales")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class LeadOutcomeQuerySet(models.QuerySet["LeadOutcome"]):
    """Asks for what became of leads."""

    def present(self) -> Self:
        """Return what holds: what a file brought that was taken back does not."""
        return self.filter(taken_back_at=None)


class LeadOutcome(models.Model):
    """What became of a lead, when, and when that became known: what a score is compared with. ``value`` is what was won or lost, in
    ``currency`` (ISO 4217) where that is known: of a sale it always is, and amounts of two currencies are no sum.

    ``taken_back_at``: from when on it does not hold, because the file that said so was taken back. ``waits``: until where the lead stands
    follows that it was told or taken back.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="outcomes")
    outcome = models.CharField(max_length=10, choices=Fate)
    reason = models.TextField(null=True)
    value = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, null=True)
    occurred_at = models.DateTimeField()
    known_at = models.DateTimeField()
    by = models.TextField()
    taken_back_at = models.DateTimeField(null=True)
    waits = models.BooleanField(default=False, db_default=False)

    objects = LeadOutcomeQuerySet.as_manager()

    class Meta:
        """The same is said once; a currency is that of an amount; what waits is found at once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["lead", "outcome", "occurred_at"], condition=Q(taken_back_at=None), name="outcome_once"),
            models.CheckConstraint(name="lead_outcome_is_one", condition=Q(outcome__in=Fate.values)),
            models.CheckConstraint(
                name="currency_of_value", condition=Q(currency=None) | Q(value__isnull=False, currency__regex="^[A-Z]{3}$")
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["lead"], name="outcome_waits", condition=Q(waits=True))]

    def __str__(self) -> str:
        return self.get_outcome_display()
