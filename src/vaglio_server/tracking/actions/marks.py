"""Saying late that a machine did it, and taking that back. Past scores stay and replay; from now on they are as if it had been known.

Marking writes the instant from which an activity is worth nothing. Undoing changes nothing of that: it writes the activity a second time,
known from now on. So at instants between the two the machine's mark stands, as it did then.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max, Min
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import Learned, learn, lock_leads, now_known
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions.agents import patterns, reasons
from vaglio_server.tracking.actions.identities import one_at_a_time
from vaglio_server.tracking.logic.bursts import Burst
from vaglio_server.tracking.logic.machines import agent_of, network_of
from vaglio_server.tracking.models import PATTERNS, Activity, Agent, MachineMark, MarkedActivity, MarkKind
from vaglio_server.users.actions import audit

MOST = 50_000  # activities that one pattern may mark: more are people's


@transaction.atomic
def mark_bursts(*, bursts: Collection[Burst], by: str, at: datetime) -> list[MachineMark]:
    """Mark bursts as a machine's from now on, and return the marks; what is a machine's already stays as it is."""
    with connection.cursor() as cursor:
        one_at_a_time(cursor)
        held = lock_leads(cursor, _leads(cursor, [int(str(key)) for burst in bursts for key in burst.keys]))
        known_at = now_known(cursor)
        made = []
        for burst in bursts:
            mark = MachineMark(kind=burst.reason, lead_id=_lead(burst), known_at=known_at, by=by)
            made += [mark] if _mark(cursor, mark, [int(str(key)) for key in burst.keys]) else []
        if made:
            learn(cursor, Learned([], {}, held), known_at, by=by)
            audit(by=by, verb="mark_bursts", subject="machines", at=at, marks=len(made), activities=sum(mark.count for mark in made))
    return made


def _lead(burst: Burst) -> int | None:
    number = int(str(burst.lead))
    return number if number > 0 else None  # below 0: a device that nobody is known by


@transaction.atomic
def mark_pattern(*, kind: str, value: str, by: str, at: datetime) -> MachineMark:
    """Mark everything that a program or a network did, and will do, as a machine's from now on.

    Raises
    ------
    Refused
        It is none, is marked already, did nothing, or did so much that it is people's.
    """
    value = agent_of(value) if kind == MarkKind.AGENT else network_of(value.partition("/")[0])
    if kind not in PATTERNS or not value:
        raise Refused(_("this is neither a program's name nor a network; a network is written like 203.0.113.0/24"))
    agents = list(Agent.objects.filter(**{"agent" if kind == MarkKind.AGENT else "network": value}).values_list("pk", flat=True))
    if not agents:
        raise Refused(_("nothing ever came from {value}; choose one that did").format(value=value))
    with connection.cursor() as cursor:
        one_at_a_time(cursor)
        if MachineMark.objects.filter(kind=kind, value=value, undone_at=None).exists():
            raise Refused(_("{value} is marked already").format(value=value))
        done = list(Activity.objects.filter(agent__in=agents, is_machine=False).values_list("pk", flat=True)[: MOST + 1])
        if len(done) > MOST:
            raise Refused(
                _("{value} did more than {most:,} things; that many are people's, look for a narrower name").format(value=value, most=MOST)
            )
        held = lock_leads(cursor, _leads(cursor, done))
        mark = MachineMark(kind=kind, value=value, known_at=now_known(cursor), by=by)
        if not _mark(cursor, mark, done):
            mark.save()
        learn(cursor, Learned([], {}, held), mark.known_at, by=by)
    audit(by=by, verb="mark_pattern", subject=f"mark:{mark.pk}", at=at, kind=kind, value=value, activities=mark.count)
    return mark


def _leads(cursor: Any, activities: list[int]) -> list[int]:
    """Return whose some activities are now."""
    cursor.execute(
        """SELECT DISTINCT link.lead_id FROM tracking_activity AS act
        JOIN tracking_identitylink AS link ON link.identity_id = act.identity_id AND link.ended_at IS NULL WHERE act.id = ANY(%s)""",
        [activities],
    )
    return [row[0] for row in cursor.fetchall()]


def _mark(cursor: Any, mark: MachineMark, activities: list[int]) -> int:
    """Write a mark over those of some activities that are not a machine's yet, and return how many those are."""
    cursor.execute(
        """UPDATE tracking_activity SET is_machine = true, machine_known_at = %s WHERE id = ANY(%s) AND NOT is_machine
        RETURNING id, occurred_at""",
        [mark.known_at, activities],
    )
    rows = cursor.fetchall()
    if rows:
        mark.count, mark.first_at, mark.last_at = len(rows), min(row[1] for row in rows), max(row[1] for row in rows)
        mark.save()
        MarkedActivity.objects.bulk_create(MarkedActivity(mark=mark, activity_id=number) for number, _at in rows)
    return len(rows)


