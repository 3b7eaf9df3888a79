"""What happens to leads is told to other systems: signed, at least once, and to nobody else."""

import json
import os

import pytest
from standardwebhooks import Webhook

from tests.server.connectors.receiver import receiving
from tests.server.connectors.world import deliveries, make_endpoint
from tests.server.lifecycle.world import live, rated
from tests.server.running import running, wait_for
from tests.server.web.people import make_people

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
