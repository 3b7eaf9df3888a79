"""Bringing in what leads did in the past, as another system kept it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import copy_rows
from vaglio_server.crm.models import Lead
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions.events import copy_activities, identities_of
from vaglio_server.tracking.logic.calls import email_of
from vaglio_server.tracking.logic.people import Key
from vaglio_server.tracking.models import Delivery, IdentityLink, Source
from vaglio_server.users.actions import audit


@dataclass(frozen=True)
class Done:
    """Something a lead did, as another system kept it."""

    lead: int
    message_id: str
    activity_type: str
    occurred_at: datetime
    known_at: datetime
    machine_known_at: datetime | None
    properties: dict[str, Any]


@transaction.atomic
def bring_activities(*, source: Source, people: Mapping[int, tuple[str, datetime]], done: Sequence[Done], by: str, at: datetime) -> int:
    """Bring in what leads did in the past, for leads just brought in, and return how many activities that were.

    ``people`` gives each lead's user id and since when it is known; later events with this user id, or with the lead's mail address, are of
    the same lead.
    A message that comes twice is taken once.

    Raises
    ------
    Refused
        Some of the leads are known by something already: what they did then may have been scored.
    """
    if IdentityLink.objects.filter(lead__in=people).exists():
        raise Refused(_("these leads are known already; a past can only be brought in together with its leads"))
    delivery = Delivery.objects.create(source=source, kind="import", body=b"", received_at=at, is_open=False)
    with connection.cursor() as cursor:
        known: dict[int, Key] = {lead: ("user_id", user_id) for lead, (user_id, _since) in people.items()}
        owners = _addresses(people) | {key: lead for lead, key in known.items()}
        identities = identities_of(cursor, list(owners))
        links = ((identities[key], lead, people[lead][1], by) for key, lead in owners.items())
        copy_rows(cursor, "tracking_identitylink (identity_id, lead_id, known_at, by)", links)
        once = {each.message_id: each for each in sorted(done, key=lambda each: each.known_at, reverse=True)}
        cursor.execute(
            """INSERT INTO tracking_event (delivery_id, place, source_id, message_id)
            SELECT %s, place, %s, message_id FROM unnest(%s::text[]) WITH ORDINALITY AS told (message_id, place)
            RETURNING message_id, id""",
            [delivery.pk, source.pk, list(once)],
        )
        events = dict(cursor.fetchall())
        copy_activities(cursor, (
            (identities[known[each.lead]], events[each.message_id], each.activity_type, each.occurred_at, each.known_at,
             each.machine_known_at, each.properties, None)
            for each in sorted(once.values(), key=lambda each: each.known_at)
        ))  # fmt: skip
    audit(by=by, verb="bring_activities", subject=f"source:{source.pk}", at=at, activities=len(once))
    return len(once)


def _addresses(people: Iterable[int]) -> dict[Key, int]:
    """Return whose each mail address is; one that several leads have is the first one's."""
    found: dict[Key, int] = {}
    for lead, address in Lead.objects.filter(pk__in=people).order_by("pk").values_list("pk", "fields__email"):
        email = email_of(address)
        if email is not None:
            found.setdefault(("email", email), lead)
    return found
