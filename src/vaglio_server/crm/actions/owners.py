"""Whose leads are, as people and files say it: with a history like a field's, so that what a file gave can be taken back."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from vaglio_server.crm.actions.knowledge import (
    Change,
    column_text,
    lock_joining,
    make_due,
    now_known,
    write_changes,
    write_changes_of_each,
)
from vaglio_server.crm.logic.standard import LEAD_OWNER
from vaglio_server.crm.models import Account, Lead, OwnerChange
from vaglio_server.users.actions import audit
from vaglio_server.users.models import User

OWNER = "owner_id"  # a column, with a history like a field's


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
    with connection.cursor() as cursor:
        lock_joining(cursor)  # whoever writes to a company for its leads holds this shared, and takes its row last of all
        held = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        if held.owner_id == (owner.pk if owner else None):
            return held
        held.owner = owner
        held.save(update_fields=["owner"])
        write_changes(cursor, "account", [(held.pk, OWNER, column_text(owner.pk if owner else None))], now_known(cursor), by)
    audit(by=by, verb="assign_account", subject=f"account:{held.pk}", at=at, owner=owner.pk if owner else None)
    return held


def write_owners(cursor: Any, owners: Mapping[int, int | None], known_at: datetime, *, by: str, is_told_later: bool = False) -> list[int]:
    """Write whose leads are that are held, with their history, and return those of whom it was not so; a user who is gone is nobody.

    ``is_told_later``: the caller cannot tell those who are to know; that is noted for whoever does so.

    What a file called an owner who was nobody here goes from leads that have one; it stays in their history. Scores do not read whose a
    lead is, so nobody else is due: models may read that field.
    """
    cursor.execute(
        """SELECT lead.id, lead.owner_id, its.owner, told.value #>> '{}', its.owner IS NOT NULL AND lead.fields ->> %s IS NOT NULL
        FROM unnest(%s::bigint[], %s::bigint[]) AS asked (lead, owner) JOIN crm_lead AS lead ON lead.id = asked.lead
        CROSS JOIN LATERAL (SELECT (SELECT id FROM users_user WHERE id = asked.owner) AS owner) AS its
        LEFT JOIN LATERAL (SELECT value FROM crm_fieldchange WHERE lead_id = lead.id AND field = %s ORDER BY known_at DESC, id DESC LIMIT 1)
            AS told ON true
        WHERE lead.owner_id IS DISTINCT FROM its.owner OR (its.owner IS NOT NULL AND lead.fields ->> %s IS NOT NULL) ORDER BY lead.id""",
        [LEAD_OWNER, list(owners), list(owners.values()), OWNER, LEAD_OWNER],
    )
    rows = cursor.fetchall()
    changed = [(lead, before, owner, told) for lead, before, owner, told, _has_text in rows if before != owner]
    texts = [lead for lead, _before, _owner, _told, has_text in rows if has_text]
    earlier = [each for lead, before, _owner, told in changed for each in owner_before(lead, before, told)]
    now: list[Change] = [("lead", lead, OWNER, column_text(owner)) for lead, _before, owner, _told in changed]
    write_changes_of_each(cursor, [*now, *(("lead", lead, LEAD_OWNER, None) for lead in texts)], known_at, by, earlier=earlier)
    if changed:
        cursor.execute(
            """UPDATE crm_lead SET owner_id = its.owner FROM unnest(%s::bigint[], %s::bigint[]) AS its (lead, owner)
            WHERE crm_lead.id = its.lead""",
            [[row[0] for row in changed], [row[2] for row in changed]],
        )
    if is_told_later:
        OwnerChange.objects.bulk_create(OwnerChange(lead_id=row[0], owner_id=row[2], at=known_at, by=by) for row in changed)
    if texts:
        cursor.execute("UPDATE crm_lead SET fields = fields || %s WHERE id = ANY(%s)", [json.dumps({LEAD_OWNER: None}), texts])
        make_due(cursor, texts, known_at)
    return [row[0] for row in changed]


def owner_before(lead: int, owner: int | None, told: str | None) -> list[Change]:
    """Return what the history of a lead lacks of whose it was: it was given before owners had a history; ``told`` is what it says last."""
    return [("lead", lead, OWNER, column_text(owner))] if column_text(owner) != told else []
