"""To which team, or to whom, leads go: rules in order, and how each team shares what comes to it."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vaglio_server.users.models import Team, User

BY = "lifecycle"  # who gives leads away by rules, as their history and the trail say


class Share(models.TextChoices):
    """How a team shares what comes to it."""

    MIX = "mix", _("An equal mix of ratings, in turn")
    LOAD = "load", _("To whoever has the least to do")


class Queue(models.Model):
    """How a team shares leads, who leads it, and to which team it hands over what it has qualified; a team without a row shares in turn.

    ``is_at_work_first``: who is at work when a lead comes goes before who is not.
    """

    team = models.OneToOneField(Team, primary_key=True, on_delete=models.CASCADE, related_name="queue")
    leader = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    share = models.CharField(max_length=10, choices=Share, default=Share.MIX)
    is_at_work_first = models.BooleanField(default=False)
    hands_over_to = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        """Nobody hands over to themselves."""

        constraints: ClassVar = [
            models.CheckConstraint(name="hands_over_to_others", condition=Q(hands_over_to=None) | ~Q(hands_over_to=models.F("team")))
        ]

    def __str__(self) -> str:
        return f"queue of {self.team}"


class RoutingRule(models.Model):
    """Where leads go of whom some conditions hold: to a team, or to somebody; the first rule that fits holds.

    ``conditions`` are filters of the list of leads; of those that ask the same of one field, one is enough. ``ratings``: none are all.
    """

    position = models.IntegerField()
    name = models.TextField(unique=True)
    conditions = ArrayField(models.TextField(), default=list)
    ratings = ArrayField(models.CharField(max_length=2), default=list)
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    is_on = models.BooleanField(default=True)

    class Meta:
        """In order; a team or somebody, not both. Neither is left of one whose team was removed."""

        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [models.CheckConstraint(name="rule_leads_to_one", condition=Q(team=None) | Q(user=None))]

    def __str__(self) -> str:
        return self.name
