"""Converting a lead: one page on which the best choice stands already, so that Enter is enough; and taking it back."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio_server.crm.actions import FaultyValues
from vaglio_server.crm.logic.currencies import CURRENCIES
from vaglio_server.crm.logic.domains import company_domain
from vaglio_server.crm.models import Account, Contact, Lead, Opportunity
from vaglio_server.lifecycle.actions import Into, Wish, convert_lead, undo_conversion
from vaglio_server.lifecycle.logic.sale import quarter_end, sale_name
from vaglio_server.lifecycle.models import Conversion
from vaglio_server.lifecycle.queries import (
    Candidates,
    conversion_candidates,
    conversion_of,
    converted_by,
    handed_over_by,
    may_undo,
    waits_for,
)
from vaglio_server.refused import Refused
from vaglio_server.users.models import ANSWERERS, User
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.numbers import typed_value
from vaglio_server.web.whole_number import whole_number

NEW, ANOTHER, NONE = "new", "another", "none"
SALE = ("name", "amount", "currency", "close_date")


@dataclass(frozen=True)
class Choice:
    """Something that can be chosen: ``value`` is a record's number, or that it is a new one."""

    value: str
    is_chosen: bool
    offer: Any = None


@allowed(*ANSWERERS)
def lead_convert(request: Signed, lead_id: int) -> HttpResponse:
    """Show into what a lead is converted, with the best choice made; and convert it."""
    lead = waits_for(request.user, lead_id)
    if lead is None:
        return _handed_over(request, lead_id)
    if request.method == "POST":
        return _convert(request, lead)
    if conversion_of(lead) is not None:
        return redirect("lead-detail", lead.pk)
    return _page(request, lead, {}, ())


def _handed_over(request: Signed, lead_id: int) -> HttpResponse:
    """Say to whom a lead went that one converted oneself, as who clicks twice asks again; of any other lead nothing is said."""
    made = converted_by(request.user, lead_id, request.POST.get("key") or None)
    if made is None:
        raise Http404(f"lead {lead_id} is not to be seen")
    _say(request, made, is_new=False)
    return _next(made, request.user)


def _say(request: Signed, made: Conversion, *, is_new: bool) -> None:
    """Say what became of a conversion; one that gave the lead away is undone there, as its page may not be seen any more."""
    is_away = made.was_handed_over and made.by == request.user.username and may_undo(made, datetime.now(UTC))
    messages.success(request, _said(made, is_new=is_new), reverse("conversion-undo", args=[made.pk]) if is_away else "")


def _convert(request: Signed, lead: Lead) -> HttpResponse:
    if _is_nameless(request):
        return _page(request, lead, request.POST.dict(), (), is_nameless=True)
    now = datetime.now(UTC)
    try:
        made = convert_lead(lead=lead, wish=_wish(request), seller=request.user, key=request.POST.get("key") or None, at=now)
    except Refused as refused:
        faults = refused.faults if isinstance(refused, FaultyValues) else (str(refused),)
        return _page(request, lead, request.POST.dict(), faults)
    _say(request, made, is_new=made.converted_at == now)
    return _next(made, request.user)


@allowed(*ANSWERERS)
@require_POST
def conversion_undo(request: Signed, conversion_id: int) -> HttpResponse:
    """Take a conversion back; where something was built on it, say what."""
    seen = Q(lead__in=Lead.objects.visible_to(request.user)) | Q(pk__in=handed_over_by(request.user))
    made = get_object_or_404(Conversion.objects.filter(seen).select_related("lead"), pk=conversion_id)
    try:
        undo_conversion(conversion=made, by=request.user.username, at=datetime.now(UTC))
        messages.success(request, _("The conversion is undone; {lead} stands where it stood before.").format(lead=made.lead))
    except Refused as refused:
        messages.error(request, str(refused))
    return _lead_or_inbox(made, request.user)


def _said(made: Conversion, *, is_new: bool) -> str:
    if made.undone_at is not None:
        return _("This conversion was undone; convert the lead again if that is what you want.")
    if not is_new:
        return f"{_('{contact} was converted already.').format(contact=made.contact)} {_handed_to(made)}".strip()
    if made.opportunity is None:
        said = _("{contact} is a contact at {company} now.").format(contact=made.contact, company=made.account)
        return f"{said} {_handed_to(made)}".strip()
    return _("{contact} is a contact at {company} now, with an opportunity.").format(contact=made.contact, company=made.account)


def _handed_to(made: Conversion) -> str:
    """Return to whom a lead was handed over by its conversion, in words."""
    if not made.was_handed_over:
        return ""
    owner = Lead.objects.select_related("owner").get(pk=made.lead_id).owner
    if owner is None:
        return _("The lead waits for the team to which yours hands over.")
    return _("The lead is {name}'s now, as your team hands over what it has qualified.").format(name=owner.called)


