"""What a seller does next: seen again later, a step that is said, and what one team hands over to the next."""

from datetime import timedelta
from typing import Any

import pytest

from tests.server.kept import kept
from tests.server.lifecycle.world import NOW, people_and_model, rated, stage, take
from tests.server.world import audited
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    return kept(people_and_model)


def test_a_lead_is_seen_again_later_and_its_clock_stands_meanwhile(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import find_breaches, postpone_lead
    from vaglio_server.lifecycle.queries import inbox, postponed

    luca = people["luca"]
    lead = rated("A1", owner=luca)
    take()
    postpone_lead(lead=lead, until=NOW + 9 * DAY, by="luca", at=NOW + HOUR / 2)
    postpone_lead(lead=lead, until=NOW + 5 * DAY, by="luca", at=NOW + HOUR / 2)  # rather earlier
    assert inbox(luca, NOW + HOUR, 9).rows == [] and [each.lead for each in postponed(luca, NOW + HOUR, 9)] == [lead]
    assert find_breaches(at=NOW + 5 * DAY) == []
    (there,) = inbox(luca, NOW + 5 * DAY, 9).rows
    assert there.due is not None and there.due.left_seconds == 1800 and postponed(luca, NOW + 5 * DAY, 9) == []
    assert [each.step for each in find_breaches(at=NOW + 5 * DAY + 0.6 * HOUR)] == ["owner"]
    assert audited("postpone_lead") == [("luca", f"lead:{lead.pk}")] * 2


@pytest.mark.parametrize("is_waited_for", [False, True])
def test_the_clock_of_a_lead_that_is_shown_again_runs_on_where_it_stood(people: dict[str, Any], is_waited_for: bool) -> None:
    from vaglio_server.lifecycle.actions import find_breaches, pause_clock, postpone_lead, show_again
    from vaglio_server.lifecycle.queries import inbox

    luca = people["luca"]
    lead = rated("A1", owner=luca)
    take()
    if is_waited_for:
        pause_clock(lead=lead, by="luca", at=NOW + HOUR / 2)
    postpone_lead(lead=lead, until=NOW + 9 * DAY, by="luca", at=NOW + HOUR / 2)
    postpone_lead(lead=lead, until=NOW + 5 * DAY, by="luca", at=NOW + DAY)
    show_again(lead=lead, by="luca", at=NOW + 4 * DAY)
    (there,) = inbox(luca, NOW + 4 * DAY, 9).rows
    assert there.due is not None and there.due.left_seconds == 1800
    assert [each.step for each in find_breaches(at=NOW + 4 * DAY + 0.6 * HOUR)] == ["owner"]
    with pytest.raises(Refused, match="was not put off"):
        show_again(lead=lead, by="luca", at=NOW + 4 * DAY)


def test_who_looked_at_the_time_before_somebody_else_put_it_off_comes_after_them(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import postpone_lead, show_again
    from vaglio_server.lifecycle.models import ClockPause

    lead = rated("A1", owner=people["luca"])
    take()
    for until in (2 * DAY, 3 * DAY):
        postpone_lead(lead=lead, until=NOW + until, by="luca", at=NOW + HOUR)
        postpone_lead(lead=lead, until=NOW + until, by="ada", at=NOW + HOUR / 2)
    show_again(lead=lead, by="ada", at=NOW)
    assert all(each.to_at == each.from_at for each in ClockPause.objects.all())


def test_only_what_waits_is_postponed_and_not_for_ever(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead, postpone_lead

    lead = rated("A1", owner=people["luca"])
    with pytest.raises(Refused, match="only a lead that waits"):
        postpone_lead(lead=lead, until=NOW + DAY, by="luca", at=NOW)
    take()
    for until in (NOW, NOW - DAY, NOW + 400 * DAY):
        with pytest.raises(Refused, match="within a year"):
            postpone_lead(lead=lead, until=until, by="luca", at=NOW)
    accept_lead(lead=lead, seller=people["luca"], at=NOW)
    with pytest.raises(Refused, match="next step"):
        postpone_lead(lead=lead, until=NOW + DAY, by="luca", at=NOW)


def test_what_is_in_work_has_a_next_step_or_is_idle(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead, say_next_step
    from vaglio_server.lifecycle.queries import without_next_step

    luca = people["luca"]
    lead = rated("A1", owner=luca)
    take()
    with pytest.raises(Refused, match="taken on"):
        say_next_step(lead=lead, step="call", on=NOW + DAY, by="luca", at=NOW)
    accept_lead(lead=lead, seller=luca, at=NOW)
    assert without_next_step(luca, NOW + HOUR, 9) == [] and without_next_step(luca, NOW + 5 * HOUR, 9) == [lead]  # there is time to say so
    with pytest.raises(Refused, match="say when"):
        say_next_step(lead=lead, step="call", on=None, by="luca", at=NOW)
    with pytest.raises(Refused, match="at most"):
        say_next_step(lead=lead, step="x" * 201, on=NOW + DAY, by="luca", at=NOW)
    kept = say_next_step(lead=lead, step=" call  the CFO ", on=NOW + DAY, by="luca", at=NOW)
    assert (kept.next_step, kept.next_step_at) == ("call the CFO", NOW + DAY)
    assert without_next_step(luca, NOW, 9) == [] and without_next_step(luca, NOW + 2 * DAY, 9) == [lead]
    say_next_step(lead=lead, step="", on=None, by="luca", at=NOW)
    assert without_next_step(luca, NOW + 5 * HOUR, 9) == [lead]


def test_what_one_team_has_qualified_goes_to_the_next(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import Sharing, accept_lead, move_lead, set_queue
    from vaglio_server.lifecycle.models import Seller
    from vaglio_server.lifecycle.queries import queue

    luca, jonas = people["luca"], people["jonas"]
    set_queue(team=luca.team, says=Sharing(hands_over_to=jonas.team), by="ada", at=NOW)
    first, second = (rated("A1", owner=luca) for _ in range(2))
    take()
    for lead in (first, second):
        accept_lead(lead=lead, seller=luca, at=NOW)
    move_lead(lead=first, verb="sales_qualify", by="luca", at=NOW)
    first.refresh_from_db()
    assert (first.owner, stage(first)) == (jonas, "sales_qualified")
    Seller.objects.create(user=jonas, capacity=0)
    move_lead(lead=second, verb="sales_qualify", by="luca", at=NOW)
    second.refresh_from_db()
    assert second.owner is None and [each.lead for each in queue(jonas, NOW, 9).rows] == [second] and queue(luca, NOW, 9).rows == []
    accept_lead(lead=second, seller=jonas, at=NOW)
    second.refresh_from_db()
    assert (second.owner, stage(second)) == (jonas, "sales_qualified")


def test_without_a_next_team_who_qualified_it_keeps_it(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead, move_lead

    lead = rated("A1", owner=people["luca"])
    take()
    accept_lead(lead=lead, seller=people["luca"], at=NOW)
    move_lead(lead=lead, verb="sales_qualify", by="luca", at=NOW)
    lead.refresh_from_db()
    assert lead.owner == people["luca"]
