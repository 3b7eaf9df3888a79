"""Users and API tokens."""

import hashlib

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    """What a user may do."""

    ADMINISTRATOR = "administrator"
    MARKETING = "marketing"
    SALES = "sales"
    READ_ONLY = "read_only"


class User(AbstractUser):
    """Someone who signs in."""

    role = models.CharField(max_length=20, choices=Role, default=Role.READ_ONLY)


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
