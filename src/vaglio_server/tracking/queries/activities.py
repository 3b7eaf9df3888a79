"""What leads did: of one, of some, and of all as a feed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from vaglio_server.crm.models import Lead
from vaglio_server.cursors import page_by_instant
from vaglio_server.tracking.logic.bursts import DONE, MAIL
from vaglio_server.tracking.models import (
    Activity,
    IdentityLink,
    MarkedActivity,
)
from vaglio_server.users.models import Role, User


def activities_of(lead: Lead, *, before: datetime | None = None) -> QuerySet[Activity]:
    """Return what a lead did under all its identities, newest first; what was marked and restored is there once."""
    found = Activity.objects.filter(identity__links__lead=lead, identity__links__ended_at=None, taken_back_at=None)
    found = found.exclude(Exists(MarkedActivity.objects.filter(activity=OuterRef("pk"), restored__isnull=False)))
    return found.filter(Q(occurred_at__lt=before) if before else Q()).order_by("-occurred_at", "-id")


@dataclass(frozen=True)
class ActivityPage:
    """Some activities, newest first; ``next_cursor`` asks for those before them, None after the last."""

    activities: list[Activity]
    next_cursor: str | None


def page_of_activities(lead: Lead, *, cursor: str | None, limit: int) -> ActivityPage:
    """Return a page of what a lead did, from where the page before ended.

    Raises
    ------
    ValueError
        The cursor is none that a page gave.
    """
    return ActivityPage(*page_by_instant(activities_of(lead), "occurred_at", cursor=cursor, limit=limit))


@dataclass(frozen=True)
class Done:
    """An activity of a lead, as the feed shows it."""

    id: int
    activity_type: str
    occurred_at: datetime
    is_machine: bool
    properties: dict[str, Any]
    lead: Lead


@dataclass(frozen=True)
class Feed:
    """Activities as they came in, the newest first; ``next_cursor`` asks for those before them, None after the last.

    A page may be shorter than asked for, even empty, before the last: only so many activities are looked at for one.
    """

    done: list[Done]
    next_cursor: int | None


WINDOWS = (2_000, 4_000, 44_000, 200_000)  # activities looked at for a page, the newest first
PLAIN = 2  # windows in which it is asked of each activity whose it is: finding out whose they may be costs more than that
FEW = 300  # leads whose activities are found faster by the leads
SOME = 20_000  # leads by whose identities activities are sifted
_SHOWN = "done.id, done.activity_type, done.occurred_at, done.is_machine, done.properties, link.lead_id"
_WALK = f"""SELECT {_SHOWN} FROM tracking_activity AS done
JOIN tracking_identitylink AS link ON link.identity_id = done.identity_id AND link.ended_at IS NULL
JOIN crm_lead AS lead ON lead.id = link.lead_id AND lead.merged_into_id IS NULL AND lead.taken_back_at IS NULL
WHERE done.id < %(before)s AND done.id >= %(from)s AND done.taken_back_at IS NULL
    AND (%(type)s::text IS NULL OR done.activity_type = %(type)s::text)
    AND (%(owners)s::bigint[] IS NULL OR lead.owner_id = ANY (%(owners)s::bigint[]))
