"""Who is suspicious and why, and what machines did that looked like people."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from vaglio_server.crm.models import Lead


class Verdict(models.TextChoices):
    """What somebody decided of a suspicious lead."""

    OPEN = "", _("Not decided")
    GENUINE = "genuine", _("Genuine")
    SPAM = "spam", _("Spam")


class Suspicion(models.Model):
    """Reasons to doubt that a lead is who it says; only leads with any. No model reads it: a person decides, and ``spam`` is a list.

    ``reasons``: reason, weight and what it was seen by; ``fastest``: the shortest time from the first page of a visit to a form [seconds].
    """

    lead = models.OneToOneField(Lead, primary_key=True, on_delete=models.CASCADE, related_name="suspicion")
    score = models.SmallIntegerField()
    reasons = models.JSONField(default=list)
    names = ArrayField(models.TextField(), default=list)
    fastest = models.FloatField(null=True)
    known_at = models.DateTimeField()
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.OPEN, blank=True)
    decided_by = models.TextField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        """The list is read by score, and counted by reason."""

        indexes: ClassVar = [
            models.Index(fields=["verdict", "-score", "lead"], name="suspicion_score"),
            GinIndex(fields=["names"], name="suspicion_names"),
        ]

    def __str__(self) -> str:
        return f"{self.score}: {', '.join(self.names)}"


class SaidAlike(models.Model):
    """By what leads are compared: a telephone number, or a name with its company; ``place``: where the lead is by its mail."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    what = models.TextField()
    value = models.TextField()
    place = models.TextField()

    class Meta:
        """A lead says one of each; others with the same are found by it."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["lead", "what"], name="said_once")]
        indexes: ClassVar = [models.Index(fields=["what", "value"], name="said_value")]

    def __str__(self) -> str:
        return f"{self.what} {self.value}"


class MarkKind(models.TextChoices):
    """What a machine was seen by."""

    LINKS = "links", _("all links at once")
    SENT = "sent", _("clicked as it was sent")
    WAVE = "wave", _("a wave over many leads")
    PAGES = "pages", _("many pages at once")
    AGENT = "agent", _("the program's name")
    NETWORK = "network", _("the network")
    NAME = "name", _("its own name")


PATTERNS = (MarkKind.AGENT, MarkKind.NETWORK)


class MachineMark(models.Model):
    """Activities found to be a machine's after they were taken: a burst of one lead, or all of an agent or a network.

    ``value``: the agent or the network. They count for nothing from ``known_at`` on, until the mark is undone. By ``NAME``: what came in
    marked because of what a program calls itself; such a mark is made as it is undone, and from then on that program is a person's.
    """

    kind = models.CharField(max_length=10, choices=MarkKind)
    value = models.TextField(default="")
    lead = models.ForeignKey(Lead, null=True, on_delete=models.SET_NULL, related_name="+")
    count = models.IntegerField(default=0)
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    known_at = models.DateTimeField()
    by = models.TextField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.TextField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.TextField(null=True)

    class Meta:
        """The newest are read first; a pattern is marked once at a time."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "value"], name="pattern_once", condition=models.Q(kind__in=["agent", "network"], undone_at__isnull=True)
            )
        ]
        indexes: ClassVar = [models.Index(fields=["-known_at", "-id"], name="mark_known"), models.Index(fields=["lead"], name="mark_lead"),
            models.Index(fields=["value"], name="mark_named", condition=models.Q(kind="name")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.count}"


class MarkedActivity(models.Model):
    """An activity under a mark. ``restored``: its copy, known from when the mark was undone: so what was scored between replays."""

    mark = models.ForeignKey(MachineMark, on_delete=models.CASCADE, related_name="marked")
    activity = models.OneToOneField("tracking.Activity", on_delete=models.CASCADE, related_name="marked")
    restored = models.OneToOneField("tracking.Activity", null=True, on_delete=models.CASCADE, related_name="restores")

    def __str__(self) -> str:
        return f"{self.activity_id} by {self.mark_id}"


class Sweep(models.Model):
    """How far a worker's looks back have come: the last row that was looked at."""

    name = models.TextField(primary_key=True)
    through = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.through}"
