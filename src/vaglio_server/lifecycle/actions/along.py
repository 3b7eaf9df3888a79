"""The contact of a lead that was handed over: it goes along, also where somebody takes the lead only later."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from vaglio_server.crm.actions import OWNER, column_text, write_changes_of_each
from vaglio_server.lifecycle.models import TEAM

# Contacts that a conversion made whose lead nobody could take as it was handed over; one that was given to somebody since is theirs.
_WAITING = """SELECT made.lead_id, contact.id FROM lifecycle_conversion AS made JOIN crm_contact AS contact ON contact.id = made.contact_id
    WHERE made.lead_id = ANY(%s) AND made.undone_at IS NULL AND 'contact' = ANY(made.made) AND contact.taken_back_at IS NULL
        AND made.changed -> 'lead' ? %s AND made.changed #> ARRAY['lead', %s, '1'] = 'null'
        AND NOT EXISTS (SELECT FROM crm_fieldchange WHERE contact_id = contact.id AND field = %s AND known_at > made.known_at)
    ORDER BY contact.id FOR NO KEY UPDATE OF contact"""


def hold_waiting(cursor: Any, leads: Collection[int]) -> dict[int, int]:
    """Take the contacts that wait as their leads do, and return them by lead: after the leads, before routing and what becomes known."""
    if not leads:
        return {}
    cursor.execute(_WAITING, [list(leads), TEAM, OWNER, OWNER])
    return dict(cursor.fetchall())


def go_along(cursor: Any, contacts: Mapping[int, int], owners: Mapping[int, int], known_at: datetime, by: str) -> None:
    """Give contacts that are held to whoever has their leads now; both by lead."""
    given = [(contacts[lead], owner) for lead, owner in owners.items() if lead in contacts]
    if not given:
        return
    cursor.execute(
        """UPDATE crm_contact SET owner_id = its.owner FROM unnest(%s::bigint[], %s::bigint[]) AS its (contact, owner)
        WHERE crm_contact.id = its.contact""",
        [[contact for contact, _owner in given], [owner for _contact, owner in given]],
    )
    write_changes_of_each(cursor, [("contact", contact, OWNER, column_text(owner)) for contact, owner in given], known_at, by)
