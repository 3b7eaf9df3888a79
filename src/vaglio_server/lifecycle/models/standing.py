"""Where leads stand, and how they came there."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.logic import stages
from vaglio_server.users.models import Team


class Stage(models.TextChoices):
    """Where a lead is, as pages name it."""

    INQUIRY = stages.Stage.INQUIRY.value, _("Inquiry")
    MARKETING_QUALIFIED = stages.Stage.MARKETING_QUALIFIED.value, _("Marketing qualified")
    SALES_ACCEPTED = stages.Stage.SALES_ACCEPTED.value, _("Sales accepted")
    SALES_QUALIFIED = stages.Stage.SALES_QUALIFIED.value, _("Sales qualified")
    OPPORTUNITY = stages.Stage.OPPORTUNITY.value, _("Opportunity")
    CUSTOMER = stages.Stage.CUSTOMER.value, _("Customer")
    RECYCLED = stages.Stage.RECYCLED.value, _("Recycled")
    DISQUALIFIED = stages.Stage.DISQUALIFIED.value, _("Disqualified")


class Reason(models.TextChoices):
    """Why sales hands a lead back."""

    NOT_THE_PERSON = "not_the_person", _("Not the right person")
    NOT_THE_COMPANY = "not_the_company", _("Not the right company")
    NO_BUDGET = "no_budget", _("No budget")
    NO_NEED = "no_need", _("No need")
    NOT_NOW = "not_now", _("Not now, perhaps later")
    UNREACHABLE = "unreachable", _("Cannot be reached")
    COMPETITOR = "competitor", _("Went to a competitor")
    BAD_DATA = "bad_data", _("Wrong or invented data")
    OTHER = "other", _("Something else")


class LeadStage(models.Model):
    """Where a lead stands. Without a row it is an inquiry.

    ``look_again_at``: when its rating may move it although nothing happens to it, because a minimum stay or a cool-down is over then.
    ``team``: to whose queue it was sent. ``postponed_until``: when somebody who took it wants to see it again.
    ``next_step``: what they do next, and ``next_step_at`` when. ``is_kept_back``: somebody gave it to nobody, and it has not come to sales
    anew since; it is given away by itself no more.
    """

    lead = models.OneToOneField(Lead, primary_key=True, on_delete=models.CASCADE, related_name="standing")
    stage = models.CharField(max_length=20, choices=Stage)
    since = models.DateTimeField()
    look_again_at = models.DateTimeField(null=True)
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    postponed_until = models.DateTimeField(null=True)
    next_step = models.TextField(default="")
    next_step_at = models.DateTimeField(null=True)
    is_kept_back = models.BooleanField(default=False, db_default=False)

    class Meta:
        """Found by stage, and by when they are looked at again."""

        constraints: ClassVar = [models.CheckConstraint(name="stage_is_one", condition=Q(stage__in=Stage.values))]
        indexes: ClassVar = [
            models.Index(fields=["stage", "-since"], name="lead_in_stage"),
            models.Index(fields=["look_again_at"], name="stage_looked_at", condition=Q(look_again_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"lead {self.lead_id}: {self.stage}"


class StageMove(models.Model):
    """A move of a lead from one stage to another; rows are only ever added. ``is_taken``: it was nobody's, and is theirs by that."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="moves", db_index=False)
    verb = models.CharField(max_length=20)
    before = models.CharField(max_length=20, choices=Stage)
    after = models.CharField(max_length=20, choices=Stage)
    at = models.DateTimeField()
    by = models.TextField()
    rating = models.CharField(max_length=2, null=True)
    reason = models.CharField(max_length=20, null=True, choices=Reason)
    note = models.TextField(default="")
    is_taken = models.BooleanField(default=False, db_default=False)

    class Meta:
        """Read by lead, the newest first, and counted by when they were made."""

        indexes: ClassVar = [
            models.Index(fields=["lead", "-id"], name="move_of_lead"),
            models.Index(fields=["verb", "-at"], name="move_by_verb"),
            # Few answers are undone: whether one was is asked of these alone.
            models.Index(fields=["lead", "id"], name="move_back_of_lead", condition=Q(verb__in=("unaccept", "unconvert"))),
        ]

    def __str__(self) -> str:
        return f"lead {self.lead_id}: {self.before} → {self.after}"
