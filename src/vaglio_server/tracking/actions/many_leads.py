"""One field of many leads, as people say it, and the way back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import FaultyValues, Learned, learn, lock_leads, now_known
from vaglio_server.crm.logic.fields import check_all
from vaglio_server.crm.models import Lead
from vaglio_server.crm.queries import fields_of
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit

OWN = "email"  # by it a lead is told from others


@dataclass(frozen=True)
class Edited:
    """The value that leads have now, as it is kept, and what each of them had before that has another by that."""

    value: Any
    had: dict[int, Any]


@transaction.atomic
def edit_leads(*, leads: Collection[int], field: str, value: Any, by: str, at: datetime) -> Edited:
    """Write one value of a field to some leads; those that are not there any more are left out.

    Raises
    ------
    FaultyValues
        There is no such field, or the value does not fit it.
    Refused
        Each lead has a value of its own there.
    """
    if field == OWN:
        raise Refused(_("a mail address is of one lead alone"))
    checked = check_all(fields_of("lead"), {field: value})
    if checked.faults:
        raise FaultyValues(checked.faults)
    kept = checked.values[field]
    with connection.cursor() as cursor:
        held = lock_leads(cursor, sorted(leads))
        had = {lead: before for lead, before in _now(field, leads).items() if before != kept}
        _write(cursor, field, dict.fromkeys(had, kept), held, by)
    audit(by=by, verb="edit_leads", subject="leads", at=at, field=field, leads=sorted(had))
    return Edited(kept, had)


@transaction.atomic
def put_back(*, field: str, value: Any, had: Mapping[int, Any], by: str, at: datetime) -> int:
    """Write what each of some leads had before it got a value, whatever that was; return how many had that value still."""
    with connection.cursor() as cursor:
        held = lock_leads(cursor, sorted(had))
        still = {lead: had[lead] for lead, now in _now(field, had).items() if now == value}
        _write(cursor, field, still, held, by)
    audit(by=by, verb="edit_leads", subject="leads", at=at, field=field, leads=sorted(still))
    return len(still)


def _now(field: str, leads: Collection[int]) -> dict[int, Any]:
    return {lead.pk: lead.fields.get(field) for lead in Lead.objects.present().filter(pk__in=list(leads)).only("pk", "fields")}


def _write(cursor: Any, field: str, values: Mapping[int, Any], held: list[int], by: str) -> None:
    if values:
        learn(cursor, Learned([], {lead: {field: value} for lead, value in values.items()}, held), now_known(cursor), by=by)
