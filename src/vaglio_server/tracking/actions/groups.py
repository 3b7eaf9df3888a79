"""Companies as group calls name them: which account that is, what is said of it, and who belongs to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vaglio_server.crm.actions import learn_account, set_account_of
from vaglio_server.crm.logic.domains import company_domain
from vaglio_server.crm.models import Account, Lead
from vaglio_server.tracking.logic.calls import Call
from vaglio_server.tracking.models import AccountKey, Identity


@dataclass(frozen=True)
class Said:
    """A group call, the identity it came under, and whose that is (None: nobody knows; negative: a lead that is yet to be made)."""

    call: Call
    identity: int
    owner: int | None


def accounts_named(said: Iterable[Said], linked: Iterable[int]) -> list[int]:
    """Return the accounts that some calls name, of those known by these names, and those named before for some identities."""
    names, known = {each.call.group_id for each in said}, list(linked)
    found = list(AccountKey.objects.filter(value__in=names).values_list("account_id", flat=True)) if names else []
    if known:
        found += Identity.objects.filter(pk__in=known, account__isnull=False).values_list("account_id", flat=True)
    return found


def addresses(said: Iterable[Said]) -> list[str]:
    """Return a mail address at each of the domains that some calls name, for whoever looks at domains by addresses."""
    return [f"info@{domain}" for each in said if (domain := _domain(each.call))]


def _domain(call: Call) -> str | None:
    traits = call.group_traits
    site = str(traits.get("domain") or traits.get("website") or "").lower().partition("://")
    host = (site[2] or site[0]).partition("/")[0].partition(":")[0]
    return company_domain(f"info@{host}") if host else company_domain(str(traits.get("email") or ""))


def say_groups(cursor: Any, said: Iterable[Said], ids: Mapping[int, int], known_at: datetime, *, by: str) -> None:
    """Write what calls say of companies; who has no company joins the one named. All leads concerned must be held."""
    for each in said:
        lead = Lead.objects.get(pk=ids.get(each.owner, each.owner)) if each.owner is not None else None
        account = _account(each.call, str(each.call.group_id), lead, known_at)
        learn_account(cursor, account, each.call.group_traits, known_at, by=by)
        if lead is None:
            Identity.objects.filter(pk=each.identity).update(account=account)
        elif lead.account_id is None:
            set_account_of(cursor, lead.pk, account.pk, known_at, by=by)


def _account(call: Call, group_id: str, lead: Lead | None, known_at: datetime) -> Account:
    """Return the account a call means: the one known by its name, else of its domain, else where its person is, else a new one.

    Where its person is: only a company that no sender has a name for yet. So what is said of it reaches those who came by mail address.
    """
    key = AccountKey.objects.filter(value=group_id).select_related("account").first()
    if key is not None:
        return key.account
    domain, name = _domain(call), str(call.group_traits.get("name") or "").strip()
    account = Account.objects.filter(domain=domain).first() if domain else None
    if account is None and lead is not None and lead.account is not None and domain is None and not lead.account.keys.exists():
        account = lead.account
    if account is None:
        account = Account.objects.create(name=name or domain or group_id, domain=domain, created_at=known_at)
    if name and account.name == account.domain:
        account.name = name
        account.save(update_fields=["name"])
    AccountKey.objects.create(account=account, value=group_id, known_at=known_at)
    return account


def join_accounts(cursor: Any, leads: list[int], known_at: datetime, *, by: str) -> None:
    """Let leads without a company join the one that was named for what they are known by before anybody knew whose it is."""
    cursor.execute(
        """SELECT DISTINCT ON (lead.id) lead.id, known.account_id FROM crm_lead AS lead
        JOIN tracking_identitylink AS link ON link.lead_id = lead.id AND link.ended_at IS NULL
        JOIN tracking_identity AS known ON known.id = link.identity_id AND known.account_id IS NOT NULL
        WHERE lead.id = ANY(%s) AND lead.account_id IS NULL ORDER BY lead.id, known.id DESC""",
        [leads],
    )
    for lead, account in cursor.fetchall():
        set_account_of(cursor, lead, account, known_at, by=by)
