"""The trail of what was done."""

from datetime import datetime
from typing import Any

from vaglio_server.users.models import AuditEntry


def audit(*, by: str, verb: str, subject: str, at: datetime, **detail: Any) -> None:
    """Write down who did what."""
    AuditEntry.objects.create(by=by, verb=verb, subject=subject, at=at, detail=detail)
