"""Leads as people and programs write them."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import FaultyValues, Learned, learn, lock_leads, now_known, refuse_erased, refuse_gone, write_owners
from vaglio_server.crm.logic.fields import check_all, name_fault, shown
from vaglio_server.crm.models import Lead
from vaglio_server.crm.queries import fields_of
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions.events import Taken, derive, identities_of, link
from vaglio_server.tracking.actions.identities import one_at_a_time
from vaglio_server.tracking.logic.calls import Call, Refusal, calls, email_of, snake
from vaglio_server.tracking.logic.people import keys
from vaglio_server.tracking.models import Delivery, IdentityLink, Source
from vaglio_server.users.actions import audit
from vaglio_server.users.models import User

API_SOURCE = "API"


@dataclass(frozen=True)
class Put:
    """The lead that was made or written to, and whether it became the seller's by that."""

    lead: int
    is_theirs_now: bool


@transaction.atomic
def put_lead(*, user_id: str | None, fields: Mapping[str, Any], by: str, at: datetime, seller: User | None = None) -> Put:
    """Make a lead, or write to the one with this user id or mail address. It is kept like an event that came in.

    A ``seller`` writes to leads that they see, and owns those that they make; who is to know of that calls the verb of the lifecycle.

    Raises
    ------
    FaultyValues
        A name of a field is none, as letters beyond those of ASCII make it.
    Refused
        It names nobody or somebody who was erased, holds what no event may hold, or is a lead that the seller does not see or that has no
        room for more.
    """
    if faults := [fault for name in fields if not (name.isascii() and snake(name)) and (fault := name_fault("field", name, "job_title"))]:
        raise FaultyValues(faults)
    body = json.dumps({"userId": user_id, "traits": dict(fields)}).encode()
    source, _made = Source.objects.get_or_create(name=API_SOURCE, defaults={"created_at": at})
    call = next(iter(calls(body, "identify", at)))
    if isinstance(call, Refusal):
        raise Refused(call.reason)
    with connection.cursor() as cursor:
        one_at_a_time(cursor)
        refuse_erased(keys(call))
        delivery = Delivery.objects.create(source=source, kind="identify", body=body, received_at=at, is_open=False)
        is_new = not _refuse_unseen(call, seller) if seller else False
        done = derive(cursor, [Taken(delivery.pk, source.pk, call)], by=by)
        if done.refused:
            raise Refused(done.refused[0][1].reason)
        lead = done.owners[keys(call)[0]]
        owned = write_owners(cursor, {lead: seller.pk}, done.known_at, by=by) if seller and is_new else []
    audit(by=by, verb="put_lead", subject=f"lead:{lead}", at=at, fields=sorted(fields))
    return Put(lead, bool(owned))


def _refuse_unseen(call: Call, seller: User) -> bool:
    """Refuse to write to a lead that a seller does not see; return whether what a call names is a lead already."""
    named = Q(pk__in=[])
    for kind, value in keys(call):
        named |= Q(identity__kind=kind, identity__value=value)
    known = set(IdentityLink.objects.filter(named, ended_at=None).values_list("lead_id", flat=True))
    _refuse_among(known, seller)
    return bool(known)


def _refuse_among(leads: Collection[int], seller: User) -> None:
    """Say no more of a lead that a seller does not see than that it is there."""
    if set(leads) - set(Lead.objects.visible_to(seller).filter(pk__in=leads).values_list("pk", flat=True)):
        raise Refused(_("a lead with this user id or mail address is there, and not yours to see: ask whoever gives leads away for it"))


@transaction.atomic
def edit_lead(*, lead: Lead, fields: Mapping[str, Any], by: str, at: datetime, seller: User | None = None) -> list[str]:
    """Write what somebody knows of a lead, and return the fields that changed; None takes a value away.

    A new mail address is one more identity. A ``seller`` is not told which lead has it already, where they do not see that lead.

    Raises
    ------
    FaultyValues
        A field is none, or a value does not fit it; all of them are named.
    Refused
        The mail address is another lead's, or the lead was merged into another.
    """
    values = _fitting(lead, fields)
    with connection.cursor() as cursor:
        one_at_a_time(cursor)
        address = _new_address(cursor, lead, values.get("email"), seller)
        held = lock_leads(cursor, [lead.pk], [values["email"]] if values.get("email") else [])
        refuse_gone(lead.pk)
        before = Lead.objects.get(pk=lead.pk).fields
        changed = sorted(name for name, value in values.items() if before.get(name) != value)
        known_at = now_known(cursor)
        learn(cursor, Learned([], {lead.pk: {name: values[name] for name in changed}}, held), known_at, by=by)
        link(cursor, [(identity, lead.pk) for identity in address], known_at, by=by)
    audit(by=by, verb="edit_lead", subject=f"lead:{lead.pk}", at=at, fields=changed)
    return changed


def address_fault(said: str) -> str:
    """Return why what was said as a mail address is none."""
    return _("email: {said} is no mail address; give one such as anna@acme.example").format(said=said)


def _fitting(lead: Lead, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Check what was told by the definitions of its fields. What a lead has from events is written as it is told."""
    held = {name for name, value in lead.fields.items() if value is not None}
    defined = fields_of("lead")
    loose = {name: value for name, value in fields.items() if name in held and name not in defined}
    checked = check_all(defined, {name: value for name, value in fields.items() if name not in loose}, held)
    values, faults = checked.values | loose, list(checked.faults)
    if values.get("email") is not None:
        values["email"] = email_of(values["email"])
        faults += [] if values["email"] else [address_fault(shown(fields["email"]))]
    if faults:
        raise FaultyValues(faults)
    return values


def _new_address(cursor: Any, lead: Lead, email: str | None, seller: User | None) -> list[int]:
    """Return the identity of a mail address where it is yet to be joined to the lead."""
    if email is None:
        return []
    refuse_erased([("email", email)])
    (identity,) = identities_of(cursor, [("email", email)]).values()
    held = IdentityLink.objects.filter(identity=identity, ended_at=None).first()
    if held is not None and held.lead_id != lead.pk:
        if seller is not None:
            _refuse_among([held.lead_id], seller)
        raise Refused(_("{email} is lead {lead_id}; merge the two leads if they are one person").format(email=email, lead_id=held.lead_id))
    return [] if held else [identity]
