"""Promised responses: due in working time of their owner, paused while we wait, late once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.lifecycle.world import NOW, crosses, live, rated, take
from tests.server.web.people import make_people
from tests.server.world import audited, leads, make_source, send
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def lead(tables: Any) -> Any:
    people = make_people()
    live()
    made = rated("A1", owner=people["luca"])
    take()
    return made


def waiting(name: str, at: datetime) -> list[tuple[int, datetime, float]]:
    from vaglio_server.lifecycle.queries import inbox
    from vaglio_server.users.models import User

    return [
        (each.lead.pk, each.due.due_at, each.due.left_seconds) for each in inbox(User.objects.get(username=name), at, 10).rows if each.due
    ]


def test_it_works(lead: Any) -> None:
    assert waiting("luca", NOW + 20 * MINUTE) == [(lead.pk, NOW + HOUR, 2400)]
    assert waiting("irina", NOW) == [] and waiting("marta", NOW) == [(lead.pk, NOW + HOUR, 3600)]


def test_it_runs_by_the_calendar_of_its_owner(lead: Any) -> None:
    from vaglio_server.lifecycle.models import BusinessCalendar, Seller

    hours = [[[540, 1080]]] * 5 + [[], []]
    BusinessCalendar.objects.create(name="Rome", timezone="Europe/Rome", week=hours, holidays=["2026-10-05"], is_default=True)
    assert waiting("luca", NOW)[0][1] == NOW + HOUR
    york = BusinessCalendar.objects.create(name="New York", timezone="America/New_York", week=hours)
    Seller.objects.create(user=lead.owner, calendar=york)
    assert waiting("luca", NOW) == [(lead.pk, datetime(2026, 10, 2, 14, tzinfo=UTC), 3600)]  # 10 o'clock there
    Seller.objects.update(calendar=None)
    rated("B1", owner=lead.owner)
    take(NOW)
    # A day of nine hours from noon on Friday, Monday is a holiday: noon on Tuesday.
    assert [due for _lead, due, _left in waiting("luca", NOW)] == [NOW + HOUR, datetime(2026, 10, 6, 10, tzinfo=UTC)]


def test_a_clock_that_is_paused_twice_is_late_later(lead: Any) -> None:
    from vaglio_server.lifecycle.actions import find_breaches, pause_clock, resume_clock

    pause_clock(lead=lead, by="luca", at=NOW + 10 * MINUTE)
    pause_clock(lead=lead, by="luca", at=NOW + 15 * MINUTE)  # a double click
    assert waiting("luca", NOW + 30 * MINUTE) == [(lead.pk, NOW + 80 * MINUTE, 3000)]
    resume_clock(lead=lead, by="luca", at=NOW + 40 * MINUTE)
    pause_clock(lead=lead, by="luca", at=NOW + 50 * MINUTE)
    resume_clock(lead=lead, by="luca", at=NOW + HOUR)
    with pytest.raises(Refused, match="runs already"):
        resume_clock(lead=lead, by="luca", at=NOW + HOUR)
    assert waiting("luca", NOW + HOUR) == [(lead.pk, NOW + 100 * MINUTE, 2400)]
    assert find_breaches(at=NOW + 99 * MINUTE) == []
    assert [(each.clock.lead, each.step) for each in find_breaches(at=NOW + 101 * MINUTE)] == [(lead, "owner")]
    assert find_breaches(at=NOW + 102 * MINUTE) == []
    assert audited("breach_clock") == [("lifecycle", f"lead:{lead.pk}")]
    assert [by for by, _subject in audited("pause_clock")] == ["luca", "luca"]


def test_nobody_pauses_what_does_not_run(lead: Any) -> None:
    from vaglio_server.lifecycle.actions import accept_lead, pause_clock
    from vaglio_server.users.models import User

    accept_lead(lead=lead, seller=User.objects.get(username="luca"), at=NOW)
    with pytest.raises(Refused, match="no clock runs"):
        pause_clock(lead=lead, by="luca", at=NOW)
    assert waiting("luca", NOW) == []


def test_what_is_late_comes_first(lead: Any) -> None:
    other = rated("A2", owner=lead.owner)
    take(NOW - 5 * HOUR)  # at five in the morning: its four hours are over at two in the afternoon
    assert [each[0] for each in waiting("luca", NOW)] == [lead.pk, other.pk]
    assert waiting("luca", NOW + 5 * HOUR)[0][2] == -3 * HOUR.total_seconds()


def known(owner: Any) -> Any:
    """Make a lead whose mail address is an identity, so that what it does is its own."""
    source = make_source()
    send(source, {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example"}})
    (made,) = leads().values()
    type(made).objects.update(owner=owner)
    crosses(made, "A1")
    take()
    return made


def does(minutes: int, **more: Any) -> None:
    from vaglio_server.tracking.models import Source

    at = (NOW + minutes * MINUTE).isoformat()
    send(Source.objects.get(name="site"), {"type": "track", "userId": "anna", "event": "Reply", "timestamp": at, **more})


def test_a_wait_is_over_when_the_lead_does_something(tables: Any) -> None:
    from vaglio_server.lifecycle.actions import pause_clock, resume_clock
    from vaglio_server.lifecycle.models import ClockPause
    from vaglio_server.tracking.models import Activity

    people = make_people()
    live()
    lead = known(people["luca"])
    does(5)  # before
    pause_clock(lead=lead, by="luca", at=NOW + 10 * MINUTE)
    assert waiting("luca", NOW + 50 * MINUTE) == [(lead.pk, NOW + 100 * MINUTE, 3000)]
    does(30)
    assert waiting("luca", NOW + 50 * MINUTE) == [(lead.pk, NOW + 80 * MINUTE, 1800)]  # it stood for twenty minutes
    Activity.objects.filter(occurred_at=NOW + 30 * MINUTE).update(is_machine=True)  # as is found out later
    assert waiting("luca", NOW + 50 * MINUTE) == [(lead.pk, NOW + 100 * MINUTE, 3000)]
    does(30)
    with pytest.raises(Refused, match="runs already"):
        resume_clock(lead=lead, by="luca", at=NOW + 50 * MINUTE)
    pause_clock(lead=lead, by="luca", at=NOW + HOUR)
    assert list(ClockPause.objects.order_by("from_at").values_list("from_at", "to_at")) == [
        (NOW + 10 * MINUTE, NOW + 30 * MINUTE), (NOW + HOUR, None),
    ]  # fmt: skip
    resume_clock(lead=lead, by="luca", at=NOW + 70 * MINUTE)
    assert waiting("luca", NOW + 70 * MINUTE) == [(lead.pk, NOW + 90 * MINUTE, 1200)]


def test_what_we_send_ourselves_ends_no_wait(tables: Any) -> None:
    from vaglio_server.lifecycle.actions import pause_clock

    people = make_people()
    live()
    lead = known(people["luca"])
    pause_clock(lead=lead, by="luca", at=NOW)
    for minutes, event in enumerate(("Email Sent", "Email Delivered", "newsletter_sent", "Mail Delivered"), 10):
        does(minutes, event=event)
    assert waiting("luca", NOW + 30 * MINUTE) == [(lead.pk, NOW + 90 * MINUTE, 3600)]
    does(20, event="Email Opened")
    assert waiting("luca", NOW + 30 * MINUTE) == [(lead.pk, NOW + 80 * MINUTE, 3000)]
    does(5, event="Message Sent")  # what is no mail, the lead did
    assert waiting("luca", NOW + 30 * MINUTE) == [(lead.pk, NOW + 65 * MINUTE, 2100)]


def test_a_wait_hides_no_lead_for_ever(lead: Any) -> None:
    from vaglio_server.lifecycle.actions import find_breaches, pause_clock, postpone_lead
    from vaglio_server.lifecycle.queries import idle
    from vaglio_server.users.models import User

    def unanswered(at: datetime) -> list[Any]:
        return [row.lead for each in idle(User.objects.get(username="luca"), at, 9) if each.why == "unanswered" for row in each.leads]

    pause_clock(lead=lead, by="luca", at=NOW)
    assert find_breaches(at=NOW + timedelta(days=7)) == [] and unanswered(NOW + timedelta(days=7)) == []
    pause_clock(lead=lead, by="luca", at=NOW + timedelta(days=6))  # the same wait still
    assert [each.step for each in find_breaches(at=NOW + timedelta(days=7) + 61 * MINUTE)] == ["owner"]
    pause_clock(lead=lead, by="luca", at=NOW + timedelta(days=7) + 62 * MINUTE)  # another one, and its clock stands again
    assert find_breaches(at=NOW + timedelta(days=12)) == []
    assert unanswered(NOW + timedelta(days=12)) == [lead]
    type(lead).objects.get().clocks.update(breached_at=None)
    assert unanswered(NOW + timedelta(days=12)) == [lead]  # because of the wait alone
    postpone_lead(lead=lead, until=NOW + timedelta(days=13), by="luca", at=NOW + timedelta(days=12))  # it asked for that day
    assert unanswered(NOW + timedelta(days=12)) == [] and unanswered(NOW + timedelta(days=13)) == [lead]
