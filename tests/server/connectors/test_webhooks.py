"""What happens to leads is told to other systems: signed, at least once, and to nobody else."""

import json
import os
import threading
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.server.connectors.receiver import receiving
from tests.server.connectors.world import deliveries, make_endpoint
from tests.server.lifecycle.world import live, rated
from tests.server.running import running, wait_for
from tests.server.web.people import make_people
from tests.server.world import AT
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")


def test_a_worker_tells_a_receiver_of_a_stage_that_changed(tables: object) -> None:
    with receiving() as receiver:
        endpoint, secret = make_endpoint(receiver, kinds=("stage.changed",))
        make_people()
        live()
        lead = rated("A1")
        with running(os.environ["VAGLIO_HOME"], processes=1, VAGLIO_WEBHOOK_HOSTS=f"127.0.0.1:{receiver.port}"):
            wait_for(lambda: [each.state for each in deliveries()] == ["delivered"], 20)
    (came,) = receiver.came
    told = Webhook(secret).verify(came.body, came.headers)  # by the reference library, not by ours
    assert told == json.loads(came.body)
    assert (told["type"], told["data"]["lead_id"], told["data"]["to"]) == ("stage.changed", lead.pk, "marketing_qualified")
    assert "email" not in told["data"]
    (sent,) = deliveries()
    assert (came.key, sent.status, sent.attempts, sent.answer) == (str(sent.happening.key), 200, 1, "thanks")
    assert sent.endpoint == endpoint


def some(name: str, *kinds: str) -> Any:
    from vaglio_server.connectors.actions import NewEndpoint

    return NewEndpoint(name, "https://hooks.example.com/", kinds or ("stage.changed",))


def test_of_two_who_make_the_last_receiver_at_once_one_is_refused() -> None:
    from django.db import connection, transaction

    from vaglio_server.connectors.actions import make_endpoint
    from vaglio_server.connectors.actions.endpoints import MOST
    from vaglio_server.connectors.models import Endpoint

    for number in range(MOST - 1):
        make_endpoint(told=some(f"r{number}"), by="ada", at=AT)
    said = []

    def make() -> None:
        try:
            make_endpoint(told=some("one too many"), by="eva", at=AT)
        except Refused as refused:
            said.append(str(refused))
        connection.close()

    other = threading.Thread(target=make)
    with transaction.atomic():
        make_endpoint(told=some("the last"), by="ada", at=AT)
        other.start()
        other.join(0.5)
    other.join()
    assert (said, Endpoint.objects.count()) == (["there are 25 receivers already; remove one first"], MOST)


def test_a_kind_is_told_since_it_was_chosen_whoever_looked_before() -> None:
    from vaglio_server.connectors.actions import change_endpoint, make_endpoint
    from vaglio_server.connectors.models import Endpoint

    seen, _secret = make_endpoint(told=some("crm"), by="ada", at=AT)
    both, later = some("crm", "stage.changed", "lead.assigned"), AT + timedelta(days=1)
    change_endpoint(endpoint=Endpoint.objects.get(), told=both, by="ada", at=AT)
    changed = change_endpoint(endpoint=seen, told=both, by="eva", at=later)
    assert changed.told_since == Endpoint.objects.get().told_since == {"lead.assigned": AT.isoformat()}
