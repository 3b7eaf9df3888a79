"""Duplicates are looked for, in a process that has no other work meanwhile.

Apart from the worker, so that scores do not wait for it, that its memory is given back, and that it can be ended at any time.
"""

from datetime import UTC, datetime

from vaglio_server.duplicates.actions import look
from vaglio_server.duplicates.models import Search


def main(search_id: int) -> None:
    """Carry one search out."""
    look(search=Search.objects.get(pk=search_id), clock=lambda: datetime.now(UTC))
