"""What senders sent, kept as it came; who it was about; what they did."""

import secrets
from collections.abc import Collection
from typing import ClassVar, Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from vaglio_server.crm.models import Account, Lead


def new_write_key() -> str:
    """Return 27 characters with a colon in the middle.

    RudderStack's browser client refuses a key of another length; Jitsu's clients send ``id:secret``.
    """
    alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    drawn = "".join(secrets.choice(alphabet) for _ in range(26))
    return f"{drawn[:10]}:{drawn[10:]}"


class Source(models.Model):
    """A site, an app or a program that sends events with a write key. ``tracks_pages``: the script for page views works with its key."""

    name = models.TextField()
    write_key = models.CharField(max_length=27, unique=True, default=new_write_key)
    is_active = models.BooleanField(default=True)
    tracks_pages = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One request as it came: on disk before it is answered. Workers take events out of it once, in order of arrival.

    ``bringer``: the file whose rows it holds, such as ``import:7``, so that they can be taken back; None: a sender sent it.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=16)
    body = models.BinaryField()
    received_at = models.DateTimeField()
    is_open = models.BooleanField(default=True)
    bringer = models.TextField(null=True)

    class Meta:
        """Only what is still to be done is indexed, so that history costs nothing."""

        indexes: ClassVar = [
            models.Index(fields=["id"], name="delivery_open", condition=models.Q(is_open=True)),
            BrinIndex(fields=["received_at"], name="delivery_received"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class Event(models.Model):
    """One call inside a delivery. ``message_id`` is taken once per source, whenever it comes again."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, db_index=False)
    place = models.IntegerField()
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False)
    message_id = models.TextField()

    class Meta:
        """The constraint is what removes duplicates: it has no time window."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "message_id"], name="event_once")]

    def __str__(self) -> str:
        return self.message_id


class TakenBack(models.TextChoices):
    """What became of a lead that a file named when the file was taken back."""

    NOT_YET = "", _("not taken back")
    GONE = "gone", _("gone")
    BACK = "back", _("as it was before")
    LEFT = "left", _("left")


class BroughtLead(models.Model):
    """A lead that a file named: made by it or known before; ``first_message_id``: the row of the file that did so first.

    ``left``: once the file was taken back, why the lead stays, or which of its fields do.
    """

    bringer = models.TextField()
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="brought_by")
    is_made = models.BooleanField()
    first_message_id = models.TextField(default="", db_default="", blank=True)
    result = models.CharField(max_length=4, choices=TakenBack, default=TakenBack.NOT_YET, blank=True)
    left = models.JSONField(default=list)

    class Meta:
        """A file names a lead once, however many of its rows do."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["bringer", "lead"], name="brought_once")]
        indexes: ClassVar = [
            models.Index(fields=["bringer", "lead"], name="brought_open", condition=models.Q(result="")),
            models.Index(fields=["bringer", "lead"], name="brought_left", condition=models.Q(result="left")),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} by {self.bringer}"


class Settled(models.TextChoices):
    """What people did about a call that was refused."""

    NOT_YET = "", _("open")
    MENDED = "mended", _("mended")
    PUT_AWAY = "put_away", _("put away")


class RefusedEvent(models.Model):
    """A call that could not be taken, with the reason; it can be replayed from its delivery once that is mended.

    One that was mended by hand or put away stays, ``settled``: its delivery may be replayed, and it is not refused anew.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="refused")
    place = models.IntegerField()
    reason = models.TextField()
    refused_at = models.DateTimeField()
    settled = models.CharField(max_length=10, choices=Settled, default="", db_default="", blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.TextField(default="", db_default="", blank=True)

    class Meta:
        """Pages show those of one state, newest first."""

        indexes: ClassVar = [models.Index(fields=["settled", "-id"], name="refused_settled")]

    def __str__(self) -> str:
        return self.reason


class IdentityKind(models.TextChoices):
    """What kind of key points to a person."""

    USER_ID = "user_id", _("user id")
    EMAIL = "email", _("mail address")
    ANONYMOUS_ID = "anonymous_id", _("device")


class IdentityQuerySet(models.QuerySet["Identity"]):
    """Filters on identities."""

    def known_as(self, keys: Collection[tuple[str, str]]) -> Self:
        """Leave those that are one of some keys, each a kind and a value."""
        found = models.Q(pk__in=[])
        for kind in IdentityKind.values:
            found |= models.Q(kind=kind, value__in=[value for its, value in keys if its == kind])
        return self.filter(found)


class Identity(models.Model):
    """A key that points to a person, or will once somebody says who it is.

    ``account``: the company that a group call named for it while nobody knew whose it is.
    """

    kind = models.CharField(max_length=16, choices=IdentityKind)
    value = models.TextField()
    account = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = IdentityQuerySet.as_manager()

    class Meta:
        """A key is one identity."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "value"], name="identity_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class AccountKey(models.Model):
    """What senders call a company in their group calls."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="keys")
    value = models.TextField(unique=True)
    known_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.value


class Merge(models.Model):
    """Two leads found to be one person: ``other`` went into ``lead``, until it was undone.

    ``taken`` says what the lead has from the other, so that undoing can give it back: ``fields`` (by name, what was there before and what
    came), ``lists``, ``owner`` and ``account`` (true where they came from the other).
    """

    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="merges")
    other = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="merges_away")
    known_at = models.DateTimeField()
    by = models.TextField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.TextField(null=True)
    taken = models.JSONField(default=dict)

    class Meta:
        """A lead is merged away once at a time."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["other"], name="merged_once", condition=models.Q(undone_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.other_id} into {self.lead_id}"


class MatchReason(models.TextChoices):
    """Why two leads may be one person."""

    ALIAS = "alias", _("an alias call names both")
    MAIL_ADDRESS = "mail_address", _("one came with the other's mail address")


class Match(models.Model):
    """Two known leads that events say are one person: proposed, never merged by itself."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="matches")
    other = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="matched_by")
    reason = models.CharField(max_length=16, choices=MatchReason)
    known_at = models.DateTimeField()
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = models.TextField(null=True)

    class Meta:
        """A proposal is made once; the lead with the smaller number stands first."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["lead", "other", "reason"], name="match_once"),
            models.CheckConstraint(name="match_in_order", condition=models.Q(lead__lt=models.F("other"))),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} = {self.other_id}? {self.get_reason_display()}"


class IdentityLink(models.Model):
    """An identity belongs to a lead from the instant this was known until it was taken apart again.

    ``merge``: the merge that moved it there. ``is_parted``: somebody said that it is not this lead's; events do not join the two again.
    """

    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="links", db_index=False)
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="links", db_index=False)
    known_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    by = models.TextField()
    merge = models.ForeignKey(Merge, null=True, on_delete=models.PROTECT, related_name="links")
    is_parted = models.BooleanField(default=False, db_default=False)

    class Meta:
        """An identity belongs to one lead at a time. Whose it is, and which a lead has, is read from the indexes alone."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["identity"], name="one_lead_at_a_time", condition=models.Q(ended_at__isnull=True))
        ]
        indexes: ClassVar = [
            models.Index(fields=["identity"], include=["lead", "ended_at"], name="link_identity"),
            models.Index(fields=["lead"], include=["identity", "ended_at"], name="link_lead"),
        ]

    def __str__(self) -> str:
        return f"{self.identity_id} is lead {self.lead_id}"


