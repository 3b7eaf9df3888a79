"""A second opinion on what sales said of a lead, by a colleague who does not know it: how far verdicts can be relied on."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from vaglio_server.lifecycle.models.standing import Reason, StageMove
from vaglio_server.users.models import User


class SecondOpinion(models.Model):
    """Somebody asked whether they would have accepted a lead, without being told what was said; ``move`` is the verdict."""

    move = models.OneToOneField(StageMove, primary_key=True, on_delete=models.CASCADE, related_name="opinion")
    asked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="opinions", db_index=False)
    asked_at = models.DateTimeField()
    would_accept = models.BooleanField(null=True)
    reason = models.CharField(max_length=20, null=True, choices=Reason)
    at = models.DateTimeField(null=True)

    class Meta:
        """Read by whom it is asked of; who would not accept says why."""

        constraints: ClassVar = [
            models.CheckConstraint(
                name="opinion_is_whole", condition=Q(at=None, would_accept=None) | Q(at__isnull=False, would_accept__isnull=False)
            ),
            models.CheckConstraint(name="opinion_says_why", condition=~Q(would_accept=False) | Q(reason__isnull=False)),
        ]
        indexes: ClassVar = [models.Index(fields=["asked"], name="opinion_asked", condition=Q(at=None))]

    def __str__(self) -> str:
        return f"second opinion on move {self.move_id}"
