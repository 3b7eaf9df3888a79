"""Leads by what happened to them last: the newest activity first, or the newest change of rating.

Nothing is stored for it. What happened is walked from the newest on, by an index that is there anyway, and of each lead only its latest
counts; where few leads are asked for, the latest of each is looked up and they are sorted. Those to whom nothing happened come last.
See decision 22.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection
from django.db.models import QuerySet
from psycopg.sql import Literal

from vaglio_server.crm.models import Lead
from vaglio_server.crm.queries import LARGEST_ID, LONGEST_CURSOR, LeadPage, page_of_leads

FEW = 2_000  # leads whose latest are looked up one by one
STEP, STEPS = 100, 12  # walked at first, then four and sixteen times as much, so often for one page: it may be short, the next goes on


@dataclass(frozen=True)
class _Place:
    """Where a page ended: after what happened at an instant (``number`` tells those of one instant apart), or after a lead of the rest."""

    at: datetime | None
    number: int


@dataclass(frozen=True)
class _Kind:
    """How what happened is walked down, and whose it is; ``types``: of which kinds it is, each a branch."""

    walk: str
    whose: str
    types: str = ""


_ACTIVE = _Kind(
    # One branch a type, merged as they are read: so the index by type and instant gives the order of all.
    walk="""SELECT id, occurred_at AS at, identity_id FROM tracking_activity
        WHERE activity_type = {type} AND NOT is_machine AND occurred_at <= %(at)s AND (occurred_at < %(at)s OR id < %(number)s)
        ORDER BY occurred_at DESC, id DESC LIMIT %(step)s""",
    whose="""SELECT walked.at, walked.id, link.lead_id FROM ({walk} ORDER BY at DESC, id DESC LIMIT %(step)s) AS walked
        LEFT JOIN tracking_identitylink AS link ON link.identity_id = walked.identity_id AND link.ended_at IS NULL
        ORDER BY walked.at DESC, walked.id DESC""",
    types="""WITH RECURSIVE each (type) AS (
            SELECT min(activity_type) FROM tracking_activity
            UNION ALL SELECT (SELECT min(activity_type) FROM tracking_activity WHERE activity_type > each.type)
            FROM each WHERE type IS NOT NULL
        ) SELECT type FROM each WHERE type IS NOT NULL""",
)
_CHANGE = "rating_before IS NOT NULL AND rating_after IS DISTINCT FROM rating_before"
_CHANGED = _Kind(
    walk=f"""SELECT id, at, lead_id FROM scoring_crossing WHERE {_CHANGE} AND at <= %(at)s AND (at < %(at)s OR id < %(number)s)""",
    whose="SELECT at, id, lead_id FROM ({walk} ORDER BY at DESC, id DESC LIMIT %(step)s) AS walked ORDER BY at DESC, id DESC",
)
_OF_FEW = {
    "-active": """SELECT asked.id, last.occurred_at, last.id FROM unnest(%s::bigint[]) AS asked (id) CROSS JOIN LATERAL (
            SELECT act.occurred_at, act.id FROM tracking_identitylink AS link CROSS JOIN LATERAL (
                SELECT occurred_at, id FROM tracking_activity WHERE identity_id = link.identity_id AND NOT is_machine
                ORDER BY occurred_at DESC, id DESC LIMIT 1
            ) AS act WHERE link.lead_id = asked.id AND link.ended_at IS NULL ORDER BY 1 DESC, 2 DESC LIMIT 1) AS last""",
    "-changed": f"""SELECT asked.id, last.at, last.id FROM unnest(%s::bigint[]) AS asked (id) CROSS JOIN LATERAL (
            SELECT at, id FROM scoring_crossing WHERE lead_id = asked.id AND {_CHANGE} ORDER BY at DESC, id DESC LIMIT 1) AS last""",
}
_KINDS = {"-active": _ACTIVE, "-changed": _CHANGED}
_START = _Place(datetime.max.replace(tzinfo=UTC), LARGEST_ID)


def page_sorted(found: QuerySet[Lead], *, cursor: str | None, limit: int, sort: str = "") -> LeadPage:
    """Return a page of leads in any order that a list has, from where the page before ended.

    By what happened last a page may be shorter than ``limit``, and empty, although more come: then so much was looked through in vain.

    Raises
    ------
    ValueError
        The cursor is none that a page gave.
    """
    if sort not in _KINDS:
        return page_of_leads(found, cursor=cursor, limit=limit, sort=sort)
    return _walked(found, sort, _read(cursor) if cursor else _START, limit)


def _few(found: QuerySet[Lead], sort: str, leads: list[int], place: _Place, limit: int) -> LeadPage:
    """Sort some leads by the latest of each."""
    last = _last(sort, leads)
    ordered = sorted(last, key=lambda lead: last[lead], reverse=True)
    those = [(lead, _Place(*last[lead])) for lead in ordered if place.at is not None and last[lead] < (place.at, place.number)]
    after = place.number if place.at is None else -1
    those += [(lead, _Place(None, lead)) for lead in sorted(set(leads) - last.keys()) if lead > after]
    page = those[:limit]
    return LeadPage(_in_order(found, [lead for lead, _its in page]), _cursor(page[-1][1]) if len(those) > limit else None)


def _last(sort: str, leads: list[int]) -> dict[int, tuple[datetime, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_OF_FEW[sort], [leads])
        return {lead: (at, number) for lead, at, number in cursor.fetchall()}


def _walked(found: QuerySet[Lead], sort: str, place: _Place, limit: int) -> LeadPage:
    """Fill a page with those of the leads that are walked by; where that is not done at once, there may be few."""
    fitting: list[int] = []
    places: dict[int, _Place] = {}
    end: _Place | None = place
    for steps, (stretch, end) in enumerate(_stretches(sort, place), start=1):
        fit = list(found.order_by().filter(pk__in={lead for _its, lead in stretch}).values_list("pk", flat=True))
        last = {lead: _Place(None, lead) for lead in fit} | {lead: _Place(*its) for lead, its in _last(sort, fit).items()}
        here = [lead for its, lead in stretch if last.get(lead) == its]
        fitting, places = fitting + here, places | {lead: last[lead] for lead in here}
        if len(fitting) > limit or (end is not None and steps >= STEPS):
            break
        if steps == 1 and len(few := list(found.order_by().values_list("pk", flat=True)[: FEW + 1])) <= FEW:
            return _few(found, sort, few, place, limit)
    if len(fitting) > limit:
        end = places[fitting[limit - 1]]
    return LeadPage(_in_order(found, fitting[:limit]), _cursor(end) if end else None)


def _stretches(sort: str, place: _Place) -> Iterator[tuple[list[tuple[_Place, int]], _Place | None]]:
    """Walk from a place on, some of what happened at a time: whose it was, with its place, and where it goes on; None: nowhere."""
    asked = _question(_KINDS[sort])
    step = STEP
    while place.at is not None:
        with connection.cursor() as cursor:
            cursor.execute(asked, {"at": place.at, "number": place.number, "step": step})
            rows = cursor.fetchall()
        place = _Place(*rows[-1][:2]) if len(rows) == step else _Place(None, -1)
        yield [(_Place(at, number), lead) for at, number, lead in rows if lead is not None], place
        step = min(step * 4, STEP * 16)
    while True:
        leads = list(Lead.objects.filter(pk__gt=place.number).order_by("pk").values_list("pk", flat=True)[:step])
        ended = len(leads) < step
        place = place if ended else _Place(None, leads[-1])
        yield [(_Place(None, lead), lead) for lead in leads], None if ended else place
        if ended:
            return


def _question(kind: _Kind) -> str:
    if not kind.types:
        return kind.whose.format(walk=kind.walk)
    with connection.cursor() as cursor:
        cursor.execute(kind.types)
        types = [f"({kind.walk.format(type=_quoted(row[0]))})" for row in cursor.fetchall()]
    return kind.whose.format(walk=" UNION ALL ".join(types or [f"({kind.walk.format(type=_quoted(''))})"]))


def _quoted(text: str) -> str:
    return Literal(text).as_string().replace("%", "%%")


def _in_order(found: QuerySet[Lead], leads: list[int]) -> list[Lead]:
    """Return those of some leads that are asked for, in their order."""
    rows: dict[int, Lead] = {lead.pk: lead for lead in found.order_by().filter(pk__in=leads)} if leads else {}
    return [rows[lead] for lead in leads if lead in rows]


def _cursor(place: _Place) -> str:
    return json.dumps([place.at.isoformat() if place.at else None, place.number])


def _read(cursor: str) -> _Place:
    try:
        text, number = json.loads(cursor[:LONGEST_CURSOR])
        if type(number) is int and -1 <= number <= LARGEST_ID and (text is None or isinstance(text, str)):
            return _Place(datetime.fromisoformat(text).astimezone(UTC) if text is not None else None, number)
    except (ValueError, TypeError, OverflowError, RecursionError):
        pass
    raise ValueError("cursor is none that this list gave")
