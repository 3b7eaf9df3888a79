"""Sales accepts and rejects: once, with a reason, as data."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.server.lifecycle.world import NOW, crosses, live, rated, stage, take, verbs
from tests.server.web.people import make_people
from tests.server.world import audited
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    found = make_people()
    live()
    return found


def outcomes(lead: Any) -> list[tuple[str, str | None]]:
    return list(lead.outcomes.order_by("id").values_list("outcome", "reason"))


def test_accepting_works(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead
    from vaglio_server.lifecycle.models import SlaClock

    lead = rated("A1")
    take()
    first = accept_lead(lead=lead, seller=people["luca"], at=NOW + MINUTE)
    again = accept_lead(lead=lead, seller=people["luca"], at=NOW + 2 * MINUTE)  # a double click
    assert again == first and stage(lead) == "sales_accepted" and verbs(lead) == ["qualify", "accept"]
    assert outcomes(lead) == [("accepted", None)]
    clock = SlaClock.objects.get()
    assert clock.met_at == clock.ended_at == NOW + MINUTE
    assert audited("accept_lead") == [("luca", f"lead:{lead.pk}")]


def test_who_accepts_what_is_nobodys_has_it(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead

    lead = rated("C3")
    take()
    accept_lead(lead=lead, seller=people["jonas"], at=NOW)  # found by the seller, whatever its rating
    lead.refresh_from_db()
    assert lead.owner == people["jonas"] and stage(lead) == "sales_accepted"


def test_rejecting_works(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import Why, reject_lead

    lead = rated("A1")
    take()
    made = reject_lead(lead=lead, why=Why("no_budget", " next year "), seller=people["luca"], at=NOW)
    assert (made.reason, made.note, stage(lead)) == ("no_budget", "next year", "recycled")
    assert reject_lead(lead=lead, why=Why("no_budget"), seller=people["luca"], at=NOW + MINUTE) == made
    assert outcomes(lead) == [("rejected", "no_budget")]


def test_it_rejects_a_verdict_without_a_reason(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import Why, reject_lead

    lead = rated("A1")
    take()
    for why, said in (
        (Why(), "say why"),
        (Why("nonsense"), "say why"),
        (Why("other"), "in a few words"),
        (Why("no_need", "x" * 2_001), "at most 2,000"),
        (Why("no_need", "a\x00b"), "at most 2,000"),
    ):
        with pytest.raises(Refused, match=said):
            reject_lead(lead=lead, why=why, seller=people["luca"], at=NOW)
    assert stage(lead) == "marketing_qualified" and outcomes(lead) == []


def test_it_rejects_moves_that_lead_nowhere(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import Why, accept_lead, move_lead, reject_lead

    lead = rated("A1")
    take()
    accept_lead(lead=lead, seller=people["luca"], at=NOW)
    with pytest.raises(Refused, match=r"a lead that is sales accepted cannot be moved so: reject starts from marketing qualified"):
        reject_lead(lead=lead, why=Why("no_need"), seller=people["luca"], at=NOW)
    type(people["luca"]).objects.filter(pk=people["luca"].pk).update(first_name="Luca", last_name="Rinaldi")
    for answer in (accept_lead, partial(reject_lead, why=Why("no_need"))):
        with pytest.raises(Refused, match="Luca Rinaldi has accepted it already"):
            answer(lead=lead, seller=people["irina"], at=NOW)  # somebody else was first
    other = rated("A1")
    take()
    reject_lead(lead=other, why=Why("no_need"), seller=people["luca"], at=NOW)
    with pytest.raises(Refused, match="Luca Rinaldi has handed it back already"):
        reject_lead(lead=other, why=Why("no_need"), seller=people["irina"], at=NOW)
    with pytest.raises(Refused, match="no move that somebody makes by hand"):
        move_lead(lead=lead, verb="win", by="luca", at=NOW)


def test_a_lead_goes_on_and_back(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import Why, accept_lead, move_lead

    lead = rated("A1")
    take()
    accept_lead(lead=lead, seller=people["luca"], at=NOW)
    move_lead(lead=lead, verb="sales_qualify", by="luca", at=NOW)
    with pytest.raises(Refused, match="say why"):
        move_lead(lead=lead, verb="recycle", by="luca", at=NOW)
    move_lead(lead=lead, verb="recycle", why=Why("not_now"), by="luca", at=NOW)
    move_lead(lead=lead, verb="disqualify", why=Why("bad_data"), by="luca", at=NOW)
    move_lead(lead=lead, verb="reopen", by="marta", at=NOW)
    assert verbs(lead) == ["qualify", "accept", "sales_qualify", "recycle", "disqualify", "reopen"] and stage(lead) == "inquiry"


def clock_of(lead: Any, at: datetime) -> tuple[Any, ...]:
    """Return how much there is to answer in, and until when, as the inbox has it."""
    from vaglio_server.lifecycle.queries import due_for

    lead.refresh_from_db()
    due = due_for(lead, at)
    return (due.left_seconds, due.due_at, due.paused_since, due.paused_until) if due else ()


def standing(lead: Any) -> tuple[Any, ...]:
    """Return how a lead stands, and since when."""
    from vaglio_server.lifecycle.models import LeadStage

    found = LeadStage.objects.get(lead=lead)
    return found.stage, found.since, found.postponed_until, found.is_kept_back


def test_a_lead_that_was_accepted_by_mistake_stands_where_it_stood(people: dict[str, Any]) -> None:
    from vaglio_server.crm.models import LeadOutcome
    from vaglio_server.lifecycle.actions import accept_lead, undo_accept
    from vaglio_server.lifecycle.models import Happening

    lead = rated("A1", owner=people["luca"])
    take()
    before, clock = standing(lead), clock_of(lead, NOW + 9 * MINUTE)
    for turn in range(2):
        accept_lead(lead=lead, seller=people["luca"], at=NOW + MINUTE)
        assert clock_of(lead, NOW + 9 * MINUTE) == ()
        back = undo_accept(lead=lead, seller=people["luca"], at=NOW + 2 * MINUTE)
        assert undo_accept(lead=lead, seller=people["luca"], at=NOW + 3 * MINUTE) == back  # a double click
        assert (standing(lead), clock_of(lead, NOW + 9 * MINUTE)) == (before, clock), turn
    lead.refresh_from_db()
    assert lead.owner == people["luca"] and lead.clocks.count() == 1
    assert not LeadOutcome.objects.present().filter(lead=lead).exists() and LeadOutcome.objects.filter(lead=lead).count() == 2
    assert audited("unaccept_lead") == [("luca", f"lead:{lead.pk}")] * 2
    kinds = list(Happening.objects.filter(lead=lead).values_list("kind", flat=True))
    assert kinds.count("verdict.given") == kinds.count("verdict.undone") == 2


def test_what_was_nobodys_is_so_again_once_accepting_is_undone(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead, assign_by_hand, give_waiting, undo_accept

    lead, found = rated("A1"), rated("C3")
    take()
    assign_by_hand(leads=[lead.pk], owner=None, by="marta", at=NOW)
    before = standing(lead)
    for each, where in ((lead, "marketing_qualified"), (found, "inquiry")):
        accept_lead(lead=each, seller=people["jonas"], at=NOW)
        undo_accept(lead=each, seller=people["jonas"], at=NOW + MINUTE)
        give_waiting(limit=9, at=NOW + 2 * MINUTE)
        each.refresh_from_db()
        assert (each.owner, stage(each)) == (None, where)
    assert standing(lead) == before, "it is kept back still"


def test_what_was_put_off_is_so_again_once_accepting_is_undone(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead, pause_clock, postpone_lead, undo_accept

    later, waits = rated("A1", owner=people["luca"]), rated("A2", owner=people["luca"])
    take()
    postpone_lead(lead=later, until=NOW + 3 * DAY, by="luca", at=NOW)
    pause_clock(lead=waits, by="luca", at=NOW)
    for lead in (later, waits):
        before, clock = standing(lead), clock_of(lead, NOW + DAY)
        accept_lead(lead=lead, seller=people["luca"], at=NOW + MINUTE)
        undo_accept(lead=lead, seller=people["luca"], at=NOW + 2 * MINUTE)
        assert (standing(lead), clock_of(lead, NOW + DAY)) == (before, clock)


def test_a_rating_that_fell_meanwhile_acts_once_accepting_is_undone(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead, undo_accept

    lead = rated("A1", owner=people["luca"])
    take()
    accept_lead(lead=lead, seller=people["luca"], at=NOW + 2 * DAY)
    crosses(lead, "D4")
    take(NOW + 2 * DAY)
    undo_accept(lead=lead, seller=people["luca"], at=NOW + 2 * DAY + MINUTE)
    take(NOW + 2 * DAY + MINUTE)
    assert verbs(lead) == ["qualify", "accept", "unaccept", "withdraw"]


def test_it_rejects_to_undo_what_is_no_mistake_of_now(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead, move_lead, say_next_step, undo_accept

    lead, other, last = (rated("A1", owner=people["luca"]) for _ in range(3))
    take()
    for each in (lead, other, last):
        with pytest.raises(Refused, match="only what you accepted yourself"):
            undo_accept(lead=each, seller=people["luca"], at=NOW)
        accept_lead(lead=each, seller=people["luca"], at=NOW)
    for seller, at in (("irina", NOW), ("luca", NOW + 11 * MINUTE)):  # a colleague; too late
        with pytest.raises(Refused, match="in the last 10 minutes"):
            undo_accept(lead=lead, seller=people[seller], at=at)
    say_next_step(lead=other, step="call", on=NOW + DAY, by="luca", at=NOW)
    with pytest.raises(Refused, match="its next step was said"):
        undo_accept(lead=other, seller=people["luca"], at=NOW)
    move_lead(lead=last, verb="sales_qualify", by="luca", at=NOW)
    with pytest.raises(Refused, match="nobody moved since"):
        undo_accept(lead=last, seller=people["luca"], at=NOW)


def test_what_came_of_leads_counts_no_verdict_that_was_undone(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import Why, Wish, accept_lead, convert_lead, reject_lead, undo_accept, undo_conversion
    from vaglio_server.lifecycle.queries import summary

    first, second, third = (rated("A1", owner=people["luca"]) for _ in range(3))
    take()
    accept_lead(lead=first, seller=people["luca"], at=NOW)
    undo_accept(lead=first, seller=people["luca"], at=NOW + MINUTE)
    accept_lead(lead=second, seller=people["luca"], at=NOW)
    undo_conversion(conversion=convert_lead(lead=third, wish=Wish(), seller=people["luca"], at=NOW), by="luca", at=NOW + MINUTE)
    (found,) = summary("rating", NOW - DAY).shares
    assert (found.came, found.accepted, found.waiting) == (3, 1, 2)
    reject_lead(lead=first, why=Why("no_need"), seller=people["luca"], at=NOW + 2 * MINUTE)
    (found,) = summary("rating", NOW - DAY).shares
    assert (found.accepted, found.rejected, found.waiting) == (1, 1, 1)


def test_nobody_moves_a_lead_that_is_part_of_another(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead
    from vaglio_server.tracking.actions import merge_leads

    lead, other = rated("A1"), rated("A1")
    merge_leads(lead=lead, other=other, by="test", at=NOW)
    with pytest.raises(Refused, match="merged into lead"):
        accept_lead(lead=other, seller=people["luca"], at=NOW)
