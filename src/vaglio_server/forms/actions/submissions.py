"""Taking what visitors send. It is on disk before they are thanked, and counts once, however often it comes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import let_in
from vaglio_server.crm.logic.erased import Key
from vaglio_server.crm.models import ErasedKey
from vaglio_server.crm.queries import fields_of
from vaglio_server.forms.logic.answers import Answered, calls_of
from vaglio_server.forms.models import ConfirmationMail, ConsentText, Form, Knock, Reason, Submission, SubmissionState
from vaglio_server.forms.queries import MAILS_A_DAY, crowd, mails_lately
from vaglio_server.refused import Refused
from vaglio_server.tracking.models import Delivery
from vaglio_server.users.actions import audit

VISITOR = "visitor"
KNOCKS_KEPT = timedelta(hours=1)


@dataclass(frozen=True)
class Sent:
    """What came of a page that was filled in: ``page`` is the page's own id, ``network`` a hash of where it came from.

    ``here``: where the link of a mail leads. ``suspicion``: why it should not be taken, empty where nothing speaks against it.
    """

    page: str
    answers: dict[str, Any]
    network: str
    here: str
    consent: ConsentText | None = None
    anonymous_id: str = ""
    suspicion: str = ""

    @property
    def fingerprint(self) -> str:
        """What is the same when a visitor clicks twice or the browser tries again."""
        return hashlib.sha256(json.dumps([self.page, self.answers], sort_keys=True).encode()).hexdigest()


def take_submission(*, form: Form, sent: Sent, at: datetime) -> Submission | None:
    """Keep a submission: taken, waiting for confirmation, or refused with the reason; None where so many come that nothing is kept.

    What was refused only because too many came at once is decided anew when its sender tries again, as they were asked to.
    """
    known = Submission.objects.filter(form=form, fingerprint=sent.fingerprint).first()
    if known is not None and not known.may_come_again:
        return known
    try:
        return _take(form, sent, at)
    except IntegrityError:  # the other click of two was first
        return Submission.objects.get(form=form, fingerprint=sent.fingerprint)


@transaction.atomic
def _take(form: Form, sent: Sent, at: datetime) -> Submission | None:
    Knock.objects.create(form=form, network=sent.network, at=at)
    found = crowd(form, sent.network, at)
    if found.is_flood:
        return None
    held = Submission.objects.select_for_update(of=("self",)).filter(form=form, fingerprint=sent.fingerprint).first()
    if held is not None and (found.is_too_many or not held.may_come_again):
        return held
    reason = Reason.TOO_MANY if found.is_too_many else sent.suspicion
    is_erased = was_erased(sent.answers)
    waits = form.is_double_opt_in or is_erased  # anybody can type the address of somebody who was erased
    if not reason and waits and mails_lately(str(sent.answers["email"]), at) >= MAILS_A_DAY:
        reason = Reason.TOO_MANY_MAILS
    state = SubmissionState.REFUSED if reason else SubmissionState.WAITING if waits else SubmissionState.TAKEN
    asked = sent.consent if sent.consent is not None and sent.consent.text else None
    made = held or Submission(form=form, fingerprint=sent.fingerprint)
    answers = {} if is_erased and reason else sent.answers
    made.answers, made.state, made.reason, made.received_at, made.agreed_to = answers, state, reason, at, asked
    made.consent_fingerprint, made.anonymous_id = asked.fingerprint if asked else "", sent.anonymous_id
    made.save()  # of two clicks at the same time the second fails here, and finds the first
    if state == SubmissionState.TAKEN:
        deliver(made, at)
    elif state == SubmissionState.WAITING:
        ask_to_confirm(made, sent.here, at)
    return made


def deliver(submission: Submission, at: datetime) -> None:
    """Hand a submission to the workers as events, in the transaction that says it was taken."""
    form = submission.form
    traits = frozenset(fields_of("lead"))
    version = submission.agreed_to.version if submission.agreed_to else None
    said = Answered(form.slug, submission.answers, traits, submission.received_at, version, submission.anonymous_id)
    Delivery.objects.create(source=form.source, kind="batch", body=calls_of(submission.pk, said), received_at=at)


def was_erased(answers: Mapping[str, Any]) -> bool:
    """Whether a form was filled in with the address of somebody who was erased; they confirm by a mail that it is they."""
    email = str(answers.get("email") or "").strip().lower()
    return bool(email and ErasedKey.objects.among([("email", email)]))


def keys_of(submission: Submission) -> list[Key]:
    """Return by what a submission names its sender."""
    found = [("email", submission.email.strip().lower()), ("anonymous_id", submission.anonymous_id)]
    return [key for key in found if key[1]]


def ask_to_confirm(submission: Submission, here: str, at: datetime) -> None:
    """Write down the mail that asks to confirm, anew where one was sent or given up."""
    ConfirmationMail.objects.update_or_create(
        submission=submission,
        defaults={"email": submission.email, "here": here, "created_at": at, "next_at": at, "tries": 0, "sent_at": None, "error": ""},
    )


def held_submission(submission: Submission) -> Submission:
    """Return a submission that nobody else decides on meanwhile."""
    held = Submission.objects.select_for_update(of=("self",)).select_related("form__source", "agreed_to").filter(pk=submission.pk).first()
    if held is None:
        raise Refused(_("this submission was deleted"))
    return held


@transaction.atomic
def confirm_submission(*, submission: Submission, at: datetime) -> Submission:
    """Take a submission whose sender confirmed it by the link in the mail; confirmed twice, it counts once.

    Raises
    ------
    Refused
        It was deleted, or refused.
    """
    held = held_submission(submission)
    if held.state == SubmissionState.REFUSED:
        raise Refused(_("this submission was refused"))
    if held.state == SubmissionState.WAITING:
        decide(held, SubmissionState.TAKEN, VISITOR, at)
        let_in(keys=keys_of(held), by=VISITOR, at=at)  # who was erased asks for it themselves
        deliver(held, at)
        audit(by=VISITOR, verb="confirm_submission", subject=f"submission:{held.pk}", at=at)
    return held


def decide(held: Submission, state: str, by: str, at: datetime) -> None:
    """Write down what became of a submission, by whom and when."""
    held.state, held.decided_by, held.decided_at = state, by, at
    held.save(update_fields=["state", "decided_by", "decided_at"])


@transaction.atomic
def forget_old(*, unconfirmed_days: int, at: datetime) -> int:
    """Forget what nobody confirmed for so many days, and who knocked an hour ago; return how many submissions that were."""
    Knock.objects.filter(at__lt=at - KNOCKS_KEPT).delete()
    late = Submission.objects.filter(state=SubmissionState.WAITING).filter(received_at__lt=at - timedelta(days=unconfirmed_days))
    ids = list(late.select_for_update(skip_locked=True).values_list("pk", flat=True)[:1_000])
    Submission.objects.filter(pk__in=ids).delete()
    if ids:
        audit(by="worker", verb="forget_unconfirmed", subject="submissions", at=at, submissions=len(ids))
    return len(ids)


@transaction.atomic
def forget_refused(*, before: datetime) -> int:
    """Delete what was sent before an instant and not taken, and return how many submissions that were."""
    old = Submission.objects.filter(state=SubmissionState.REFUSED, received_at__lt=before)
    ids = list(old.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True)[:1_000])
    Submission.objects.filter(pk__in=ids).delete()
    return len(ids)
