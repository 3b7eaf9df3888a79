"""What visitors sent, for those who make forms: one submission with what was agreed to, and what is decided of one and of many."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from vaglio_server.forms.actions import ask_again, delete_refused, delete_submission, release_refused, release_submission
from vaglio_server.forms.models import Form, Reason, Submission, SubmissionState
from vaglio_server.forms.queries import lead_of
from vaglio_server.refused import Refused
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.whole_number import whole_number


@allowed(*MARKETERS)
def submission_detail(request: Signed, form_id: int, submission_id: int) -> HttpResponse:
    """Show what somebody sent, in the order in which it was asked, what they agreed to, and whom it made a lead."""
    found = get_object_or_404(_submissions(), pk=submission_id, form=form_id)
    asked = {each.name: each.label for each in found.form.asked}
    names = [*(name for name in asked if name in found.answers), *(name for name in found.answers if name not in asked)]
    answers = [(asked.get(name, name), found.answers[name]) for name in names]
    context = {"each": found, "answers": answers, "form": found.form, "lead": lead_of(found), "decide": reverse("submission-decide", args=[
        form_id, submission_id])}  # fmt: skip
    return render(request, "forms/submission_detail.html", context)


def _submissions() -> Any:
    return Submission.objects.select_related("form", "agreed_to", "mail")


def _here(request: Signed) -> str:
    """Return where the link of a mail leads, without its signature."""
    return request.build_absolute_uri(reverse("form-confirm", args=["-"])).removesuffix("-")


@allowed(*MARKETERS)
@require_POST
def submission_decide(request: Signed, form_id: int, submission_id: int) -> HttpResponse:
    """Release what was refused, ask once more to confirm, or forget what was sent."""
    each = get_object_or_404(_submissions(), pk=submission_id, form=form_id)
    by, now, do = request.user.username, datetime.now(UTC), request.POST.get("do")
    try:
        if do == "delete":
            delete_submission(submission=each, by=by, at=now)
            said = _("The submission is deleted. A lead that it made stays.")
        elif do == "ask":
            ask_again(submission=each, here=_here(request), by=by, at=now)
            said = _("The mail goes out once more.")
        else:
            found = release_submission(submission=each, here=_here(request), by=by, at=now)
            said = _("Taken.") if found.state == SubmissionState.TAKEN else _("A mail asks to confirm; then it is taken.")
        messages.info(request, said)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("form-detail", form_id)


@allowed(*MARKETERS)
@require_POST
def submissions_decide(request: Signed, form_id: int) -> HttpResponse:
    """Release or forget all that was refused: for one reason, if one is chosen."""
    form = get_object_or_404(Form, pk=form_id)
    reason, up_to, do = request.POST.get("reason", ""), whole_number(request.POST.get("up_to")), request.POST.get("do")
    by, now = request.user.username, datetime.now(UTC)
    if up_to is None or do not in ("release", "delete") or reason not in ("", *Reason.values):
        messages.error(request, _("Choose what to do with them."))
    elif do == "release":
        count = release_refused(form=form, reason=reason, up_to=up_to, here=_here(request), by=by, at=now)
        messages.info(request, ngettext("%(n)s submission is released.", "%(n)s submissions are released.", count) % {"n": f"{count:,}"})
    else:
        count = delete_refused(form=form, reason=reason, up_to=up_to, by=by, at=now)
        messages.info(request, ngettext("%(n)s submission is deleted.", "%(n)s submissions are deleted.", count) % {"n": f"{count:,}"})
    return redirect(reverse("form-detail", args=[form_id]) + "?state=refused")
