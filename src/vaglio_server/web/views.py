"""Views of leads: kept, renamed, shared, and removed by whose they are."""

from datetime import UTC, datetime
from urllib.parse import parse_qs

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio.terms import RATINGS
from vaglio_server.refused import Refused
from vaglio_server.views.actions import change_view, remove_view, save_view
from vaglio_server.views.logic.asked import Asked
from vaglio_server.views.models import SavedView
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.leads import address_of


@allowed(*EVERYBODY)
@require_POST
def view_save(request: Signed) -> HttpResponse:
    """Keep what the list shows under a name."""
    asked = Asked.of(parse_qs(request.POST.get("query", "")), RATINGS)
    name, is_shared = request.POST.get("name", ""), "is_shared" in request.POST
    try:
        view = save_view(owner=request.user, name=name, query=asked.query, is_shared=is_shared, at=datetime.now(UTC))
        messages.success(request, _("The view “{name}” is kept.").format(name=view))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(address_of(asked))


@allowed(*EVERYBODY)
@require_POST
def view_change(request: Signed, view_id: int) -> HttpResponse:
    """Give a view another name, share it, or keep it to oneself again."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user).select_related("owner"), pk=view_id)
    name, is_shared = request.POST.get("name", ""), "is_shared" in request.POST
    try:
        change_view(view=view, name=name, is_shared=is_shared, by=request.user, at=datetime.now(UTC))
        said = _("The view “{name}” is for everybody.") if is_shared else _("The view “{name}” is yours alone.")
        messages.success(request, said.format(name=view))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(address_of(Asked.of(parse_qs(view.query), RATINGS)))


@allowed(*EVERYBODY)
@require_POST
def view_remove(request: Signed, view_id: int) -> HttpResponse:
    """Remove a view; the list goes on showing what it showed."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user).select_related("owner"), pk=view_id)
    try:
        remove_view(view=view, by=request.user, at=datetime.now(UTC))
        messages.success(request, _("The view “{name}” is removed; the leads in it stay as they are.").format(name=view))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(address_of(Asked.of(parse_qs(view.query), RATINGS)))
