"""How much events may give to one lead or one account: more than any customer meets.

A write key stands in the pages of a site, for everybody to read: without a bound whoever likes could make one lead grow for ever.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from vaglio_server.tracking.logic.calls import Call
from vaglio_server.tracking.logic.groups import domain_of

MOST_FIELDS = 500  # that nobody defined: those that ship with Vaglio, and those that people defined, always fit
MOST_IDENTITIES = 1_000  # that a lead is known by at a time

TOO_MANY_FIELDS = (
    f"its {{of}} would have more than {MOST_FIELDS} fields that nobody defined; define those that are needed and try again, or send fewer"
)
TOO_MANY_IDENTITIES = (
    f"its lead would be known by more than {MOST_IDENTITIES:,} user ids, mail addresses and devices; see why the sender makes so many"
)


class Full(Exception):
    """Why a call is one too many."""


@dataclass
class Room:
    """What leads have, by lead: ``names`` of fields that nobody defined and ``identities``; starts from what is known and grows by calls.

    Who has more already, as by a merge, keeps it; what adds nothing always fits.
    """

    defined: Collection[str]
    names: dict[int, set[str]] = field(default_factory=dict)
    identities: dict[int, int] = field(default_factory=dict)

    def take(self, lead: int, links: int, traits: Iterable[str]) -> None:
        """Give a lead some identities and fields.

        Raises
        ------
        Full
            They are more than fit; the lead gets none of them.
        """
        has, known_by = self.names.setdefault(lead, set()), self.identities.get(lead, 0) + links
        new = set(traits) - has - set(self.defined)
        if links and known_by > MOST_IDENTITIES:
            raise Full(TOO_MANY_IDENTITIES)
        if new and len(has) + len(new) > MOST_FIELDS:
            raise Full(TOO_MANY_FIELDS.format(of="lead"))
        has |= new
        self.identities[lead] = known_by


@dataclass
class AccountRoom:
    """What accounts have, as :class:`Room`; an account is its number, or what it is called by where it is yet to be made.

    ``by_key`` and ``by_domain`` say which account a name or a domain is. A name that nobody used before may turn out to be an account that
    its person is at: that one may get as much again, once.
    """

    defined: Collection[str]
    by_key: dict[str, int | str]
    by_domain: dict[str, int | str]
    names: dict[int | str, set[str]]

    def take(self, call: Call) -> None:
        """Give the account of a group call its fields.

        Raises
        ------
        Full
            They are more than fit; the account gets none of them.
        """
        domain, group_id = domain_of(call), str(call.group_id)
        account = self.by_key.get(group_id) or (self.by_domain.get(domain, f"at {domain}") if domain else f"called {group_id}")
        has = self.names.setdefault(account, set())
        new = set(call.group_traits) - has - set(self.defined)
        if new and len(has) + len(new) > MOST_FIELDS:
            raise Full(TOO_MANY_FIELDS.format(of="company"))
        has |= new
        self.by_key[group_id] = account
