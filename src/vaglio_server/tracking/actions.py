"""Taking events out of deliveries: identities, activities, leads, and what is due."""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from django.db import DatabaseError, connection, transaction

from vaglio_server.crm.actions import Learned, copy_rows, learn, lock_leads, now_known
from vaglio_server.refused import Refused
from vaglio_server.tracking.logic.calls import Call, Refusal, calls
from vaglio_server.tracking.logic.machines import is_machine
from vaglio_server.tracking.logic.people import Key, People, all_keys, keys
from vaglio_server.tracking.models import Delivery, IdentityLink, RefusedEvent, Source
from vaglio_server.users.actions import audit

logger = logging.getLogger(__name__)
AT_ONCE = 4 * 1024 * 1024  # bytes of deliveries taken together, or the first one alone
_NEXT = """SELECT id, source_id, kind, body, received_at FROM (
    SELECT *, sum(octet_length(body)) OVER (ORDER BY id) - octet_length(body) AS before
    FROM (SELECT * FROM tracking_delivery WHERE is_open ORDER BY id LIMIT %s) AS first
) AS summed WHERE before < %s ORDER BY id"""
API_SOURCE = "API"
ONE_AT_A_TIME = 730_411  # an advisory lock: deliveries are taken in order, by one worker at a time


@dataclass(frozen=True)
class _Taken:
    """A call with the delivery it came in."""

    delivery: int
    source: int
    call: Call

    @property
    def message_id(self) -> str:
        """The sender's, else one of ours: it starts with a space, as no sender's does."""
        return self.call.message_id or f" vaglio-{self.delivery}-{self.call.place}"


@transaction.atomic
def create_source(*, name: str, by: str, at: datetime) -> Source:
    """Make a source with its write key."""
    source = Source.objects.create(name=name, created_at=at)
    audit(by=by, verb="create_source", subject=f"source:{source.pk}", at=at, name=name)
    return source


def take_deliveries(*, limit: int) -> int:
    """Take up to ``limit`` open deliveries, and return how many there were.

    What the database refuses because of what it holds is kept as refused, so that it keeps nobody waiting.
    """
    tried: list[int] = []
    try:
        return _take(limit, tried)
    except (DatabaseError, psycopg.Error) as error:  # what fails inside a COPY is not wrapped by Django
        if not _is_of_values(error):
            raise
        if len(tried) > 1:
            return take_deliveries(limit=1)
        return _refuse(tried[0], f"the database does not take it: {str(error).strip().splitlines()[0]}")


def _is_of_values(error: Exception) -> bool:
    """Whether trying again cannot help: values, constraints or limits are at fault, not the connection or the disk."""
    state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None) or ""
    return str(state)[:2] in {"22", "23", "54"}


@transaction.atomic
def replay_refused(*, refused: RefusedEvent, by: str, at: datetime) -> int:
    """Give a request with refused calls to the workers again, and return how many of its calls had been refused.

    Its other calls were taken already and are not taken twice; what cannot be taken this time either is refused again.
    """
    delivery = Delivery.objects.select_for_update().get(pk=refused.delivery_id)
    count, _each = RefusedEvent.objects.filter(delivery=delivery).delete()
    Delivery.objects.filter(pk=delivery.pk).update(is_open=True)
    audit(by=by, verb="replay_refused", subject=f"delivery:{delivery.pk}", at=at, refused=count)
    return count


@transaction.atomic
def _refuse(delivery: int, reason: str) -> int:
    logger.error("delivery %s is refused: %s", delivery, reason)
    if Delivery.objects.filter(pk=delivery, is_open=True).update(is_open=False):
        with connection.cursor() as cursor:
            _write_refused(cursor, [(delivery, Refusal(0, reason))], now_known(cursor))
    return 1


