"""Writing what became known of leads.

**When something became known.** A score must never have missed a fact that, by its instants, it should have seen. So whoever
writes facts takes an advisory lock *after* every lock on a lead, reads the clock under it, and holds it to the end of the
transaction; whoever scores takes it shared, reads the clock and its snapshot of the facts, and lets go. What is stamped
before a score's instant is then in its snapshot, and nothing else is.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from vaglio_server.crm.logic.domains import company_domain
from vaglio_server.crm.models import Account, Lead, ListMember
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit
from vaglio_server.users.models import User

KNOWLEDGE = 730_410  # the advisory lock


@dataclass(frozen=True)
class Learned:
    """Leads to make (negative numbers), values that became known, and leads to look at again."""

    made: list[int]
    values: Mapping[int, Mapping[str, Any]]
    due: Iterable[int]


def lock_leads(cursor: Any, ids: list[int], emails: Iterable[str] = ()) -> list[int]:
    """Take the rows of some leads and of all whose scores may hang on them, and return their ids.

    Those are their colleagues, also at the companies they are about to be joined to by their mail addresses. Rows are taken in
    one order, so that writers wait for each other and never in a circle.
    """
    cursor.execute(
        # Three questions that an index answers each; joined by OR, PostgreSQL would read all leads.
        """SELECT id FROM crm_lead WHERE id IN (
            SELECT unnest(%s::bigint[])
            UNION SELECT id FROM crm_lead WHERE account_id IN (SELECT account_id FROM crm_lead WHERE id = ANY(%s))
            UNION SELECT id FROM crm_lead WHERE account_id IN (SELECT id FROM crm_account WHERE domain = ANY(%s))
        ) ORDER BY id FOR NO KEY UPDATE""",
        [ids, ids, [domain for domain in map(company_domain, emails) if domain]],
    )
    return [row[0] for row in cursor.fetchall()]


def now_known(cursor: Any) -> datetime:
    """Return the instant at which what this transaction writes becomes known; to be asked for after every other lock."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [KNOWLEDGE])
    cursor.execute("SELECT clock_timestamp()")
    at: datetime = cursor.fetchone()[0]
    return at


def learn(cursor: Any, learned: Learned, known_at: datetime, *, by: str) -> dict[int, int]:
    """Write leads and values that became known, and make these leads due; return the id of each lead named."""
    ids = {ref: ref for ref in learned.due}
    if learned.made:
        cursor.execute(
            "INSERT INTO crm_lead (fields, created_at) SELECT '{}', %s FROM generate_series(1, %s) RETURNING id",
            [known_at, len(learned.made)],
        )
        ids |= dict(zip(learned.made, (row[0] for row in cursor.fetchall()), strict=True))
    values = {ids[ref]: found for ref, found in learned.values.items() if ref in ids}
    _write_values(cursor, values, known_at, by)
    _join_accounts(cursor, {lead: str(found["email"]) for lead, found in values.items() if found.get("email")}, known_at, by)
    _make_due(cursor, list(ids.values()), known_at)
    return ids


def _make_due(cursor: Any, leads: list[int], at: datetime) -> None:
    cursor.execute("UPDATE crm_lead SET due_at = %s WHERE id = ANY(%s)", [at, leads])


def _write_values(cursor: Any, values: dict[int, Mapping[str, Any]], known_at: datetime, by: str) -> None:
    if not values:
        return
    cursor.execute("SELECT id, fields FROM crm_lead WHERE id = ANY(%s)", [list(values)])
    before = {lead: _plain(fields) for lead, fields in cursor.fetchall()}
    changed = {
        lead: {name: value for name, value in found.items() if name not in before[lead] or before[lead][name] != value}
        for lead, found in values.items()
    }  # fmt: skip
    _write_changes(cursor, [(lead, name, value) for lead, found in changed.items() for name, value in found.items()], known_at, by)
    rows = [(lead, json.dumps(found)) for lead, found in changed.items() if found]
    cursor.execute(
        """UPDATE crm_lead SET fields = fields || its.found FROM unnest(%s::bigint[], %s::jsonb[]) AS its (lead, found)
        WHERE crm_lead.id = its.lead""",
        [[lead for lead, _found in rows], [found for _lead, found in rows]],
    )


