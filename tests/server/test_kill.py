"""kill -9 of every process while events come in: nothing acknowledged is lost, nothing is counted twice."""

import http.client
import json
import os
import random
import signal
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.db import OperationalError, connection

from tests.server.running import running, wait_for
from tests.server.world import make_live, make_source
from vaglio_server.scoring.models import Crossing
from vaglio_server.tracking.models import Activity, Delivery, Event

DRILL = "VAGLIO_KILLS" in os.environ
CYCLES = int(os.environ.get("VAGLIO_KILLS", "4"))


class Sender(threading.Thread):
    """A client that sends each batch until it is acknowledged, as all of them do."""

    def __init__(self, address: str, key: str, name: str, stop: threading.Event) -> None:
        super().__init__(name=name)
        self._address, self._key, self._stop_sending = address.removeprefix("http://"), key, stop
        self.acknowledged: set[str] = set()
        self.answers: set[int] = set()

    def run(self) -> None:
        number = 0
        while not self._stop_sending.is_set():
            ids = [f"{self.name}-{number}-{place}" for place in range(5)]
            batch = [
                {"type": "track", "event": "Webinar Attended", "userId": f"{self.name}{place}", "messageId": each}
                for place, each in enumerate(ids)
            ]  # fmt: skip
            while not self._sent({"writeKey": self._key, "batch": batch}):
                if self._stop_sending.wait(0.05):
                    return
            self.acknowledged |= set(ids)
            number += 1

    def _sent(self, body: Any) -> bool:
        try:
            with closing(http.client.HTTPConnection(self._address, timeout=10)) as link:
                link.request("POST", "/v1/batch", json.dumps(body))
                status = link.getresponse().status
        except (OSError, http.client.HTTPException):
            return False
        self.answers.add(status)
        return status == 200


def victims(process: Any, home: Path) -> list[psutil.Process]:
    """Return the processes below a server; in a drill also those by which the database serves it."""
    found = psutil.Process(process.pid).children(recursive=True)
    mark = home / "postgres/data/postmaster.pid"
    if DRILL and mark.exists():
        serving = psutil.Process(int(mark.read_text().split()[0])).children()
        found += [each for each in serving if each.cmdline()[:1] and each.cmdline()[0].startswith("postgres: vaglio")][:3]
    return found


def all_done() -> bool:
    """Whether every delivery is taken and every one of the 15 leads scored; not while the database recovers."""
    try:
        return not Delivery.objects.filter(is_open=True).exists() and Crossing.objects.filter(rating_before=None).count() == 15
    except OperationalError:
        connection.close()
        return False


def test_nothing_acknowledged_is_lost_and_nothing_counts_twice(tables: Path) -> None:
    draw = random.Random(7)
    source = make_source()
    make_live()
    stop = threading.Event()
    with running(tables) as server:
        senders = [Sender(server.address, source.write_key, name, stop) for name in ("ann", "bob", "cat")]
        for sender in senders:
            sender.start()
        for _ in range(CYCLES):
            time.sleep(draw.uniform(0.5, 3))
            targets = victims(server.process, tables)
            if targets:
                os.kill(draw.choice(targets).pid, signal.SIGKILL)
        wait_for(lambda: sum(len(sender.acknowledged) for sender in senders) > 200, 60)
        stop.set()
        for sender in senders:
            sender.join()
        wait_for(all_done, 90)
    acknowledged = set().union(*(sender.acknowledged for sender in senders))
    assert set().union(*(sender.answers for sender in senders)) <= {200, 503}
    stored = list(Event.objects.values_list("message_id", flat=True))
    assert acknowledged - set(stored) == set()
    assert len(stored) == len(set(stored)) == Activity.objects.count()
    assert Crossing.objects.filter(rating_before=None).count() == 15


def test_its_processes_end_with_a_server_that_is_killed(tables: Path) -> None:
    with running(tables) as server:
        below = psutil.Process(server.process.pid).children(recursive=True)
        assert len(below) >= 4
        server.process.kill()
        wait_for(lambda: not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in below), 30)


@pytest.fixture(autouse=True)
def fresh_connection() -> Any:
    yield
    connection.close()
