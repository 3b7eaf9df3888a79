"""Notes on records."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from vaglio_server.crm.models.opportunities import Opportunity
from vaglio_server.crm.models.records import Account, Contact, Lead, one_of
from vaglio_server.users.models import Role, User


class Note(models.Model):
    """What somebody wrote about a record. One that was removed stays in the database and is shown to nobody."""

    lead = models.ForeignKey(Lead, null=True, on_delete=models.CASCADE, related_name="notes")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.CASCADE, related_name="notes")
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="notes")
    opportunity = models.ForeignKey(Opportunity, null=True, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField()
    at = models.DateTimeField()
    by = models.TextField()
    removed_at = models.DateTimeField(null=True)
    removed_by = models.TextField(null=True)

    class Meta:
        """A note is about one record."""

        constraints: ClassVar = [
            models.CheckConstraint(name="note_on_one", condition=one_of("lead", "contact", "account", "opportunity")),
            models.CheckConstraint(name="note_says_something", condition=Q(text__regex=r"\S")),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    def removable_by(self, user: User) -> bool:
        """Whether a user may take it away: who wrote it, and administrators."""
        return user.role == Role.ADMINISTRATOR or user.username == self.by
