"""Writing what became known of leads, where they work, and bringing in a past."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions.knowledge import copy_rows, lock_leads, make_due, now_known, write_changes
from vaglio_server.crm.logic.accounts import KnownAccount, all_of
from vaglio_server.crm.logic.domains import company_domain
from vaglio_server.crm.models import Account, Lead
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit

LONGEST_COMPANY = 200  # characters of a name that somebody gave; more is a text


@dataclass(frozen=True)
class Learned:
    """Leads to make (negative numbers), values that became known, and leads to look at again."""

    made: list[int]
    values: Mapping[int, Mapping[str, Any]]
    due: Iterable[int]


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
    write_values(cursor, values, known_at, by)
    _join_accounts(cursor, values, known_at, by)
    make_due(cursor, list(ids.values()), known_at)
    return ids


def write_values(cursor: Any, values: Mapping[int, Mapping[str, Any]], known_at: datetime, by: str) -> None:
    """Write values of leads that are held, with their history; what is so already is no change."""
    if not values:
        return
    cursor.execute("SELECT id, fields FROM crm_lead WHERE id = ANY(%s)", [list(values)])
    before = {lead: _plain(fields) for lead, fields in cursor.fetchall()}
    changed = {
        lead: {name: value for name, value in found.items() if name not in before[lead] or before[lead][name] != value}
        for lead, found in values.items()
    }  # fmt: skip
    write_changes(cursor, "lead", [(lead, name, value) for lead, found in changed.items() for name, value in found.items()], known_at, by)
    rows = [(lead, json.dumps(found)) for lead, found in changed.items() if found]
    cursor.execute(
        """UPDATE crm_lead SET fields = fields || its.found FROM unnest(%s::bigint[], %s::jsonb[]) AS its (lead, found)
        WHERE crm_lead.id = its.lead""",
        [[lead for lead, _found in rows], [found for _lead, found in rows]],
    )


def _plain(fields: Any) -> dict[str, Any]:
    return json.loads(fields) if isinstance(fields, str) else dict(fields)


def _join_accounts(cursor: Any, values: Mapping[int, Mapping[str, Any]], known_at: datetime, by: str) -> None:
    """Join leads that have no account to the company that their mail address belongs to, which is made when it is new.

    A new one is called as the first of them says that their company is called.
    """
    domains = {lead: domain for lead, found in values.items() if found.get("email") and (domain := company_domain(str(found["email"])))}
    if not domains:
        return
    called: dict[str, str] = {}
    for lead, domain in sorted(domains.items()):
        if name := _company_name(values[lead].get("company")):
            called.setdefault(domain, name)
    make_accounts(cursor, [(called.get(domain, domain), domain) for domain in sorted(set(domains.values()))], known_at, by)
    cursor.execute(
        """UPDATE crm_lead AS lead SET account_id = account.id
        FROM unnest(%s::bigint[], %s::text[]) AS asked (lead, domain) JOIN crm_account AS account USING (domain)
        WHERE lead.id = asked.lead AND lead.account_id IS NULL RETURNING lead.id, account.id""",
        [list(domains), list(domains.values())],
    )
    write_changes(cursor, "lead", [(lead, "account_id", str(account)) for lead, account in cursor.fetchall()], known_at, by)


def _company_name(said: Any) -> str:
    name = " ".join(said.split()) if isinstance(said, str) else ""
    return name if len(name) <= LONGEST_COMPANY else ""


def make_accounts(cursor: Any, firms: Sequence[tuple[str, str | None]], known_at: datetime, by: str) -> dict[tuple[str, str | None], int]:
    """Make accounts of names and domains, and return the id of each; one whose domain has an account is none to make.

    Of whom nothing but a mail address is known, the domain is the name, until somebody knows better.
    """
    cursor.execute(
        """INSERT INTO crm_account (name, domain, fields, created_at)
        SELECT name, domain, jsonb_strip_nulls(jsonb_build_object('name', name, 'domain', domain)), %s
        FROM unnest(%s::text[], %s::text[]) AS asked (name, domain) ON CONFLICT DO NOTHING RETURNING id, name, domain""",
        [known_at, [name for name, _domain in firms], [domain for _name, domain in firms]],
    )
    made = cursor.fetchall()
    told = [(account, field, value) for account, *both in made for field, value in zip(("name", "domain"), both, strict=True)]
    if told:
        write_changes(cursor, "account", [change for change in told if change[2] is not None], known_at, by)
    return {(name, domain): account for account, name, domain in made}


def learn_accounts(cursor: Any, accounts: Sequence[KnownAccount], known_at: datetime, *, by: str) -> dict[KnownAccount, int]:
    """Write what became known of accounts, make those that are new, and make the leads there due; return the id of each.

    All who are there must be held.
    """
    new = [each for each in accounts if each.id is None]
    made = Account.objects.bulk_create(
        Account(name=each.name, domain=each.domain, fields=each.fields, created_at=known_at) for each in new
    )  # fmt: skip
    number = {each: each.id for each in accounts if each.id is not None} | {each: one.pk for each, one in zip(new, made, strict=True)}
    write_changes(cursor, "account", [(number[each], name, value) for each in accounts for name, value in each.changes], known_at, by)
    changed = [each for each in accounts if each.id is not None and (each.changes or each.is_renamed)]
    if changed:
        cursor.execute(
            """UPDATE crm_account SET name = its.name, fields = fields || its.found
            FROM unnest(%s::bigint[], %s::text[], %s::jsonb[]) AS its (account, name, found) WHERE crm_account.id = its.account""",
            [[each.id for each in changed], [each.name for each in changed], [json.dumps(dict(each.changes)) for each in changed]],
        )
        make_due(cursor, list(Lead.objects.filter(account__in=[number[each] for each in changed]).values_list("pk", flat=True)), known_at)
    return number


def refuse_gone(*leads: int) -> None:
    """Refuse to go on with a lead that was erased, merged into another, or taken back with the file that brought it."""
    held = Lead.objects.only("merged_into", "taken_back_at").in_bulk(leads)
    for number in leads:
        lead = held.get(number)
        if lead is None:
            raise Refused(_("lead {lead} is not there any more").format(lead=number))
        if lead.merged_into_id:
            raise Refused(_("lead {lead} was merged into lead {into}").format(lead=number, into=lead.merged_into_id))
        if lead.taken_back_at is not None:
            raise Refused(_("lead {lead} was taken back with the file that brought it").format(lead=number))


@transaction.atomic
def set_account(*, lead: Lead, account: Account | None, by: str, at: datetime) -> None:
    """Say which company a lead belongs to, or that it belongs to none.

    Raises
    ------
    Refused
        The lead was merged into another.
    """
    with connection.cursor() as cursor:
        held = lock_leads(cursor, [lead.pk], accounts=[account.pk] if account else [])
        refuse_gone(lead.pk)
        known_at = now_known(cursor)
        set_account_of(cursor, lead.pk, account.pk if account else None, known_at, by=by)
        make_due(cursor, held, known_at)
    audit(by=by, verb="set_account", subject=f"lead:{lead.pk}", at=at, account=account.pk if account else None)


def set_account_of(cursor: Any, lead: int, account: int | None, known_at: datetime, *, by: str) -> None:
    """Write a lead's account and its history; the lead and everybody at both accounts must be held."""
    set_accounts_of(cursor, {lead: account}, known_at, by=by)


