"""Who gets leads, when they work, and what they were given."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.models.notices import Wanted
from vaglio_server.lifecycle.models.routing import RoutingRule
from vaglio_server.users.models import User


class BusinessCalendar(models.Model):
    """When people work: the hours of each day of the week, in minutes since its midnight, and the days on which nobody does."""

    name = models.TextField(unique=True)
    timezone = models.TextField()
    week = models.JSONField()
    holidays = models.JSONField(default=list)
    is_default = models.BooleanField(default=False)

    class Meta:
        """One is everybody's who has none of their own."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["is_default"], name="one_default_calendar", condition=Q(is_default=True))]

    def __str__(self) -> str:
        return self.name


class Seller(models.Model):
    """How a seller gets leads: for which part of a team's, how many may be open with them, when they work, and when they are away.

    Without a row a seller has a weight of 1, no limit and the default calendar. ``since``: when the shares of others changed by theirs:
    what was given before then does not count, so that who is new or comes back is not given everything.
    """

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="selling")
    weight = models.IntegerField(default=1)
    capacity = models.IntegerField(null=True)
    calendar = models.ForeignKey(BusinessCalendar, null=True, on_delete=models.PROTECT)
    away_from = models.DateTimeField(null=True)
    away_until = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True)
    mails = models.CharField(max_length=10, choices=Wanted, default=Wanted.EACH)

    class Meta:
        """Nobody has less than nothing."""

        constraints: ClassVar = [
            models.CheckConstraint(name="weight_is_none_or_more", condition=Q(weight__gte=0)),
            models.CheckConstraint(name="capacity_is_none_or_more", condition=Q(capacity=None) | Q(capacity__gte=0)),
        ]

    def __str__(self) -> str:
        return self.user.called


class Assignment(models.Model):
    """A lead that was given to a seller by itself; what they have had decides who gets the next. Rows are only ever added.

    ``rule``: the one that sent it there.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="assignments")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments")
    rule = models.ForeignKey(RoutingRule, null=True, on_delete=models.SET_NULL, related_name="assignments")
    rating = models.CharField(max_length=2)
    at = models.DateTimeField()
    why = models.TextField()

    class Meta:
        """Counted by seller and rating, of late."""

        indexes: ClassVar = [models.Index(fields=["owner", "at"], include=["rating"], name="assigned_to")]

    def __str__(self) -> str:
        return f"lead {self.lead_id} to {self.owner_id}"
