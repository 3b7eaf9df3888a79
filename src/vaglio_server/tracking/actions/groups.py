"""Writing what group calls say: of accounts, and of who belongs to them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from vaglio_server.crm.actions import learn_accounts, set_accounts_of
from vaglio_server.crm.logic.accounts import KnownAccount
from vaglio_server.crm.models import Account, Lead
from vaglio_server.tracking.logic.groups import Groups, Said, domain_of
from vaglio_server.tracking.models import AccountKey, Identity


def accounts_named(said: Iterable[Said], linked: Iterable[int]) -> list[int]:
    """Return the accounts that some calls name, of those known by these names, and those named before for some identities."""
    names, known = {each.call.group_id for each in said}, list(linked)
    found = list(AccountKey.objects.filter(value__in=names).values_list("account_id", flat=True)) if names else []
    if known:
        found += Identity.objects.filter(pk__in=known, account__isnull=False).values_list("account_id", flat=True)
    return found


def say_groups(cursor: Any, said: Sequence[Said], ids: Mapping[int, int], known_at: datetime, *, by: str) -> None:
    """Write what calls say of accounts; who has no account joins the one named. All leads concerned must be held.

    However many calls there are, they cost a few questions: everybody who writes facts waits meanwhile.
    """
    if not said:
        return
    leads = [ids.get(each.owner, each.owner) if each.owner is not None else None for each in said]
    groups = _known(said, [lead for lead in leads if lead is not None])
    for each, lead in zip(said, leads, strict=True):
        groups.take(each.call, each.identity, lead)
    number = learn_accounts(cursor, list(groups.told), known_at, by=by)
    AccountKey.objects.bulk_create(
        AccountKey(account_id=number[account], value=value, known_at=known_at) for value, account in groups.keys.items()
    )
    set_accounts_of(cursor, {lead: number[account] for lead, account in groups.joined.items()}, known_at, by=by)
    _name_accounts(cursor, {identity: number[account] for identity, account in groups.identities.items()})


def _known(said: Sequence[Said], leads: Sequence[int]) -> Groups:
    """Return what is known of the accounts that some calls may mean: by their names, their domains, and where their people are."""
    at = dict(Lead.objects.filter(pk__in=leads).values_list("pk", "account_id"))
    keys = dict(AccountKey.objects.filter(value__in={each.call.group_id for each in said}).values_list("value", "account_id"))
    theirs = {account for account in at.values() if account is not None}
    domains = {domain for each in said if (domain := domain_of(each.call))}
    found = Account.objects.filter(Q(pk__in=theirs | set(keys.values())) | Q(domain__in=domains))
    accounts = {each.pk: KnownAccount(each.pk, each.name, each.domain, each.fields) for each in found.defer("words", "near")}
    named = AccountKey.objects.filter(account__in=theirs).values_list("account_id", flat=True).distinct()
    return Groups(
        by_key={value: accounts[account] for value, account in keys.items()},
        by_domain={each.domain: each for each in accounts.values() if each.domain},
        of_lead={lead: accounts[account] if account is not None else None for lead, account in at.items()},
        named={accounts[account] for account in {*named, *keys.values()}},
    )


def _name_accounts(cursor: Any, accounts: Mapping[int, int]) -> None:
    """Keep which account was named for identities of nobody."""
    if accounts:
        cursor.execute(
            """UPDATE tracking_identity SET account_id = its.account FROM unnest(%s::bigint[], %s::bigint[]) AS its (identity, account)
            WHERE tracking_identity.id = its.identity""",
            [list(accounts), list(accounts.values())],
        )


def join_accounts(cursor: Any, leads: list[int], known_at: datetime, *, by: str) -> None:
    """Let leads without a company join the one that was named for what they are known by before anybody knew whose it is."""
    cursor.execute(
        """SELECT DISTINCT ON (lead.id) lead.id, known.account_id FROM crm_lead AS lead
        JOIN tracking_identitylink AS link ON link.lead_id = lead.id AND link.ended_at IS NULL
        JOIN tracking_identity AS known ON known.id = link.identity_id AND known.account_id IS NOT NULL
        WHERE lead.id = ANY(%s) AND lead.account_id IS NULL ORDER BY lead.id, known.id DESC""",
        [leads],
    )
    set_accounts_of(cursor, dict(cursor.fetchall()), known_at, by=by)
