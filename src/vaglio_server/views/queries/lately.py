"""Leads by what happened to them last: the newest activity first, or the newest change of rating.

Nothing is stored for it. What happened is walked from the newest on, by an index that is there anyway, and of each lead only its latest
counts; where few leads are asked for, the latest of each is looked up and they are sorted. Those to whom nothing happened come last.
See decision 22.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL
from psycopg.sql import Literal

from vaglio_server.crm.models import RARE, Lead, among
from vaglio_server.crm.queries import LARGEST_ID, LeadPage
from vaglio_server.cursors import cursor_of, place_of, unknown
from vaglio_server.views.queries.leads import Found
from vaglio_server.views.queries.walk import page_in_order

FEW = 2_500  # leads whose latest are looked up one by one
SOME = 10_000  # leads by whose identities what happened is sifted
STEP, FAR = 3_000, 4_000  # walked for a page; then where that does not fill it, so far: it may be short, the next goes on
SIFTED = 20_000  # walked where it is sifted


@dataclass(frozen=True)
class _Place:
    """Where a page ended: after what happened at an instant (``number`` tells those of one instant apart), or after a lead of the rest."""

    at: datetime | None
    number: int


@dataclass(frozen=True)
class _Kind:
    """How what happened is walked down (``whom``: to whom), which lead that is now, and what is the latest of a lead.

    ``theirs``: to whom what happens to leads that are named does; ``types``: of which kinds it is, each a branch.
    """

    walk: str
    whose: str
    theirs: str
    latest: str
    types: str = ""


_AFTER = "{at} <= %s AND ({at} < %s OR id < %s)"
_DOWN = "ORDER BY at DESC, id DESC LIMIT"
_CHANGE = "rating_before IS NOT NULL AND rating_after IS DISTINCT FROM rating_before"
_KINDS = {
    "-active": _Kind(
        # One branch a type, merged as they are read: so the index by type and instant gives the order of all.
        walk=f"""SELECT id, occurred_at AS at, identity_id AS whom FROM tracking_activity
            WHERE activity_type = {{type}} AND NOT is_machine AND {_AFTER.format(at="occurred_at")} {_DOWN} %s""",
        whose="SELECT lead_id FROM tracking_identitylink AS link WHERE link.identity_id = its.whom AND link.ended_at IS NULL",
        # By number, as links mostly are too: neighbors are read together.
        theirs="""SELECT link.identity_id FROM (SELECT * FROM ({named}) AS those (lead_id) ORDER BY lead_id) AS named CROSS JOIN LATERAL (
                SELECT identity_id FROM tracking_identitylink WHERE lead_id = named.lead_id AND ended_at IS NULL OFFSET 0
            ) AS link""",
        latest=f"""SELECT act.at, act.id FROM tracking_identitylink AS link CROSS JOIN LATERAL (
                SELECT occurred_at AS at, id FROM tracking_activity WHERE identity_id = link.identity_id AND NOT is_machine {_DOWN} 1
            ) AS act WHERE link.lead_id = {{lead}} AND link.ended_at IS NULL {_DOWN} 1""",
        types="""WITH RECURSIVE each (type) AS (
                SELECT min(activity_type) FROM tracking_activity
                UNION ALL SELECT (SELECT min(activity_type) FROM tracking_activity WHERE activity_type > each.type)
                FROM each WHERE type IS NOT NULL
            ) SELECT type FROM each WHERE type IS NOT NULL""",
    ),
    "-changed": _Kind(
        walk=f"SELECT id, at, lead_id AS whom FROM scoring_crossing WHERE {_CHANGE} AND {_AFTER.format(at='at')} {_DOWN} %s",
        whose="SELECT its.whom AS lead_id",
        theirs="{named}",
        latest=f"SELECT at, id FROM scoring_crossing WHERE lead_id = {{lead}} AND {_CHANGE} {_DOWN} 1",
    ),
}
# One after the other is looked at until there are enough: LATERAL and LIMIT say so, or PostgreSQL would first look at all. Where there are
# not enough, the last row says where it ended, if there was more.
_STRETCH = f"""WITH walked AS MATERIALIZED (SELECT * FROM ({{walk}}) AS happened {_DOWN} %s)
    (SELECT its.at, its.id, fits.lead_id FROM ({{its}}) AS its
    CROSS JOIN LATERAL ({{whose}} LIMIT 1) AS whose CROSS JOIN LATERAL ({{asked}} LIMIT 1) AS fits (lead_id)
    WHERE its.id = (SELECT last.id FROM ({{latest}}) AS last) {_DOWN} %s)
    UNION ALL (SELECT at, id, NULL FROM walked {_DOWN} 1 OFFSET %s) LIMIT %s"""
# Each to whom it happened once, before it is asked who that is: somebody may have done thousands of things just now.
_ONCE = """SELECT * FROM (SELECT DISTINCT ON (whom) * FROM walked ORDER BY whom, at DESC, id DESC) AS newest ORDER BY at DESC, id DESC"""
# As an expression, or PostgreSQL would join and sort instead of reading in order.
_SIEVE = "SELECT * FROM walked WHERE (whom IN ({theirs})) IS TRUE"
_OF_FEW = "SELECT asked.id, last.at, last.id FROM ({asked}) AS asked (id) LEFT JOIN LATERAL ({latest}) AS last ON true"
_START = _Place(datetime.max.replace(tzinfo=UTC), LARGEST_ID)
_Row = tuple[int, _Place]  # a lead and where it stands


def page_sorted(found: Found, *, cursor: str | None, limit: int, sort: str = "", goes_on: bool = False) -> LeadPage:
    """Return a page of leads, with their companies and owners, in any order that a list has, from where the page before ended.

    It may be shorter than ``limit``, and empty, although more come: then so much was looked through in vain. ``goes_on``: it is what comes
    after such a page.

    Raises
    ------
    ValueError
        The cursor is none that a page gave.
    """
    if sort not in _KINDS:
        return page_in_order(found, cursor=cursor, limit=limit, sort=sort, goes_on=goes_on)
    leads = found.leads.select_related("account", "owner")
    place = _read(cursor) if cursor else _START
    rows, end, looked = _rows(found, sort, place, limit)
    those = {lead.pk: lead for lead in leads.order_by().filter(pk__in=[lead for lead, _its in rows])} if rows else {}
    page = [those[lead] for lead, _its in rows if lead in those]
    return LeadPage(page, _cursor(end) if end else None, looked if end else 0, end.at if end and looked else None)


def _rows(found: Found, sort: str, place: _Place, limit: int) -> tuple[list[_Row], _Place | None, int]:
    """Return the leads of a page with their places, where the next goes on, and how much was looked at if the page is short."""
    try:
        walk = _Walk(found, sort, place)
    except EmptyResultSet:  # Django knows that nobody is asked for
        return [], None, 0
    # How many they may be costs little to know, and says what is cheapest: to walk in vain costs as much as a page.
    if walk.many <= FEW:
        return *_sorted(sort, found.leads.filter(found.ranked), place, limit), 0
    is_sifted = walk.many <= SOME
    looked = SIFTED if is_sifted else STEP
    rows = walk.on(looked, limit + 1, sift=is_sifted)
    if len(rows) <= limit and walk.place is not None and not is_sifted:
        looked += FAR
        rows += walk.on(FAR, limit + 1 - len(rows))
    if len(rows) > limit:
        return rows[:limit], rows[limit - 1][1], 0
    if walk.place is not None and found.checks and is_sifted and len(few := _ids(found)) <= RARE:
        return *(_sorted(sort, Lead.objects.filter(among(few)), place, limit) if few else ([], None)), 0
    return rows, walk.place, looked


def _ids(found: Found) -> list[int]:
    return list(found.leads.filter(found.ranked).order_by().values_list("pk", flat=True)[: RARE + 1])


def _sorted(sort: str, leads: QuerySet[Lead], place: _Place, limit: int) -> tuple[list[_Row], _Place | None]:
    """Sort some leads by the latest of each, and return those after a place, and where the next page goes on."""
    asked, given = leads.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_OF_FEW.format(asked=asked, latest=_KINDS[sort].latest.format(lead="asked.id")), given)
        read = cursor.fetchall()
    last = {lead: (at, number) for lead, at, number in read if at is not None}
    ordered = sorted(last, key=lambda lead: last[lead], reverse=True)
    rows = [(lead, _Place(*last[lead])) for lead in ordered if place.at is not None and last[lead] < (place.at, place.number)]
    after = place.number if place.at is None else -1
    rows += [(lead, _Place(None, lead)) for lead in sorted(lead for lead, at, _number in read if at is None) if lead > after]
    return rows[:limit], rows[limit - 1][1] if len(rows) > limit else None


class _Walk:
    """A walk down what happened, for one page; ``place``: where it goes on, None: nowhere; ``named``: leads that an index names."""

    def __init__(self, found: Found, sort: str, place: _Place) -> None:
        self.kind = _KINDS[sort]
        self.place: _Place | None = place
        self.leads = found.leads
        one = found.leads.order_by().filter(pk=RawSQL("whose.lead_id", ()))
        self.asked_sql, self.asked = one.values("pk").query.sql_with_params()
        self.named = (found.leads if found.named is None else found.named).filter(found.ranked).order_by()
        self.named_sql, self.names = self.named.values("pk").query.sql_with_params()
        self.branches = self._branches() if place.at else []

    def _branches(self) -> list[str]:
        if not self.kind.types:
            return [f"({self.kind.walk})"]
        with connection.cursor() as cursor:
            cursor.execute(self.kind.types)
            types = [row[0] for row in cursor.fetchall()]
        return [f"({self.kind.walk.format(type=Literal(each).as_string().replace('%', '%%'))})" for each in types or [""]]

    @cached_property
    def many(self) -> int:
        """Among how many leads those asked for are, up to some."""
        return self.named[: SOME + 1].count()

    def on(self, step: int, most: int, *, sift: bool = False) -> list[_Row]:
        """Go on for some steps, until it has met so many of the leads, and return those; ``sift``: by the identities of those named."""
        if self.place is None or self.place.at is None:
            return self._rest(step, most)
        its = _SIEVE.format(theirs=self.kind.theirs.format(named=self.named_sql)) if sift else _ONCE
        question = _STRETCH.format(
            walk=" UNION ALL ".join(self.branches), its=its, whose=self.kind.whose, asked=self.asked_sql,
            latest=self.kind.latest.format(lead="fits.lead_id"),
        )  # fmt: skip
        after = (self.place.at, self.place.at, self.place.number, step)
        sifted = self.names if sift else ()
        with connection.cursor() as cursor:
            cursor.execute(question, [*after * len(self.branches), step, *sifted, *self.asked, most, step - 1, most])
            rows = cursor.fetchall()
        self.place = _Place(None, -1)
        if rows and rows[-1][2] is None:
            at, number, _nobody = rows.pop()
            self.place = _Place(at, number)
        found = [(lead, _Place(at, number)) for at, number, lead in rows]
        return found if self.place.at or len(found) == most else found + self._rest(step, most - len(found))

    def _rest(self, step: int, most: int) -> list[_Row]:
        """Go through leads by number, for those to whom nothing happened."""
        after = self.place.number if self.place else LARGEST_ID
        window = list(Lead.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[step - 1 : step])
        nothing = RawSQL(f"(SELECT last.id FROM ({self.kind.latest.format(lead='crm_lead.id')}) AS last) IS NULL", (), BooleanField())
        ahead = self.leads.filter(nothing, pk__gt=after, **({"pk__lte": window[0]} if window else {}))
        self.place = _Place(None, window[0]) if window else None
        return [(lead, _Place(None, lead)) for lead in ahead.order_by("pk").values_list("pk", flat=True)[:most]]


def _cursor(place: _Place) -> str:
    return cursor_of(json.dumps([place.at.isoformat() if place.at else None, place.number]))


def _read(cursor: str) -> _Place:
    try:
        text, number = json.loads(place_of(cursor))
        if type(number) is int and -1 <= number <= LARGEST_ID and (text is None or isinstance(text, str)):
            return _Place(datetime.fromisoformat(text).astimezone(UTC) if text is not None else None, number)
    except (ValueError, TypeError, OverflowError, RecursionError):
        pass
    raise unknown()
