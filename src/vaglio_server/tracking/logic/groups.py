"""Companies as group calls name them: which account each call means, and who belongs to it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from vaglio_server.crm.logic.accounts import KnownAccount
from vaglio_server.crm.logic.domains import company_domain
from vaglio_server.tracking.logic.calls import Call


@dataclass(frozen=True)
class Said:
    """A group call, the identity it came under, and whose that is (None: nobody knows; negative: a lead that is yet to be made)."""

    call: Call
    identity: int
    owner: int | None


def domain_of(call: Call) -> str | None:
    """Return the domain of the company that a call is about, as far as it says one."""
    traits = call.group_traits
    site = str(traits.get("domain") or traits.get("website") or "").lower().partition("://")
    host = (site[2] or site[0]).partition("/")[0].partition(":")[0]
    return company_domain(f"info@{host}") if host else company_domain(str(traits.get("email") or ""))


def addresses(said: Iterable[Said]) -> list[str]:
    """Return a mail address at each of the domains that some calls name, for whoever looks at domains by addresses."""
    return [f"info@{domain}" for each in said if (domain := domain_of(each.call))]


@dataclass
class Groups:
    """What some group calls say, call after call; starts from what is known of the accounts and leads that they name.

    ``named``: accounts that a sender has a name for. ``keys``, ``joined`` and ``identities`` are new: names of accounts, leads that belong
    to one from now on, and identities of nobody with the account named last.
    """

    by_key: dict[str, KnownAccount]
    by_domain: dict[str, KnownAccount]
    of_lead: dict[int, KnownAccount | None]
    named: set[KnownAccount]
    told: dict[KnownAccount, None] = field(default_factory=dict)
    keys: dict[str, KnownAccount] = field(default_factory=dict)
    joined: dict[int, KnownAccount] = field(default_factory=dict)
    identities: dict[int, KnownAccount] = field(default_factory=dict)

    def take(self, call: Call, identity: int, lead: int | None) -> None:
        """Learn from one call, which came under an identity, of a lead or of nobody."""
        group_id = str(call.group_id)
        account = self.by_key.get(group_id) or self._new_key(call, group_id, lead)
        account.learn(call.group_traits)
        self.told[account] = None
        if lead is None:
            self.identities[identity] = account
        elif self.of_lead[lead] is None:
            self.of_lead[lead] = self.joined[lead] = account

    def _new_key(self, call: Call, group_id: str, lead: int | None) -> KnownAccount:
        """Give a name to the account of the call's domain, else to the one where its person is, else to a new one.

        Where its person is: only an account that no sender has a name for yet. So what is said of it reaches those who came by mail
        address.
        """
        domain, name = domain_of(call), str(call.group_traits.get("name") or "").strip()
        account = self.by_domain.get(domain) if domain else None
        theirs = self.of_lead[lead] if lead is not None else None
        if account is None and domain is None and theirs is not None and theirs not in self.named:
            account = theirs
        if account is None:
            account = KnownAccount(None, name or domain or group_id, domain, {})
            if domain:
                self.by_domain[domain] = account
        account.rename(name)
        self.named.add(account)
        self.by_key[group_id] = self.keys[group_id] = account
        return account
