"""Taking events out of deliveries, in order and each once."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

import psycopg
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import copy_rows, now_known
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions.colleagues import Rules
from vaglio_server.tracking.actions.erasing import of_erased
from vaglio_server.tracking.actions.events import ONE_AT_A_TIME, Taken, derive
from vaglio_server.tracking.actions.owning import give_owners
from vaglio_server.tracking.logic.blanking import Sent
from vaglio_server.tracking.logic.calls import OF_ERASED, Refusal, calls
from vaglio_server.tracking.logic.people import Key, keys
from vaglio_server.tracking.models import Delivery, Source, new_write_key
from vaglio_server.users.actions import audit

logger = logging.getLogger(__name__)
AT_ONCE = 4 * 1024 * 1024  # bytes of deliveries taken together, or the first one alone
_NEXT = """SELECT id, source_id, kind, body, received_at, bringer FROM (
    SELECT *, sum(octet_length(body)) OVER (ORDER BY id) - octet_length(body) AS before
    FROM (SELECT * FROM tracking_delivery WHERE is_open ORDER BY id LIMIT %s) AS first
) AS summed WHERE before < %s ORDER BY id"""


@transaction.atomic
def create_source(*, name: str, by: str, at: datetime) -> Source:
    """Make a source with its write key."""
    source = Source.objects.create(name=name, created_at=at)
    audit(by=by, verb="create_source", subject=f"source:{source.pk}", at=at, name=name)
    return source


@transaction.atomic
def renew_key(*, source: Source, by: str, at: datetime) -> Source:
    """Give a source another key, because the old one is known to somebody who should not send: that one is refused from now on."""
    held = Source.objects.select_for_update().get(pk=source.pk)
    held.write_key = new_write_key()
    held.save(update_fields=["write_key"])
    audit(by=by, verb="renew_key", subject=f"source:{held.pk}", at=at)
    return held


@transaction.atomic
def switch_source(*, source: Source, is_active: bool, by: str, at: datetime) -> Source:
    """Switch a source's key off, so that what comes with it is refused, or on again. What came before stays.

    Raises
    ------
    Refused
        It is so already.
    """
    held = Source.objects.select_for_update().get(pk=source.pk)
    if held.is_active is is_active:
        raise Refused(
            _("the key of {name} is {state} already").format(name=held.name, state=_("valid") if is_active else _("switched off"))
        )
    held.is_active = is_active
    held.save(update_fields=["is_active"])
    audit(by=by, verb="switch_source", subject=f"source:{held.pk}", at=at, is_active=is_active)
    return held


@transaction.atomic
def switch_page_tracking(*, source: Source, on: bool, by: str, at: datetime) -> None:
    """Let the script for page views work with a source's key, or stop it; it asks visitors for consent either way."""
    Source.objects.filter(pk=source.pk).update(tracks_pages=on)
    audit(by=by, verb="switch_page_tracking", subject=f"source:{source.pk}", at=at, on=on)


