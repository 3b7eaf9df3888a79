"""kill -9 while visitors send forms: who was thanked is a lead, once."""

import http.client
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection

from tests.server.forms.making import filled_in, make_form
from tests.server.running import running, wait_for
from tests.server.sending import settled
from tests.server.test_kill import kill_one
from tests.server.world import make_live
from vaglio_server.crm.models import Lead
from vaglio_server.forms.models import Submission
from vaglio_server.tracking.models import Activity

KINDS = ("web", "backend", "worker")
EACH = 30  # submissions of a visitor; of all three, fewer than a form may take in ten minutes


class Visitor(threading.Thread):
    """Sends form after form, each until thanked, as somebody does who clicks again; comes from another network each time."""

    def __init__(self, address: str, path: str, told: list[dict[str, str]], place: int) -> None:
        super().__init__()
        self._address, self._path, self._told, self._place = address.removeprefix("http://"), path, told, place
        self.heard: Counter[int | str] = Counter()

    def run(self) -> None:
        for number, each in enumerate(self._told):
            while self._sent(urlencode(each), each["field_email"], f"10.{self._place}.{number}.1") != 303:
                time.sleep(0.05)

    def _sent(self, body: str, email: str, network: str) -> int:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": network}
        try:
            with closing(http.client.HTTPConnection(self._address, timeout=40)) as link:
                link.request("POST", self._path, body, headers)
                answer = link.getresponse()
                status, page = answer.status, answer.read().decode()
            if status == 503 and not ("Send again" in page and email in page):
                self.heard["lost"] += 1
        except (OSError, http.client.HTTPException):
            status = 0
        self.heard[status] += 1
        return status


@pytest.fixture
def behind_a_proxy() -> Iterator[None]:
    os.environ["VAGLIO_PROXIES"] = "1"
    yield
    del os.environ["VAGLIO_PROXIES"]
    connection.close()


@pytest.mark.drill
def test_who_was_thanked_is_a_lead_once(tables: Path, behind_a_proxy: None) -> None:
    make_live()
    form, draw = make_form(), random.Random(3)
    told = [[filled_in(form, email=f"v{place}-{number}@acme{number}.example") for number in range(EACH)] for place in range(3)]
    with running(tables) as server:
        visitors = [Visitor(server.address, f"/f/{form.public_id}", each, place) for place, each in enumerate(told)]
        for each in visitors:
            each.start()
        for kind in KINDS:
            time.sleep(draw.uniform(0.3, 1))
            kill_one(kind, server, tables, draw)
        for each in visitors:
            each.join()
        wait_for(settled, 180)
    everybody = {each["field_email"] for those in told for each in those}
    heard = sum((each.heard for each in visitors), Counter())
    print(dict(heard))
    assert set(heard) <= {0, 303, 503}
    assert heard[303] == len(everybody)
    assert sorted(each.email for each in Submission.objects.filter(state="taken")) == sorted(everybody)
    assert sorted(Lead.objects.values_list("fields__email", flat=True)) == sorted(everybody)
    assert Activity.objects.filter(activity_type="form_submitted").count() == len(everybody)
    assert set(Lead.objects.values_list("rating", flat=True)) == {"A2"}
