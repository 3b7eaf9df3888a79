"""Who did it: keys that point to a person are joined as senders say that they belong together.

Two known people are never joined by a device they share: a key that already belongs to somebody stays with them. Where events say that
two known people are one, that is a match, for somebody to decide on.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from vaglio_server.tracking.logic.bounds import Room
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
    if call.kind == "alias" and call.previous_id:  # a device's name, or what the person was called before
        found += [("user_id", call.previous_id), ("anonymous_id", call.previous_id)]
    return list(dict.fromkeys(found))


@dataclass
class People:
    """Who the keys of some calls belong to; starts from what is known and takes call after call.

    ``parted``: keys that somebody said are not these leads'. ``matches``: leads said to be one, and by what. ``room``: what leads have,
    where some may be full.
    """

    owners: dict[Key, LeadRef]
    parted: frozenset[tuple[Key, LeadRef]] = frozenset()
    links: list[tuple[Key, LeadRef]] = field(default_factory=list)
    made: list[LeadRef] = field(default_factory=list)
    traits: dict[LeadRef, dict[str, Value]] = field(default_factory=dict)
    touched: set[LeadRef] = field(default_factory=set)
    matches: set[tuple[LeadRef, LeadRef, str]] = field(default_factory=set)
    room: Room | None = None

    def take(self, call: Call) -> Key:
        """Learn from one call, and return the key its activity stays with.

        Raises
        ------
        Full
            Its lead has no room for what it says; nothing of it is taken.
        """
        named = keys(call)
        sure = [key for key in named if key[0] != "anonymous_id"]
        known = list(dict.fromkeys(self.owners[key] for key in sure if key in self.owners))
        owner = known[0] if known else None
        is_new = owner is None and bool(sure)
        if is_new:
            owner = -len(self.made) - 1
        if owner is None:
            owner = self.owners.get(named[0])
        else:
            self._give(owner, self._unlinked(named, owner), call)
            self.made += [owner] if is_new else []
        reason = "alias" if call.kind == "alias" else "mail_address"
        self.matches |= {(known[0], other, reason) for other in known[1:]}
        if owner is not None:
            self.touched.add(owner)
        return named[0]

    def _give(self, owner: LeadRef, links: Iterable[Key], call: Call) -> None:
        links = list(links)
        if self.room is not None:
            self.room.take(owner, len(links), call.traits)
        for key in links:
            self.owners[key] = owner
            self.links.append((key, owner))
        if call.traits:
            self.traits.setdefault(owner, {}).update(call.traits)

    def _unlinked(self, named: Iterable[Key], owner: LeadRef) -> Iterator[Key]:
        """Return those of the keys of a call that become its owner's by it."""
        for key in named:
            is_other = (
                key[0] == "anonymous_id" and self.owners.get(("user_id", key[1]), owner) != owner
            )  # an alias of somebody else's user id
            if key not in self.owners and (key, owner) not in self.parted and not is_other:
                yield key


def all_keys(calls: Iterable[Call]) -> list[Key]:
    """Return every key that some calls name, once."""
    return list(dict.fromkeys(key for call in calls for key in keys(call)))
