"""Whose leads are, as the rows of a file say it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from vaglio_server.crm.actions import OWNER, write_owners
from vaglio_server.tracking.logic.calls import Call, Given
from vaglio_server.tracking.logic.people import Key, keys

# Leads whose owner somebody chose: not the last file that named one, nor the taking back of one.
_CHOSEN = """SELECT lead.id FROM crm_lead AS lead
    LEFT JOIN LATERAL (SELECT by, value FROM crm_fieldchange WHERE lead_id = lead.id AND field = %s ORDER BY known_at DESC, id DESC LIMIT 1)
        AS told ON true
    WHERE lead.id = ANY(%s) AND lead.owner_id IS NOT NULL AND NOT (
        told.value #>> '{}' IS NOT DISTINCT FROM lead.owner_id::text AND EXISTS (
            SELECT FROM tracking_broughtlead AS file
            WHERE file.lead_id = lead.id AND told.by IN (file.bringer, file.bringer || ' undo')))"""


def give_owners(cursor: Any, bringer: str, calls: Iterable[Call], leads: Mapping[Key, int], known_at: datetime) -> None:
    """Give leads the owners that a file names, the last row over the earlier; ``leads``: whose each key is. They must be held.

    An owner whom a person gave stays, unless the file was told to replace them.
    """
    said: dict[int, Given] = {}
    for call in calls:
        lead = next((leads[key] for key in keys(call) if key in leads), None)
        if call.owner is not None and lead is not None:
            said[lead] = call.owner
    if not said:
        return
    cursor.execute(_CHOSEN, [OWNER, [lead for lead, given in said.items() if not given.replaces]])
    chosen = {row[0] for row in cursor.fetchall()}
    write_owners(cursor, {lead: given.user for lead, given in said.items() if lead not in chosen}, known_at, by=bringer, is_told_later=True)