def set_accounts_of(cursor: Any, accounts: Mapping[int, int | None], known_at: datetime, *, by: str) -> None:
    """Write the account of each of some leads and its history; the leads and everybody at the accounts must be held."""
    if not accounts:
        return
    cursor.execute(
        """UPDATE crm_lead SET account_id = its.account FROM unnest(%s::bigint[], %s::bigint[]) AS its (lead, account)
        WHERE crm_lead.id = its.lead""",
        [list(accounts), list(accounts.values())],
    )
    told = [(lead, "account_id", str(account) if account is not None else None) for lead, account in accounts.items()]
    write_changes(cursor, "lead", told, known_at, by)


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
        raise Refused(_("there are leads already; a past can only be brought into an empty installation"))
    with connection.cursor() as cursor:
        accounts = _new_ids(cursor, "crm_account", [row[0] for row in brought.accounts])
        leads = _new_ids(cursor, "crm_lead", [row[0] for row in brought.leads])
        copy_rows(cursor, "crm_account (id, name, domain, fields, created_at)", (
            (accounts[key], name, domain, json.dumps(all_of(fields, name, domain)), since)
            for key, name, domain, fields in brought.accounts
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
    for account, name, domain, fields in brought.accounts:
        for field, value in all_of(fields, name, domain).items():
            yield "", account, field, value, since


def _new_ids(cursor: Any, table: str, keys: list[str]) -> dict[str, int]:
    cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, len(keys)])
    return dict(zip(keys, (row[0] for row in cursor.fetchall()), strict=True))
