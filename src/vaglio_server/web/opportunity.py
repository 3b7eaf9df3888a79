"""One opportunity: where it stands and how it came there, what it is worth, who has a say in it; moved, won, lost and changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio_server.crm.actions import FaultyValues, Told, add_note
from vaglio_server.crm.logic.currencies import CURRENCIES
from vaglio_server.crm.logic.loss import OTHER
from vaglio_server.crm.models import Contact, Opportunity, OpportunityContact, Outcome, PipelineStage
from vaglio_server.crm.queries import history_of, loss_reasons, notes_on, owners, says_in
from vaglio_server.lifecycle.actions import add_to_opportunity, change_opportunity, remove_from_opportunity
from vaglio_server.lifecycle.queries import conversion_with, conversions_into
from vaglio_server.refused import Refused
from vaglio_server.users.models import User
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.converted import shown_conversion
from vaglio_server.web.leads import KEEPERS
from vaglio_server.web.numbers import typed_value
from vaglio_server.web.typed_over import typed_over
from vaglio_server.web.whole_number import whole_number
from vaglio_server.web.words import lines, spelled
from vaglio_server.web.writers import writers

ROLES = ("champion", "decision_maker", "economic_buyer", "influencer", "technical_buyer", "user", "blocker")  # offered; models name others
SHOWN = 50
COLUMNS, FIELDS = ("name", "amount", "currency", "close_date"), ("next_step", "description")
NOBODY = "none"
_BESIDE = {"description", "next_step", "lost_because"}


@dataclass(frozen=True)
class Step:
    """A stage that an opportunity came to: when, by whom, and how it ended by that, if it did."""

    name: str
    at: datetime
    by: str


@allowed(*EVERYBODY)
def opportunity_detail(request: Signed, opportunity_id: int) -> HttpResponse:
    """Show an opportunity."""
    return _shown(request, _seen(request, opportunity_id))


def _shown(request: Signed, sale: Opportunity, refused: Refused | None = None) -> HttpResponse:
    """Show an opportunity; where a change of it was refused with what was typed, and why."""
    here = sale.pipeline_stage
    known = _known(sale)
    says, reasons = list(says_in(sale, request.user)), loss_reasons()
    context: dict[str, Any] = {
        "sale": sale,
        "stages": list(PipelineStage.objects.filter(pipeline=here.pipeline_id).order_by("place")) if here else _others(),
        "steps": _steps(sale),
        "says": says,
        "fields": _fields(request, sale),
        "notes": notes_on(sale).order_by("-at", "-pk")[:SHOWN],
        **shown_conversion(conversion_with(sale), request.user),
        "may_change": request.user.role in KEEPERS,
        "is_overdue": sale.outcome == Outcome.OPEN and sale.close_date is not None and sale.close_date < timezone.localdate(),
        "reasons": [each for each in reasons if each.retired_at is None],
        "titles": {each.word: each.title for each in reasons},
        "currencies": CURRENCIES,
        "sellers": _sellers(request.user, sale),
        "roles": ROLES,
        "offered": _offered(request, sale, says),
        "given": {name: _given(request, name, value) for name, value in known.items()} if refused else known,
        "was": {name: request.POST.get(f"was.{name}", value) for name, value in known.items()} if refused else known,
        "faults": refused.faults if isinstance(refused, FaultyValues) else (str(refused),) if refused else (),
    }
    return render(request, "opportunities/opportunity_detail.html", context, status=422 if refused else 200)


def _known(sale: Opportunity) -> dict[str, str]:
    """Return what the form holds when it is opened, as a browser sends it back."""
    return {
        "name": sale.name,
        "amount": spelled(sale.amount),
        "currency": sale.currency or "",
        "close_date": sale.close_date.isoformat() if sale.close_date else "",
        "owner": str(sale.owner_id or NOBODY),
        **{name: str(sale.fields.get(name) or "") for name in FIELDS},
    }


def _given(request: Signed, name: str, known: str) -> str:
    return lines(request.POST.get(name, known)).strip()


def _fields(request: Signed, sale: Opportunity) -> list[tuple[str, Any]]:
    """Return the fields that are shown and not asked for."""
    beside = _BESIDE if request.user.role in KEEPERS else {"lost_because"}
    return [(name, value) for name, value in sorted(sale.fields.items()) if name not in beside]


def _seen(request: Signed, opportunity_id: int) -> Opportunity:
    rows = Opportunity.objects.visible_to(request.user).select_related("account", "owner", "pipeline_stage__pipeline")
    return get_object_or_404(rows.defer("words", "account__words", "account__near"), pk=opportunity_id)


def _sellers(user: User, sale: Opportunity) -> list[User]:
    """Return whom a sale may be given to; whose it is among them, also one who sells no more: what is saved would be nobody's."""
    found = owners(user)
    return found if sale.owner is None or sale.owner in found else [*found, sale.owner]


def _others() -> list[PipelineStage]:
    """Return where an opportunity may go that stands at no stage of a pipeline: the first one's."""
    first = PipelineStage.objects.order_by("pipeline__place", "pipeline").values("pipeline")[:1]
    return list(PipelineStage.objects.filter(pipeline=first).order_by("place"))


