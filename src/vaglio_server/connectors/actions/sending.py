"""Sending what is due: many at once, and to each receiver few, so that one that is slow holds up nobody else.

A delivery that is taken is put off for a while in the same transaction: should we be killed, another sender takes it then, with the same
key. So each comes at least once, and a receiver that heeds the key has each once.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from vaglio_server.connectors.actions.outcomes import record, unreadable
from vaglio_server.connectors.client import Client
from vaglio_server.connectors.logic.addresses import Allowed, target_of
from vaglio_server.connectors.logic.retries import Answer, Patience
from vaglio_server.connectors.logic.sealing import unseal
from vaglio_server.connectors.logic.signing import headers
from vaglio_server.connectors.models import Endpoint, WebhookDelivery
from vaglio_server.connectors.queries import bodies_of
from vaglio_server.refused import Refused

EACH = 8  # on their way to one receiver
TROUBLED_AFTER = timedelta(minutes=1)  # a receiver that only failed for so long gets one at a time
WAIT_SECONDS = 0.1
LAST_SECONDS = 2.0  # for what is on its way, when we are told to stop
KINDS = {"content-type": "application/json", "user-agent": "Vaglio-Webhooks/1"}


class Sender:
    """What is on its way: one for each process that sends."""

    def __init__(self, *, clock: Callable[[], datetime], allowed: Allowed, patience: Patience | None = None) -> None:
        self._clock, self._allowed, self._patience = clock, allowed, patience or Patience()
        self._client = Client()
        self._flying: dict[Future[Answer], WebhookDelivery] = {}

    def step(self) -> int:
        """Write down what came back, take what is due, and return how many either was; wait a moment for what is on its way."""
        back = self._land()
        taken = self._take()
        if self._flying and not back and not taken:
            wait(self._flying, WAIT_SECONDS, FIRST_COMPLETED)
            return 1
        return back + taken

    def _land(self) -> int:
        done = [each for each in self._flying if each.done()]
        try:
            if done:
                record([(self._flying[each], each.result()) for each in done], patience=self._patience, at=self._clock())
        except (OperationalError, InterfaceError):
            raise  # the database is away: it is written down once it is there again
        except Exception:
            self._forget(done)  # so that it stands in nobody's way: it is sent again after its lease
            raise
        self._forget(done)
        return len(done)

    def _forget(self, done: list[Future[Answer]]) -> None:
        for each in done:
            del self._flying[each]

    def _take(self) -> int:
        now = self._clock()
        taken = _taken(Counter(each.endpoint_id for each in self._flying.values()), self._patience, now)
        bodies = bodies_of(taken)
        for each in taken:
            self._send(each, bodies[each.pk], now)
        return len(taken)

    def _send(self, delivery: WebhookDelivery, body: bytes, now: datetime) -> None:
        keys = secrets_of(delivery.endpoint, now)
        if not keys:
            unreadable(endpoint=delivery.endpoint, at=now)
            return
        try:
            target = target_of(delivery.endpoint.address, self._allowed)
        except Refused as refused:  # allowed when it was made, and not any more
            answered: Future[Answer] = Future()
            answered.set_result(Answer(error=str(refused)))
            self._flying[answered] = delivery
            return
        told = KINDS | headers(str(delivery.key), now, body, keys)
        self._flying[self._client.post(target, told, body, self._patience.timeout)] = delivery

    def close(self) -> None:
        """Wait a moment for what is on its way, and drop the rest: it is sent again later."""
        wait(self._flying, LAST_SECONDS)
        self._land()
        self._client.close()


def secrets_of(endpoint: Endpoint, now: datetime) -> list[bytes]:
    """Return the secrets with which a receiver's webhooks are signed now, the newest first; none where the newest cannot be read."""
    newest = unseal(endpoint.secret, settings.SECRET_KEY)
    if newest is None:
        return []
    before = None
    if endpoint.secret_before and endpoint.secret_before_until and endpoint.secret_before_until > now:
        before = unseal(endpoint.secret_before, settings.SECRET_KEY)
    return [newest] if before is None else [newest, before]


@transaction.atomic
def _taken(flying: Counter[int], patience: Patience, now: datetime) -> Sequence[WebhookDelivery]:
    """Take what is due and may be sent, and put it off."""
    rooms = _rooms(flying, now)
    if not rooms:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT due.id FROM unnest(%s::bigint[], %s::int[]) AS room (endpoint, free) CROSS JOIN LATERAL (
                SELECT id FROM connectors_webhookdelivery
                WHERE endpoint_id = room.endpoint AND state = 'waiting' AND next_at <= %s
                ORDER BY next_at, id LIMIT room.free FOR UPDATE SKIP LOCKED
            ) AS due""",
            [list(rooms), list(rooms.values()), now],
        )
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return []
    WebhookDelivery.objects.filter(pk__in=ids).update(next_at=now + patience.lease)
    return list(WebhookDelivery.objects.filter(pk__in=ids).select_related("endpoint", "happening").order_by("id"))


def _rooms(flying: Counter[int], now: datetime) -> dict[int, int]:
    """Return how many more may be on their way to each receiver."""
    rooms = {}
    for each in Endpoint.objects.filter(is_on=True):
        if each.paused_until is not None and each.paused_until > now:
            continue
        is_troubled = each.failing_since is not None and each.failing_since <= now - TROUBLED_AFTER
        if (free := (1 if is_troubled else EACH) - flying[each.pk]) > 0:
            rooms[each.pk] = free
    return rooms
