"""Leads that lie idle between stages, and for each kind the one thing that mends it, for many at once."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from vaglio_server.lifecycle.actions import Why, give_to_others, move_many, remind
from vaglio_server.lifecycle.models import LeadStage, Reason
from vaglio_server.lifecycle.queries import COUNTED, Idle, idle, idle_for
from vaglio_server.refused import Refused
from vaglio_server.users.models import ANSWERERS
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
    refused = {name for name in ("remind", "recycle") if _refusal(request, name)}
    lying = idle(request.user, datetime.now(UTC), SHOWN)
    found = [
        Section(each.why, title, sentence, [mend for mend in mends if mend[0] not in refused], min(each.count, COUNTED), each.leads)
        for each in lying
        for title, sentence, mends in (words[each.why],)
    ]
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
    name = request.POST.get("mend", "")
    mend = {"give": _give, "remind": _remind, "recycle": _recycle}.get(name)
    try:
        if mend is None:
            raise Refused(_("Choose what to do with the leads."))
        if refusal := _refusal(request, name):
            raise Refused(refusal)
        messages.success(request, mend(request, _chosen(request)))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("idle-list")


def _refusal(request: Signed, mend: str) -> str:
    """Return why somebody cannot mend anything so, here; nothing where they can."""
    if mend == "remind" and not settings.CAN_MAIL:
        return _("This installation sends no mail yet: an administrator names a mail server (EMAIL_URL).")
    if mend == "recycle" and request.user.role not in ANSWERERS:
        return _("That is for sales to say.")
    return ""


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
    is_nobodys = request.POST.get("why") == Idle.NOBODYS
    count = give_to_others(leads=leads, is_nobodys=is_nobodys, by=request.user.username, at=datetime.now(UTC))
    if not count:
        raise Refused(_("Nobody else can take them now: all are away or at their limit. See Routing and hours."))
    return ngettext("{n} lead was given away.", "{n} leads were given away.", count).format(n=count)


def _remind(request: Signed, leads: list[int]) -> str:
    count = remind(leads=leads, by=request.user.username, at=datetime.now(UTC))
    return ngettext("{n} owner is reminded by mail.", "{n} owners are reminded by mail.", count).format(n=count)


def _recycle(request: Signed, leads: list[int]) -> str:
    why = Why(Reason.NOT_NOW, _("lay idle"))
    count = move_many(leads=leads, verb="recycle", why=why, by=request.user.username, at=datetime.now(UTC))
    return ngettext("{n} lead went back to marketing.", "{n} leads went back to marketing.", count).format(n=count)
