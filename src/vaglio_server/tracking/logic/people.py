"""Who did it: keys that point to a person are joined as senders say that they belong together.

Two known people are never joined by a device they share: a key that already belongs to somebody stays with them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from vaglio_server.tracking.logic.calls import Call, Value

Key = tuple[str, str]  # kind, value
LeadRef = int  # an existing lead's id, or a negative number for one that is yet to be made


def keys(call: Call) -> list[Key]:
    """Return the keys a call names, the surest first."""
    found: list[Key] = []
    if call.user_id:
        found.append(("user_id", call.user_id))
    if call.email:
        found.append(("email", call.email))
    if call.anonymous_id:
        found.append(("anonymous_id", call.anonymous_id))
    if call.kind == "alias" and call.previous_id:
        found.append(("anonymous_id", call.previous_id))
    return found


@dataclass
class People:
    """Who the keys of some calls belong to; starts from what is known and takes call after call."""

    owners: dict[Key, LeadRef]
    links: list[tuple[Key, LeadRef]] = field(default_factory=list)
    made: list[LeadRef] = field(default_factory=list)
    traits: dict[LeadRef, dict[str, Value]] = field(default_factory=dict)
    touched: set[LeadRef] = field(default_factory=set)

    def take(self, call: Call) -> Key:
        """Learn from one call, and return the key its activity stays with."""
        named = keys(call)
        owner = next((self.owners[key] for key in named if key in self.owners and key[0] != "anonymous_id"), None)
        sure = [key for key in named if key[0] != "anonymous_id"]
        if owner is None and sure:
            owner = -len(self.made) - 1
            self.made.append(owner)
        if owner is None:
            owner = self.owners.get(named[0])
        else:
            self._link(named, owner)
            if call.traits:
                self.traits.setdefault(owner, {}).update(call.traits)
        if owner is not None:
            self.touched.add(owner)
        return named[0]

    def _link(self, named: Iterable[Key], owner: LeadRef) -> None:
        for key in named:
            if key not in self.owners:
                self.owners[key] = owner
                self.links.append((key, owner))


def all_keys(calls: Iterable[Call]) -> list[Key]:
    """Return every key that some calls name, once."""
    return list(dict.fromkeys(key for call in calls for key in keys(call)))
