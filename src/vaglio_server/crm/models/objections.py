"""Who is not to be rated: they objected to it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from vaglio_server.crm.models.records import Lead


class Objection(models.Model):
    """Nobody rates a lead from ``since`` until ``until`` (None: still), because the person objected.

    They are no lead of any model meanwhile, nor anybody's colleague there; what is scored as of another time sees them as it did then.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="objections")
    since = models.DateTimeField()
    by = models.TextField()
    until = models.DateTimeField(null=True)
    until_by = models.TextField(null=True)

    class Meta:
        """A lead objects once at a time."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["lead"], name="objects_once", condition=Q(until__isnull=True))]

    def __str__(self) -> str:
        return f"objection of lead {self.lead_id}"
