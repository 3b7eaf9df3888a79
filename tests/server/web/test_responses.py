"""The model's page says whether sales answered as soon as it promises: what was in time, what was late, what still has time."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.server.lifecycle.world import NOW, rated, take
from tests.server.web.people import signed_in
from tests.server.web.reading import read
from tests.server.world import audited

pytestmark = pytest.mark.usefixtures("tables")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def accept(lead: Any, seller: Any, at: datetime) -> None:
    from vaglio_server.lifecycle.actions import accept_lead

    accept_lead(lead=lead, seller=seller, at=at)


def breaches(at: datetime) -> None:
    from vaglio_server.lifecycle.actions import find_breaches

    find_breaches(at=at)


def page_of(people: dict[str, Any]) -> str:
    return read(signed_in(people["marta"]).get("/models/small"))


def began_lately(ago: timedelta) -> None:
    """Move all clocks, which began at a fixed day, to so long before now."""
    from django.utils import timezone

    from vaglio_server.lifecycle.models import SlaClock

    SlaClock.objects.update(started_at=timezone.now() - ago)


def test_they_are_counted_by_rating_and_promise(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.queries import Responses, first_responses

    luca = people["luca"]
    soon, slow, never, waits, other = (rated(each, owner=luca) for each in ("A1", "A1", "A1", "A1", "A2"))
    take()
    accept(soon, luca, NOW + 10 * MINUTE)
    accept(other, luca, NOW + 10 * MINUTE)
    breaches(NOW + HOUR + MINUTE)
    accept(slow, luca, NOW + 2 * HOUR)
    last = rated("A1", owner=luca)
    take(NOW + 2 * HOUR)
    assert never.clocks.get().breached_at and waits.clocks.get().breached_at and not last.clocks.get().breached_at
    found = first_responses(NOW - HOUR)
    assert found == {("A1", 3_600): Responses(1, 3, 1), ("A2", 14_400): Responses(1, 0, 0)}
    assert first_responses(NOW + HOUR) == {("A1", 3_600): Responses(0, 0, 1)}


def test_an_answer_that_comes_too_late_is_late_though_no_worker_looked(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.queries import Responses, first_responses

    luca = people["luca"]
    late, just = (rated("A1", owner=luca) for _ in range(2))
    take()
    accept(just, luca, NOW + HOUR)
    accept(late, luca, NOW + HOUR + MINUTE)
    assert first_responses(NOW - HOUR) == {("A1", 3_600): Responses(1, 1, 0)}
    assert audited("breach_clock") == [("lifecycle", f"lead:{late.pk}")]


def test_the_page_says_how_many_were_in_time(people: dict[str, Any]) -> None:
    luca = people["luca"]
    assert page_of(people).count("no lead was promised it in the last 90d") == 3
    soon, slow, fine, _waits = (rated(each, owner=luca) for each in ("A1", "A1", "A2", "B1"))
    take()
    accept(soon, luca, NOW + 10 * MINUTE)
    accept(fine, luca, NOW + 10 * MINUTE)
    breaches(NOW + HOUR + MINUTE)
    accept(slow, luca, NOW + 2 * HOUR)
    began_lately(timedelta(days=3))
    page = page_of(people)
    assert "✗ so far 50%: 1 of 2 were answered in time in the last 90d" in page
    assert "✓ so far 100%: 1 of 1 were answered in time in the last 90d" in page and "1 still have time" in page
    began_lately(timedelta(days=91))
    assert page_of(people).count("no lead was promised it in the last 90d") == 3


def test_who_need_not_be_answered_any_more_counts_nowhere(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import SlaClock
    from vaglio_server.lifecycle.queries import Responses, first_responses

    rated("A1", owner=people["luca"])
    take()
    SlaClock.objects.update(ended_at=NOW + MINUTE)  # withdrawn
    assert first_responses(NOW - HOUR) == {("A1", 3_600): Responses(0, 0, 0)}
    began_lately(timedelta(days=3))
    assert page_of(people).count("no lead was promised it") == 3


def test_of_a_model_by_which_no_clock_runs_it_says_so() -> None:
    from tests.server.world import MODEL
    from vaglio_server.scoring.engine import document_of
    from vaglio_server.web.model_figures import promises_shown

    text = MODEL + "ratings: {sales: [A1]}\npromises: {review_by: '2030-01-31', first_response: {A1: 1h}}\n"
    (promise,) = promises_shown(document_of(text), None, {})
    assert promise.found == "no clock runs by this model: another one says where leads go"
