"""Leads that lie idle between stages, and for each kind the one thing that mends it, for many at once."""

from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import get_args
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from vaglio_server.crm.queries import owners
from vaglio_server.lifecycle.actions import MENDS, MOST_MENDED, Mend, assign_by_hand, mend_idle
from vaglio_server.lifecycle.models import LeadStage
from vaglio_server.lifecycle.queries import COUNTED, Idle, Lying, idle, idle_for
from vaglio_server.refused import Refused
from vaglio_server.users.models import ANSWERERS, Role
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.bulk_undo import given, owners_before
from vaglio_server.web.leads import KEEPERS
from vaglio_server.web.sellers import seller_chosen
from vaglio_server.web.tried import tried
from vaglio_server.web.whole_number import whole_number

SHOWN = 50
GIVE_TO = "give_to"  # a seller by name: also what nobody has any more, which no rule gives away


@dataclass(frozen=True)
class Section:
    """Leads that lie idle for one reason: its title, why that is a leak, and what mends it: names in a form, and what buttons say.

    ``main`` is the first thing to do.
    """

    why: str
    title: str
    sentence: str
    mends: list[tuple[str, str]]
    count: int
    leads: list[LeadStage]
    main: str


@allowed(*EVERYBODY)
def idle_list(request: Signed) -> HttpResponse:
    """Show what lies idle, by why."""
    words = {
        Idle.NOBODYS: (_("Nobody took them on"), _("They reached sales, and nobody has them.")),
        Idle.UNANSWERED: (_("Without a first answer"), _("Somebody has them, and what was promised is over.")),
        Idle.LEFT: (
            _("Taken on, then left"),
            _("Sales took them on, and nobody says what comes next, or it should have been done."),
        ),
    }
    lying = idle(request.user, datetime.now(UTC), SHOWN)
    found = [_section(request, each, *words[each.why]) for each in lying]
    shown = {
        "kinds": sorted(found, key=lambda each: not each.leads),  # where nothing is to be done comes last
        "total": sum(each.count for each in found),
        "is_more": any(each.count > COUNTED for each in lying),
        "may_change": request.user.role in KEEPERS,
        "shown": SHOWN,
        "sellers": owners(request.user),
        "ticked": {whole_number(text) for text in request.GET.getlist("lead")},
        "ticked_of": request.GET.get("why"),
    }
    return render(request, "idle/idle_list.html", shown)


def _section(request: Signed, lying: Lying, title: str, sentence: str) -> Section:
    owned = [each for each in lying.leads if each.lead.owner_id is not None]
    is_any_owned = bool(owned) or lying.count > len(lying.leads)
    mends = _offered(request, lying.why, is_any_owned=is_any_owned)
    is_given = lying.why == Idle.LEFT and 2 * len(owned) < len(lying.leads)  # most have nobody who could be reminded
    main = GIVE_TO if is_given else next((name for name, _said in mends if name != "recycle"), "")
    return Section(lying.why, title, sentence, mends, min(lying.count, COUNTED), lying.leads, main)


def _offered(request: Signed, why: Idle, *, is_any_owned: bool) -> list[tuple[str, str]]:
    """Return what mends leads that lie idle for a reason and somebody may do here: names in a form, and what buttons say."""
    words = {
        "give": _("Give them away") if why == Idle.NOBODYS else _("Give them to others"),
        "remind": _("Remind the owners"),
        "recycle": _("Back to marketing"),
    }
    return [(mend, words[mend]) for mend in MENDS[why] if not _refusal(request, mend) and (mend != "remind" or is_any_owned)]


@allowed(*KEEPERS)
@require_POST
def idle_mend(request: Signed) -> HttpResponse:
    """Mend what lies idle: those chosen, or all of a kind."""
    # Where it is refused, those that were ticked stay ticked.
    ticked = [("why", request.POST.get("why", "")), *(("lead", text) for text in request.POST.getlist("lead")[:SHOWN])]
    back = f"{reverse('idle-list')}?{urlencode(ticked)}"
    return tried(request, lambda: _mended(request), itemgetter(0), undo=itemgetter(1), to="idle-list", back=back)


def _mended(request: Signed) -> tuple[str, str]:
    """Mend leads as a form asks, and return what is to be said then, and by which address it is undone; empty where by none."""
    if request.POST.get("mend") == GIVE_TO:
        return _given(request)
    mend: Mend | None = next((each for each in get_args(Mend) if each == request.POST.get("mend")), None)
    if mend is None:
        raise Refused(_("Choose what to do with the leads."))
    if refusal := _refusal(request, mend):
        raise Refused(refusal)
    why, leads = _chosen(request)
    count = mend_idle(why=why, mend=mend, leads=leads, by=request.user.username, at=datetime.now(UTC))
    if mend == "give" and not count:
        raise Refused(_("Nobody else can take them now: all are away or at their limit. See Routing and hours."))
    said = {
        "give": ngettext("{n} lead was given away.", "{n} leads were given away.", count),
        "remind": ngettext("{n} owner is reminded by mail.", "{n} owners are reminded by mail.", count),
        "recycle": ngettext("{n} lead went back to marketing.", "{n} leads went back to marketing.", count),
    }
    return said[mend].format(n=count), ""


def _given(request: Signed) -> tuple[str, str]:
    """Give leads to the seller that a form names, and return what :func:`_mended` does."""
    owner = seller_chosen(request)
    _why, leads = _chosen(request)
    before = owners_before(leads, owner)
    assign_by_hand(leads=leads, owner=owner, by=request.user.username, at=datetime.now(UTC))
    said = ngettext("{n} lead is {name}'s now.", "{n} leads are {name}'s now.", len(leads)).format(n=len(leads), name=owner.called)
    return said, given(request, owner, before)


def _refusal(request: Signed, mend: str) -> str:
    """Return why somebody cannot mend anything so, here; nothing where they can."""
    if mend == "remind" and not settings.CAN_MAIL:
        return _("This installation sends no mail yet: an administrator names a mail server (EMAIL_URL).")
    if mend == "remind" and request.user.role == Role.SALES:
        return _("They are yours: nobody else would be reminded.")
    if mend == "recycle" and request.user.role not in ANSWERERS:
        return _("That is for sales to say.")
    return ""


def _chosen(request: Signed) -> tuple[Idle, list[int]]:
    """Return the leads that lie idle still, of those chosen, and for which reason."""
    given = request.POST
    try:
        why = Idle(given.get("why", ""))
    except ValueError as error:
        raise Refused(_("Choose leads of one kind.")) from error
    ids = None if "all" in given else [each for text in given.getlist("lead")[:MOST_MENDED] if (each := whole_number(text)) is not None]
    if ids == []:
        raise Refused(_("No lead is chosen: tick some in the list first."))
    those = idle_for(request.user, why, datetime.now(UTC), ids)
    found = list(those.order_by("since", "lead").values_list("lead", flat=True)[:MOST_MENDED])
    if not found:
        raise Refused(_("No lead is chosen that lies idle still."))
    return why, found