def take_deliveries(*, limit: int, rules: Rules | None = None) -> int:
    """Take up to ``limit`` open deliveries, and return how many there were; ``rules`` as for :func:`derive`.

    What the database refuses because of what it holds is kept as refused, so that it keeps nobody waiting. It is found by halves: one that
    is bad costs as many more transactions as halves make one of all.
    """
    taken, suspects = 0, 0  # the next so many hold one that is bad
    while True:
        tried: list[int] = []
        try:
            done = _take(max(1, suspects // 2) if suspects else limit, tried, rules)
        except (DatabaseError, psycopg.Error) as error:  # what fails inside a COPY is not wrapped by Django
            if not _is_of_values(error):
                raise
            if len(tried) == 1:
                return taken + _refuse(tried[0], f"the database does not take it: {str(error).strip().splitlines()[0]}")
            suspects = len(tried)
            continue
        taken, suspects = taken + done, suspects - done
        if suspects <= 0 or not done:
            return taken


def _is_of_values(error: Exception) -> bool:
    """Whether trying again cannot help: values, constraints or limits are at fault, not the connection or the disk."""
    state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None) or ""
    return str(state)[:2] in {"22", "23", "54"}


@transaction.atomic
def _refuse(delivery: int, reason: str) -> int:
    logger.error("delivery %s is refused: %s", delivery, reason)
    if Delivery.objects.filter(pk=delivery, is_open=True).update(is_open=False):
        with connection.cursor() as cursor:
            _write_refused(cursor, [(delivery, Refusal(0, reason))], now_known(cursor))
    return 1


@transaction.atomic
def _take(limit: int, tried: list[int], rules: Rules | None) -> int:
    """Take deliveries in one transaction, so that whatever is killed at whatever moment, an event has its effects once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_NEXT, [limit, AT_ONCE])
        waiting = cursor.fetchall()
        if not waiting:
            return 0
        bringer = waiting[0][-1]
        deliveries = [row[:-1] for row in takewhile(lambda row: row[-1] == bringer, waiting)]  # what a file says is written as the file's
        tried += [row[0] for row in deliveries]
        taken, refused = _without_erased(cursor, *_read(deliveries), deliveries)
        settled = _settled(cursor, tried)  # they may fit by now, and somebody decided on them
        taken = [each for each in taken if (each.delivery, each.call.place) not in settled]
        done = derive(cursor, taken, by=bringer or "events", rules=rules)
        if bringer:
            full = {(delivery, refusal.place) for delivery, refusal in done.refused}
            rows = [each for each in taken if (each.delivery, each.call.place) not in full]
            _write_brought(cursor, bringer, rows, done.owners, done.known_at)
            give_owners(cursor, bringer, (each.call for each in rows), done.owners, done.known_at)
        _write_refused(cursor, [*refused, *done.refused], done.known_at)
        cursor.execute("UPDATE tracking_delivery SET is_open = false WHERE id = ANY(%s)", [tried])
    return len(deliveries)


def _read(deliveries: Sequence[tuple[Any, ...]]) -> tuple[list[Taken], list[tuple[int, Refusal]]]:
    taken: list[Taken] = []
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
                taken.append(Taken(delivery, source, each))
    return taken, refused


def _without_erased(
    cursor: Any, taken: list[Taken], refused: list[tuple[int, Refusal]], deliveries: Sequence[tuple[Any, ...]]
) -> tuple[list[Taken], list[tuple[int, Refusal]]]:
    """Return what is taken and refused once calls of people who were erased are refused, for no other reason."""
    sent = {delivery: Sent(bytes(body), kind) for delivery, _source, kind, body, _received_at in deliveries}
    gone = of_erased(cursor, taken, refused, sent, deliveries[-1][-1])
    if not gone:
        return taken, refused
    others = [each for each in refused if (each[0], each[1].place) not in gone]
    more = [(delivery, Refusal(place, OF_ERASED)) for delivery, place in sorted(gone)]
    return [each for each in taken if (each.delivery, each.call.place) not in gone], others + more


def _write_brought(cursor: Any, bringer: str, taken: Iterable[Taken], owners: Mapping[Key, int], known_at: datetime) -> None:
    """Write down whom the rows of a file name, by which row first, and who is a lead by them."""
    named: dict[int, str] = {}
    for each in taken:
        lead = next((owners[key] for key in keys(each.call) if key in owners), None)
        if lead is not None:
            named.setdefault(lead, each.message_id)
    cursor.execute(
        """INSERT INTO tracking_broughtlead (bringer, lead_id, is_made, first_message_id, result, "left")
        SELECT %s, lead.id, lead.created_at = %s, told.message_id, '', '[]'
        FROM unnest(%s::bigint[], %s::text[]) AS told (lead, message_id) JOIN crm_lead AS lead ON lead.id = told.lead
        ON CONFLICT DO NOTHING""",
        [bringer, known_at, list(named), list(named.values())],
    )


def _write_refused(cursor: Any, refused: list[tuple[int, Refusal]], known_at: datetime) -> None:
    """Write down what was refused, but for calls that people settled when they were refused before."""
    if not refused:
        return
    settled = _settled(cursor, [delivery for delivery, _refusal in refused])
    rows = (
        (delivery, refusal.place, refusal.reason, known_at) for delivery, refusal in refused if (delivery, refusal.place) not in settled
    )
    copy_rows(cursor, "tracking_refusedevent (delivery_id, place, reason, refused_at)", rows)


def _settled(cursor: Any, deliveries: list[int]) -> set[tuple[int, int]]:
    """Return which calls of some deliveries people settled when they were refused before, by delivery and place."""
    cursor.execute("SELECT delivery_id, place FROM tracking_refusedevent WHERE settled <> '' AND delivery_id = ANY(%s)", [deliveries])
    return set(cursor.fetchall())