@transaction.atomic
def undo_marks(*, marks: Iterable[int], by: str, at: datetime) -> int:
    """Say that these were people, and return how many marks that were: what they did counts again from now on. Undone ones stay undone.

    What a marked program or network did since counts too, unless something else says that it is a machine's.
    """
    with connection.cursor() as cursor:
        one_at_a_time(cursor)
        standing = list(MachineMark.objects.filter(pk__in=list(marks), undone_at=None).order_by("pk"))
        for mark in standing:
            if mark.kind in PATTERNS:
                _take_in(cursor, mark, mark.known_at, None)
        known_at = _count_again(cursor, [mark.pk for mark in standing], by)
        MachineMark.objects.filter(pk__in=[mark.pk for mark in standing]).update(undone_at=known_at, undone_by=by)
    for mark in standing:
        audit(by=by, verb="undo_mark", subject=f"mark:{mark.pk}", at=at)
    return len(standing)


@transaction.atomic
def undo_name(*, name: str, by: str, at: datetime) -> MachineMark:
    """Say of a program that is known for a machine by its own name that it is a person's: what it did counts again, what it does will.

    At most ``MOST`` of what it did at a time; what is left comes by asking again.

    Raises
    ------
    Refused
        No such program did anything that counts for nothing because of its name.
    """
    name = agent_of(name)
    with connection.cursor() as cursor:
        one_at_a_time(cursor)
        mark = MachineMark.objects.create(kind=MarkKind.NAME, value=name, known_at=at, by=by)
        _take_in(cursor, mark, None, MOST)
        if not mark.count:
            raise Refused(_("nothing that {name} did counts for nothing because of its name").format(name=name or _("no program")))
        known_at = _count_again(cursor, [mark.pk], by)
        mark.known_at, mark.undone_at, mark.undone_by = known_at, known_at, by
        mark.save()
    audit(by=by, verb="undo_name", subject=f"mark:{mark.pk}", at=at, value=name, activities=mark.count)
    return mark


def _take_in(cursor: Any, mark: MachineMark, since: datetime | None, most: int | None) -> None:
    """Put under a mark what came in as a machine's because of it, or of the name it is about, and of nothing else."""
    mine = (mark.kind, mark.value)
    field = "network" if mark.kind == MarkKind.NETWORK else "agent"
    standing = patterns()
    programs = [each.pk for each in Agent.objects.filter(**{field: mark.value}) if not reasons(each.agent, each.network, standing) - {mine}]
    cursor.execute(
        """INSERT INTO tracking_markedactivity (mark_id, activity_id)
        SELECT %s, act.id FROM tracking_activity AS act
        WHERE act.is_machine AND act.machine_known_at >= COALESCE(%s::timestamptz, '-infinity') AND act.machine_known_at = act.known_at
            AND act.agent_id = ANY(%s) AND act.taken_back_at IS NULL
            AND NOT EXISTS (SELECT FROM tracking_markedactivity AS its WHERE its.activity_id = act.id)
        ORDER BY act.id LIMIT %s""",
        [mark.pk, since, programs, most],
    )
    if cursor.rowcount:
        under = MarkedActivity.objects.filter(mark=mark).aggregate(Count("pk"), Min("activity__occurred_at"), Max("activity__occurred_at"))
        mark.count, mark.first_at, mark.last_at = under.values()
        mark.save(update_fields=["count", "first_at", "last_at"])


def _count_again(cursor: Any, marks: list[int], by: str) -> datetime:
    """Let what is under some marks count again from now on, and return the instant."""
    under = MarkedActivity.objects.filter(mark__in=marks, restored=None)
    done = list(under.order_by("activity").values_list("activity", flat=True))
    held = lock_leads(cursor, _leads(cursor, done))
    known_at = now_known(cursor)
    _restore(cursor, done, known_at)
    learn(cursor, Learned([], {}, held), known_at, by=by)
    return known_at


def _restore(cursor: Any, activities: list[int], known_at: datetime) -> None:
    """Write some activities a second time, known from an instant on."""
    cursor.execute(
        """WITH old AS MATERIALIZED (
            SELECT *, nextval(pg_get_serial_sequence('tracking_activity', 'id')) AS copy FROM tracking_activity
            WHERE id = ANY(%s) AND taken_back_at IS NULL ORDER BY id
        ), made AS (
            INSERT INTO tracking_activity
                (id, identity_id, event_id, activity_type, occurred_at, known_at, is_machine, properties, agent_id)
            OVERRIDING SYSTEM VALUE
            SELECT copy, identity_id, event_id, activity_type, occurred_at, %s, false, properties, agent_id FROM old
        )
        UPDATE tracking_markedactivity SET restored_id = old.copy FROM old WHERE activity_id = old.id""",
        [activities, known_at],
    )


@transaction.atomic
def confirm_marks(*, marks: Iterable[int], by: str, at: datetime) -> int:
    """Say that these were machines, and return how many marks that were: nobody need look at them again."""
    found = MachineMark.objects.filter(pk__in=list(marks), undone_at=None, confirmed_at=None)
    numbers = list(found.values_list("pk", flat=True))
    found.filter(pk__in=numbers).update(confirmed_at=at, confirmed_by=by)
    for mark in numbers:
        audit(by=by, verb="confirm_mark", subject=f"mark:{mark}", at=at)
    return len(numbers)
