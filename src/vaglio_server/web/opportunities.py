"""Opportunities: the list, and a new one."""

import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import FaultyValues, Told
from vaglio_server.crm.logic.currencies import CURRENCIES
from vaglio_server.crm.models import Account, Contact, Opportunity, Outcome, Pipeline, PipelineStage
from vaglio_server.crm.queries import accounts_named, loss_reasons, page_by_id
from vaglio_server.lifecycle.actions import open_opportunity
from vaglio_server.lifecycle.logic.sale import quarter_end, sale_name
from vaglio_server.refused import Refused
from vaglio_server.users.models import Role
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.leads import KEEPERS
from vaglio_server.web.numbers import typed_value
from vaglio_server.web.whole_number import whole_number

PAGE, FOUND = 50, 8
COLUMNS = ("name", "amount", "currency", "close_date")


@allowed(*EVERYBODY)
def opportunity_list(request: Signed) -> HttpResponse:
    """Show opportunities, the newest first: the open ones, or those that ended; found by their words, at a stage, or one's own."""
    asked = {name: request.GET.get(name, "").replace("\x00", "") for name in ("q", "outcome", "stage", "whose")}
    outcome = asked["outcome"] if asked["outcome"] in (*Outcome.values, "all") else Outcome.OPEN.value
    stage, cursor = whole_number(asked["stage"]), whole_number(request.GET.get("cursor"))
    found = Opportunity.objects.visible_to(request.user).found_by(asked["q"])
    found = found.filter(outcome=outcome) if outcome != "all" else found
    found = found.filter(pipeline_stage=stage) if stage is not None else found
    found = found.filter(owner=request.user) if asked["whose"] == "mine" else found
    rows = found.select_related("account", "owner", "pipeline_stage").defer("words", "account__words", "account__near")
    page = page_by_id(rows, cursor=cursor, limit=PAGE, newest_first=True)
    context: dict[str, Any] = {
        "rows": page.rows,
        "more": f"?{urlencode({**asked, 'cursor': page.next_cursor})}" if page.next_cursor else None,
        "asked": asked | {"outcome": outcome},
        "stage": stage,
        "outcomes": Outcome.choices,
        "pipelines": Pipeline.objects.prefetch_related("stages").order_by("place", "pk"),
        "is_more": cursor is not None,
        "may_change": request.user.role in KEEPERS,
        "is_seller": request.user.role == Role.SALES,
        "titles": {each.word: each.title for each in loss_reasons()},
        "today": timezone.localdate(),
    }
    name = "_opportunity_rows.html" if request.headers.get("HX-Request") else "opportunity_list.html"
    return render(request, f"opportunities/{name}", context)


@allowed(*KEEPERS)
def opportunity_new(request: Signed) -> HttpResponse:
    """Make an opportunity by hand: at a company, with a contact who has a say in it."""
    contacts = Contact.objects.visible_to(request.user).select_related("account")
    contact = contacts.filter(pk=_either(request, "contact")).first()
    account = Account.objects.present().filter(pk=_either(request, "account")).first()
    account = account or (contact.account if contact else None)
    if account is None:
        return _to_whom(request)
    faults: tuple[str, ...] = ()
    given = request.POST.dict() or _usual(account, contact)
    if request.method == "POST":
        try:
            key, by = request.POST.get("key") or None, request.user.username
            made = open_opportunity(told=_told(request, account), contact=contact, key=key, by=by, at=datetime.now(UTC))
            messages.success(request, _("{sale} is there.").format(sale=made))
            return redirect("opportunity-detail", made.pk)
        except Refused as refused:
            faults = refused.faults if isinstance(refused, FaultyValues) else (str(refused),)
    stages = _stages().select_related("pipeline").order_by("pipeline__place", "pipeline", "place")
    context = {"key": given.get("key") or uuid.uuid4(), "account": account, "contact": contact, "given": given, "faults": faults,
            "currencies": CURRENCIES, "stages": stages}  # fmt: skip
    return render(request, "opportunities/opportunity_new.html", context, status=422 if faults else 200)


def _to_whom(request: Signed) -> HttpResponse:
    """Ask to which company the sale is; the companies alone that are called so, where only they are asked for."""
    text = request.GET.get("q", "").replace("\x00", "").strip()
    found = {"text": text, "found": accounts_named(text, limit=FOUND) if text else []}
    name = "_sale_to.html" if request.headers.get("HX-Request") else "opportunity_to.html"
    return render(request, f"opportunities/{name}", found)


def _stages() -> QuerySet[PipelineStage]:
    """Return where a new opportunity may stand: it is open."""
    return PipelineStage.objects.filter(is_won=False, is_lost=False)


def _either(request: Signed, name: str) -> int:
    return whole_number(request.POST.get(name) or request.GET.get(name)) or 0


def _usual(account: Account, contact: Contact | None) -> dict[str, str]:
    name = sale_name(account.name, contact.name if contact else "")
    return {"name": name, "currency": "EUR", "close_date": quarter_end(timezone.localdate()).isoformat()}


def _told(request: Signed, account: Account) -> Told:
    values: dict[str, Any] = {name: request.POST.get(name, "").strip() or None for name in COLUMNS}
    values["amount"] = typed_value(values["amount"], "amount")
    stage = _stages().filter(pk=whole_number(request.POST.get("stage")) or 0).first()
    return Told(values, {}, {"account": account, "owner": request.user.as_seller} | ({"pipeline_stage": stage} if stage else {}))
