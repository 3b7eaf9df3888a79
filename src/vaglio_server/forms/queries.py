"""Reading forms and what was sent by them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, count

from django.db.models import BigIntegerField, Case, Count, F, Func, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Lower

from vaglio_server.crm.logic.fields import Definition
from vaglio_server.crm.models import Lead
from vaglio_server.crm.queries import fields_of
from vaglio_server.forms.logic.drafts import NOT_ASKED
from vaglio_server.forms.models import ConfirmationMail, ConsentText, Form, Knock, Reason, Submission, SubmissionState
from vaglio_server.tracking.logic.calls import email_of
from vaglio_server.tracking.models import IdentityKind, IdentityLink
from vaglio_server.tracking.queries import activities_of

LATELY = timedelta(minutes=10)
PER_NETWORK = 20  # submissions from one network in that time: an office may share an address
PER_FORM = 300  # of one form, from everywhere
KEPT = 5  # times as many are kept, refused; of more than that nothing is written down
MAILS_A_DAY = 3  # to one address, so that nobody's mailbox is filled by a form


def forms() -> QuerySet[Form]:
    """Return all forms with how many submissions are in each state, the newest form first; those that are deleted, too."""
    counted = {
        f"{state}_count": Count("submissions", filter=Q(submissions__state=state)) for state in SubmissionState.values
    }  # fmt: skip
    return Form.objects.annotate(**counted).order_by("-id")


def consent_now(form: Form) -> ConsentText | None:
    """Return the newest consent text of a form."""
    return ConsentText.objects.filter(form=form).order_by("-version").first()


def askable() -> dict[str, Definition]:
    """Return the lead's fields that a form may ask for, by name."""
    return {name: each for name, each in fields_of("lead").items() if not each.is_retired and name not in NOT_ASKED}


@dataclass(frozen=True)
class Crowd:
    """How much was sent lately: whether that is too much, and whether even keeping it would be."""

    is_too_many: bool
    is_flood: bool


def crowd(form: Form, network: str, at: datetime) -> Crowd:
    """Return how much came from a network and by a form within the last minutes, this one included."""
    lately = Knock.objects.filter(at__gt=at - LATELY)
    share = max(lately.filter(network=network).count() / PER_NETWORK, lately.filter(form=form).count() / PER_FORM)
    return Crowd(share > 1, share > KEPT)


def mails_lately(email: str, at: datetime) -> int:
    """Return how often an address was asked to confirm something within a day."""
    return ConfirmationMail.objects.filter(email=email, created_at__gt=at - timedelta(days=1)).count()


@dataclass(frozen=True)
class Shown:
    """A submission, and the lead it became, once a worker has taken it. ``is_awaited``: its rating is yet to come."""

    submission: Submission
    lead: Lead | None
    is_awaited: bool


@dataclass(frozen=True)
class Part:
    """Which submissions of a form: in a state, refused for a reason, older than one; all where nothing is said."""

    state: str = ""
    reason: str = ""
    before: int | None = None


def submissions_of(form: Form, part: Part, *, limit: int, at: datetime) -> list[Shown]:
    """Return what was sent by a form, newest first, each with the lead that has its address at an instant."""
    found = Submission.objects.filter(form=form).select_related("agreed_to", "mail").order_by("-id")
    found = found.filter(state=part.state) if part.state else found
    found = found.filter(reason=part.reason) if part.reason else found
    rows = list(found.filter(pk__lt=part.before)[:limit] if part.before else found[:limit])
    leads = _leads([each.email for each in rows if each.state == SubmissionState.TAKEN])
    return [_shown(each, leads.get(email_of(each.email) or ""), at) for each in rows]


def _shown(each: Submission, lead: Lead | None, at: datetime) -> Shown:
    is_taken = each.state == SubmissionState.TAKEN
    is_scored = lead is not None and (lead.rating is not None or lead.due_at is None or lead.due_at > at)
    return Shown(each, lead if is_taken else None, is_taken and not is_scored)


def lead_of(submission: Submission) -> Lead | None:
    """Return the lead that a submission became; None where it is none (yet)."""
    if submission.state != SubmissionState.TAKEN:
        return None
    return _leads([submission.email]).get(email_of(submission.email) or "")


def refused_by_reason(form: Form, *, up_to: int | None = None, reason: str = "") -> QuerySet[Submission]:
    """Return what was refused of a form: for one reason, or for any; nothing newer than one submission."""
    found = Submission.objects.filter(form=form, state=SubmissionState.REFUSED)
    found = found.filter(reason=reason) if reason else found
    return found.filter(pk__lte=up_to) if up_to is not None else found


def refusals(form: Form) -> list[tuple[str, str, int]]:
    """Return for which reasons submissions of a form were refused, in words too, and how many, the commonest first."""
    counts = refused_by_reason(form).values_list("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    return [(reason, str(Reason(reason).label), n) for reason, n in counts]


def free_names(name: str, slug: str) -> tuple[str, str]:
    """Return a form's name and its name in models, numbered where a form has them already."""
    names, slugs = (set(Form.objects.filter(deleted_at=None).values_list(part, flat=True)) for part in ("name", "slug"))
    numbered = ((f"{name} {n}", f"{slug}_{n}") for n in count(2))
    return next((its, own) for its, own in chain([(name, slug)], numbered) if its not in names and own not in slugs)


def _leads(emails: list[str]) -> dict[str, Lead]:
    known = [email for each in emails if (email := email_of(each))]
    held = IdentityLink.objects.filter(identity__kind=IdentityKind.EMAIL, identity__value__in=known, ended_at=None)
    return {each.identity.value: each.lead for each in held.select_related("identity", "lead")}


_SUBMITTED = r"^form-(\d{1,18})-submitted$"


def agreed_to_by(lead: Lead, *, limit: int) -> list[Submission]:
    """Return what a lead sent by forms and agreed to something with, at one question: first what was never confirmed, then the newest.

    What was confirmed is a lead's by what it did, not by what address it gave. What waits to be confirmed is no consent yet; it is found by
    the addresses that are known of the lead.
    """
    number = Cast(Func(F("event__message_id"), Value(_SUBMITTED), function="substring"), BigIntegerField())
    sent = activities_of(lead).filter(activity_type="form_submitted", event__message_id__startswith="form-")
    held = IdentityLink.objects.filter(lead=lead, identity__kind=IdentityKind.EMAIL, ended_at=None)
    waiting = Submission.objects.filter(state=SubmissionState.WAITING).annotate(address=Lower(KeyTextTransform("email", "answers")))
    waiting = waiting.filter(address__in=held.values(address=Lower("identity__value")))
    # Each by its own index, so as two lists that are joined; an OR would look at every submission.
    theirs = sent.order_by().values(number=number).union(waiting.values(number=F("pk")))
    rows = Submission.objects.filter(pk__in=theirs, agreed_to__isnull=False)
    waits = Case(When(state=SubmissionState.WAITING, then=0), default=1)
    return list(rows.select_related("form", "agreed_to", "mail").order_by(waits, "-received_at")[:limit])
