"""Accounts: made and edited by people and programs; the leads who work there are scored again, because models read accounts."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions.knowledge import column_text, lock_staff, make_due, now_known, write_changes
from vaglio_server.crm.actions.owners import OWNER
from vaglio_server.crm.actions.records import Fitting, Told, fitting, tell, write
from vaglio_server.crm.models import Account
from vaglio_server.refused import Refused
from vaglio_server.users.models import User


class DomainTaken(Refused):
    """A domain is of one account: ``account`` has it."""

    def __init__(self, domain: str, account: Account) -> None:
        self.domain, self.account = domain, account
        super().__init__(
            _("{domain} is the domain of account {other} ({name}); write to that one, or give another domain").format(
                domain=domain, other=account.pk, name=account
            )
        )


@transaction.atomic
def create_account(*, told: Told, owner: User | None = None, by: str, at: datetime) -> Account:
    """Make an account, of a seller where one is its ``owner``. Leads who have none join it when their mail address is named again.

    Raises
    ------
    FaultyValues, DomainTaken
        Something does not fit; its domain is another account's.
    """
    account = Account(owner=owner)
    fits = fitting(account, told)
    with connection.cursor() as cursor:
        known_at = now_known(cursor)
        _check_domain(account, fits)
        changed = write(cursor, account, fits, known_at, by)
        if owner is not None:
            write_changes(cursor, "account", [(account.pk, OWNER, column_text(owner.pk))], known_at, by)
            changed.append(OWNER)
    tell("create_account", account, changed, by=by, at=at)
    return account


def make_account_of(cursor: Any, name: str, domain: str | None, fields: Mapping[str, Any], known_at: datetime) -> Account | None:
    """Make an account with the fields it has from the start; its history is the caller's to write. None where its domain has one."""
    cursor.execute(
        "INSERT INTO crm_account (name, domain, fields, created_at) VALUES (%s, %s, %s::jsonb, %s) ON CONFLICT DO NOTHING RETURNING id",
        [name, domain, json.dumps(fields), known_at],
    )
    made = cursor.fetchone()
    if made is None:
        return None
    account = Account(pk=made[0], name=name, domain=domain, fields=dict(fields), created_at=known_at)
    account._state.adding = False
    return account


@transaction.atomic
def edit_account(*, account: Account, told: Told, by: str, at: datetime) -> Account:
    """Change an account. Who works there stays, whatever becomes of its domain; later mail addresses are joined by the new one.

    Raises
    ------
    FaultyValues, DomainTaken
        Something does not fit; its domain is another account's.
    """
    with connection.cursor() as cursor:
        staff = lock_staff(cursor, account.pk)
        # Not FOR UPDATE: whoever joins a lead to the account holds the lock on knowledge and must not wait for us.
        held = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        fits = fitting(held, told)
        known_at = now_known(cursor)
        _check_domain(held, fits)
        changed = write(cursor, held, fits, known_at, by)
        if changed:
            make_due(cursor, staff, known_at)
    if changed:
        tell("edit_account", held, changed, by=by, at=at)
    return held


def _check_domain(account: Account, fits: Fitting) -> None:
    """Refuse a domain of another account; every domain is written under the lock on knowledge, so none comes between."""
    domain = fits.columns.get("domain")
    other = Account.objects.filter(domain=domain).exclude(pk=account.pk).first() if domain else None
    if other is not None:
        raise DomainTaken(str(domain), other)
