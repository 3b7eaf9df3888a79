"""Data that was copied: the same telephone or name on many people who have nothing else in common."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple, TypeVar

from vaglio_server.crm.logic.domains import company_domain
from vaglio_server.tracking.logic.gibberish import letters
from vaglio_server.tracking.logic.phones import bare

Key = TypeVar("Key", bound=Hashable)


class Said(NamedTuple):
    """What somebody said of themselves."""

    first_name: str
    last_name: str
    email: str
    company: str
    phone: str


def phone_of(said: Said) -> str:
    """Return by what a telephone number is compared."""
    return bare(said.phone)


def name_of(said: Said) -> str:
    """Return by what a name is compared: with the company, because many people are called alike, and few at one place."""
    name = letters(said.first_name) + " " + letters(said.last_name)
    return f"{name}|{said.company.casefold().strip()}" if len(name) > 3 and said.company.strip() else ""


def place_of(said: Said) -> str:
    """Return where somebody is by their mail address: a company, or, of a free provider, nobody else's place."""
    return company_domain(said.email) or said.email


def copies(people: Mapping[Key, Said]) -> dict[Key, dict[str, int]]:
    """Return, for each, how many others elsewhere have the same telephone, and the same name and company."""
    found: dict[Key, dict[str, int]] = {key: {} for key in people}
    for what, asked in (("phone", phone_of), ("name", name_of)):
        together: dict[str, set[str]] = defaultdict(set)
        for said in people.values():
            together[asked(said)].add(place_of(said))
        for key, said in people.items():
            if asked(said):
                found[key][what] = others(together[asked(said)])
    return found


def others(places: Iterable[str]) -> int:
    """Return how many other places there are."""
    return len(set(places)) - 1