def _write_changes(cursor: Any, changes: Iterable[tuple[int, str, Any]], known_at: datetime, by: str) -> None:
    rows = ((lead, name, json.dumps(value), known_at, by) for lead, name, value in changes)
    copy_rows(cursor, "crm_fieldchange (lead_id, field, value, known_at, by)", rows)


def _plain(fields: Any) -> dict[str, Any]:
    return json.loads(fields) if isinstance(fields, str) else dict(fields)


def _join_accounts(cursor: Any, emails: dict[int, str], known_at: datetime, by: str) -> None:
    """Join leads that have no account to the company that their mail address belongs to, which is made when it is new."""
    domains = {lead: domain for lead, email in emails.items() if (domain := company_domain(email))}
    if not domains:
        return
    asked = sorted(set(domains.values()))
    cursor.execute(
        """INSERT INTO crm_account (name, domain, fields, created_at)
        SELECT domain, domain, '{}', %s FROM unnest(%s::text[]) AS asked (domain) ON CONFLICT DO NOTHING""",
        [known_at, asked],
    )
    cursor.execute(
        """UPDATE crm_lead AS lead SET account_id = account.id
        FROM unnest(%s::bigint[], %s::text[]) AS asked (lead, domain) JOIN crm_account AS account USING (domain)
        WHERE lead.id = asked.lead AND lead.account_id IS NULL RETURNING lead.id, account.id""",
        [list(domains), list(domains.values())],
    )
    _write_changes(cursor, [(lead, "account_id", str(account)) for lead, account in cursor.fetchall()], known_at, by)


@dataclass(frozen=True)
class Brought:
    """Records with their past, as another system kept them: what became known when is theirs to say.

    Every row has an id of its own: ``accounts`` have id, name, domain, fields; ``leads`` id, account id or None, created_at, fields;
    ``changes`` lead id, field, value, known_at, oldest first; ``members`` list, lead id or None, account id or None, from_at, to_at.
    """

    accounts: list[tuple[str, str, str | None, dict[str, Any]]]
    leads: list[tuple[str, str | None, datetime, dict[str, Any]]]
    changes: list[tuple[str, str, Any, datetime]]
    members: list[tuple[str, str | None, str | None, datetime | None, datetime | None]]


@transaction.atomic
def bring_leads(*, brought: Brought, since: datetime, by: str, at: datetime) -> dict[str, int]:
    """Bring in leads and accounts with their past, and return our id for each of theirs. Accounts and lists were known since ``since``.

    Raises
    ------
    Refused
        There are leads already: what becomes known of the past must not change a score that was given.
    """
    if Lead.objects.exists():
        raise Refused("there are leads already; a past can only be brought into an empty installation")
    with connection.cursor() as cursor:
        accounts = _new_ids(cursor, "crm_account", [row[0] for row in brought.accounts])
        leads = _new_ids(cursor, "crm_lead", [row[0] for row in brought.leads])
        copy_rows(cursor, "crm_account (id, name, domain, fields, created_at)", (
            (accounts[key], name, domain, json.dumps(fields), since) for key, name, domain, fields in brought.accounts
        ))  # fmt: skip
        copy_rows(cursor, "crm_lead (id, account_id, fields, created_at, due_at)", (
            (leads[key], accounts[account] if account else None, json.dumps(fields), created_at, at)
            for key, account, created_at, fields in brought.leads
        ))  # fmt: skip
        copy_rows(cursor, "crm_fieldchange (lead_id, account_id, field, value, known_at, by)", (
            (leads.get(lead), accounts.get(account), field, json.dumps(value), known_at, by)
            for lead, account, field, value, known_at in _past(brought, accounts, since)
        ))  # fmt: skip
        copy_rows(cursor, "crm_listmember (list, lead_id, account_id, from_at, to_at, known_at)", (
            (name, leads.get(lead or ""), accounts.get(account or ""), from_at, to_at, since)
            for name, lead, account, from_at, to_at in brought.members
        ))  # fmt: skip
    audit(by=by, verb="bring_leads", subject="leads", at=at, leads=len(leads), accounts=len(accounts))
    return leads


