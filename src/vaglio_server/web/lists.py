"""Lists of leads and companies: who is on each, which models read it; renamed and emptied."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vaglio_server.crm.actions import Members, empty_list
from vaglio_server.crm.logic.fields import LONGEST_NAME
from vaglio_server.refused import Refused
from vaglio_server.users.models import MARKETERS
from vaglio_server.views.actions import Renamed, rename_list
from vaglio_server.views.queries import KnownList, lists_known
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.list_names import list_named
from vaglio_server.web.tried import tried
from vaglio_server.web.words import count, plain

LIST = "list-list"


@allowed(*EVERYBODY)
def list_list(request: Signed) -> HttpResponse:
    """Show the lists, those first that anybody is on or anything reads."""
    found = lists_known(request.user, datetime.now(UTC))
    context = {
        "lists": [each for each in found if each.is_in_use],
        "empty": [each for each in found if not each.is_in_use],
        "may_change": request.user.role in MARKETERS,
    }
    return render(request, "lists/list_list.html", context)


@allowed(*MARKETERS)
def list_change(request: Signed) -> HttpResponse:
    """Show what can be done with a list, and give it another name."""
    its = _list(request)
    if request.method != "POST":
        return render(request, "lists/list_change.html", {"list": its, "longest": LONGEST_NAME})
    name = its.name
    try:
        to = list_named(request, "to")
        renamed = rename_list(name=name, to=to, by=request.user.username, at=datetime.now(UTC))
    except Refused as refused:
        context = {"list": its, "longest": LONGEST_NAME, "fault": str(refused), "typed": request.POST.get("to", "")}
        return render(request, "lists/list_change.html", context, status=422)
    messages.success(request, _said_of(renamed, name, to))
    return redirect(LIST)


@allowed(*MARKETERS)
def list_empty(request: Signed) -> HttpResponse:
    """Ask whether everybody is to be taken off a list, and do so."""
    its = _list(request)
    if request.method != "POST":
        return render(request, "lists/list_empty.html", {"list": its})
    emptying = lambda: empty_list(name=its.name, by=request.user.username, at=datetime.now(UTC))  # noqa: E731
    return tried(
        request, emptying, lambda gone: _("{who} were taken off the list {name}.").format(who=who(gone), name=plain(its.name)), to=LIST
    )


def _list(request: Signed) -> KnownList:
    """Return the list that an address names."""
    name = request.GET.get("list", "")
    found = next((each for each in lists_known(request.user, datetime.now(UTC)) if each.name == name), None)
    if found is None:
        raise Http404("there is no such list")
    return found


def who(members: Members) -> str:
    """Return how many leads and companies those are, in words."""
    leads = ngettext("{n} lead", "{n} leads", members.leads).format(n=count(members.leads))
    companies = ngettext("{n} company", "{n} companies", members.companies).format(n=count(members.companies))
    return _("{leads} and {companies}").format(leads=leads, companies=companies)


def _said_of(renamed: Renamed, name: str, to: str) -> str:
    said = _("The list {name} is called {to} now; {who} moved with it.").format(name=plain(name), to=plain(to), who=who(renamed.members))
    if not renamed.views:
        return said
    kept = ngettext("{n} view that asks for it follows.", "{n} views that ask for it follow.", len(renamed.views))
    return f"{said} {kept.format(n=len(renamed.views))}"