class Agent(models.Model):
    """What a browser or a program said it is, and the network it came from where the sender told; kept once."""

    agent = models.TextField()
    network = models.TextField()

    class Meta:
        """A pair is one."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["agent", "network"], name="agent_once")]

    def __str__(self) -> str:
        return self.agent or self.network


class Activity(models.Model):
    """What somebody did. It never moves: it stays with the identity it came under, whoever that turns out to be.

    From ``machine_known_at`` on it is worth nothing: it was a machine's, or its file was taken back (``taken_back_at``), and then nobody
    sees it.
    """

    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, db_index=False)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    activity_type = models.TextField()
    occurred_at = models.DateTimeField()
    known_at = models.DateTimeField()
    is_machine = models.BooleanField(default=False)
    machine_known_at = models.DateTimeField(null=True)
    properties = models.JSONField(default=dict)
    agent = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        """Activities are read by who they belong to; who did something rare is found by its type."""

        indexes: ClassVar = [
            models.Index(fields=["identity", "occurred_at"], name="activity_identity"),
            models.Index(fields=["activity_type", "occurred_at"], name="activity_by_type"),
            BrinIndex(fields=["known_at"], name="activity_known"),
            models.Index(fields=["machine_known_at"], name="activity_machine", condition=models.Q(is_machine=True)),
        ]

    def __str__(self) -> str:
        return f"{self.activity_type} {self.occurred_at}"
