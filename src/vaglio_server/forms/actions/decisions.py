"""What people decide of submissions: released after all, asked for once more, forgotten."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.forms.actions.submissions import ask_to_confirm, decide, deliver, held_submission, was_erased
from vaglio_server.forms.models import Form, Submission, SubmissionState
from vaglio_server.forms.queries import refused_by_reason
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit

MOST = 1_000  # submissions at once
BETWEEN_MAILS = timedelta(minutes=10)


@transaction.atomic
def release_submission(*, submission: Submission, here: str, by: str, at: datetime) -> Submission:
    """Take a submission that was refused after all; where the form asks to confirm, the mail goes out now.

    Raises
    ------
    Refused
        It is none that was refused: who is asked to confirm does so themselves.
    """
    held = held_submission(submission)
    if held.state != SubmissionState.REFUSED:
        raise Refused(_("only what was refused can be released"))
    _release(held, here, by, at)
    audit(by=by, verb="release_submission", subject=f"submission:{held.pk}", at=at, state=held.state)
    return held


def _release(held: Submission, here: str, by: str, at: datetime) -> None:
    if held.form.is_double_opt_in or was_erased(held.answers):
        decide(held, SubmissionState.WAITING, by, at)
        ask_to_confirm(held, here, at)
    else:
        decide(held, SubmissionState.TAKEN, by, at)
        deliver(held, at)


@transaction.atomic
def release_refused(*, form: Form, reason: str, up_to: int, here: str, by: str, at: datetime) -> int:
    """Release up to 1,000 submissions of a form that were refused (for one reason, or for any), and return how many there were.

    ``up_to``: the newest of them, so that nothing is released that nobody has seen.
    """
    found = refused_by_reason(form, up_to=up_to, reason=reason).select_for_update(of=("self",)).select_related("form__source", "agreed_to")
    rows = list(found.order_by("pk")[:MOST])
    for held in rows:
        _release(held, here, by, at)
    audit(by=by, verb="release_refused", subject=f"form:{form.pk}", at=at, submissions=len(rows), reason=reason)
    return len(rows)


@transaction.atomic
def delete_refused(*, form: Form, reason: str, up_to: int, by: str, at: datetime) -> int:
    """Forget up to 1,000 submissions of a form that were refused (for one reason, or for any), and return how many there were."""
    found = refused_by_reason(form, up_to=up_to, reason=reason).select_for_update().order_by("pk")
    ids = list(found.values_list("pk", flat=True)[:MOST])
    Submission.objects.filter(pk__in=ids).delete()
    audit(by=by, verb="delete_refused", subject=f"form:{form.pk}", at=at, submissions=len(ids), reason=reason)
    return len(ids)


@transaction.atomic
def ask_again(*, submission: Submission, here: str, by: str, at: datetime) -> Submission:
    """Send the mail that asks to confirm once more: it did not arrive, or was given up.

    Raises
    ------
    Refused
        Nothing waits for a confirmation, or one was asked for just now.
    """
    held = held_submission(submission)
    if held.state != SubmissionState.WAITING:
        raise Refused(_("only who has not confirmed yet is asked again"))
    mail = getattr(held, "mail", None)
    if mail is not None and at - mail.created_at < BETWEEN_MAILS:
        raise Refused(_("a mail was asked for less than ten minutes ago; give it time to arrive"))
    ask_to_confirm(held, here, at)
    audit(by=by, verb="ask_again", subject=f"submission:{held.pk}", at=at)
    return held


@transaction.atomic
def delete_submission(*, submission: Submission, by: str, at: datetime) -> None:
    """Forget what somebody sent, with the mail about it; a lead that it made stays."""
    held = held_submission(submission)
    audit(by=by, verb="delete_submission", subject=f"submission:{held.pk}", at=at, form=held.form_id, state=held.state)
    held.delete()
