"""Users, their teams, and API tokens."""

import hashlib

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a user may do."""

    ADMINISTRATOR = "administrator", _("Administrator")
    MARKETING = "marketing", _("Marketing")
    SALES = "sales", _("Sales")
    READ_ONLY = "read_only", _("Read only")


MARKETERS = (Role.ADMINISTRATOR, Role.MARKETING)  # who writes what both teams rely on


class Team(models.Model):
    """Sellers who see each other's leads."""

    name = models.TextField(unique=True)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """Someone who signs in."""

    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="members")
    role = models.CharField(max_length=20, choices=Role, default=Role.READ_ONLY)

    @property
    def called(self) -> str:
        """How a page names them."""
        return self.get_full_name() or self.username


class Scope(models.TextChoices):
    """What a token may be used for."""

    READ = "read"
    WRITE = "write"


class ApiToken(models.Model):
    """An API caller's key; only its hash is kept, so a copy of the database opens nothing."""

    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.READ)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

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
        """Newest first is how the trail is read."""

        indexes = (models.Index(fields=["subject", "-at"], name="audit_subject"),)

    def __str__(self) -> str:
        return f"{self.at} {self.by} {self.verb} {self.subject}"
