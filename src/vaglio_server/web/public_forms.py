"""Forms as visitors see them: without a session, a cookie or a script; framed only by the sites they are for."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.signing import BadSignature, Signer
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from vaglio_server.crm.queries import fields_of
from vaglio_server.database import is_away
from vaglio_server.forms.actions import Sent, confirm_submission, count_view, take_submission
from vaglio_server.forms.actions.mails import SIGNER as LINKS
from vaglio_server.forms.logic.answers import LARGEST, read_answers
from vaglio_server.forms.logic.drafts import Draft, origin_of
from vaglio_server.forms.logic.networks import digest_of
from vaglio_server.forms.models import ConsentText, Form, Reason, Submission, SubmissionState
from vaglio_server.forms.queries import consent_now
from vaglio_server.refused import Refused
from vaglio_server.tracking.models import Source
from vaglio_server.web.form_faults import FAULTS, fault_said
from vaglio_server.web.visitors import address_of

SCRIPTS = Path(__file__).parent / "scripts"
HONEYPOT = "url"
MOST_TOLD = 100  # values of a request that are given back
QUICKEST = timedelta(seconds=2)
PAGE_HOLDS = timedelta(days=2)  # from when it was opened; after that it is shown again, with what was typed
_PAGES = Signer(salt="forms.page")
_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)
_AUTOCOMPLETE = {
    "first_name": "given-name", "last_name": "family-name", "name": "name", "email": "email", "phone": "tel", "mobile_phone": "tel",
    "company": "organization", "job_title": "organization-title", "street": "street-address", "postal_code": "postal-code",
    "city": "address-level2", "state": "address-level1", "country": "country-name", "website": "url", "language": "language",
}  # fmt: skip
_SHORT = {"first_name", "last_name", "job_title", "department", "phone", "mobile_phone", "employees", "industry", "city", "state",
          "postal_code", "country", "language"}  # fmt: skip
_TYPES = {"email": "email", "phone": "tel", "mobile_phone": "tel"}


@dataclass(frozen=True)
class Opened:
    """The page that somebody filled in: its own id, when it was opened, and the consent text on it."""

    page: str
    at: datetime
    consent: ConsentText | None


def questions(draft: Draft, typed: dict[str, str] | None = None, faults: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Return what a form asks as its template shows it, with what was typed and what is wrong with it."""
    halves = _halves(draft)
    return [
        {
            "name": each.name, "label": each.label, "widget": each.widget, "is_required": each.is_required, "choices": each.choices,
            "type": _TYPES.get(each.name, "date" if each.widget == "date" else "text"), "autocomplete": _AUTOCOMPLETE.get(each.name, ""),
            "typed": (typed or {}).get(each.name, ""), "is_half": place in halves,
            "fault": fault_said((faults or {}).get(each.name, ""), each, (typed or {}).get(each.name, "")),
        }
        for place, each in enumerate(draft.fields)
    ]  # fmt: skip


