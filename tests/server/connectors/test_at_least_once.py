"""However often a receiver fails and a sender is killed: each happening comes, signed, with one id on every attempt.

``VAGLIO_WEBHOOKS`` sets how many there are, ``VAGLIO_SENDER_KILLS`` how often the sender is killed (``make drill``: 5,000 and 100).
"""

import json
import os
import random
import signal
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.server.connectors.receiver import Came, Receiver, Say, receiving
from tests.server.connectors.world import deliveries, make_endpoint
from tests.server.world import AT
from vaglio_server.connectors.logic.retries import Patience

COUNT = int(os.environ.get("VAGLIO_WEBHOOKS", "60"))
KILLS = int(os.environ.get("VAGLIO_SENDER_KILLS", "1"))
# As in earnest, in so many times less time; attempts do not run out, since it is asked whether each comes.
PATIENCE = Patience(
    waits=(timedelta(seconds=0.1),) * 60, timeout=timedelta(seconds=0.5), lease=timedelta(seconds=1.5), pause=timedelta(seconds=0.2)
)
FAILS = (Say(500), Say(503), Say(None), Say(429, {"retry-after": "0"}), Say(302, {"location": "/visited"}))


class Moody:
    """Fails three times in ten, and answers too late once in ten."""

    def __init__(self) -> None:
        self._dice = random.Random(6)
        self._lock = threading.Lock()
        self.taken: Counter[str] = Counter()
        self.told: dict[int, set[str]] = {}  # the ids with which each came
        self.false: list[Came] = []
        self.hook: Webhook | None = None

    def __call__(self, came: Came) -> Say:
        self._look_at(came)
        with self._lock:
            drawn, said = self._dice.random(), self._dice.choice(FAILS)
            if drawn < 0.3:
                return said
            self.taken[came.key] += 1
        return Say(after_seconds=0.8) if drawn < 0.4 else Say()

    def _look_at(self, came: Came) -> None:
        """Check the signature by the reference library, as it comes: it refuses what is older than five minutes."""
        try:
            told = self.hook.verify(came.body, came.headers)  # type: ignore[union-attr]
        except WebhookVerificationError:
            self.false.append(came)
        else:
            with self._lock:
                self.told.setdefault(told["data"]["number"], set()).add(came.key)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_each_comes_whatever_fails(tables: object) -> None:
    moody = Moody()
    with receiving(moody) as receiver:
        _endpoint, secret = make_endpoint(receiver, kinds=("stage.changed",))
        moody.hook = Webhook(secret)
        half_rolled_back()
        begun = time.monotonic()
        kills = deliver_all(receiver)
        took = time.monotonic() - begun
    found = deliveries()
    assert [each.state for each in found] == ["delivered"] * COUNT
    assert moody.false == []
    assert sorted(moody.told) == list(range(COUNT)) and {len(keys) for keys in moody.told.values()} == {1}
    assert {came.key for came in receiver.came} == {str(each.key) for each in found} == set(moody.taken) and len(moody.taken) == COUNT
    assert {came.path for came in receiver.came} == {"/hooks"}  # where a redirect leads was never visited
    assert kills == KILLS
    print(
        f"{COUNT:,} webhooks in {took:.0f} s: {len(receiver.came):,} attempts, {kills} kills, "
        f"{sum(moody.taken.values()) - COUNT:,} came again and had the same id, {len(moody.taken):,} after dropping those"
    )


def half_rolled_back() -> None:
    """Have twice as much happen, half of which then did not."""
    from django.db import transaction

    from vaglio_server.crm.models import Lead
    from vaglio_server.lifecycle.models import Happening

    lead = Lead.objects.create(created_at=AT, fields={})
    for start in range(0, COUNT, 100):
        some = range(start, min(start + 100, COUNT))
        for holds in (True, False):
            with transaction.atomic():
                Happening.objects.bulk_create(
                    Happening(kind="stage.changed", lead=lead, at=AT, detail={"number": number if holds else -1}) for number in some
                )
                transaction.set_rollback(not holds)


def deliver_all(receiver: Receiver) -> int:
    """Run senders, each killed after a moment, until all is delivered; return how many were killed while there was something to do."""
    from vaglio_server.connectors.models import WebhookDelivery

    dice, kills, end = random.Random(7), 0, time.monotonic() + 60 + COUNT / 10
    while WebhookDelivery.objects.filter(state="delivered").count() < COUNT:
        assert time.monotonic() < end, f"{json.dumps(list(WebhookDelivery.objects.filter(state='waiting').values()[:3]), default=str)}"
        child = start(receiver)
        if kills < KILLS:
            time.sleep(dice.uniform(0.2, 0.9))
            kills += 1
        else:
            while WebhookDelivery.objects.filter(state="delivered").count() < COUNT and time.monotonic() < end:
                time.sleep(0.2)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return kills


def start(receiver: Receiver) -> int:
    """Start a sender in a process of its own, as the worker runs it."""
    from django.db import connection

    connection.close()
    child = os.fork()
    if child:
        return child
    try:
        from vaglio_server.connectors.actions import Sender, fan_out

        sender = Sender(clock=lambda: datetime.now(UTC), allowed=receiver.allowed, patience=PATIENCE)
        while True:
            if not (fan_out(limit=500, at=datetime.now(UTC)) + sender.step()):
                time.sleep(0.02)
    finally:
        os._exit(1)
