"""Clients that send until they are told that it is kept, and what must be there in the end."""

import http.client
import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.db import OperationalError, connection

from tests.server.running import wait_for
from vaglio_server.crm.models import Lead
from vaglio_server.scoring.models import Crossing
from vaglio_server.tracking.models import Activity, Delivery, Event, IdentityKind, IdentityLink

PATIENCE_SECONDS = 40.0  # of a client; longer than a server that hangs is given
UNANSWERED = 0
APART = 20  # batches between somebody's first call and the next, so that most are scored in between


@dataclass
class Heard:
    """What clients were told: statuses (0: the connection broke or stayed silent), and when requests were acknowledged."""

    statuses: Counter[int] = field(default_factory=Counter)
    acknowledged: set[str] = field(default_factory=set)
    at: list[float] = field(default_factory=list)

    @property
    def outage(self) -> tuple[float, float]:
        """The longest time in which nobody was acknowledged [s], and when it began."""
        return max((after - before, before) for before, after in pairwise(sorted(self.at)))


class Client(threading.Thread):
    """Asks one thing after the other until told to stop."""

    def __init__(self, address: str, stop: threading.Event, pause: float) -> None:
        super().__init__()
        self._address, self._stopped, self._pause = address.removeprefix("http://"), stop, pause
        self.heard = Heard()

    def _asked(self, verb: str, path: str, body: Any = None, **headers: str) -> int:
        try:
            with closing(http.client.HTTPConnection(self._address, timeout=PATIENCE_SECONDS)) as link:
                link.request(verb, path, json.dumps(body) if body else None, headers)
                status = link.getresponse().status
        except (OSError, http.client.HTTPException):
            status = UNANSWERED
        self.heard.statuses[status] += 1
        return status


