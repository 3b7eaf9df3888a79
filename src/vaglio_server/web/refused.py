"""Refused events: what came in and could not be taken, why, and what to do: try it again, put it right, or put it away."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from vaglio_server.refused import Refused
from vaglio_server.tracking.actions import (
    bring_back_refused,
    mend_refused,
    put_all_refused_away,
    put_away_refused,
    replay_all_refused,
    replay_refused,
)
from vaglio_server.tracking.models import RefusedEvent, Settled
from vaglio_server.tracking.queries import REFUSED_SEEN_BY, refused_call, refused_calls, refused_reasons, settled_counts
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.whole_number import whole_number

PAGE = 50
REASONS = 8  # named with their counts
# What to write where a call was refused for a reason that begins so.
HINTS: tuple[tuple[str, str | Promise], ...] = (
    (
        "it names nobody",
        gettext_lazy('Say who it was: add "userId", "anonymousId", or "context": {"traits": {"email": "anna@acme.example"}}.'),
    ),
    ("a track call names no event", gettext_lazy('Say what was done: add "event": "Form Submitted".')),
    ("its type", gettext_lazy('Say what kind of call it is: "type" is track, identify, page, screen, group or alias.')),
    ("a group call names no group", gettext_lazy('Say which company: add "groupId": "acme".')),
    ("batch is no list", gettext_lazy('Write the calls as a list: "batch": [ … ].')),
    ("it is larger than", gettext_lazy("Take out what nobody needs of it.")),
    ("a text holds", gettext_lazy("Take out the sign that no database keeps: it is written \\u0000, or \\ud800 and the like.")),
    ("it is nested", gettext_lazy("Take out the objects inside of objects that nobody needs.")),
)


@allowed(*REFUSED_SEEN_BY)
def refused_list(request: Signed) -> HttpResponse:
    """Show refused calls, newest first: those to look at, of one reason if one is chosen, or those that were mended or put away."""
    before, state, reason = whole_number(request.GET.get("cursor")), request.GET.get("state", ""), request.GET.get("reason", "")
    state = state if state in Settled.values else ""
    page = refused_calls(before=before, limit=PAGE, settled=state, reason=reason.replace("\x00", ""))
    reasons, settled = refused_reasons(), settled_counts()
    count = sum(number for each, number in reasons.counts if each == reason or not reason)
    context = {
        "page": page, "state": state, "reason": reason, "reasons": reasons.counts[:REASONS], "is_more": reasons.is_more, "count": count,
        "states": [(value, title, settled.get(value, 0)) for value, title in Settled.choices if value],
        "newest": page.calls[0].id if page.calls and not before else None, "keep": _query(state, reason),
    }  # fmt: skip
    return render(request, "intake/refused_list.html", context)


def _query(state: str, reason: str) -> str:
    return urlencode([(name, value) for name, value in (("state", state), ("reason", reason)) if value])


def _list(reason: str = "") -> HttpResponse:
    return redirect(reverse("refused-list") + (f"?{_query('', reason)}" if reason else ""))


@allowed(*REFUSED_SEEN_BY)
def refused_detail(request: Signed, refused_id: int) -> HttpResponse:
    """Show one refused call as it came, and take it in the words that somebody put right."""
    refused = RefusedEvent.objects.select_related("delivery__source").filter(pk=refused_id).first()
    if refused is None:
        return _gone(request)
    call = refused_call(refused)
    text, fault = request.POST.get("text", call.sent), ""
    if request.method == "POST":
        try:
            mend_refused(refused=refused, text=text, by=request.user.username, at=datetime.now(UTC))
            messages.success(request, _("It is taken now. What came stays as it came, under “Mended”."))
            return _list()
        except Refused as error:
            fault = str(error)
    hint = next((said for start, said in HINTS if (fault or call.reason).startswith(start)), "")
    found = {"call": call, "text": text, "fault": fault, "hint": hint, "rows": min(30, max(6, text.count("\n") + 2))}
    return render(request, "intake/refused_detail.html", found, status=422 if fault else 200)


def _gone(request: Signed) -> HttpResponse:
    messages.info(request, _("This call was tried again meanwhile; if it could not be taken, it stands here once more."))
    return _list()


@allowed(*REFUSED_SEEN_BY)
@require_POST
def refused_replay(request: Signed, refused_id: int) -> HttpResponse:
    """Give a request to the workers again."""
    refused = RefusedEvent.objects.filter(pk=refused_id).first()
    if refused is None:
        return _gone(request)
    count = replay_refused(refused=refused, by=request.user.username, at=datetime.now(UTC))
    text = ngettext("%(n)s call is tried again.", "%(n)s calls of one request are tried again.", count) % {"n": count}
    messages.info(request, f"{text} {_('What cannot be taken this time either comes back here.')}")
    return _list()


@allowed(*REFUSED_SEEN_BY)
@require_POST
def refused_put_away(request: Signed, refused_id: int) -> HttpResponse:
    """Say of a call that nothing is to be done about it."""
    refused = get_object_or_404(RefusedEvent, pk=refused_id)
    return _done(request, lambda: put_away_refused(refused=refused, by=request.user.username, at=datetime.now(UTC)), _("It is put away."))


@allowed(*REFUSED_SEEN_BY)
@require_POST
def refused_bring_back(request: Signed, refused_id: int) -> HttpResponse:
    """Put a call that was put away among those to look at again."""
    refused = get_object_or_404(RefusedEvent, pk=refused_id)
    return _done(request, lambda: bring_back_refused(refused=refused, by=request.user.username, at=datetime.now(UTC)), _("It is back."))


def _done(request: Signed, do: Callable[[], None], said: str) -> HttpResponse:
    try:
        do()
        messages.success(request, said)
    except Refused as refused:
        messages.error(request, str(refused))
    return _list()


@allowed(*REFUSED_SEEN_BY)
@require_POST
def refused_bulk(request: Signed) -> HttpResponse:
    """Try all calls again that the list shows, or put all of them away: those of one reason, if one is chosen."""
    reason, up_to = request.POST.get("reason", "").replace("\x00", ""), whole_number(request.POST.get("up_to"))
    do = {"replay": _replay_all, "put_away": _put_all_away}.get(request.POST.get("do", ""))
    if do is None or up_to is None:
        messages.error(request, _("Choose what to do with the calls."))
    else:
        messages.info(request, do(request, reason, up_to))
    return _list()


def _replay_all(request: Signed, reason: str, up_to: int) -> str:
    count = replay_all_refused(reason=reason, up_to=up_to, by=request.user.username, at=datetime.now(UTC))
    said = ngettext("%(n)s call is tried again.", "%(n)s calls are tried again.", count) % {"n": f"{count:,}"}
    return f"{said} {_('What cannot be taken this time either comes back here.')}"


def _put_all_away(request: Signed, reason: str, up_to: int) -> str:
    count = put_all_refused_away(reason=reason, up_to=up_to, by=request.user.username, at=datetime.now(UTC))
    return ngettext("%(n)s call is put away.", "%(n)s calls are put away.", count) % {"n": f"{count:,}"}
