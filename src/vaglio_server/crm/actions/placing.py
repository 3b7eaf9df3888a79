"""What a conversion says of the lead itself, and of who has a say in the sale: written at one question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vaglio_server.crm.logic.standard import LEAD_OWNER
from vaglio_server.crm.models import PRESENT, Fate

_PLACE = f"""WITH placed AS (
    UPDATE crm_lead SET
        due_at = CASE WHEN id = ANY(%(due)s) THEN %(known_at)s ELSE due_at END,
        account_id = CASE WHEN id = %(lead)s THEN %(account)s ELSE account_id END,
        owner_id = CASE WHEN id = %(lead)s THEN coalesce(%(owner)s, owner_id) ELSE owner_id END{{forgets}}
    WHERE id = ANY(%(touched)s) AND {PRESENT}
), fate AS (
    INSERT INTO crm_leadoutcome (lead_id, outcome, occurred_at, known_at, by)
    SELECT %(lead)s, '{Fate.ACCEPTED.value}', least(at, %(known_at)s), %(known_at)s, %(by)s
    FROM (SELECT %(accepted_at)s::timestamptz AS at) AS accepted WHERE at IS NOT NULL
), says AS (
    INSERT INTO crm_opportunitycontact (opportunity_id, contact_id)
    SELECT sale, contact FROM (SELECT %(sale)s::bigint AS sale, %(contact)s::bigint AS contact) AS its WHERE sale IS NOT NULL
    ON CONFLICT DO NOTHING RETURNING id
) SELECT EXISTS (SELECT FROM says)"""
# Of all that are touched only in the rare case that it is needed: the words of a lead are made anew whenever its fields are written.
_FORGETS = f""",
        fields = CASE WHEN id = %(lead)s THEN fields || '{{"{LEAD_OWNER}": null}}' ELSE fields END"""


@dataclass(frozen=True)
class Place:
    """Where a lead that is held works from now on, and whose it is: of ``owner``, None: as it was.

    ``due``: whose scores hang on it, held; nobody where nothing changes for them. ``is_named``: a file named an owner who was nobody here,
    which goes. ``accepted_at``: when sales accepted the lead by that. ``contact``: who the lead became, and has a say in ``sale``.
    """

    lead: int
    account: int
    owner: int | None
    is_named: bool
    due: Sequence[int]
    accepted_at: datetime | None
    contact: int
    sale: int | None


def place_lead(cursor: Any, place: Place, known_at: datetime, by: str) -> bool:
    """Write where a lead works, and return whether its contact had no say in the sale before; the history is the caller's to write."""
    touched = {*place.due, *([place.lead] if place.owner is not None else [])}
    told = vars(place) | {"due": list(place.due), "touched": sorted(touched), "known_at": known_at, "by": by}
    cursor.execute(_PLACE.format(forgets=_FORGETS if place.is_named else ""), told)
    return bool(cursor.fetchone()[0])
