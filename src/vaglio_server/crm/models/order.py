"""By what lists of leads are sorted, other than by rank."""

from typing import ClassVar

from django.db import models

from vaglio_server.crm.models.records import Lead


class LeadOrder(models.Model):
    """A lead's name, its company's, folded, and when it was made; written by triggers of the database wherever these are written.

    Of who belongs to no company the company is the one they say themselves, as :attr:`Lead.works_at` has it.
    Who has no name, or no company, comes after all others. Apart from the lead: each rating written there is a new row in all its indexes.
    """

    lead = models.OneToOneField(Lead, primary_key=True, on_delete=models.CASCADE, related_name="order")
    name = models.TextField()
    company = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        """A page of a list is read in the order of an index, either way."""

        indexes: ClassVar = [
            models.Index(fields=["name", "lead"], name="order_name"),
            models.Index(fields=["company", "lead"], name="order_company"),
            models.Index(fields=["created_at", "lead"], name="order_created"),
        ]

    def __str__(self) -> str:
        return self.name