def _past(brought: Brought, accounts: Mapping[str, int], since: datetime) -> Iterable[tuple[str, str, str, Any, datetime]]:
    """Yield lead or account, field, value and instant of all that became known; a field without a history was known from the start."""
    told = {(lead, field) for lead, field, _value, _known_at in brought.changes}
    for lead, account, created_at, fields in brought.leads:
        for field, value in fields.items():
            if (lead, field) not in told:
                yield lead, "", field, value, created_at
        if account:
            yield lead, "", "account_id", str(accounts[account]), created_at
    for lead, field, value, known_at in brought.changes:
        yield lead, "", field, value, known_at
    for account, _name, _domain, fields in brought.accounts:
        for field, value in fields.items():
            yield "", account, field, value, since


def _new_ids(cursor: Any, table: str, keys: list[str]) -> dict[str, int]:
    cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, len(keys)])
    return dict(zip(keys, (row[0] for row in cursor.fetchall()), strict=True))


def copy_rows(cursor: Any, target: str, rows: Iterable[Sequence[Any]]) -> None:
    """Write rows into a table named with its columns, by COPY."""
    with cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


@transaction.atomic
def assign_leads(*, leads: list[int], owner: User, by: str, at: datetime) -> None:
    """Give leads to a seller."""
    Lead.objects.filter(pk__in=leads).update(owner=owner)
    audit(by=by, verb="assign_leads", subject=f"user:{owner.pk}", at=at, leads=leads)


@transaction.atomic
def add_list_member(*, name: str, lead: Lead | None = None, account: Account | None = None, by: str, at: datetime) -> None:
    """Put a lead or an account on a list from now on; who is on it already stays as they are."""
    with connection.cursor() as cursor:
        held, now = _hold(cursor, lead, account)
        if not _now_on(name, lead, account).exists():
            ListMember.objects.create(list=name, lead=lead, account=account, from_at=now, known_at=now)
            _make_due(cursor, held, now)
            audit(by=by, verb="add_list_member", subject=_subject(lead, account), at=at, list=name)


@transaction.atomic
def remove_list_member(*, name: str, lead: Lead | None = None, account: Account | None = None, by: str, at: datetime) -> None:
    """Take a lead or an account off a list from now on; that it was on it stays known.

    Raises
    ------
    Refused
        It is not on the list.
    """
    with connection.cursor() as cursor:
        held, now = _hold(cursor, lead, account)
        if not _now_on(name, lead, account).update(to_at=now):
            raise Refused(f"{lead or account} is not on the list {name}")
        _make_due(cursor, held, now)
    audit(by=by, verb="remove_list_member", subject=_subject(lead, account), at=at, list=name)


def _now_on(name: str, lead: Lead | None, account: Account | None) -> QuerySet[ListMember]:
    return ListMember.objects.filter(list=name, lead=lead, account=account, to_at=None)


def _hold(cursor: Any, lead: Lead | None, account: Account | None) -> tuple[list[int], datetime]:
    """Take the rows of the leads that a list entry touches, then the instant at which it becomes known."""
    if lead is not None:
        return lock_leads(cursor, [lead.pk]), now_known(cursor)
    cursor.execute("SELECT id FROM crm_lead WHERE account_id = %s ORDER BY id FOR NO KEY UPDATE", [account.pk if account else None])
    return [row[0] for row in cursor.fetchall()], now_known(cursor)


def _subject(lead: Lead | None, account: Account | None) -> str:
    return f"lead:{lead.pk}" if lead is not None else f"account:{account.pk if account else None}"
