"""Leads that became somebody's, or nobody's, of which others are yet to be told."""

from django.db import models

from vaglio_server.crm.models.records import Lead
from vaglio_server.users.models import User


class OwnerChange(models.Model):
    """A lead whose owner changed by a file or a merge; the row goes once those were told who are to know whose leads are."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    by = models.TextField()

    def __str__(self) -> str:
        return f"lead {self.lead_id} to {self.owner_id}"
