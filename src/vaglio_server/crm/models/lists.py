"""Who is on which list."""

from typing import ClassVar

from django.db import models

from vaglio_server.crm.models.records import Account, Lead


class ListMember(models.Model):
    """A lead or an account on a list (customers, competitors, priority accounts), for a period ``[from, to)``."""

    list = models.TextField()
    lead = models.ForeignKey(Lead, null=True, on_delete=models.CASCADE)
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE)
    from_at = models.DateTimeField(null=True)
    to_at = models.DateTimeField(null=True)
    known_at = models.DateTimeField()

    class Meta:
        """A member is a lead or an account. Which lists there are, and who is on one, an index says."""

        constraints: ClassVar = [
            models.CheckConstraint(name="member_is_one", condition=models.Q(lead__isnull=False) ^ models.Q(account__isnull=False))
        ]
        indexes: ClassVar = [models.Index(fields=["list", "account"], name="member_list")]

    def __str__(self) -> str:
        return self.list