@transaction.atomic
def _take(limit: int, tried: list[int]) -> int:
    """Take deliveries in one transaction, so that whatever is killed at whatever moment, an event has its effects once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_NEXT, [limit, AT_ONCE])
        deliveries = cursor.fetchall()
        tried += [row[0] for row in deliveries]
        if not deliveries:
            return 0
        taken, refused = _read(deliveries)
        known_at, _leads = _derive(cursor, taken, by="events")
        _write_refused(cursor, refused, known_at)
        cursor.execute("UPDATE tracking_delivery SET is_open = false WHERE id = ANY(%s)", [tried])
    return len(deliveries)


def _derive(cursor: Any, taken: list[_Taken], *, by: str) -> tuple[datetime, dict[Key, int]]:
    """Write what some calls say, those that are new; return when it became known, and whose each of their keys is."""
    events = _new_events(cursor, taken)
    kept = [each for each in taken if (each.delivery, each.call.place) in events]
    identities = _identities(cursor, all_keys(each.call for each in kept))
    people = People(_owners(cursor, identities))
    stays_with = [people.take(each.call) for each in kept]
    emails = [str(found["email"]) for found in people.traits.values() if found.get("email")]
    held = lock_leads(cursor, [ref for ref in people.touched if ref > 0], emails)
    known_at = now_known(cursor)
    ids = learn(cursor, Learned(people.made, people.traits, held), known_at, by=by)
    _link(cursor, [(identities[key], ids[ref]) for key, ref in people.links], known_at)
    _write_activities(cursor, [
        (identities[key], events[each.delivery, each.call.place], each.call) for each, key in zip(kept, stays_with, strict=True)
    ], known_at)  # fmt: skip
    return known_at, {key: ids.get(ref, ref) for key, ref in people.owners.items()}


@transaction.atomic
def put_lead(*, user_id: str | None, fields: Mapping[str, Any], by: str, at: datetime) -> int:
    """Make a lead, or write to the one with this user id or mail address, and return its id. It is kept like an event that came in.

    Raises
    ------
    Refused
        It names nobody, or holds what no event may hold.
    """
    body = json.dumps({"userId": user_id, "traits": dict(fields)}).encode()
    source, _made = Source.objects.get_or_create(name=API_SOURCE, defaults={"created_at": at})
    call = next(iter(calls(body, "identify", at)))
    if isinstance(call, Refusal):
        raise Refused(call.reason)
    delivery = Delivery.objects.create(source=source, kind="identify", body=body, received_at=at, is_open=False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        _known_at, leads = _derive(cursor, [_Taken(delivery.pk, source.pk, call)], by=by)
    lead = leads[keys(call)[0]]
    audit(by=by, verb="put_lead", subject=f"lead:{lead}", at=at, fields=sorted(fields))
    return lead


def _read(deliveries: Sequence[tuple[Any, ...]]) -> tuple[list[_Taken], list[tuple[int, Refusal]]]:
    taken: list[_Taken] = []
    refused: list[tuple[int, Refusal]] = []
    for delivery, source, kind, body, received_at in deliveries:
        try:
            found = list(calls(bytes(body), kind, received_at))
        except Exception as error:  # whatever it is: one request that cannot be read must not keep all others waiting
            logger.exception("delivery %s cannot be read", delivery)
            found = [Refusal(0, f"the request cannot be read ({type(error).__name__}); this is an error of Vaglio's own, please report it")]
        for each in found:
            if isinstance(each, Refusal):
                refused.append((delivery, each))
            else:
                taken.append(_Taken(delivery, source, each))
    return taken, refused


def _new_events(cursor: Any, taken: list[_Taken]) -> dict[tuple[int, int], int]:
    """Return the ids of the events that were not there yet, by delivery and place."""
    cursor.execute(
        """INSERT INTO tracking_event (delivery_id, place, source_id, message_id)
        SELECT * FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::text[]) ON CONFLICT DO NOTHING RETURNING delivery_id, place, id""",
        [[each.delivery for each in taken], [each.call.place for each in taken], [each.source for each in taken],
         [each.message_id for each in taken]],
    )  # fmt: skip
    return {(delivery, place): event for delivery, place, event in cursor.fetchall()}


def _identities(cursor: Any, keys: list[Key]) -> dict[Key, int]:
    arguments = [[kind for kind, _value in keys], [value for _kind, value in keys]]
    asked = "SELECT * FROM unnest(%s::text[], %s::text[]) AS asked (kind, value)"
    cursor.execute(f"INSERT INTO tracking_identity (kind, value) {asked} ON CONFLICT DO NOTHING", arguments)
    cursor.execute(f"SELECT its.kind, its.value, its.id FROM tracking_identity AS its JOIN ({asked}) AS a USING (kind, value)", arguments)
    return {(kind, value): identity for kind, value, identity in cursor.fetchall()}


def _owners(cursor: Any, identities: dict[Key, int]) -> dict[Key, int]:
    cursor.execute(
        "SELECT identity_id, lead_id FROM tracking_identitylink WHERE ended_at IS NULL AND identity_id = ANY(%s)",
        [list(identities.values())],
    )
    lead_of = dict(cursor.fetchall())
    return {key: lead_of[identity] for key, identity in identities.items() if identity in lead_of}


def _link(cursor: Any, pairs: list[tuple[int, int]], known_at: datetime) -> None:
    cursor.execute(
        """INSERT INTO tracking_identitylink (identity_id, lead_id, known_at, by)
        SELECT *, %s, 'events' FROM unnest(%s::bigint[], %s::bigint[])""",
        [known_at, [identity for identity, _lead in pairs], [lead for _identity, lead in pairs]],
    )


def _write_activities(cursor: Any, rows: list[tuple[int, int, Call]], known_at: datetime) -> None:
    def spelled(identity: int, event: int, call: Call) -> tuple[Any, ...]:
        machine_known_at = known_at if is_machine(call.user_agent) else None
        return identity, event, call.activity_type, call.occurred_at, known_at, machine_known_at, call.properties

    _copy_activities(cursor, (spelled(*row) for row in rows if row[2].activity_type is not None))


def _copy_activities(cursor: Any, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write activities: identity, event, type, when it occurred, when it was known, when known for a machine's or None, properties."""
    columns = "identity_id, event_id, activity_type, occurred_at, known_at, is_machine, machine_known_at, properties"
    copy_rows(cursor, f"tracking_activity ({columns})", (
        (*who_what_when, machine_known_at is not None, machine_known_at, json.dumps(properties, ensure_ascii=False))
        for *who_what_when, machine_known_at, properties in rows
    ))  # fmt: skip


