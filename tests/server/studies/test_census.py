"""Of very many leads a worker counts by rating, so that no page waits; whoever may not see all leads gets a count of their own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from tests.server.scoring.test_run import elsewhere
from tests.server.world import make_live, make_source, send

pytestmark = pytest.mark.usefixtures("tables")
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Clock:
    """A clock that a test sets, and that goes on by ``step`` at each look."""

    def __init__(self, step: timedelta = timedelta()) -> None:
        self.now, self.step = NOW, step

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


@pytest.fixture
def crowd(scorer: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Three leads with ratings and one without, which are many here; return how to score more."""
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.studies.actions import studies as actions

    monkeypatch.setattr(actions, "MANY", 3)
    source = make_source()
    make_live()

    def more(*users: str) -> None:
        for user in users:
            send(source, {"type": "identify", "userId": user, "traits": {"email": f"{user}@acme.example", "title": "CTO"}})
        score_due(scorer=scorer, limit=100)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE crm_lead")

    more("a", "b", "c")
    return more


def test_it_works(crowd: Any) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.studies.actions import take_census
    from vaglio_server.studies.queries import Counts, count_by_rating, leads_by_rating

    live = count_by_rating(Lead.objects.present())
    assert sum(live.values()) == 3
    assert leads_by_rating(NOW) == Counts(live)
    assert take_census(clock=Clock())
    assert leads_by_rating(NOW) == Counts(live, NOW)
    crowd("d")
    assert leads_by_rating(NOW) == Counts(live, NOW)  # as it was counted
    clock = Clock()
    assert not take_census(clock=clock)
    clock.now += timedelta(seconds=6)
    assert take_census(clock=clock)
    assert sum(leads_by_rating(clock.now).leads.values()) == 4


def test_it_counts_seldom_where_nothing_was_scored_and_where_it_takes_long(crowd: Any) -> None:
    from vaglio_server.studies.actions import take_census
    from vaglio_server.studies.models import Census

    clock = Clock(step=timedelta(seconds=1))  # so long it takes to count
    assert take_census(clock=clock)
    clock.now = NOW + timedelta(seconds=25)
    assert not take_census(clock=clock)
    clock.now = NOW + timedelta(seconds=31)
    assert take_census(clock=clock)
    Census.objects.update(seconds=3)
    crowd("d")
    clock.now += timedelta(seconds=50)
    assert not take_census(clock=clock)
    clock.now += timedelta(seconds=10)
    assert take_census(clock=clock) and Census.objects.count() == 1


def test_one_that_is_old_is_not_believed(crowd: Any) -> None:
    from vaglio_server.studies.actions import take_census
    from vaglio_server.studies.queries import leads_by_rating

    take_census(clock=Clock())
    assert leads_by_rating(NOW + timedelta(minutes=3)).counted_at is None


def test_of_few_leads_there_is_none(crowd: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.studies.actions import studies as actions
    from vaglio_server.studies.models import Census

    actions.take_census(clock=Clock())
    monkeypatch.setattr(actions, "MANY", 100)
    assert not actions.take_census(clock=Clock()) and not Census.objects.exists()


def test_one_worker_counts(crowd: Any) -> None:
    from vaglio_server.studies.actions import CENSUS, take_census

    with elsewhere() as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [CENSUS])
        assert not take_census(clock=Clock())
    assert take_census(clock=Clock())


def test_sellers_see_their_own(crowd: Any) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.studies.actions import take_census
    from vaglio_server.studies.queries import leads_by_rating
    from vaglio_server.users.models import User

    take_census(clock=Clock())
    seller = User.objects.create_user("seller", role="sales")
    reader = User.objects.create_user("reader", role="readonly")
    assert leads_by_rating(NOW, seller).leads == {}
    Lead.objects.filter(pk=Lead.objects.order_by("pk")[0].pk).update(owner=seller)
    counted = leads_by_rating(NOW, seller)
    assert sum(counted.leads.values()) == 1 and counted.counted_at is None
    assert leads_by_rating(NOW, reader).counted_at == NOW