ORDER BY done.id DESC LIMIT %(limit)s"""
# As an expression, or PostgreSQL would join and sort instead of reading in order. Whose it is, is still asked of each that is left.
_SIEVE = """ AND (done.identity_id IN (
    SELECT link.identity_id FROM crm_lead AS theirs JOIN tracking_identitylink AS link ON link.lead_id = theirs.id AND link.ended_at IS NULL
    WHERE theirs.owner_id = ANY (%(owners)s::bigint[]) AND theirs.merged_into_id IS NULL AND theirs.taken_back_at IS NULL
)) IS TRUE"""
_SIFT = _WALK.replace("\nORDER BY", f"{_SIEVE}\nORDER BY")
# OFFSET 0: without it PostgreSQL walks through everybody's activities until it has met enough of these few leads.
_OF_FEW = f"""SELECT * FROM (
    SELECT {_SHOWN} FROM crm_lead AS lead
    JOIN tracking_identitylink AS link ON link.lead_id = lead.id AND link.ended_at IS NULL
    JOIN tracking_activity AS done ON done.identity_id = link.identity_id
    WHERE lead.owner_id = ANY (%(owners)s::bigint[]) AND lead.merged_into_id IS NULL AND lead.taken_back_at IS NULL AND done.id < %(before)s
        AND done.taken_back_at IS NULL AND (%(type)s::text IS NULL OR done.activity_type = %(type)s::text)
    OFFSET 0
) AS found ORDER BY id DESC LIMIT %(limit)s"""


def feed(user: User, *, activity_type: str | None = None, before: int | None = None, limit: int) -> Feed:
    """Return what the leads that a user may see did lately, in the order in which it came in."""
    sees = None if user.role != Role.SALES else list(User.objects.filter(_with(user)).values_list("pk", flat=True))
    top = before if before is not None else (Activity.objects.order_by("-id").values_list("id", flat=True).first() or 0) + 1
    asked = {"type": activity_type, "owners": sees, "before": top, "limit": limit + 1}
    theirs = None if sees is None else Lead.objects.visible_to(user)[: SOME + 1].count()
    if theirs is not None and theirs <= FEW:
        rows, low = _asked(_OF_FEW, asked), 0
    else:
        rows, low = _walked(asked, _SIFT if theirs is not None and theirs <= SOME else _WALK)
    end = rows[limit - 1][0] if len(rows) > limit else low if low > 1 else None
    return Feed(_with_leads(rows[:limit]), end)


def _with(user: User) -> Q:
    """Return whose leads a seller sees."""
    return Q(pk=user.pk) | Q(team=user.team_id) if user.team_id else Q(pk=user.pk)


def _walked(asked: dict[str, Any], then: str) -> tuple[list[tuple[Any, ...]], int]:
    """Return what is found going back window by window until there is enough, and how far that was; ``then``: how, after the plain ones."""
    rows: list[tuple[Any, ...]] = []
    low = asked["before"]
    for number, window in enumerate(WINDOWS):
        high, low = low, max(0, low - window)
        rows += _asked(then if number >= PLAIN else _WALK, asked | {"before": high, "from": low, "limit": asked["limit"] - len(rows)})
        if low == 0 or len(rows) == asked["limit"]:
            break
    return rows, low


def _asked(question: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, asked)
        return list(cursor.fetchall())


def _with_leads(rows: list[tuple[Any, ...]]) -> list[Done]:
    leads = Lead.objects.select_related("account").in_bulk({row[-1] for row in rows})
    return [
        Done(number, kind, occurred_at, is_machine, json.loads(properties), leads[lead])
        for number, kind, occurred_at, is_machine, properties, lead in rows
    ]


LATELY_DONE = 5_000  # activities whose types are offered


def types_lately() -> list[str]:
    """Return the types of what was done lately, by name."""
    lately = Activity.objects.filter(id__gt=_newest() - LATELY_DONE, taken_back_at=None)
    return sorted(lately.order_by().values_list("activity_type", flat=True).distinct())


_DONE_LATELY = """SELECT activity_type, name, (array_agg(kind ORDER BY kinds DESC, kind))[1] FROM (
        SELECT activity_type, each.key AS name, jsonb_typeof(each.value) AS kind, count(*) AS kinds
        FROM tracking_activity LEFT JOIN LATERAL jsonb_each(properties) AS each ON each.value <> 'null'
        WHERE id > %s AND taken_back_at IS NULL GROUP BY 1, 2, 3
    ) AS counted GROUP BY 1, 2 ORDER BY 1, 2"""


def done_lately() -> dict[str, dict[str, str]]:
    """Return the types of what was done lately, each with its properties and what JSON calls most of their values."""
    with connection.cursor() as cursor:
        cursor.execute(_DONE_LATELY, [_newest() - LATELY_DONE])
        rows = cursor.fetchall()
    found: dict[str, dict[str, str]] = {activity_type: {} for activity_type, _name, _kind in rows}
    for activity_type, name, kind in rows:
        if name is not None:
            found[activity_type][name] = kind
    return found


def values_lately(activity_type: str, name: str, most: int) -> list[str]:
    """Return the commonest values of a property among what was done lately."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT properties ->> %s FROM tracking_activity WHERE id > %s AND activity_type = %s AND taken_back_at IS NULL
            AND properties ->> %s <> '' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT %s""",
            [name, _newest() - LATELY_DONE, activity_type, name, most],
        )
        return [row[0] for row in cursor.fetchall()]


def _newest() -> int:
    return Activity.objects.order_by("-id").values_list("id", flat=True).first() or 0


def last_activity(leads: list[Lead]) -> dict[int, datetime]:
    """Return when each lead last did something, without what machines did: one question, a look into an index per lead."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT asked.id, max(newest.occurred_at) FROM unnest(%s::bigint[]) AS asked (id)
            JOIN tracking_identitylink AS link ON link.lead_id = asked.id AND link.ended_at IS NULL
            CROSS JOIN LATERAL (
                SELECT occurred_at FROM tracking_activity WHERE identity_id = link.identity_id AND NOT is_machine
                ORDER BY occurred_at DESC LIMIT 1
            ) AS newest GROUP BY asked.id""",
            [[lead.pk for lead in leads]],
        )
        return dict(cursor.fetchall())


def first_after(since: Mapping[int, datetime]) -> dict[int, datetime]:
    """Return when each lead first did something after an instant of its own; who did nothing is not named.

    What machines did is left out, and the mails that we sent: those are in its activities, too, though the lead did nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT asked.lead, min(next.occurred_at) FROM unnest(%s::bigint[], %s::timestamptz[]) AS asked (lead, since)
            JOIN tracking_identitylink AS link ON link.lead_id = asked.lead AND link.ended_at IS NULL
            CROSS JOIN LATERAL (
                SELECT occurred_at FROM tracking_activity WHERE identity_id = link.identity_id AND occurred_at > asked.since
                    AND NOT is_machine AND taken_back_at IS NULL
                    AND NOT (activity_type ~ %s AND activity_type ~ %s AND activity_type !~ %s)
                ORDER BY occurred_at LIMIT 1
            ) AS next GROUP BY asked.lead""",
            [list(since), list(since.values()), MAIL, DONE["sent"], f"{DONE['clicked']}|{DONE['opened']}"],
        )
        return dict(cursor.fetchall())


def activities_at(leads: list[int], *, limit: int) -> list[tuple[int, Activity]]:
    """Return the newest of what some leads did, without what machines did, each with whose it is."""
    links = dict(IdentityLink.objects.filter(lead__in=leads, ended_at=None).values_list("identity_id", "lead_id"))
    found = Activity.objects.filter(identity__in=links, is_machine=False).order_by("-occurred_at", "-id")[:limit]
    return [(links[each.identity_id], each) for each in found]


def by_week(leads: list[int], now: datetime, weeks: int) -> list[int]:
    """Return how many activities some leads did in each of the past weeks, the oldest first, without what machines did."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT floor(EXTRACT(EPOCH FROM %s - act.occurred_at) / 604800)::int AS ago, count(*)
            FROM tracking_identitylink AS link JOIN tracking_activity AS act USING (identity_id)
            WHERE link.lead_id = ANY(%s) AND link.ended_at IS NULL AND NOT act.is_machine
              AND act.occurred_at > %s AND act.occurred_at <= %s GROUP BY ago""",
            [now, leads, now - timedelta(weeks=weeks), now],
        )
        counted = dict(cursor.fetchall())
    return [counted.get(ago, 0) for ago in range(weeks - 1, -1, -1)]
