"""Crossings move leads once, give them to sellers and start what is promised."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from tests.server.lifecycle.world import NOW, crosses, live, rated, stage, take, verbs
from tests.server.web.people import make_people
from tests.server.world import audited, make_account

pytestmark = pytest.mark.usefixtures("tables")
DAY = timedelta(days=1)


def test_it_works() -> None:
    from vaglio_server.lifecycle.models import SlaClock

    people = make_people()
    live()
    hot, cold, nobody = rated("A1"), rated("C1"), rated(None)
    assert take() == 3
    assert (stage(hot), stage(cold), stage(nobody)) == ("marketing_qualified", "inquiry", "inquiry")
    hot.refresh_from_db()
    assert hot.owner in (people["luca"], people["irina"], people["jonas"])
    clock = SlaClock.objects.get()
    assert (clock.lead, clock.rating, clock.promised_seconds, clock.started_at) == (hot, "A1", 3600, NOW)
    assert take() == 0  # each crossing acts once
    assert [by for by, _subject in audited("route_leads")] == ["lifecycle"]


def test_sellers_get_an_equal_mix_and_colleagues_the_same() -> None:
    make_people()
    live()
    found = [rated(rating) for rating in ("A1", "B1") * 6]
    firm = make_account()
    together = [rated("A2", account=firm) for _ in range(3)]
    take()
    for lead in found + together:
        lead.refresh_from_db()
    mix = sorted((lead.owner.username, lead.rating) for lead in found)
    assert mix == sorted((name, rating) for name in ("luca", "irina", "jonas") for rating in ("A1", "B1") * 2)
    assert len({lead.owner for lead in together}) == 1


def test_whose_a_lead_is_stays() -> None:
    from vaglio_server.lifecycle.models import Assignment

    people = make_people()
    live()
    lead = rated("A1", owner=people["jonas"])
    take()
    lead.refresh_from_db()
    assert lead.owner == people["jonas"] and not Assignment.objects.exists()


def test_nobody_who_is_away_or_gone_gets_leads() -> None:
    from vaglio_server.lifecycle.models import Seller

    people = make_people()
    Seller.objects.create(user=people["luca"], away_from=NOW - DAY, away_until=NOW + DAY)
    Seller.objects.create(user=people["irina"], capacity=0)
    people["jonas"].is_active = False
    people["jonas"].save()
    live()
    lead = rated("A1")
    take()
    lead.refresh_from_db()
    assert lead.owner is None and stage(lead) == "marketing_qualified"  # it waits where everybody sees it


def test_a_rating_that_falls_takes_a_lead_back_slowly() -> None:
    from vaglio_server.lifecycle.models import SlaClock

    make_people()
    live()
    lead = rated("A1")
    take()
    crosses(lead, "A3")
    take(NOW + DAY)
    assert stage(lead) == "marketing_qualified"  # one digit worse holds
    crosses(lead, "A4")
    take(NOW + DAY / 2)
    assert stage(lead) == "marketing_qualified"  # not before it was there for a day
    assert take(NOW + DAY - timedelta(seconds=1)) == 0
    assert take(NOW + DAY) == 1  # nothing happened to it but time
    assert stage(lead) == "inquiry"
    clock = SlaClock.objects.get()
    assert clock.ended_at == NOW + DAY and clock.met_at is None
    crosses(lead, "A1")
    take(NOW + 2 * DAY)
    assert verbs(lead) == ["qualify", "withdraw", "qualify"] and SlaClock.objects.filter(ended_at=None).count() == 1


def test_a_rating_that_comes_back_meanwhile_keeps_it() -> None:
    make_people()
    live()
    lead = rated("A1")
    take()
    crosses(lead, "D4")
    take(NOW + DAY / 2)
    crosses(lead, "A2")
    take(NOW + DAY / 2)
    take(NOW + 2 * DAY)
    assert verbs(lead) == ["qualify"]


def test_what_became_of_a_lead_elsewhere_is_where_it_stands() -> None:
    from vaglio_server.crm.models import LeadOutcome

    make_people()
    live()
    found = {name: rated("A1") for name in ("accepted", "rejected", "won", "lost")}
    for name, lead in found.items():
        for at, outcome in ((NOW - 9 * DAY, "accepted"), (NOW - 2 * DAY, name)):
            LeadOutcome.objects.get_or_create(lead=lead, outcome=outcome, occurred_at=at, known_at=at, by="crm")
    take()
    stages = {name: stage(lead) for name, lead in found.items()}
    assert stages == {"accepted": "sales_accepted", "rejected": "recycled", "won": "customer", "lost": "recycled"}
    take(NOW + 28 * DAY)
    assert stage(found["rejected"]) == "marketing_qualified"  # its cool-down is over, and it is rated so still
    assert verbs(found["accepted"]) == []


def test_what_is_told_of_a_lead_after_it_was_rated_is_where_it_stands_until_it_is_taken_back() -> None:
    from vaglio_server.crm.actions import Became, record_outcomes, take_back_outcomes
    from vaglio_server.lifecycle.actions import take_outcomes
    from vaglio_server.lifecycle.logic.stages import Policy
    from vaglio_server.lifecycle.models import NurtureEnrollment, SlaClock

    make_people()
    live()

    def follow() -> int:
        return take_outcomes(limit=100, policy=Policy(), at=NOW)

    with_sales, on_a_list, cold, again = rated("A1"), rated("B2"), rated("D4"), rated("A1")
    take()
    told = [(lead, Became("won", NOW - 9 * DAY)) for lead in (with_sales.pk, on_a_list.pk, cold.pk)]
    made = record_outcomes(became=[*told, (again.pk, Became("lost", NOW - 90 * DAY))], by="import:1", at=NOW)
    assert (follow(), follow()) == (4, 0)
    assert [stage(each) for each in (with_sales, on_a_list, cold)] == ["customer"] * 3
    assert verbs(with_sales) == ["qualify", "withdraw"] and verbs(on_a_list) == []
    assert stage(again) == "marketing_qualified" and verbs(again) == ["qualify"]  # its cool-down was over when it came
    assert [each.lead for each in SlaClock.objects.filter(ended_at=None)] == [again]
    assert not NurtureEnrollment.objects.filter(left_at=None).exists()
    take_back_outcomes(outcomes=[each.pk for each in made], by="import:1 undo", at=NOW)
    assert follow() == 4
    assert [stage(each) for each in (with_sales, on_a_list, cold)] == ["marketing_qualified", "inquiry", "inquiry"]
    assert NurtureEnrollment.objects.get(left_at=None).lead == on_a_list


def test_whom_a_person_moved_here_stands_where_they_put_it() -> None:
    from vaglio_server.crm.actions import Became, record_outcomes
    from vaglio_server.lifecycle.actions import accept_lead, take_outcomes
    from vaglio_server.lifecycle.logic.stages import Policy

    luca = make_people()["luca"]
    live()
    lead = rated("A1", owner=luca)
    take()
    accept_lead(lead=lead, seller=luca, at=NOW)
    record_outcomes(became=[(lead.pk, Became("rejected", NOW - 9 * DAY))], by="import:1", at=NOW)
    take_outcomes(limit=100, policy=Policy(), at=NOW)
    assert stage(lead) == "sales_accepted"


def test_nothing_moves_without_a_model_that_says_where_to() -> None:
    from tests.server.world import make_live

    make_people()
    make_live()
    lead = rated("A1")
    assert take() == 1
    assert stage(lead) == "inquiry"


def test_two_workers_take_each_crossing_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    from vaglio_server.lifecycle.actions import take_crossings
    from vaglio_server.lifecycle.logic.stages import Policy
    from vaglio_server.lifecycle.models import Assignment, SlaClock, StageMove

    make_people()
    live()
    leads = [rated("A1") for _ in range(30)]
    taken: list[int] = []

    def work() -> None:
        while count := take_crossings(limit=4, policy=Policy(), at=NOW):
            taken.append(count)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(taken) == 30
    assert StageMove.objects.count() == Assignment.objects.count() == SlaClock.objects.count() == len(leads)
    had: dict[Any, int] = {}
    for each in Assignment.objects.all():
        had[each.owner_id] = had.get(each.owner_id, 0) + 1
    assert sorted(had.values()) == [10, 10, 10]  # as fair as by one worker


def test_what_fails_half_way_left_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.lifecycle.actions import crossings
    from vaglio_server.lifecycle.models import StageMove

    make_people()
    live()
    lead = rated("A1")
    with monkeypatch.context() as broken:
        broken.setattr(crossings, "give", lambda *_args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take()
    assert not StageMove.objects.exists() and stage(lead) == "inquiry"
    take()
    assert verbs(lead) == ["qualify"]