def _steps(sale: Opportunity) -> list[Step]:
    rows = list(history_of(sale, field="stage").order_by("-known_at", "-pk")[:SHOWN])
    by = writers(each.by for each in rows)
    return [Step(str(each.value or "–"), each.known_at, by[each.by].name) for each in rows]


def _offered(request: Signed, sale: Opportunity, says: list[OpportunityContact]) -> list[Contact]:
    """Return the contacts at the company who have no say yet."""
    at = Contact.objects.visible_to(request.user).filter(account=sale.account_id).exclude(pk__in=[each.contact_id for each in says])
    return list(at.defer("words").order_by("fields__last_name", "pk")[:SHOWN])


@allowed(*KEEPERS)
@require_POST
def opportunity_do(request: Signed, opportunity_id: int, deed: str) -> HttpResponse:
    """Do something with an opportunity."""
    sale = _seen(request, opportunity_id)
    if deed not in _DEEDS:
        raise Http404(f"there is no {deed[:50]} to do with an opportunity")
    try:
        messages.success(request, _DEEDS[deed](request, sale))
    except Refused as refused:
        if deed == "edit":
            return _shown(request, sale, refused)
        messages.error(request, str(refused))
    there = Opportunity.objects.visible_to(request.user).filter(pk=sale.pk).exists()
    return redirect("opportunity-detail", sale.pk) if there else redirect("opportunity-list")


def _change(request: Signed, sale: Opportunity, told: Told) -> Opportunity:
    return change_opportunity(opportunity=sale, told=told, by=request.user.username, at=datetime.now(UTC))


def _move(request: Signed, sale: Opportunity) -> str:
    stage = PipelineStage.objects.filter(pk=whole_number(request.POST.get("stage")) or 0).first()
    if stage is None:
        raise Refused(_("Choose a stage."))
    if stage.is_lost:
        return _lost(request, sale, stage)
    _change(request, sale, Told({}, {}, {"pipeline_stage": stage}))
    return _won(sale) if stage.is_won else _("It stands at {stage} now.").format(stage=stage)


def _won(sale: Opportunity) -> str:
    return _("It is won. Its leads are customers now.") if conversions_into(sale).exists() else _("It is won.")


def _lose(request: Signed, sale: Opportunity) -> str:
    return _lost(request, sale, None)


def _lost(request: Signed, sale: Opportunity, stage: PipelineStage | None) -> str:
    reason, note = request.POST.get("reason", ""), request.POST.get("note", "").strip()
    if not reason:
        raise Refused(_("Say why it is lost."))
    if reason == OTHER and not note:
        raise Refused(_("Say in a few words what else it is."))
    links = {"pipeline_stage": stage} if stage else {}
    _change(request, sale, Told({"outcome": "lost", "loss_reason": reason}, {"lost_because": note or None}, links))
    if conversions_into(sale).exists():
        return _("It is lost. Leads without another open sale are back with marketing.")
    return _("It is lost.")


def _win(request: Signed, sale: Opportunity) -> str:
    _change(request, sale, Told({"outcome": "won"}))
    return _won(sale)


def _reopen(request: Signed, sale: Opportunity) -> str:
    _change(request, sale, Told({"outcome": "open"}))
    return _("It is open again; what was recorded when it ended is taken back.")


def _edit(request: Signed, sale: Opportunity) -> str:
    """Change what was typed over: what somebody else changed since the form was opened stays."""
    asked = {name: value or None for name, value in typed_over(request.POST, _known(sale)).items()}
    values: dict[str, Any] = {name: asked[name] for name in COLUMNS if name in asked}
    if "amount" in values:
        values["amount"] = typed_value(values["amount"], "amount")
    if values.get("amount") is None and "amount" in values:
        values["currency"] = values.get("currency") or sale.currency
    fields = {name: asked[name] for name in FIELDS if name in asked}
    owner = next((each for each in _sellers(request.user, sale) if str(each.pk) == asked.get("owner")), None)
    links: dict[str, Any] = {"owner": owner} if owner is not None else {"owner": None} if asked.get("owner") == NOBODY else {}
    _change(request, sale, Told(values, fields, links))
    return _("Saved.")


def _say(request: Signed, sale: Opportunity) -> str:
    contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=whole_number(request.POST.get("contact")) or 0)
    role = "_".join(request.POST.get("role", "").lower().split()) or None
    add_to_opportunity(opportunity=sale, contact=contact, role=role, by=request.user.username, at=datetime.now(UTC))
    return _("{contact} has a say in it.").format(contact=contact)


def _unsay(request: Signed, sale: Opportunity) -> str:
    contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=whole_number(request.POST.get("contact")) or 0)
    remove_from_opportunity(opportunity=sale, contact=contact, by=request.user.username, at=datetime.now(UTC))
    return _("{contact} has no say in it any more.").format(contact=contact)


def _note(request: Signed, sale: Opportunity) -> str:
    add_note(about=sale, text=request.POST.get("text", ""), by=request.user.username, at=datetime.now(UTC))
    return _("The note is kept.")


_DEEDS: dict[str, Callable[[Signed, Opportunity], str]] = {
    "move": _move,
    "win": _win,
    "lose": _lose,
    "reopen": _reopen,
    "edit": _edit,
    "say": _say,
    "unsay": _unsay,
    "note": _note,
}
