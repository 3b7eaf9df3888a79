"""What a receiver missed is told again: all of it, at once, and nothing that it was never to be told."""

from datetime import timedelta
from typing import Any

import pytest

from tests.server.connectors.receiver import receiving
from tests.server.connectors.world import NOW, allowing, deliveries, hand_out, happen, make_endpoint

pytestmark = pytest.mark.usefixtures("tables")
BEFORE = NOW - timedelta(days=7)


def replay(endpoint: Any) -> int:
    from vaglio_server.connectors.actions import replay_failed

    return replay_failed(endpoint=endpoint, since=BEFORE, by="ada", at=NOW)


def switch(endpoint: Any, is_on: bool) -> None:
    from vaglio_server.connectors.actions import switch_endpoint

    switch_endpoint(endpoint=endpoint, is_on=is_on, by="ada", at=NOW)
    endpoint.refresh_from_db()


def tell_of(endpoint: Any, *kinds: str, at: Any = NOW) -> None:
    from vaglio_server.connectors.actions import NewEndpoint, change_endpoint

    change_endpoint(endpoint=endpoint, told=NewEndpoint(endpoint.name, endpoint.address, kinds), by="ada", at=at)
    endpoint.refresh_from_db()


def test_what_happened_before_a_kind_was_chosen_was_not_missed() -> None:
    hour = timedelta(hours=1)
    with receiving() as receiver, allowing(receiver):
        endpoint, _secret = make_endpoint(receiver, kinds=("stage.changed",))
        happen(3, "rating.crossed")
        hand_out()
        tell_of(endpoint, "stage.changed", "rating.crossed", at=NOW + hour)
        assert replay(endpoint) == 0
        switch(endpoint, False)
        (later,) = happen(1, "rating.crossed")
        type(later).objects.filter(pk=later.pk).update(at=NOW + 2 * hour)
        (moved,) = happen(1, "stage.changed")
        hand_out()
        switch(endpoint, True)
        tell_of(endpoint, "stage.changed", "rating.crossed", at=NOW + 3 * hour)  # it was chosen already
        assert (replay(endpoint), replay(endpoint)) == (2, 0)
        tell_of(endpoint, "stage.changed")
        tell_of(endpoint, "stage.changed", "rating.crossed", at=NOW + 3 * hour)
        deliveries()[0].delete()
        assert replay(endpoint) == 0
    assert later.pk < moved.pk and [each.happening_id for each in deliveries()] == [moved.pk]


def test_however_many_were_missed_the_database_does_it_at_once() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with receiving() as receiver, allowing(receiver):
        endpoint, _secret = make_endpoint(receiver)
        switch(endpoint, False)
        missed = happen(2_500)
        hand_out()
        switch(endpoint, True)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert replay(endpoint) == 2_500
    assert len(asked) < 10 and not [each for each in asked if len(each["sql"]) > 2_000]  # no row came to us and went back
    assert [each.key for each in deliveries()] == [each.key for each in missed]
    assert {(each.state, each.attempts, each.next_at, each.at) for each in deliveries()} == {("waiting", 0, NOW, NOW)}
