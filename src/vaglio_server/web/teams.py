"""Teams: sellers who see each other's leads."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from vaglio_server.refused import Refused
from vaglio_server.users.actions import create_team, remove_team, rename_team
from vaglio_server.users.models import Team
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.menu import ADMINISTRATORS


@allowed(*ADMINISTRATORS)
@require_POST
def team_create(request: Signed) -> HttpResponse:
    """Make a team."""
    try:
        create_team(name=request.POST.get("name", ""), by=request.user.username, at=datetime.now(UTC))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("user-list")


@allowed(*ADMINISTRATORS)
@require_POST
def team_change(request: Signed, team_id: int) -> HttpResponse:
    """Call a team otherwise, or remove it."""
    team, by, now = get_object_or_404(Team, pk=team_id), request.user.username, datetime.now(UTC)
    try:
        if "remove" in request.POST:
            members = remove_team(team=team, by=by, at=now)
            left = ngettext("Its %(n)s member is in no team now.", "Its %(n)s members are in no team now.", members) % {"n": members}
            messages.info(request, _("The team is gone.") + (f" {left}" if members else ""))
        else:
            rename_team(team=team, name=request.POST.get("name", ""), by=by, at=now)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("user-list")