def _halves(draft: Draft) -> set[int]:
    """Return which questions stand side by side: two short ones that follow each other."""
    found: set[int] = set()
    for place, (one, other) in enumerate(pairwise(draft.fields)):
        if place not in found and one.name in _SHORT and other.name in _SHORT:
            found |= {place, place + 1}
    return found


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def form_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a form, and take what is sent; there is no session that anybody could misuse, so no token guards one.

    303 it is on disk; 404 there is no such form; 410 it is closed or deleted; 413 so much is read by nobody; 422 something does not fit;
    429 too many came; 503 it could not be kept, send it again.
    """
    try:
        return _answered(request, public_id)
    except Form.DoesNotExist:
        return _no_form(request)
    except RequestDataTooBig:
        return _too_large(request, public_id)
    except (DatabaseError, InterfaceError) as error:
        if not is_away(error):
            raise
        connection.close()
        if request.method != "POST":
            raise
        return _again(request)


def _answered(request: HttpRequest, public_id: str) -> HttpResponse:
    form = Form.objects.get(public_id=public_id)
    if form.deleted_at is not None:
        return _gone(form, request)
    if not form.is_open:
        return _message(form, request, _("This form is closed."), _("It takes no more answers."), status=410)
    if request.method == "POST":
        return _sent(request, form)
    if request.method == "GET":
        count_view(form=form)
    return _page(request, form)


def _gone(form: Form, request: HttpRequest) -> HttpResponse:
    return _message(
        form, request, _("This form is gone"), _("It is not used any more. Nothing you write here would reach anybody."), status=410
    )


@require_safe
def form_nowhere(request: HttpRequest) -> HttpResponse:
    """Say to a visitor that there is no form at an address, without a word of who works here."""
    return _no_form(request)


def _no_form(request: HttpRequest) -> HttpResponse:
    said = _(
        "The address is not whole, or what it named is no longer there. Please open it again from the page or the mail that led you here."
    )
    found = {"title": _("There is no form here"), "said": said, "embedded": _look(request)}
    return _alone(render_to_string("public/confirm.html", found), 404)


def _too_large(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say that nobody reads so much, and lead back to what was typed: it was not read, so only the browser has it."""
    said = _(
        "We read up to {kb} KB of answers. What you typed is still in the form: go back, shorten the longest answer, and send it again."
    )
    form = Form.objects.get(public_id=public_id)
    title = _("That is too long for us")
    return _message(form, request, title, said.format(kb=LARGEST // 1024), status=413, back=_here("form-page", form, request))


def _again(request: HttpRequest) -> HttpResponse:
    """Give back what was sent while the database is away, to be sent again: it has the same mark, so it counts once."""
    said = _("We cannot keep your answers at this very moment. They are still on this page: please send them again in a few seconds.")
    answer = HttpResponse(
        _given_back(request, _("Not sent yet"), said), status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"}
    )
    if _look(request):  # whose frame it is nobody can tell now; the page holds nothing but what the visitor typed
        answer["Content-Security-Policy"] = build_policy(replace={"frame-ancestors": "*"})
        answer.xframe_options_exempt = True
    return answer


def _given_back(request: HttpRequest, title: str, said: str) -> str:
    """Return a page with what was sent, and a button that sends it once more."""
    told = {"told": [*request.POST.items()][:MOST_TOLD], "action": request.get_full_path(), "embedded": _look(request)}
    return render_to_string("public/again.html", told | {"title": title, "said": said})


def _page(
    request: HttpRequest,
    form: Form,
    *,
    opened: Opened | None = None,
    faults: dict[str, str] | None = None,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show a form; one that was ``opened`` before stays the page it was, so that a quick correction is not taken for a program's."""
    consent = opened.consent if opened else consent_now(form)
    page = request.POST["page"] if opened else _page_id(form, consent)
    found: dict[str, Any] = {
        "form": form, "questions": questions(form.draft(""), _typed(request, form), faults), "notice": notice, "faults": faults,
        "consent": consent.text if consent else "", "consent_fault": FAULTS.get((faults or {}).get("consent", "")),
        "has_agreed": "agreed" in request.POST, "page": page, "honeypot": HONEYPOT,
        "embedded": _look(request), "anonymous_id": _anonymous_id(request), "action": _here("form-page", form, request),
    }  # fmt: skip
    return _framed(HttpResponse(render_to_string("public/form.html", found), status=status), form)


def _page_id(form: Form, consent: ConsentText | None) -> str:
    """Return what says of a page, signed, which form it shows, when, and with which consent text."""
    ms = int(datetime.now(UTC).timestamp() * 1000)
    return _PAGES.sign(f"{form.public_id}.{secrets.token_urlsafe(12)}.{consent.pk if consent else 0}.{ms}")


def _opened(request: HttpRequest, form: Form) -> Opened | None:
    """Return the page that was filled in; None where it is none of this form's, or was opened too long ago."""
    try:
        signed = _PAGES.unsign(request.POST.get("page", ""))
    except (BadSignature, UnicodeError):
        return None
    public_id, page, consent, ms = signed.split(".")
    at = datetime.fromtimestamp(int(ms) / 1000, UTC)
    if public_id != form.public_id or datetime.now(UTC) - at > PAGE_HOLDS:
        return None
    return Opened(page, at, ConsentText.objects.filter(pk=int(consent), form=form).first())


def _typed(request: HttpRequest, form: Form) -> dict[str, str]:
    """Return what was typed, whole: what is too long to be taken is given back to be shortened."""
    return {each.name: request.POST.get(f"field_{each.name}", "") for each in form.asked}


def _sent(request: HttpRequest, form: Form) -> HttpResponse:
    opened = _opened(request, form)
    if opened is None:
        notice = _("This page was open for very long. Please look at your answers and send them once more.")
        return _page(request, form, notice=notice, status=422)
    read = read_answers(form.asked, fields_of("lead"), _typed(request, form))
    faults = dict(read.faults)
    if opened.consent is not None and opened.consent.text and "agreed" not in request.POST:
        faults["consent"] = "unticked"
    if faults:
        return _page(request, form, opened=opened, faults=faults, status=422)
    now = datetime.now(UTC)
    sent = Sent(
        page=opened.page, answers=read.values, network=digest_of(address_of(request), settings.SECRET_KEY, now),
        here=request.build_absolute_uri(reverse("form-confirm", args=["-"])).removesuffix("-"), consent=opened.consent,
        anonymous_id=_anonymous_id(request), suspicion=_suspicion(request, opened, now),
    )  # fmt: skip
    made = take_submission(form=form, sent=sent, at=now)
    if made is None or (made.state == SubmissionState.REFUSED and made.reason == Reason.TOO_MANY):
        return _too_many(request, form)
    # Where the form asks to confirm, programs hear the same as people do.
    is_unsaid = form.is_double_opt_in and made.state == SubmissionState.REFUSED
    return _thanked(request, form, is_waiting=made.state == SubmissionState.WAITING or is_unsaid)


def _suspicion(request: HttpRequest, opened: Opened, now: datetime) -> str:
    if request.POST.get(HONEYPOT, ""):
        return Reason.HONEYPOT
    return Reason.TOO_FAST if now - opened.at < QUICKEST else ""


def _anonymous_id(request: HttpRequest) -> str:
    """Return by what the visitor's browser is known, where they agreed to that on the site that shows the form."""
    found = request.POST.get("anonymous_id", "")
    return found if _ID.fullmatch(found) else ""


def _thanked(request: HttpRequest, form: Form, *, is_waiting: bool) -> HttpResponse:
    """Send a browser on, so that looking at the page again sends nothing again."""
    to = _here("form-almost" if is_waiting else "form-done", form, request)
    if form.redirect_to and not is_waiting and not _look(request):
        to = form.redirect_to
    return _framed(HttpResponse(status=303, headers={"Location": to}), form)


def _look(request: HttpRequest) -> str:
    """Return how a form looks inside of another site: light, dark, or as the visitor's system; empty where it is a page of its own."""
    found = request.GET.get("embed")
    return "" if found is None else found if found in {"light", "dark"} else "auto"


def _here(name: str, form: Form, request: HttpRequest) -> str:
    look = _look(request)
    return reverse(name, args=[form.public_id]) + (f"?embed={look}" if look else "")


def _too_many(request: HttpRequest, form: Form) -> HttpResponse:
    said = _("A lot is coming from your network at the moment. Please try again in ten minutes: your answers stay on this page until then.")
    answer = _framed(HttpResponse(_given_back(request, _("Just a moment, please"), said), status=429), form)
    answer["Retry-After"] = "600"
    return answer


@require_safe
def form_done(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say thank you; inside of another site, ask that to go on to the page the form names."""
    form = Form.objects.filter(public_id=public_id).first()
    if form is None:
        return _no_form(request)
    if form.deleted_at is not None:
        return _gone(form, request)
    return _message(form, request, _("Thank you"), form.thanks, go_on=form.redirect_to, is_good=True)


@require_safe
def form_almost(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say that a mail is on its way."""
    form = Form.objects.filter(public_id=public_id).first()
    if form is None:
        return _no_form(request)
    if form.deleted_at is not None:
        return _gone(form, request)
    said = _("We have sent you a mail. Open the link in it and confirm: only then your answers count.")
    return _message(form, request, _("One more step"), said)


def _message(form: Form, request: HttpRequest, title: str, said: str, *, status: int = 200, **more: Any) -> HttpResponse:
    found = {"form": form, "title": title, "said": said, "embedded": _look(request)} | more
    return _framed(HttpResponse(render_to_string("public/message.html", found), status=status), form)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def form_confirm(request: HttpRequest, signed: str) -> HttpResponse:
    """Show the button that confirms, or confirm; opening the link alone does nothing, because scanners of mail open links."""
    try:
        number, _dot, public_id = LINKS.unsign(signed).partition(".")
    except (BadSignature, UnicodeError):
        said = _("The link is not whole; mail programs break long ones. Please copy all of it from the mail into the address bar.")
        return _alone(render_to_string("public/confirm.html", {"title": _("This link does not work"), "said": said}), 404)
    submission = Submission.objects.select_related("form").filter(pk=int(number)).first()
    if submission is None:
        return _too_late(public_id)
    if request.method == "POST":
        try:
            submission = confirm_submission(submission=submission, at=datetime.now(UTC))
        except Refused:
            return _alone(render_to_string("public/confirm.html", {"title": _("Not confirmed"), "said": _("Please contact us.")}), 409)
    found: dict[str, Any] = {"form": submission.form, "title": _("Please confirm"), "email": submission.email, "may_confirm": True}
    if submission.state == SubmissionState.TAKEN:
        found |= {
            "title": _("Thank you"),
            "said": submission.form.thanks,
            "may_confirm": False,
            "go_on": submission.form.redirect_to,
            "is_good": True,
        }
    return _alone(render_to_string("public/confirm.html", found), 200)


def _too_late(public_id: str) -> HttpResponse:
    """Say that nothing waits for this confirmation any more, and lead to the form, where that takes answers."""
    form = Form.objects.filter(public_id=public_id, is_open=True, deleted_at=None).first()
    found = {"title": _("Too late, sorry"), "said": _("What is not confirmed is forgotten after some time. Please fill in the form again.")}
    again = {"go_on": reverse("form-page", args=[public_id]), "go_words": _("Fill it in again")} if form else {}
    return _alone(render_to_string("public/confirm.html", found | again), 410)


@require_GET
def form_script(_request: HttpRequest, public_id: str) -> HttpResponse:
    """Give the script that puts a form into another site, as high as it needs to be."""
    form = get_object_or_404(Form, public_id=public_id)
    if form.deleted_at is None:
        return _script("embed.js")
    return HttpResponse("// This form is gone: take this script out of the page.\n", content_type="text/javascript", status=410)


@require_GET
def page_script(request: HttpRequest) -> HttpResponse:
    """Give the script for page views; for a source that has it switched off, one that does nothing but forget."""
    key = request.GET.get("key", "")
    is_on = "\x00" not in key and Source.objects.filter(write_key=key, is_active=True, tracks_pages=True).exists()
    return _script("pages.js" if is_on else "no_pages.js")


def _script(name: str) -> HttpResponse:
    answer = HttpResponse((SCRIPTS / name).read_bytes(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=300"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _framed(answer: HttpResponse, form: Form) -> HttpResponse:
    """Let the sites a form is for show it inside of theirs, and nobody else; it may send only to us, and go on to the page it names."""
    going = [origin] if (origin := origin_of(form.redirect_to)) else []
    policy = {"frame-ancestors": form.origins or ["'none'"], "form-action": ["'self'", *going]}
    answer["Content-Security-Policy"] = build_policy(replace=policy)
    answer.xframe_options_exempt = bool(form.origins)
    answer["Cache-Control"] = "no-store"
    return answer


def _alone(page: str, status: int) -> HttpResponse:
    answer = HttpResponse(page, status=status)
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"  # the address confirms
    return answer
