"""Sending the mails that ask to confirm. Each is a row first, so none is lost and none is sent of what was never kept."""

from datetime import datetime
from urllib.parse import urlsplit

from django.core.mail import EmailMessage
from django.core.signing import Signer
from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.forms.models import ConfirmationMail, SubmissionState
from vaglio_server.mailing import attempt

SIGNER = Signer(salt="forms.confirm")


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
            attempt(mail, lambda: letter(mail), f"the mail of submission {mail.submission_id}", at)
        mail.save()
        return 1


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
