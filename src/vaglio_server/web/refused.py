"""Refused events: what came in and could not be taken, with the reason, and a way to try again."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from vaglio_server.tracking.actions import replay_refused
from vaglio_server.tracking.models import RefusedEvent
from vaglio_server.tracking.queries import REFUSED_SEEN_BY, refused_calls
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.whole_number import whole_number

PAGE = 50


@allowed(*REFUSED_SEEN_BY)
def refused_list(request: Signed) -> HttpResponse:
    """Show refused calls, newest first."""
    before = whole_number(request.GET.get("cursor"))
    return render(request, "intake/refused_list.html", {"page": refused_calls(before=before, limit=PAGE)})


@allowed(*REFUSED_SEEN_BY)
@require_POST
def refused_replay(request: Signed, refused_id: int) -> HttpResponse:
    """Give a request to the workers again."""
    refused = get_object_or_404(RefusedEvent, pk=refused_id)
    count = replay_refused(refused=refused, by=request.user.username, at=datetime.now(UTC))
    text = ngettext("%(n)s call is tried again.", "%(n)s calls of one request are tried again.", count) % {"n": count}
    messages.info(request, text)
    return redirect("refused-list")
