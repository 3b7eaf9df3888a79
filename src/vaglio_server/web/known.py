"""What is known of a record, as its page shows it: so much that a page stays one, and how much more there is."""

from collections.abc import Collection, Sequence
from typing import Any

from vaglio_server.crm.logic.standard import columns, shipped
from vaglio_server.crm.models import Lead
from vaglio_server.crm.queries import fields_of
from vaglio_server.tracking.models import IdentityLink
from vaglio_server.tracking.queries import identities_of_lead
from vaglio_server.web.words import plain

FIELDS = 200
IDENTITIES = 50
Fields = Sequence[tuple[str, Any]]
Shown = list[tuple[str, str, Any]]  # its name, what it is called, and its value


def fields_shown(subject: str, fields: Fields, but: Collection[str] = ()) -> tuple[Shown, int]:
    """Return the fields of a record that its page shows, and how many more it has; of too many, those that are defined before others."""
    told = [(name, value) for name, value in fields if name not in but]
    own = {**shipped(subject), **columns(subject)}
    defined = fields_of(subject) if any(name not in own for name, _value in told) else own
    more = max(0, len(told) - FIELDS)
    if more:
        first = sorted(range(len(told)), key=lambda place: (told[place][0] not in own and told[place][0] not in defined, place))
        told = [told[place] for place in sorted(first[:FIELDS])]
    labels = {name: each.label for name, each in defined.items() if name not in own}
    return [(name, labels.get(name, plain(name)), value) for name, value in told], more


def identities_shown(lead: Lead) -> tuple[list[IdentityLink], int]:
    """Return what the page of a lead shows of what it is known by, the surest first, and how many more there are."""
    found = identities_of_lead(lead)
    links = list(found[: IDENTITIES + 1])
    return links[:IDENTITIES], found.count() - IDENTITIES if len(links) > IDENTITIES else 0
