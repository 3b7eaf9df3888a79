"""``python -m vaglio_server.config.looking SEARCH`` looks for duplicates, in a process of its own.

Apart from the worker, so that scores do not wait for it, that its memory is given back, and that it can be ended at any time.
"""

import os
import sys
from datetime import UTC, datetime

NICE = 5  # whoever waits for a score goes first


def main(search_id: int) -> None:
    """Carry one search out."""
    import django

    django.setup()
    from vaglio_server.duplicates.actions import look
    from vaglio_server.duplicates.models import Search

    os.nice(NICE)
    look(search=Search.objects.get(pk=search_id), clock=lambda: datetime.now(UTC))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vaglio_server.config.settings")
    main(int(sys.argv[1]))
