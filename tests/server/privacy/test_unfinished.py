"""Deleting what is old that did not come to its end is begun anew in some minutes, and not a week later."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.server.privacy.test_retention import age, keep, two_leads
from tests.server.world import AT, audited, elsewhere

pytestmark = pytest.mark.usefixtures("tables")


def _a_while_goes_by() -> None:
    """Move what is written of a run back by as long as one is held."""
    from django.db.models import F

    from vaglio_server.privacy.actions import HELD
    from vaglio_server.privacy.models import Retention

    assert timedelta(minutes=2) <= HELD <= timedelta(hours=1)
    Retention.objects.update(ran_at=F("ran_at") - HELD)


def _requests() -> int:
    """Return how many requests are as they came; they go last."""
    from vaglio_server.tracking.models import Delivery

    return Delivery.objects.exclude(body=b"").count()


def _lose_the_connection() -> None:
    from django.db import connection

    with elsewhere(autocommit=True) as other, connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        other.execute("SELECT pg_terminate_backend(%s, 5000)", cursor.fetchone())


@pytest.fixture
def lost_in_the_middle() -> None:
    """One worker has begun, and its database went away at its second step."""
    from django.db import OperationalError, connection

    from vaglio_server.config.retaining import Retaining

    two_leads()
    keep(13, 24)
    age(30)
    worker = Retaining()
    assert worker.step() == 1
    _lose_the_connection()
    with pytest.raises(OperationalError):
        while worker.step():
            pass
    connection.close()
    assert worker.step() == 0 and worker.step() == 0 and _requests()  # not in a loop


def test_what_an_error_broke_off_is_begun_anew_in_some_minutes_and_then_once_a_week(lost_in_the_middle: None) -> None:
    from vaglio_server.config.retaining import Retaining

    _a_while_goes_by()
    other = Retaining()
    while other.step():
        pass
    assert not _requests() and audited("delete_old")[-1] == ("worker", "retention")
    _a_while_goes_by()
    assert not _is_begun_within(6.9) and _is_begun_within(7.1)


def _is_begun_within(days: float) -> bool:
    from vaglio_server.privacy.actions import begin_deleting

    return begin_deleting(at=datetime.now(UTC) + timedelta(days=days)) is not None


def test_a_run_that_goes_on_is_begun_by_no_other_worker_however_long_it_takes() -> None:
    from vaglio_server.privacy.actions import HELD, begin_deleting, end_deleting, go_on_deleting

    keep(13, 24)
    at = AT + timedelta(days=1)
    held = begin_deleting(at=at)
    for _step in range(5):
        at += HELD * 0.9
        assert held and not begin_deleting(at=at)
        held = go_on_deleting(held=held, at=at)
    assert held
    end_deleting(held=held, at=at)
    assert not begin_deleting(at=at + timedelta(days=6)) and begin_deleting(at=at + timedelta(days=7))


def test_who_comes_too_late_to_go_on_leaves_it_to_whoever_began_since() -> None:
    from vaglio_server.privacy.actions import HELD, begin_deleting, end_deleting, go_on_deleting

    keep(13, 24)
    at = AT + timedelta(days=1)
    lost = begin_deleting(at=at)
    mine = begin_deleting(at=at + HELD)
    assert lost and mine and go_on_deleting(held=lost, at=at + HELD) is None
    end_deleting(held=lost, at=at + HELD)  # says nothing of the other's
    assert go_on_deleting(held=mine, at=at + HELD)


def test_what_is_put_off_while_the_worker_deletes_ends_there() -> None:
    from vaglio_server.config.retaining import Retaining
    from vaglio_server.privacy.actions import put_off_deleting

    two_leads()
    keep(13, 24)
    age(30)
    worker = Retaining()
    assert worker.step() == 1
    put_off_deleting(at=datetime.now(UTC))
    while worker.step():
        pass
    assert _requests()
    assert not _is_begun_within(0.9) and _is_begun_within(1.1)
