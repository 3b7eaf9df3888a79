"""Sending the mails that ask to confirm. Each is a row first, so none is lost and none is sent of what was never kept.

A worker that dies between the mail server's answer and the commit sends a mail again: it has the same Message-ID, by which mail programs
show it once.
"""

import logging
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.core.mail import EmailMessage
from django.core.signing import Signer
from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.forms.models import ConfirmationMail, SubmissionState

logger = logging.getLogger(__name__)
SIGNER = Signer(salt="forms.confirm")
AFTER_MINUTES = (1, 5, 30, 120, 360, 720, 1440)  # the next try after each that failed; then it is given up


def send_next_mail(*, at: datetime) -> int:
    """Send the mail that is due first; return how many were tried."""
    with transaction.atomic():
        due = ConfirmationMail.objects.select_for_update(skip_locked=True, of=("self",)).filter(next_at__lte=at)
        mail = due.select_related("submission__form").order_by("next_at", "pk").first()
        if mail is None:
            return 0
        if mail.submission.state != SubmissionState.WAITING:
            mail.next_at = None
        else:
            _try(mail, at)
        mail.save()
        return 1


def _try(mail: ConfirmationMail, at: datetime) -> None:
    mail.tries += 1
    try:
        letter(mail).send()
    except Exception as error:  # whatever it is, of the server or of the address, the others have their turn
        mail.error = (str(error) or type(error).__name__)[:500].replace("\x00", "")
        minutes = AFTER_MINUTES[mail.tries - 1] if mail.tries <= len(AFTER_MINUTES) else None
        mail.next_at = at + timedelta(minutes=minutes) if minutes else None
        logger.warning("the mail of submission %s was not sent (try %s): %s", mail.submission_id, mail.tries, type(error).__name__)
    else:
        mail.sent_at, mail.next_at, mail.error = at, None, ""


def letter(mail: ConfirmationMail) -> EmailMessage:
    """Return the mail as it is sent."""
    form = mail.submission.form
    link = f"{mail.here}{SIGNER.sign(f'{mail.submission_id}.{form.public_id}')}"  # the form is named for when the submission is forgotten
    body = _(
        "Hello,\n\nsomebody, hopefully you, filled in “{title}” with this address.\n\n"
        "To confirm, open this page and press the button:\n{link}\n\n"
        "If it was not you, do nothing: without a confirmation the answers are deleted by themselves.\n"
    ).format(title=form.title, link=link)
    return EmailMessage(
        subject=_("Please confirm: {title}").format(title=form.title),
        body=body,
        to=[mail.email],
        headers={"Message-ID": f"<form-{mail.submission_id}-{mail.created_at:%Y%m%d%H%M%S}@{urlsplit(mail.here).hostname or 'vaglio'}>",
                 "Auto-Submitted": "auto-generated"},
    )  # fmt: skip
