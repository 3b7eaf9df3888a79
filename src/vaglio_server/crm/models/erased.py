"""Who was erased: that it was done, and by which keys they are not taken in again."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from vaglio_server.crm.logic.erased import Key, digest_of
from vaglio_server.crm.models.records import FieldChange, Lead


def accounts_ever(leads: Collection[int]) -> list[int]:
    """Return the companies where some leads are or ever were."""
    then = FieldChange.objects.filter(lead__in=leads, field="account_id", value__isnull=False).values_list("value", flat=True)
    now = Lead.objects.filter(pk__in=leads, account__isnull=False).values_list("account_id", flat=True)
    return sorted({int(str(account)) for account in (*then, *now)})


class ErasureQuerySet(models.QuerySet["Erasure"]):
    """Asking what an erasure touched."""

    def touch(self, lead: int, since: datetime) -> bool:
        """Return whether, since an instant, somebody was erased who worked where a lead does or ever did."""
        return self.filter(at__gt=since, accounts__overlap=accounts_ever([lead])).exists()


class Erasure(models.Model):
    """That a person was erased, when and by whom, or some people at once of whom nothing was heard for long; nothing of it says who.

    ``person``: a number drawn for them, which their keys have, too. ``accounts``: where they worked, for colleagues whose past scores
    counted them and do not come out again; ``rows``: how many of which tables were deleted. ``is_by_age``: nobody asked for it; such
    people have no keys here, and are taken in when they come again.
    """

    at = models.DateTimeField()
    by = models.TextField()
    person = models.UUIDField()
    accounts = ArrayField(models.BigIntegerField(), default=list)
    rows = models.JSONField(default=dict)
    is_by_age = models.BooleanField(default=False, db_default=False)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        """Read newest first, and by company."""

        indexes: ClassVar = [models.Index(fields=["-at", "-id"], name="erasure_at")]

    def __str__(self) -> str:
        return f"erasure {self.pk}"


class ErasedKeyQuerySet(models.QuerySet["ErasedKey"]):
    """Asking whether somebody was erased."""

    def out(self) -> Self:
        """Leave those by which nobody is taken in."""
        return self.filter(let_in_at=None)

    def of(self, keys: Iterable[Key]) -> Self:
        """Leave those of some keys."""
        return self.filter(digest__in=[digest_of(key, settings.SECRET_KEY) for key in keys])

    def among(self, keys: Iterable[Key]) -> set[Key]:
        """Return those of some keys by which nobody is taken in, for their people were erased."""
        if not self.out().exists():
            return set()
        asked = {digest_of(key, settings.SECRET_KEY): key for key in keys}
        return {asked[digest] for digest in self.out().filter(digest__in=list(asked)).values_list("digest", flat=True)}


class ErasedKey(models.Model):
    """A key of somebody who was erased, as a hash: what comes under it is not taken in, until they are let in again.

    ``person``: whose it is, as in :class:`Erasure`. Who is let in again stays here, so that a backup from before is still without them.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    person = models.UUIDField(db_index=True)
    at = models.DateTimeField()
    let_in_at = models.DateTimeField(null=True)

    objects = ErasedKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return self.digest