def _next(made: Conversion, user: User) -> HttpResponse:
    """Go on to the opportunity, else to the contact, where one may see it."""
    if made.undone_at is None:
        if Opportunity.objects.visible_to(user).filter(pk=made.opportunity_id or 0).exists():
            return redirect("opportunity-detail", made.opportunity_id)
        if Contact.objects.visible_to(user).filter(pk=made.contact_id).exists():
            return redirect("contact-detail", made.contact_id)
    return _lead_or_inbox(made, user)


def _lead_or_inbox(made: Conversion, user: User) -> HttpResponse:
    if Lead.objects.visible_to(user).filter(pk=made.lead_id).exists():
        return redirect("lead-detail", made.lead_id)
    return redirect("inbox")  # it was handed over to another team


def _sale(request: Signed) -> dict[str, str | None]:
    found = {name: request.POST.get(name, "").strip() or None for name in SALE}
    return found | {"amount": typed_value(found["amount"], "amount")}


def _wish(request: Signed) -> Wish:
    """Return what the form says.

    Raises
    ------
    Refused
        What it says of the opportunity is none of what it offers.
    """
    sale = request.POST.get("opportunity", NEW)
    if whole_number(sale) is None and sale not in (NEW, NONE):
        raise Refused(_("Choose a new opportunity, one that is there, or none for now."))
    return Wish(
        account=_into(request.POST.get("account", NEW), request.POST.get("account_name", "").strip()),
        contact=_into(request.POST.get("contact", NEW)),
        opportunity=whole_number(sale),
        sale=_sale(request) if sale == NEW else None,
    )


def _is_nameless(request: Signed) -> bool:
    """Return whether a new company is chosen and its name was left empty; the likeliest is not needed where a sale has its own."""
    if request.POST.get("account_name", "").strip():
        return False
    chosen, sale = request.POST.get("account", NEW), request.POST.get("opportunity", NEW)
    return chosen == ANOTHER or (chosen == NEW and "account_name" in request.POST and whole_number(sale) is None)


def _into(value: str, name: str = "") -> Into:
    number = whole_number(value)
    return Into(number=number, is_another=value == ANOTHER, name=name if number is None else "")


def _page(
    request: Signed, lead: Lead, given: dict[str, str], faults: tuple[str, ...], *, is_nameless: bool = False
) -> HttpResponse:  # fmt: skip
    found = conversion_candidates(lead, request.user)
    account, new_name = found.account, _new_name(lead, found.account)
    usual = {
        "account_name": new_name,
        "name": sale_name(account.name if account else new_name or lead.name, lead.name),
        "currency": _usual_currency(request),
        "close_date": quarter_end(timezone.localdate()).isoformat(),
    }
    context = {
        "lead": lead,
        "key": given.get("key") or uuid.uuid4(),
        "given": usual | given,
        "faults": faults,
        "is_nameless": is_nameless,
        "contacts": _contacts(found, given),
        "accounts": _accounts(found, given),
        "opportunities": _opportunities(found, given),
        "currencies": CURRENCIES,
    }
    return render(request, "leads/lead_convert.html", context, status=422 if faults or is_nameless else 200)


def _new_name(lead: Lead, account: Account | None) -> str:
    """Return what a new company is called as far as that is known: never as its likeliest one, which is there, nor as the person."""
    called = str(lead.fields.get("company") or "")
    if account is None:
        return called or company_domain(str(lead.fields.get("email") or "")) or ""
    return "" if called.casefold() == account.name.casefold() else called


def _contacts(found: Candidates, given: dict[str, str]) -> list[Choice]:
    best = str(found.contact.pk) if found.contact else NEW
    new = ANOTHER if found.contact else NEW  # who surely is there is doubled only by somebody who says so
    return _choices([(str(each.contact.pk), each) for each in found.contacts], new, given.get("contact", best))


def _accounts(found: Candidates, given: dict[str, str]) -> list[Choice]:
    best = str(found.account.pk) if found.account else NEW
    return _choices(
        [(str(each.account.pk), each) for each in found.accounts], ANOTHER if found.account else NEW, given.get("account", best)
    )


def _opportunities(found: Candidates, given: dict[str, str]) -> list[Choice]:
    chosen = given.get("opportunity", NEW)
    return [Choice(str(each.pk), str(each.pk) == chosen, each) for each in found.opportunities]


def _choices(offers: list[tuple[str, Any]], new: str, chosen: str) -> list[Choice]:
    """Return what can be chosen, a new one last."""
    found = [Choice(value, value == chosen, offer) for value, offer in offers]
    return [*found, Choice(new, not any(each.is_chosen for each in found))]


def _usual_currency(request: Signed) -> str:
    """Return the currency of the newest sale that a user may see."""
    newest = Opportunity.objects.visible_to(request.user).exclude(currency=None).order_by("-pk").values_list("currency", flat=True).first()
    return str(newest or "EUR")
