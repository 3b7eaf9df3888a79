"""Data that was copied: the same telephone or name on many people who have nothing else in common."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple, TypeVar

from vaglio_server.crm.logic.domains import company_domain
from vaglio_server.tracking.logic.gibberish import letters
from vaglio_server.tracking.logic.phones import bare

Key = TypeVar("Key", bound=Hashable)
READ = ("first_name", "last_name", "name", "email", "company", "phone", "mobile_phone")
ENOUGH = {"phone": 3, "name": 4}  # others elsewhere, from whom on it is worth a doubt


class Said(NamedTuple):
    """What somebody said of themselves."""

    first_name: str
    last_name: str
    email: str
    company: str
    phone: str


def said_by(fields: Mapping[str, Any]) -> Said:
    """Return what a lead's fields say of them."""
    told = {name: str(fields.get(name) or "") for name in READ}
    first, _space, last = told["name"].partition(" ") if not (told["first_name"] or told["last_name"]) else ("", "", "")
    phone = told["phone"] or told["mobile_phone"]
    return Said(told["first_name"] or first, told["last_name"] or last, told["email"], told["company"], phone)


def keys_of(said: Said) -> dict[str, str]:
    """Return by what somebody is compared with others: the telephone, and the name with the company, for many people are called alike."""
    name = letters(said.first_name) + " " + letters(said.last_name)
    found = {"phone": bare(said.phone)}
    if len(name) > 3 and said.company.strip():
        found["name"] = f"{name}|{said.company.casefold().strip()}"
    return {what: value for what, value in found.items() if value}


def place_of(said: Said) -> str:
    """Return where somebody is by their mail address: a company, or, of a free provider, nobody else's place."""
    return company_domain(said.email) or said.email


def copies(people: Mapping[Key, Said]) -> dict[Key, dict[str, int]]:
    """Return, for each, how many others elsewhere have the same telephone, and the same name and company."""
    together: dict[tuple[str, str], set[str]] = defaultdict(set)
    for said in people.values():
        for key in keys_of(said).items():
            together[key].add(place_of(said))
    return {key: {what: len(together[what, value]) - 1 for what, value in keys_of(said).items()} for key, said in people.items()}
