"""Users, their teams, and API tokens."""

import hashlib
from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

LINK_LASTS = timedelta(days=3)  # a link by which somebody sets a password


class Role(models.TextChoices):
    """What a user may do."""

    ADMINISTRATOR = "administrator", _("Administrator")
    MARKETING = "marketing", _("Marketing")
    SALES = "sales", _("Sales")
    READ_ONLY = "read_only", _("Read only")


MARKETERS = (Role.ADMINISTRATOR, Role.MARKETING)  # who writes what both teams rely on
SEES_ALL = (*MARKETERS, Role.READ_ONLY)  # who sees all leads, and does not sell
ANSWERERS = (Role.SALES, Role.ADMINISTRATOR)  # a verdict is what sales says, or it proves nothing


class Team(models.Model):
    """Sellers who see each other's leads."""

    name = models.TextField(unique=True)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """Someone who signs in.

    ``link_made_at``: when the link was made by which they set a password, until it is used; of several the newest is good.
    ``team_since``: since when they are in their team, where they were in another before. ``last_seen_at``: when they last opened a page,
    some minutes behind. ``session_series``: those signed in by an earlier one are out.
    """

    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="members")
    role = models.CharField(max_length=20, choices=Role, default=Role.READ_ONLY)
    team_since = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)
    link_made_at = models.DateTimeField(null=True)
    session_series = models.IntegerField(default=0, db_default=0)

    @property
    def called(self) -> str:
        """How a page names them."""
        return self.get_full_name() or self.username

    @property
    def as_seller(self) -> "User | None":
        """Themselves where they sell; else None: what a seller does to leads is theirs, what others do is nobody's."""
        return self if self.role == Role.SALES else None

    @property
    def has_come_in(self) -> bool:
        """Whether they ever could sign in: they have a password, or came in without one, as on the demo."""
        return self.has_usable_password() or self.last_login is not None

    @property
    def link_until(self) -> datetime | None:
        """Until when the link holds by which they set a password; None: there is none."""
        return self.link_made_at + LINK_LASTS if self.link_made_at else None

    def get_session_auth_hash(self) -> str:
        """Return what a sign-in must match to go on: a new password ends all of them, and so does a new series."""
        return salted_hmac("vaglio.session", f"{self.session_series} {self.password}", algorithm="sha256").hexdigest()


class Scope(models.TextChoices):
    """What a token may be used for."""

    READ = "read", _("Read")
    WRITE = "write", _("Read and write")


class ApiToken(models.Model):
    """An API caller's key; only its hash is kept, so a copy of the database opens nothing."""

    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.READ)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def digest_of(token: str) -> str:
        """Return the hash a token is found by; tokens are long and random, so it needs no salt."""
        return hashlib.sha256(token.encode()).hexdigest()


class AuditEntry(models.Model):
    """Who changed what, when; rows are only ever added."""

    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=100)
    detail = models.JSONField(default=dict)

    class Meta:
        """Newest first is how the trail is read, all of it, or what one did, or was done to one."""

        indexes: ClassVar = [
            models.Index(fields=["subject", "-at"], name="audit_subject"),
            models.Index(fields=["-at", "-id"], name="audit_at"),
            models.Index(fields=["by", "-at", "-id"], name="audit_by"),
            models.Index(fields=["verb", "-at", "-id"], name="audit_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.at} {self.by} {self.verb} {self.subject}"
