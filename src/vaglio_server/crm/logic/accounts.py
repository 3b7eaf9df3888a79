"""Accounts while more and more becomes known of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def all_of(fields: Mapping[str, Any], name: str, domain: str | None) -> dict[str, Any]:
    """Return what models read of an account: its fields, with its name and its domain among them."""
    own = {"name": name} | ({"domain": domain} if domain else {})
    return {field: value for field, value in fields.items() if field not in {"name", "domain"}} | own


@dataclass(eq=False)
class KnownAccount:
    """An account that is held, as it is known so far; ``id`` None: it is yet to be made.

    ``changes``: the fields that became known and their values, in order. ``is_renamed``: its name is another than the stored one.
    """

    id: int | None
    name: str
    domain: str | None
    fields: dict[str, Any]
    changes: list[tuple[str, Any]] = field(default_factory=list)
    is_renamed: bool = False

    def rename(self, name: str) -> None:
        """Call it by a name, once somebody gives one; until then its domain is its name."""
        if name and self.name == self.domain:
            self.name, self.is_renamed = name, True

    def learn(self, values: Mapping[str, Any]) -> None:
        """Take in what is said of it; what is so already is no change. Name and domain are those it has, however senders spell them."""
        told = all_of(values, self.name, self.domain)
        changed = {name: value for name, value in told.items() if name not in self.fields or self.fields[name] != value}
        self.changes += changed.items()
        self.fields |= changed
