"""Sources: the sites, apps and programs that send events, each with its key and what to paste."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio_server.refused import Refused
from vaglio_server.tracking.actions import create_source, renew_key, switch_page_tracking, switch_source
from vaglio_server.tracking.models import Source
from vaglio_server.tracking.queries import received, sources
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed

LONGEST = 100


@allowed(*MARKETERS)
def source_list(request: Signed) -> HttpResponse:
    """Show who sends events, and take another."""
    if request.method != "POST":
        return render(request, "intake/source_list.html", {"sources": sources()})
    try:
        source = create_source(name=_named(request.POST.get("name", "")), by=request.user.username, at=datetime.now(UTC))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("source-list")
    return redirect("source-detail", source.pk)


def _named(text: str) -> str:
    name = " ".join(text.replace("\x00", "").split())
    if not name or len(name) > LONGEST:
        raise Refused(_("Give the source a name of up to {n} characters.").format(n=LONGEST))
    return name


@allowed(*MARKETERS)
def source_detail(request: Signed, source_id: int) -> HttpResponse:
    """Show a source's key, what to paste, and whether events come; the light asks for itself again while it is looked at."""
    source = get_object_or_404(Source, pk=source_id)
    found = {"source": source, "received": received(source), "here": f"{request.scheme}://{request.get_host()}"}
    return render(request, "intake/_source_light.html" if request.headers.get("HX-Request") else "intake/source_detail.html", found)


@allowed(*MARKETERS)
@require_POST
def source_key(request: Signed, source_id: int) -> HttpResponse:
    """Give a source another key, or switch its key off or on."""
    source, by, now = get_object_or_404(Source, pk=source_id), request.user.username, datetime.now(UTC)
    try:
        if "renew" in request.POST:
            renew_key(source=source, by=by, at=now)
            messages.info(request, _("Here is the new key. What comes with the old one is refused from now on."))
        else:
            switch_source(source=source, is_active="on" in request.POST, by=by, at=now)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("source-detail", source.pk)


@allowed(*MARKETERS)
@require_POST
def source_pages(request: Signed, source_id: int) -> HttpResponse:
    """Switch the script for page views on or off."""
    source = get_object_or_404(Source, pk=source_id)
    switch_page_tracking(source=source, on=request.POST.get("on") == "1", by=request.user.username, at=datetime.now(UTC))
    return redirect("source-detail", source.pk)