def _write_refused(cursor: Any, refused: list[tuple[int, Refusal]], known_at: datetime) -> None:
    rows = ((delivery, refusal.place, refusal.reason, known_at) for delivery, refusal in refused)
    copy_rows(cursor, "tracking_refusedevent (delivery_id, place, reason, refused_at)", rows)


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

    ``people`` gives each lead's user id and since when it is known; later events with this user id are of the same lead.
    A message that comes twice is taken once.

    Raises
    ------
    Refused
        Some of the leads are known by something already: what they did then may have been scored.
    """
    if IdentityLink.objects.filter(lead__in=people).exists():
        raise Refused("these leads are known already; a past can only be brought in together with its leads")
    delivery = Delivery.objects.create(source=source, kind="import", body=b"", received_at=at, is_open=False)
    with connection.cursor() as cursor:
        known: dict[int, Key] = {lead: ("user_id", user_id) for lead, (user_id, _since) in people.items()}
        identities = _identities(cursor, list(known.values()))
        links = ((identities[known[lead]], lead, since, by) for lead, (_user_id, since) in people.items())
        copy_rows(cursor, "tracking_identitylink (identity_id, lead_id, known_at, by)", links)
        once = {each.message_id: each for each in sorted(done, key=lambda each: each.known_at, reverse=True)}
        cursor.execute(
            """INSERT INTO tracking_event (delivery_id, place, source_id, message_id)
            SELECT %s, place, %s, message_id FROM unnest(%s::text[]) WITH ORDINALITY AS told (message_id, place)
            RETURNING message_id, id""",
            [delivery.pk, source.pk, list(once)],
        )
        events = dict(cursor.fetchall())
        _copy_activities(cursor, (
            (identities[known[each.lead]], events[each.message_id], each.activity_type, each.occurred_at, each.known_at,
             each.machine_known_at, each.properties)
            for each in sorted(once.values(), key=lambda each: each.known_at)
        ))  # fmt: skip
    audit(by=by, verb="bring_activities", subject=f"source:{source.pk}", at=at, activities=len(once))
    return len(once)
