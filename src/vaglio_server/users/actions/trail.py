"""The trail of what was done."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from vaglio_server.users.models import AuditEntry


def audit(*, by: str, verb: str, subject: str, at: datetime, **detail: Any) -> None:
    """Write down who did what."""
    AuditEntry.objects.create(by=by, verb=verb, subject=subject, at=at, detail=detail)


def audit_many(entries: Iterable[AuditEntry]) -> None:
    """Write down what was done to many, an entry for each."""
    AuditEntry.objects.bulk_create(entries)
