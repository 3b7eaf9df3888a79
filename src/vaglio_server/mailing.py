"""Sending a mail that is a row first, so that none is lost: tried again for a day where the server cannot be reached, then given up.

A worker that dies between the mail server's answer and the commit sends a mail again: it has the same Message-ID, by which mail programs
show it once.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from django.core.mail import EmailMessage

logger = logging.getLogger(__name__)
AFTER_MINUTES = (1, 5, 30, 120, 360, 720, 1440)  # the next try after each that failed; then it is given up


class Mail(Protocol):
    """A mail as a table keeps it; ``next_at`` is None once there is nothing more to do."""

    tries: int
    next_at: datetime | None
    sent_at: datetime | None
    error: str


def attempt(mail: Mail, letter: Callable[[], EmailMessage], called: str, at: datetime) -> None:
    """Try to send a mail whose row is held, and note what came of it; the caller saves the row."""
    mail.tries += 1
    try:
        letter().send()
    except Exception as error:  # whatever it is, of the server or of the address, the others have their turn
        mail.error = (str(error) or type(error).__name__)[:500].replace("\x00", "")
        minutes = AFTER_MINUTES[mail.tries - 1] if mail.tries <= len(AFTER_MINUTES) else None
        mail.next_at = at + timedelta(minutes=minutes) if minutes else None
        logger.warning("%s was not sent (try %s): %s", called, mail.tries, type(error).__name__)
    else:
        mail.sent_at, mail.next_at, mail.error = at, None, ""