class Sender(Client):
    """Sends each batch until it is acknowledged, as all of Segment's clients do.

    In each batch a new person appears, and the one of some batches before asks for a demo: of profile A, from engagement 4 to 1.
    """

    def __init__(self, address: str, key: str, name: str, stop: threading.Event, pause: float, padding: int = 0) -> None:
        super().__init__(address, stop, pause)
        self._key, self._called, self._padding = key, name, padding

    def run(self) -> None:
        number = 0
        while not self._stopped.wait(self._pause):
            batch = list(self._calls(number))
            while self._asked("POST", "/v1/batch", {"writeKey": self._key, "batch": batch}) != 200:
                if self._stopped.wait(0.05):
                    return
            self.heard.at.append(time.monotonic())
            self.heard.acknowledged |= {call["messageId"] for call in batch}
            number += 1

    def _calls(self, number: int) -> Iterator[dict[str, Any]]:
        new, old = f"{self._called}-{number}", f"{self._called}-{number - APART}"
        calls: list[dict[str, Any]] = [
            {"type": "identify", "userId": new, "traits": {"title": "CTO", "employees": 90}},
            {"type": "track", "userId": new, "event": "Webinar Attended"},
        ]
        if number >= APART:
            calls += [
                {"type": "page", "userId": old, "properties": {"path": "/pricing"}},
                {"type": "track", "userId": old, "event": "Form Submitted", "properties": {"form": "demo"}},
            ]
        for call in calls:
            padding = {"context": {"note": secrets.token_hex(self._padding // 2)}} if self._padding else {}
            yield call | padding | {"messageId": f"{call['userId']}-{call.get('event', call['type'])}"}


class Asker(Client):
    """Asks for what people and load balancers ask for."""

    def __init__(self, address: str, token: str, key: str, stop: threading.Event, pause: float) -> None:
        super().__init__(address, stop, pause)
        self._token, self._key = token, key

    def run(self) -> None:
        while not self._stopped.wait(self._pause):
            for path in ("/readyz", "/api/leads?limit=1", f"/sourceConfig?writeKey={self._key}"):
                self._asked("GET", path, Authorization=f"Bearer {self._token}")


@contextmanager
def at_work(stop: threading.Event, *clients: Client) -> Iterator[None]:
    """Let clients ask meanwhile; they share their stop."""
    for client in clients:
        client.start()
    try:
        yield
    finally:
        stop.set()
        for client in clients:
            client.join()


def together(clients: list[Any]) -> Heard:
    """Return what all of them heard."""
    whole = Heard()
    for client in clients:
        whole.statuses += client.heard.statuses.copy()  # its thread goes on counting
        whole.acknowledged |= client.heard.acknowledged
        whole.at += client.heard.at
    return whole


def crossings() -> int:
    """Return how many there are; none while the database recovers."""
    try:
        return Crossing.objects.count()
    except OperationalError:
        connection.close()
        return 0


def settled() -> bool:
    """Whether every delivery is taken and every lead scored; not while the database recovers."""
    try:
        return not Delivery.objects.filter(is_open=True).exists() and not Lead.objects.filter(rating=None).exists() and not _due()
    except OperationalError:
        connection.close()
        return False


def _due() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT EXISTS (SELECT FROM crm_lead WHERE due_at <= clock_timestamp())
            OR EXISTS (SELECT FROM scoring_run WHERE ended_at IS NULL)"""
        )
        found: bool = cursor.fetchone()[0]
        return found


@dataclass(frozen=True)
class Account:
    """What the database holds against what clients were told."""

    acknowledged: int
    events: int
    lost: int
    doubled: int
    people: int
    crossings: int
    crossings_lost: int
    crossings_doubled: int

    def assert_exact(self) -> None:
        assert (self.lost, self.doubled, self.crossings_lost, self.crossings_doubled) == (0, 0, 0, 0), self
        assert self.acknowledged > 0 and self.people > 0


def account(acknowledged: set[str], seconds: float) -> Account:
    """Wait until all is taken and scored, and count. More may be there than was acknowledged: an answer can get lost."""
    wait_for(settled, seconds)
    stored = list(Event.objects.values_list("message_id", flat=True))
    unique = set(stored)
    acted = sum(not each.endswith("-identify") for each in stored)
    links = IdentityLink.objects.filter(ended_at=None, identity__kind=IdentityKind.USER_ID)
    people = dict(links.values_list("identity__value", "lead_id"))
    chains: dict[int, list[tuple[Any, Any]]] = {}
    for crossing in Crossing.objects.order_by("at", "id"):
        before = (crossing.rating_before, crossing.flags_before)
        chains.setdefault(crossing.lead_id, []).append((before, (crossing.rating_after, crossing.flags_after)))
    faults = [
        faults_of(chains.get(lead, []), "A1" if f"{person}-Form Submitted" in unique else "A4", f"{person}-identify" in unique)
        for person, lead in people.items()
    ]
    shown = dict(Lead.objects.values_list("id", "rating"))
    wrong = sum(shown[lead] != chains[lead][-1][1][0] for lead in people.values() if lead in chains)
    return Account(
        acknowledged=len(acknowledged), events=len(stored), lost=len(acknowledged - unique),
        doubled=len(stored) - len(unique) + abs(Activity.objects.count() - acted), people=len(people),
        crossings=sum(map(len, chains.values())), crossings_lost=sum(lost for lost, _ in faults) + wrong,
        crossings_doubled=sum(doubled for _, doubled in faults),
    )  # fmt: skip


def faults_of(chain: list[tuple[Any, Any]], expected: str, known: bool) -> tuple[int, int]:
    """Return how many crossings of a lead are missing and how many are there twice, by what its events must have made of it."""
    befores, afters = [before for before, _after in chain], [after for _before, after in chain]
    if not known or not chain:
        return 1, 0
    lost = (befores[0] != (None, None)) + (afters[-1][0] != expected)
    again = sum(before == after for before, after in chain) + len(chain) - len(set(chain))
    broken = sum(before != after for before, after in zip(befores[1:], afters, strict=False))
    return lost + (broken if not again else 0), again
