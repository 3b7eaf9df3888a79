"""Whose leads are, as people and files say it: with a history like a field's, so that what a file gave can be taken back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from vaglio_server.crm.actions.knowledge import column_text, make_due, now_known, write_changes
from vaglio_server.crm.actions.leads import write_values
from vaglio_server.crm.logic.standard import LEAD_OWNER
from vaglio_server.crm.models import Account, Lead
from vaglio_server.users.actions import audit
from vaglio_server.users.models import User

OWNER = "owner_id"  # a column, with a history like a field's
UNKNOWN = "earlier"  # by whom the history says that a lead had an owner whom it does not know of: given before owners had a history


@transaction.atomic
def assign_leads(*, leads: list[int], owner: User | None, by: str, at: datetime) -> list[int]:
    """Give leads to a seller, or to nobody, and return those of whom that was not so."""
    # In one order, so that writers wait for each other and never in a circle.
    held = list(Lead.objects.select_for_update(no_key=True).filter(pk__in=leads).order_by("pk").values_list("pk", flat=True))
    changed: list[int] = []
    if held:
        with connection.cursor() as cursor:
            changed = write_owners(cursor, dict.fromkeys(held, owner.pk if owner else None), now_known(cursor), by=by)
    audit(by=by, verb="assign_leads", subject=f"user:{owner.pk}" if owner else "nobody", at=at, leads=leads)
    return changed


@transaction.atomic
def assign_account(*, account: Account, owner: User | None, by: str, at: datetime) -> Account:
    """Give a company to a seller, or to nobody: leads that come to sales from there are theirs."""
    held = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    if held.owner_id == (owner.pk if owner else None):
        return held
    held.owner = owner
    held.save(update_fields=["owner"])
    with connection.cursor() as cursor:
        write_changes(cursor, "account", [(held.pk, OWNER, column_text(owner.pk if owner else None))], now_known(cursor), by)
    audit(by=by, verb="assign_account", subject=f"account:{held.pk}", at=at, owner=owner.pk if owner else None)
    return held


def write_owners(cursor: Any, owners: Mapping[int, int | None], known_at: datetime, *, by: str) -> list[int]:
    """Write whose leads are that are held, with their history, and return those of whom it was not so; a user who is gone is nobody.

    Scores do not read it, so nobody is due but who loses the text of an owner who was nobody here: models may read that field.
    """
    cursor.execute(
        """SELECT lead.id, lead.owner_id, its.owner, told.value #>> '{}'
        FROM unnest(%s::bigint[], %s::bigint[]) AS asked (lead, owner) JOIN crm_lead AS lead ON lead.id = asked.lead
        CROSS JOIN LATERAL (SELECT (SELECT id FROM users_user WHERE id = asked.owner) AS owner) AS its
        LEFT JOIN LATERAL (SELECT value FROM crm_fieldchange WHERE lead_id = lead.id AND field = %s ORDER BY known_at DESC, id DESC LIMIT 1)
            AS told ON true
        WHERE lead.owner_id IS DISTINCT FROM its.owner ORDER BY lead.id""",
        [list(owners), list(owners.values()), OWNER],
    )
    changed = [(lead, column_text(before), owner, told) for lead, before, owner, told in cursor.fetchall()]
    unknown = [(lead, OWNER, before) for lead, before, _owner, told in changed if before != told]
    write_changes(cursor, "lead", unknown, known_at, UNKNOWN)
    write_changes(cursor, "lead", [(lead, OWNER, column_text(owner)) for lead, _before, owner, _told in changed], known_at, by)
    cursor.execute(
        """UPDATE crm_lead SET owner_id = its.owner FROM unnest(%s::bigint[], %s::bigint[]) AS its (lead, owner)
        WHERE crm_lead.id = its.lead""",
        [[row[0] for row in changed], [row[2] for row in changed]],
    )
    _forget_texts(cursor, [lead for lead, owner in owners.items() if owner is not None], known_at, by)
    return [row[0] for row in changed]


def _forget_texts(cursor: Any, owned: list[int], known_at: datetime, by: str) -> None:
    """Take from leads that have an owner what a file called one who was nobody here; it stays in their history."""
    cursor.execute(
        "SELECT id FROM crm_lead WHERE id = ANY(%s) AND owner_id IS NOT NULL AND fields ->> %s IS NOT NULL ORDER BY id", [owned, LEAD_OWNER]
    )
    told = [row[0] for row in cursor.fetchall()]
    if told:
        write_values(cursor, {lead: {LEAD_OWNER: None} for lead in told}, known_at, by)
        make_due(cursor, told, known_at)
