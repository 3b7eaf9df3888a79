"""Whose an identity is, as people say: taking a join apart, joining by hand, and saying that two leads are not one."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import Learned, learn, lock_leads, now_known, refuse_gone
from vaglio_server.crm.models import Lead
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions.events import ONE_AT_A_TIME, link
from vaglio_server.tracking.models import Identity, IdentityKind, IdentityLink, Match
from vaglio_server.users.actions import audit


def one_at_a_time(cursor: Any) -> None:
    """Wait until nobody else changes whose an identity is; to be asked for before any lock on a lead."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])


@transaction.atomic
def part_identity(*, identity: Identity, by: str, at: datetime) -> int | None:
    """Take an identity from its lead, and return the lead that it is now: a new one for a user id or a mail address, None for a device.

    What was done under it counts for that lead no longer, from now on; past scores stay. Events do not join the two again.

    Raises
    ------
    Refused
        It belongs to nobody, or it is all that its lead is known by.
    """
    with connection.cursor() as cursor:
        one_at_a_time(cursor)
        held = IdentityLink.objects.filter(identity=identity, ended_at=None).first()
        if held is None:
            raise Refused(_("{identity} belongs to no lead").format(identity=identity))
        if not IdentityLink.objects.filter(lead=held.lead_id, ended_at=None).exclude(pk=held.pk).exists():
            raise Refused(_("{identity} is all that lead {lead_id} is known by").format(identity=identity, lead_id=held.lead_id))
        due = lock_leads(cursor, [held.lead_id])
        known_at = now_known(cursor)
        IdentityLink.objects.filter(pk=held.pk).update(ended_at=known_at, is_parted=True)
        lead = _settle(cursor, identity, held.lead_id, due, known_at, by)
    audit(by=by, verb="part_identity", subject=f"lead:{held.lead_id}", at=at, identity=identity.pk, kind=identity.kind, new_lead=lead)
    return lead


def _settle(cursor: Any, identity: Identity, before: int, due: list[int], known_at: datetime, by: str) -> int | None:
    """Give a user id or a mail address a lead of its own; the address is then no longer the old lead's."""
    is_person, is_address = identity.kind != IdentityKind.ANONYMOUS_ID, identity.kind == IdentityKind.EMAIL
    values: dict[int, dict[str, Any]] = {-1: {"email": identity.value}} if is_address else {}
    if is_address and Lead.objects.filter(pk=before, fields__email=identity.value).exists():
        values[before] = {"email": None}
    ids = learn(cursor, Learned([-1] if is_person else [], values, due), known_at, by=by)
    if is_person:
        link(cursor, [(identity.pk, ids[-1])], known_at, by=by)
    return ids.get(-1)


@transaction.atomic
def join_identity(*, identity: Identity, lead: Lead, by: str, at: datetime) -> None:
    """Say that a device nobody is known by is a lead's; what was done under it counts for the lead from now on.

    Raises
    ------
    Refused
        It belongs to a lead already (two leads that are one person are merged), or the lead was merged into another.
    """
    with connection.cursor() as cursor:
        one_at_a_time(cursor)
        held = IdentityLink.objects.filter(identity=identity, ended_at=None).first()
        if held is not None:
            raise Refused(
                _("{identity} belongs to lead {lead_id}; merge the two leads if they are one person").format(
                    identity=identity, lead_id=held.lead_id
                )
            )
        due = lock_leads(cursor, [lead.pk])
        refuse_gone(lead.pk)
        known_at = now_known(cursor)
        learn(cursor, Learned([], {}, due), known_at, by=by)
        link(cursor, [(identity.pk, lead.pk)], known_at, by=by)
    audit(by=by, verb="join_identity", subject=f"lead:{lead.pk}", at=at, identity=identity.pk, kind=identity.kind)


@transaction.atomic
def dismiss_match(*, match: Match, by: str, at: datetime) -> None:
    """Say that two leads are not one person; the same reason does not propose them again."""
    Match.objects.filter(pk=match.pk).update(dismissed_at=at, dismissed_by=by)
    audit(by=by, verb="dismiss_match", subject=f"lead:{match.lead_id}", at=at, other=match.other_id, reason=match.reason)
