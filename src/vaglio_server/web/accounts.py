"""Companies: the list, one with its people, and the priority accounts that both teams keep."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio_server.crm.actions import add_list_member, assign_account, remove_list_member
from vaglio_server.crm.models import Account, Contact, ContactQuerySet, Lead, ListMember, Opportunity, seen_by
from vaglio_server.crm.queries import Firm, accounts_named, best_leads, firms_on, lists_of, owners, page_of_leads, people_at
from vaglio_server.refused import Refused
from vaglio_server.scoring.engine import document_of
from vaglio_server.scoring.queries import driving_version, newest_scores
from vaglio_server.tracking.queries import activities_at, by_week, last_activity
from vaglio_server.users.models import MARKETERS
from vaglio_server.views.queries import lists_in_use
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.account_edit import may_edit
from vaglio_server.web.known import fields_shown
from vaglio_server.web.leads import KEEPERS
from vaglio_server.web.list_names import list_named, said_if_new
from vaglio_server.web.whole_number import whole_number
from vaglio_server.web.words import plain

PAGE, PEOPLE, ACTIVITIES, WEEKS, FOUND = 50, 100, 30, 26, 12
SEARCHED = 1_000  # companies found by their words, of which those on a list are shown
LATELY, ALONE = 200, 10  # companies made last, and how many of them are shown where nobody works
NEW = timedelta(days=30)
PRIORITY = "priority_accounts"
_OWN = {"name", "domain"}


@dataclass(frozen=True)
class Row:
    """A company in a list: who to call first there, how many people are known, and the lists it is on."""

    account: Account
    best: Lead | None
    people: int
    lists: list[ListMember]
    last: datetime | None


def _rows(request: Signed, accounts: list[Account], best: Iterable[Lead]) -> list[Row]:
    ids = [account.pk for account in accounts]
    first = {lead.account_id: lead for lead in best}
    people, lists = people_at(ids, request.user), lists_of(ids)
    last = last_activity(list(first.values()))
    return [
        Row(each, (lead := first.get(each.pk)), people.get(each.pk, 0), lists.get(each.pk, []), last.get(lead.pk) if lead else None)
        for each in accounts
    ]


@allowed(*EVERYBODY)
def account_list(request: Signed) -> HttpResponse:
    """Show companies, by the lead to call first at each; searched ones as they are found; or those on a list."""
    text, name = (request.GET.get(each, "").replace("\x00", "") for each in ("q", "list"))
    try:
        rows, more = _on_list(request, name, text) if name else _named(request, text) if text else _by_rank(request)
    except ValueError as error:
        return HttpResponseBadRequest(str(error))
    shown: dict[str, Any] = {"rows": rows, "more": f"?{urlencode(more)}" if more else None, "q": text, "list": name}
    shown["is_more"] = not {"cursor", "from"}.isdisjoint(request.GET)
    if request.headers.get("HX-Request"):
        return render(request, "accounts/_account_rows.html", shown)
    around = {"may_change": request.user.role in KEEPERS, "alone": [] if text or name or shown["is_more"] else _alone(request)}
    return render(request, "accounts/account_list.html", shown | around)


More = dict[str, str | int] | None  # parameters of what comes after these rows


def _by_rank(request: Signed) -> tuple[list[Row], More]:
    page = page_of_leads(best_leads(request.user).select_related("account", "owner"), cursor=request.GET.get("cursor"), limit=PAGE)
    rows = _rows(request, [lead.account for lead in page.leads if lead.account], page.leads)
    return rows, {"cursor": page.next_cursor} if page.next_cursor else None


def _named(request: Signed, text: str) -> tuple[list[Row], More]:
    accounts = accounts_named(text, PAGE)
    return _rows(request, accounts, best_leads(request.user).filter(account__in=accounts).select_related("owner")), None


def _on_list(request: Signed, name: str, text: str) -> tuple[list[Row], More]:
    """Return companies on a list, those of them that are found by a text where there is one."""
    firms, passed = firms_on(name, request.user), whole_number(request.GET.get("from")) or 0
    if text:
        found = {each.pk for each in accounts_named(text, SEARCHED)}
        firms = [firm for firm in firms if firm.account in found]
    more: More = {"list": name, "q": text, "from": passed + PAGE} if len(firms) > passed + PAGE else None
    return _rows_of(request, firms[passed : passed + PAGE]), more


def _alone(request: Signed) -> list[Account]:
    """Return companies made lately that no lead brings into the list: nobody works there, or in one's own nobody whom one may see."""
    lately = Account.objects.present().order_by("-pk").values("pk")[:LATELY]
    here = Lead.objects.present().filter(account=OuterRef("pk"))
    brought = here.filter(seen_by(request.user))
    found = Account.objects.filter(~Exists(here) | Q(~Exists(brought), owner=request.user), pk__in=lately)
    return list(found.filter(created_at__gte=datetime.now(UTC) - NEW).select_related("owner").order_by("-pk")[:ALONE])


