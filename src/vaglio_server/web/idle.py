"""Leads that lie idle between stages, and for each kind the one thing that mends it, for many at once."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.actions import Why, give_to_others, move_lead, remind
from vaglio_server.lifecycle.models import LeadStage, Reason
from vaglio_server.lifecycle.queries import COUNTED, Idle, idle, idle_for
from vaglio_server.refused import Refused
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.leads import KEEPERS
from vaglio_server.web.whole_number import whole_number

SHOWN, MOST = 50, 1_000


@dataclass(frozen=True)
class Section:
    """Leads that lie idle for one reason: its title, why that is a leak, and what mends it: names in a form, and what buttons say."""

    why: str
    title: str
    sentence: str
    mends: list[tuple[str, str]]
    count: int
    leads: list[LeadStage]


@allowed(*EVERYBODY)
def idle_list(request: Signed) -> HttpResponse:
    """Show what lies idle, by why."""
    words = {
        Idle.NOBODYS: (_("Nobody's"), _("They reached sales, and nobody has them."), [("give", _("Give them away"))]),
        Idle.UNANSWERED: (
            _("Without a first answer"),
            _("Somebody has them, and what was promised is over."),
            [("give", _("Give them to others")), ("remind", _("Remind the owners"))],
        ),
        Idle.LEFT: (
            _("Taken on, then left"),
            _("Sales took them on, and nobody says what comes next, or it should have been done."),
            [("remind", _("Remind the owners")), ("recycle", _("Back to marketing"))],
        ),
    }
    lying = idle(request.user, datetime.now(UTC), SHOWN)
    found = [Section(each.why, *words[each.why], min(each.count, COUNTED), each.leads) for each in lying]
    shown = {
        "kinds": found,
        "total": sum(each.count for each in found),
        "is_more": any(each.count > COUNTED for each in lying),
        "may_change": request.user.role in KEEPERS,
        "shown": SHOWN,
    }
    return render(request, "idle/idle_list.html", shown)


@allowed(*KEEPERS)
@require_POST
def idle_mend(request: Signed) -> HttpResponse:
    """Mend what lies idle: those chosen, or all of a kind."""
    mend = {"give": _give, "remind": _remind, "recycle": _recycle}.get(request.POST.get("mend", ""))
    try:
        if mend is None:
            raise Refused(_("Choose what to do with the leads."))
        messages.success(request, mend(request, _chosen(request)))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("idle-list")


def _chosen(request: Signed) -> list[int]:
    """Return the leads that lie idle still, of those chosen."""
    given = request.POST
    try:
        why = Idle(given.get("why", ""))
    except ValueError as error:
        raise Refused(_("Choose leads of one kind.")) from error
    ids = None if "all" in given else [each for text in given.getlist("lead")[:MOST] if (each := whole_number(text)) is not None]
    those = idle_for(request.user, why, datetime.now(UTC), ids)
    found = list(those.order_by("since", "lead").values_list("lead", flat=True)[:MOST])
    if not found:
        raise Refused(_("No lead is chosen that lies idle still."))
    return found


def _give(request: Signed, leads: list[int]) -> str:
    count = give_to_others(leads=leads, by=request.user.username, at=datetime.now(UTC))
    if not count:
        raise Refused(_("Nobody else can take them now: all are away or at their limit. See Routing and hours."))
    return ngettext("{n} lead was given away.", "{n} leads were given away.", count).format(n=count)


def _remind(request: Signed, leads: list[int]) -> str:
    count = remind(leads=leads, by=request.user.username, at=datetime.now(UTC))
    return ngettext("{n} owner is reminded by mail.", "{n} owners are reminded by mail.", count).format(n=count)


def _recycle(request: Signed, leads: list[int]) -> str:
    why, by, now = Why(Reason.NOT_NOW, _("lay idle")), request.user.username, datetime.now(UTC)
    for lead in Lead.objects.filter(pk__in=leads).order_by("pk"):
        move_lead(lead=lead, verb="recycle", why=why, by=by, at=now)
    return ngettext("{n} lead went back to marketing.", "{n} leads went back to marketing.", len(leads)).format(n=len(leads))
