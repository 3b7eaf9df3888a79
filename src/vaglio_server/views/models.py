"""Views that somebody saved."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from vaglio_server.users.models import User


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Filters on saved views."""

    def visible_to(self, user: User) -> Self:
        """Leave a user's own and what others share."""
        return self.filter(Q(owner=user) | Q(is_shared=True))


class SavedView(models.Model):
    """Which leads in which columns, under a name. ``query`` is what stands in the address of the list."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="views")
    name = models.TextField()
    query = models.TextField(blank=True)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        """A name is of one view of a user."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["owner", "name"], name="view_once")]

    def __str__(self) -> str:
        return self.name
