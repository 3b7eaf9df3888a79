"""Giving leads to sellers: several workers may do so at once, and each sees what the one before gave."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from vaglio_server.crm.actions import now_known, write_owners
from vaglio_server.crm.models import PRESENT
from vaglio_server.lifecycle.actions.telling import assigned, tell
from vaglio_server.lifecycle.logic.assignment import Arrival, Given, allocate
from vaglio_server.lifecycle.models import Assignment
from vaglio_server.lifecycle.queries import members
from vaglio_server.users.actions import audit

ROUTING = 730_450  # an advisory lock: who gives reads what was given before
# Whose people at a company are: who has most of them, of several the first to be a user.
_FIRMS = f"""SELECT DISTINCT ON (account_id) account_id, owner_id FROM (
        SELECT account_id, owner_id, count(*) AS leads FROM crm_lead
        WHERE account_id = ANY(%s) AND owner_id IS NOT NULL AND {PRESENT} GROUP BY account_id, owner_id
    ) AS each ORDER BY account_id, leads DESC, owner_id"""


def give(cursor: Any, arrivals: Sequence[Arrival], by: str, at: datetime) -> list[Given]:
    """Give leads that are nobody's and whose rows are held to sellers, and return who got which."""
    if not arrivals:
        return []
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ROUTING])
    cursor.execute(_FIRMS, [[each.account for each in arrivals if each.account is not None]])
    given = allocate(arrivals, members(at), dict(cursor.fetchall()))
    write_owners(cursor, {each.arrival.lead: each.owner for each in given}, now_known(cursor), by=by)
    Assignment.objects.bulk_create(
        Assignment(lead_id=each.arrival.lead, owner_id=each.owner, rating=each.arrival.rating, at=at, why=each.why) for each in given
    )
    tell(assigned(given, at))
    if given:
        audit(by=by, verb="route_leads", subject="leads", at=at, leads={str(each.arrival.lead): each.owner for each in given})
    return given