@allowed(*EVERYBODY)
def account_detail(request: Signed, account_id: int) -> HttpResponse:
    """Show a company: its people and their roles, how engaged they are, the lists it is on, and what happened."""
    account, now = get_object_or_404(Account.objects.present().select_related("owner"), pk=account_id), datetime.now(UTC)
    seen = Lead.objects.visible_to(request.user).filter(account=account)
    leads = list(seen.select_related("owner").order_by("rank", "id")[:PEOPLE])
    ids = [lead.pk for lead in leads]
    by_id = {lead.pk: lead for lead in leads}
    roles, last = _roles(leads), last_activity(leads)
    weeks = by_week(ids, now, WEEKS)
    contacts = Contact.objects.visible_to(request.user).filter(account=account)
    fields, more_fields = fields_shown("account", sorted(account.fields.items()), _OWN)
    return render(
        request,
        "accounts/account_detail.html",
        {
            "account": account,
            "best": leads[0] if leads else None,
            "people": [(lead, roles.get(lead.pk, []), last.get(lead.pk)) for lead in leads],
            "others": seen.count() - len(leads),
            "contacts": _contacts(contacts, by_id),
            "more_contacts": contacts.count() - PEOPLE,
            "opportunities": Opportunity.objects.visible_to(request.user).filter(account=account).order_by("-created_at")[:PEOPLE],
            "weeks": _bars(weeks),
            "most": max(weeks),
            "total": sum(weeks),
            "lists": lists_of([account.pk]).get(account.pk, []),
            "known_lists": sorted({PRIORITY, *lists_in_use()}),
            "fields": fields,
            "more_fields": more_fields,
            "activities": [(by_id[lead], each) for lead, each in activities_at(ids, limit=ACTIVITIES)],
            "may_change": request.user.role in KEEPERS,
            "may_edit": may_edit(request.user, account),
            "owners": owners(request.user) if request.user.role in MARKETERS else None,
        },
    )


@allowed(*MARKETERS)
@require_POST
def account_owner(request: Signed, account_id: int) -> HttpResponse:
    """Give a company to a seller, or to nobody."""
    account, text = get_object_or_404(Account.objects.present(), pk=account_id), request.POST.get("owner", "")
    owner = next((each for each in owners(request.user) if str(each.pk) == text), None)
    assign_account(account=account, owner=owner, by=request.user.username, at=datetime.now(UTC))
    said = _("Leads that come to sales from here are {name}'s.").format(name=owner.called) if owner else _("It is nobody's now.")
    messages.success(request, said)
    return redirect("account-detail", account.pk)


def _contacts(found: ContactQuerySet, leads: dict[int, Lead]) -> list[tuple[Contact, Lead | None]]:
    """Return contacts by name, with which of the leads shown they are."""
    shown = found.select_related("owner").prefetch_related("says").order_by("fields__last_name", "fields__name", "pk")[:PEOPLE]
    return [(each, leads.get(each.lead_id or 0)) for each in shown]


def _bars(weeks: list[int]) -> list[tuple[int, float, int]]:
    """Return bars of a drawing 26 wide and 100 high: where each begins, how high it is, and what it counts."""
    most = max(*weeks, 1)
    return [(place, number * 100 / most, number) for place, number in enumerate(weeks)]


def _roles(leads: list[Lead]) -> dict[int, list[str]]:
    """Return the buying roles that the driving model gives leads: those of rules that gave them points."""
    version = driving_version()
    if version is None:
        return {}
    named = {f"{axis}.{rule.id}.rule": role for axis, rule in document_of(version.text).rules() if (role := getattr(rule, "role", None))}
    scores = newest_scores(leads, version)
    return {lead: [plain(named[line]) for line in named if line in score.lines] for lead, score in scores.items()}


@allowed(*KEEPERS)
@require_POST
def account_lists(request: Signed, account_id: int) -> HttpResponse:
    """Put a company on a list or take it off."""
    account = get_object_or_404(Account.objects.present(), pk=account_id)
    by, now, made = request.user.username, datetime.now(UTC), ""
    try:
        name = list_named(request)
        if "remove" in request.POST:
            remove_list_member(name=name, account=account, by=by, at=now)
        else:
            made = said_if_new(name)
            add_list_member(name=name, account=account, by=by, at=now)
        said = _("Its people are rated anew by the models that read the list {name}.").format(name=plain(name))
        messages.success(request, said + made)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("priority") if "priority" in request.POST else redirect("account-detail", account.pk)


@allowed(*EVERYBODY)
def priority(request: Signed) -> HttpResponse:
    """Show the priority accounts, those first where somebody is to be called first, and find companies to add."""
    text = request.GET.get("q", "").replace("\x00", "")
    firms, passed = firms_on(PRIORITY, request.user), whole_number(request.GET.get("from")) or 0
    page, left = firms[passed : passed + PAGE], len(firms) - passed - PAGE
    context: dict[str, Any] = {
        "rows": list(zip(_rows_of(request, page), [firm.since for firm in page], strict=True)),
        "list": PRIORITY,
        "may_change": request.user.role in KEEPERS,
        "left": left,
        "is_more": bool(passed),
        "more": f"?{urlencode({'from': passed + PAGE})}" if left > 0 else None,
    }
    if request.headers.get("HX-Request"):
        return render(request, "accounts/_priority_rows.html", context)
    on = {firm.account for firm in firms}
    found = [each for each in accounts_named(text, FOUND) if each.pk not in on] if text else []
    return render(request, "accounts/priority.html", context | {"q": text, "found": found})


def _rows_of(request: Signed, firms: list[Firm]) -> list[Row]:
    accounts = Account.objects.select_related("owner").in_bulk([firm.account for firm in firms])
    best = Lead.objects.select_related("owner").in_bulk([firm.best for firm in firms if firm.best])
    return _rows(request, [accounts[firm.account] for firm in firms], best.values())
