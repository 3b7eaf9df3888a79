"""Webhooks: the systems that are told what happens to leads, what was sent to each, and sending it again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from vaglio_server.connectors.actions import (
    NewEndpoint,
    change_endpoint,
    make_endpoint,
    remove_endpoint,
    replay_delivery,
    replay_failed,
    rotate_secret,
    send_test,
    switch_endpoint,
)
from vaglio_server.connectors.logic.retries import Patience
from vaglio_server.connectors.models import TEST, Endpoint, State, WebhookDelivery
from vaglio_server.connectors.queries import bodies_of, deliveries_of, endpoints, sent_to
from vaglio_server.crm.queries import page_by_id
from vaglio_server.lifecycle.models import Kind
from vaglio_server.refused import Refused
from vaglio_server.users.models import Role
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.tried import tried
from vaglio_server.web.whole_number import whole_number
from vaglio_server.web.words import count

PAGE = 50
# What is tried within that is waited for on the page. What is on its way is due after its lease, counted from a look at the clock that may
# have come after the page's own: so longer than a lease, lest the page be still while a delivery is on its way.
SOON = Patience().lease + timedelta(minutes=1)
DAYS = (1, 7, 30)  # back to which what failed is sent again
KINDS: dict[str, tuple[str | Promise, str | Promise]] = {
    Kind.CROSSED: (gettext_lazy("A rating changes"), gettext_lazy("Very many, when a model goes live.")),
    Kind.MOVED: (gettext_lazy("A stage changes"), gettext_lazy("From inquiry to customer, with reason and person.")),
    Kind.ASSIGNED: (gettext_lazy("A lead becomes a seller's"), ""),
    Kind.BREACHED: (gettext_lazy("A promised answer is late"), ""),
    Kind.ESCALATED: (gettext_lazy("A late answer is taken further"), gettext_lazy("To the leader of the team, then to somebody else.")),
    Kind.ANSWERED: (gettext_lazy("Sales says yes or no"), ""),
    Kind.ANSWER_UNDONE: (gettext_lazy("A yes is undone"), gettext_lazy("It was accepted by mistake, or with a conversion that is undone.")),
    Kind.CONVERTED: (gettext_lazy("A lead is converted"), gettext_lazy("Into a contact, a company, an opportunity.")),
    Kind.CONVERSION_UNDONE: (gettext_lazy("A conversion is undone"), ""),
    Kind.NURTURE_ENTERED: (gettext_lazy("A lead enters a nurture list"), gettext_lazy("For the system that sends your mails.")),
    Kind.NURTURE_LEFT: (gettext_lazy("A lead leaves a nurture list"), ""),
}
_UNUSUAL = {Kind.CROSSED}  # not chosen at first


@allowed(Role.ADMINISTRATOR)
@never_cache
def webhook_list(request: Signed) -> HttpResponse:
    """Show who is told, and make another, whose secret is on this answer and nowhere else."""
    made: dict[str, Any] = {}
    fault = ""
    if request.method == "POST":
        try:
            endpoint, secret = make_endpoint(told=_told(request.POST), by=request.user.username, at=datetime.now(UTC))
            made = {"endpoint": endpoint, "secret": secret}
        except Refused as refused:
            fault = str(refused)
    asked = _told(request.POST) if fault else NewEndpoint("", "", [each for each in Kind.values if each not in _UNUSUAL])
    found = {"sent": endpoints(), "made": made, "fault": fault, "asked": asked, "kinds": _kinds(asked.kinds)}
    return render(request, "webhooks/webhook_list.html", found, status=422 if fault else 200)


def _told(given: QueryDict) -> NewEndpoint:
    return NewEndpoint(given.get("name", ""), given.get("address", ""), given.getlist("kinds"), given.get("email") == "1")


def _kinds(chosen: Any) -> list[tuple[str, str | Promise, str | Promise, bool]]:
    return [(kind, title, about, kind in chosen) for kind, (title, about) in KINDS.items()]


@allowed(Role.ADMINISTRATOR)
@never_cache
def webhook_detail(request: Signed, endpoint_id: int) -> HttpResponse:
    """Show what was sent to a receiver, and change it; the list asks for itself while something is about to be tried."""
    endpoint = get_object_or_404(Endpoint, pk=endpoint_id)
    fault = ""
    if request.method == "POST":
        try:
            change_endpoint(endpoint=endpoint, told=_told(request.POST), by=request.user.username, at=datetime.now(UTC))
            messages.success(request, _("It is changed."))
            return redirect("webhook-detail", endpoint.pk)
        except Refused as refused:
            fault = str(refused)
    if "HX-Request" in request.headers:
        return render(request, "webhooks/_deliveries.html", _deliveries(request, endpoint))
    return _detail(request, endpoint, fault=fault)


def _detail(request: Signed, endpoint: Endpoint, *, secret: str = "", fault: str = "") -> HttpResponse:
    asked = _told(request.POST) if fault else endpoint
    sent = sent_to(endpoint)
    found = {
        "sent": sent, "secret": secret, "fault": fault, "asked": asked, "kinds": _kinds(asked.kinds), "days": DAYS,
        "states": State.choices, "is_changing": endpoint.is_changing(datetime.now(UTC)), **_deliveries(request, endpoint),
    }  # fmt: skip
    return render(request, "webhooks/webhook_detail.html", found, status=422 if fault else 200)


def _deliveries(request: Signed, endpoint: Endpoint) -> dict[str, Any]:
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    state, kind = state if state in State.values else "", kind if kind in (*Kind.values, TEST) else ""
    cursor, now = whole_number(request.GET.get("cursor")), datetime.now(UTC)
    page = page_by_id(deliveries_of(endpoint, state=state, kind=kind), cursor=cursor, limit=PAGE, newest_first=True)
    bodies = bodies_of(page.rows)
    query = {name: value for name, value in (("state", state), ("kind", kind)) if value}
    return {
        "endpoint": endpoint,
        "rows": [(each, bodies[each.pk].decode(), _word(each)) for each in page.rows],
        "state": state, "kind": kind, "here": urlencode(query),
        "more": urlencode(query | {"cursor": page.next_cursor}) if page.next_cursor else "",
        "is_busy": cursor is None and endpoint.is_on and any(each.next_at and each.next_at < now + SOON for each in page.rows),
    }  # fmt: skip


def _word(each: WebhookDelivery) -> tuple[str, str]:
    """Return how a delivery stands: its mark, and in a word."""
    if each.state == State.DELIVERED:
        return "good", str(each.status)
    if each.state == State.FAILED:
        return "bad", str(each.status or _("no answer"))
    return "", _("waiting") if not each.attempts else ngettext("tried once", "tried {n} times", each.attempts).format(n=each.attempts)


@allowed(Role.ADMINISTRATOR)
@never_cache
@require_POST
def webhook_do(request: Signed, endpoint_id: int, deed: str) -> HttpResponse:
    """Do something with a receiver."""
    endpoint, by, now = get_object_or_404(Endpoint, pk=endpoint_id), request.user.username, datetime.now(UTC)
    try:
        if deed == "secret":
            secret = rotate_secret(endpoint=endpoint, by=by, at=now, is_lost=request.POST.get("is_lost") == "1")
            endpoint.refresh_from_db()
            return _detail(request, endpoint, secret=secret)
        if deed == "remove":
            remove_endpoint(endpoint=endpoint, by=by, at=now)
            messages.info(request, _("{name} is told of nothing any more.").format(name=endpoint.name))
            return redirect("webhook-list")
        messages.success(request, _deed(deed)(request, endpoint, by, now))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("webhook-detail", endpoint.pk)


Deed = Callable[[Signed, Endpoint, str, datetime], str]


def _deed(name: str) -> Deed:
    if name not in _DEEDS:
        raise Refused(_("Choose what to do."))
    return _DEEDS[name]


def _on(_request: Signed, endpoint: Endpoint, by: str, now: datetime) -> str:
    switch_endpoint(endpoint=endpoint, is_on=True, by=by, at=now)
    return _("It is told again. What waited is sent now; what happened meanwhile you can send below.")


def _off(_request: Signed, endpoint: Endpoint, by: str, now: datetime) -> str:
    switch_endpoint(endpoint=endpoint, is_on=False, by=by, at=now)
    return _("It is told of nothing until it is switched on again.")


def _test(_request: Signed, endpoint: Endpoint, by: str, now: datetime) -> str:
    send_test(endpoint=endpoint, by=by, at=now)
    return _("A test is on its way; below you see what it answers.")


def _replay(request: Signed, endpoint: Endpoint, by: str, now: datetime) -> str:
    days = whole_number(request.POST.get("days"), 3)
    if days not in DAYS:
        raise Refused(_("Choose since when."))
    number = replay_failed(endpoint=endpoint, since=now - timedelta(days=days), by=by, at=now)
    return ngettext("%(n)s is sent again.", "%(n)s are sent again.", number) % {"n": count(number)}


_DEEDS: dict[str, Deed] = {"on": _on, "off": _off, "test": _test, "replay": _replay}


@allowed(Role.ADMINISTRATOR)
@require_POST
def webhook_replay(request: Signed, endpoint_id: int, delivery_id: int) -> HttpResponse:
    """Send one delivery again."""
    found = WebhookDelivery.objects.select_related("endpoint")
    delivery = get_object_or_404(found, endpoint=endpoint_id, pk=delivery_id)
    replaying = partial(replay_delivery, delivery=delivery, by=request.user.username, at=datetime.now(UTC))
    address = reverse("webhook-detail", args=[endpoint_id])
    return tried(request, replaying, _("It is sent again, with the id it had."), to=address)
