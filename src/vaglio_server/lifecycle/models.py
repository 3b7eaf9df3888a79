"""Where leads stand, how they came there, whose they became, and the promised first responses that run."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.logic import stages
from vaglio_server.users.models import User


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
    """

    lead = models.OneToOneField(Lead, primary_key=True, on_delete=models.CASCADE, related_name="standing")
    stage = models.CharField(max_length=20, choices=Stage)
    since = models.DateTimeField()
    look_again_at = models.DateTimeField(null=True)

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
    """A move of a lead from one stage to another; rows are only ever added."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="moves", db_index=False)
    verb = models.CharField(max_length=20)
    before = models.CharField(max_length=20, choices=Stage)
    after = models.CharField(max_length=20, choices=Stage)
    at = models.DateTimeField()
    by = models.TextField()
    rating = models.CharField(max_length=2, null=True)
    reason = models.CharField(max_length=20, null=True, choices=Reason)
    note = models.TextField(default="")

    class Meta:
        """Read by lead, the newest first, and counted by when they were made."""

        indexes: ClassVar = [
            models.Index(fields=["lead", "-id"], name="move_of_lead"),
            models.Index(fields=["verb", "-at"], name="move_by_verb"),
        ]

    def __str__(self) -> str:
        return f"lead {self.lead_id}: {self.before} → {self.after}"


class SlaClock(models.Model):
    """A promised first response: it runs from ``started_at`` until somebody responds (``met_at``) or nobody need any more (``ended_at``).

    ``promised_seconds`` is what the document promises. When it is over is worked out from this, the calendar and the pauses, never stored;
    ``breached_at`` says when it was found to be over.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="clocks", db_index=False)
    rating = models.CharField(max_length=2)
    promised_seconds = models.IntegerField()
    started_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)

    class Meta:
        """One runs at a time."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["lead"], name="one_running_clock", condition=Q(ended_at__isnull=True)),
            models.CheckConstraint(name="met_ends_clock", condition=Q(met_at=None) | Q(ended_at=F("met_at"))),
        ]
        indexes: ClassVar = [models.Index(fields=["lead", "-id"], name="clock_of_lead")]

    def __str__(self) -> str:
        return f"lead {self.lead_id}: {self.rating} since {self.started_at}"


class ClockPause(models.Model):
    """A time during which a clock does not run, because we wait for the lead."""

    clock = models.ForeignKey(SlaClock, on_delete=models.CASCADE, related_name="pauses")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True)
    by = models.TextField()

    class Meta:
        """One at a time, and it does not end before it begins."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clock"], name="one_open_pause", condition=Q(to_at__isnull=True)),
            models.CheckConstraint(name="pause_goes_on", condition=Q(to_at=None) | Q(to_at__gte=F("from_at"))),
        ]

    def __str__(self) -> str:
        return f"clock {self.clock_id} from {self.from_at}"


class Assignment(models.Model):
    """A lead that was given to a seller by itself; what they have had decides who gets the next. Rows are only ever added."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="assignments")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments")
    rating = models.CharField(max_length=2)
    at = models.DateTimeField()
    why = models.TextField()

    class Meta:
        """Counted by seller and rating."""

        indexes: ClassVar = [models.Index(fields=["owner", "rating"], name="assigned_to")]

    def __str__(self) -> str:
        return f"lead {self.lead_id} to {self.owner_id}"


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

    Without a row a seller has a weight of 1, no limit and the default calendar.
    """

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="selling")
    weight = models.IntegerField(default=1)
    capacity = models.IntegerField(null=True)
    calendar = models.ForeignKey(BusinessCalendar, null=True, on_delete=models.PROTECT)
    away_from = models.DateTimeField(null=True)
    away_until = models.DateTimeField(null=True)

    class Meta:
        """Nobody has less than nothing."""

        constraints: ClassVar = [
            models.CheckConstraint(name="weight_is_none_or_more", condition=Q(weight__gte=0)),
            models.CheckConstraint(name="capacity_is_none_or_more", condition=Q(capacity=None) | Q(capacity__gte=0)),
        ]

    def __str__(self) -> str:
        return self.user.called
