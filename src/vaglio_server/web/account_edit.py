"""A company made or changed by hand: its name, its domain, and what else is known of it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import DomainTaken, FaultyValues, Told, create_account, edit_account
from vaglio_server.crm.logic.fields import Definition
from vaglio_server.crm.logic.standard import columns
from vaglio_server.crm.models import Account
from vaglio_server.crm.queries import fields_of
from vaglio_server.refused import Refused
from vaglio_server.users.models import MARKETERS, Role, User
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.leads import KEEPERS
from vaglio_server.web.numbers import typed_values
from vaglio_server.web.words import lines, spelled

FIRST = ("name", "domain", "industry", "employees", "website", "phone", "country")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True)
class Place:
    """A field with what stands in its place, and what stood there when the form was opened: only what differs is written."""

    field: Definition
    value: str
    was: str


def may_edit(user: User, account: Account) -> bool:
    """Whether somebody may change a company: who may change all of them, and the seller whose it is."""
    return user.role in MARKETERS or (user.role == Role.SALES and account.owner_id == user.pk)


@allowed(*KEEPERS)
def account_new(request: Signed) -> HttpResponse:
    """Make a company; what a seller makes is theirs."""
    if request.method != "POST":
        return _form(request, None)
    try:
        told = _told(_places(request, None))
        account = create_account(told=told, owner=request.user.as_seller, by=request.user.username, at=datetime.now(UTC))
    except Refused as refused:
        return _form(request, None, refused)
    joined = _("{account} is there. Who is seen with a mail address at {domain} is counted among its people.")
    alone = _("{account} is there. It has no domain, so nobody joins it by a mail address.")
    messages.success(request, (joined if account.domain else alone).format(account=account, domain=account.domain))
    return redirect("account-detail", account.pk)


@allowed(*KEEPERS)
def account_edit(request: Signed, account_id: int) -> HttpResponse:
    """Change a company: what somebody else changed since the form was opened stays, where nothing else was typed over it."""
    account = get_object_or_404(Account.objects.present(), pk=account_id)
    if not may_edit(request.user, account):
        raise PermissionDenied
    if request.method != "POST":
        return _form(request, account)
    try:
        told = _told(_places(request, account))
        if told.columns or told.fields:
            account = edit_account(account=account, told=told, by=request.user.username, at=datetime.now(UTC))
            said = _("{account} is changed; models that read it rate its people anew.").format(account=account)
        else:
            said = _("Nothing was changed.")
    except Refused as refused:
        return _form(request, account, refused)
    messages.success(request, said)
    return redirect("account-detail", account.pk)


def _form(request: Signed, account: Account | None, refused: Refused | None = None) -> HttpResponse:
    places = _places(request, account)
    others = [each for each in places if each.field.name not in FIRST]
    context = {
        "account": account,
        "first": sorted((each for each in places if each.field.name in FIRST), key=lambda each: FIRST.index(each.field.name)),
        "others": others,
        "is_more": any(each.value for each in others),
        "faults": _faults(refused),
        "taken": refused if isinstance(refused, DomainTaken) else None,
    }
    return render(request, "accounts/account_edit.html", context, status=422 if refused else 200)


def _faults(refused: Refused | None) -> tuple[str, ...]:
    """Return what is to be put right; whose a domain is already, the page says itself, with the way there."""
    if refused is None or isinstance(refused, DomainTaken):
        return ()
    return refused.faults if isinstance(refused, FaultyValues) else (str(refused),)


def _places(request: Signed, account: Account | None) -> list[Place]:
    """Return every field that a company has now, with what was typed, else with what is known."""
    own = columns("account")
    fields = [each for name, each in fields_of("account").items() if name not in own and not each.is_retired]
    return [_place(request, each, _known(account, each.name)) for each in (*own.values(), *fields)]


def _known(account: Account | None, name: str) -> Any:
    if account is None:
        return None
    return getattr(account, name) if name in columns("account") else account.fields.get(name)


def _place(request: Signed, field: Definition, value: Any) -> Place:
    known = filled(field, value)
    if request.method != "POST":
        return Place(field, known, known)
    was = _clean(field, request.POST.get(f"was.{field.name}", known))
    return Place(field, _clean(field, request.POST.get(field.name, was)), was)


def filled(field: Definition, value: Any) -> str:
    """Return what the place of a field holds, as a browser sends it back: what the place cannot show, it does not hold."""
    if field.kind == "boolean":
        return str(value).lower() if isinstance(value, bool) else ""
    text = _clean(field, spelled(value))
    if (field.kind == "choice" and text not in field.choices) or (field.kind == "date" and not _DAY.fullmatch(text)):
        return ""
    return text


def _clean(field: Definition, text: str) -> str:
    """Return a text as the place of a field holds it: in one line, or as it was written where that has several."""
    text = lines(text.replace("\x00", "")).strip()
    return text if field.kind == "string" and field.name not in columns("account") else text.replace("\n", "")


def _told(places: list[Place]) -> Told:
    """Return what was typed where something else stood.

    Raises
    ------
    FaultyValues
        A number can be two.
    """
    values = typed_values((each.field, each.value) for each in places if each.value != each.was)
    own = columns("account")
    return Told({name: values.pop(name) for name in own if name in values}, values)
