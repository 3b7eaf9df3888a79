"""Leads enter and leave the nurture lists that ratings name, once per crossing, and are told of."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.server.lifecycle.world import LEADS_TO, NOW, crosses, live, rated, stage, take, verbs
from tests.server.web.people import make_people
from tests.server.world import MODEL, make_live

pytestmark = pytest.mark.usefixtures("tables")
DAY = timedelta(days=1)
OTHER = MODEL.replace("id: demo, kind", "id: demos, kind")


def stays(lead: Any) -> list[tuple[str, str, str | None]]:
    """Return the lists a lead was on, why it entered each, and why it left (None: it is on it)."""
    from vaglio_server.lifecycle.models import NurtureEnrollment

    return list(NurtureEnrollment.objects.filter(lead=lead).order_by("id").values_list("track", "why", "why_left"))


def told(lead: Any) -> list[tuple[str, str, str]]:
    from vaglio_server.lifecycle.models import Happening

    found = Happening.objects.filter(lead=lead, kind__startswith="nurture.").order_by("id")
    return [(each.kind.removeprefix("nurture."), each.detail["list"], each.detail["why"]) for each in found]


def test_it_works() -> None:
    live()
    lead, nowhere = rated("B2"), rated("D4")
    take()
    assert stays(lead) == [("newsletter", "rating", None)] and stays(nowhere) == []
    crosses(lead, "C1")
    take()
    assert stays(lead) == [("newsletter", "rating", None)]  # another rating of the same list is no crossing of it
    crosses(lead, "D4")
    take(NOW + DAY)
    take(NOW + DAY)
    assert stays(lead) == [("newsletter", "rating", "rating")]
    crosses(lead, "A3")
    take(NOW + 2 * DAY)
    assert stays(lead) == [("newsletter", "rating", "rating"), ("newsletter", "rating", None)]
    assert told(lead) == [("entered", "newsletter", "rating"), ("left", "newsletter", "rating"), ("entered", "newsletter", "rating")]


def test_from_one_list_to_another() -> None:
    make_live(MODEL + LEADS_TO.replace("newsletter: [A3, B2, C1]", "warm: [A3, B2], long_term: [C1, C2]"))
    lead = rated("B2")
    take()
    crosses(lead, "C2")
    take()
    assert stays(lead) == [("warm", "rating", "rating"), ("long_term", "rating", None)]


def test_sales_takes_it_out_and_brings_it_back() -> None:
    from vaglio_server.lifecycle.actions import Why, reject_lead

    people = make_people()
    live()
    lead = rated("B2")
    take()
    crosses(lead, "A1")
    take()
    assert stage(lead) == "marketing_qualified" and stays(lead) == [("newsletter", "rating", "sales")]
    crosses(lead, "A3")
    take()
    assert len(stays(lead)) == 1  # sales holds it: it is not nurtured behind their back
    reject_lead(lead=lead, why=Why("not_now"), seller=people["luca"], at=NOW)
    assert stays(lead)[1:] == [("newsletter", "recycled", None)]
    assert told(lead)[1:] == [("left", "newsletter", "sales"), ("entered", "newsletter", "recycled")]


@pytest.mark.parametrize(("rating", "list_"), [("A1", "newsletter"), ("A2", "newsletter"), ("B1", "newsletter")])
def test_one_that_sales_gave_back_is_nurtured_as_the_next_worse_digit(rating: str, list_: str) -> None:
    from vaglio_server.lifecycle.actions import Why, reject_lead

    people = make_people()
    live()
    lead = rated(rating)
    take()
    reject_lead(lead=lead, why=Why("no_budget"), seller=people["luca"], at=NOW)
    assert stays(lead) == [(list_, "recycled", None)]
    assert take() == 1  # which says when it is looked at again
    take(NOW + 31 * DAY)  # its cool-down is over
    assert stage(lead) == "marketing_qualified" and stays(lead) == [(list_, "recycled", "sales")]


def test_moves_by_hand_count_too() -> None:
    from vaglio_server.lifecycle.actions import Why, accept_lead, move_lead

    people = make_people()
    live()
    lead, other = rated("B2"), rated("B2")
    take()
    accept_lead(lead=lead, seller=people["luca"], at=NOW)
    assert stays(lead) == [("newsletter", "rating", "sales")]
    move_lead(lead=lead, verb="recycle", why=Why("not_now"), by="luca", at=NOW)
    assert stays(lead)[1:] == [("newsletter", "recycled", None)]
    move_lead(lead=other, verb="disqualify", why=Why("bad_data"), by="marta", at=NOW)
    assert stays(other) == [("newsletter", "rating", "disqualified")]
    move_lead(lead=other, verb="reopen", by="marta", at=NOW)
    assert stays(other)[1:] == [("newsletter", "rating", None)]


def test_who_is_a_customer_elsewhere_is_not_nurtured() -> None:
    from vaglio_server.crm.models import LeadOutcome

    live()
    lead = rated("B2")
    LeadOutcome.objects.create(lead=lead, outcome="won", occurred_at=NOW - DAY, known_at=NOW - DAY, by="crm")
    take()
    assert stage(lead) == "customer" and stays(lead) == []


def test_who_is_gone_is_off_its_list_and_back_on_it_when_that_is_undone() -> None:
    from vaglio_server.lifecycle.actions import leave_gone

    live()
    lead, other = rated("B2"), rated("B2")
    take()
    type(lead).objects.filter(pk=lead.pk).update(merged_into=other)
    assert leave_gone(at=NOW) == 1 and leave_gone(at=NOW) == 0
    assert stays(lead) == [("newsletter", "rating", "gone")] and stays(other) == [("newsletter", "rating", None)]
    look()
    type(lead).objects.filter(pk=lead.pk).update(merged_into=None)
    look(NOW + DAY)
    assert stays(lead)[1:] == [("newsletter", "rating", None)]


def look(at: Any = NOW, limit: int = 100) -> int:
    """Look at everybody, as far as that is due."""
    from vaglio_server.lifecycle.actions import look_at_all
    from vaglio_server.lifecycle.logic.stages import Policy

    total = 0
    while count := look_at_all(limit=limit, policy=Policy(), at=at):
        total += count
    return total


def test_when_ratings_come_to_lead_elsewhere_those_whose_rating_stays_are_looked_at() -> None:
    make_people()
    live()
    nurtured, sales, falls = rated("B2"), rated("A2"), rated("B1")
    take()
    assert look() == 3 and look() == 0
    before = [verbs(each) for each in (nurtured, sales, falls)]
    assert before == [[], ["qualify"], ["qualify"]]
    make_live(
        MODEL.replace("demo, kind", "demo2, kind")
        + LEADS_TO.replace("[A1, A2, B1]", "[A1, A2, B2]").replace("[A3, B2, C1]", "[A3, B3, C1]")
    )
    score(nurtured, sales, falls)
    assert look(limit=1) == 3 and look() == 0
    assert stage(nurtured) == "marketing_qualified" and stays(nurtured) == [("newsletter", "rating", "sales")]
    assert (verbs(sales), stays(sales)) == (["qualify"], [])
    assert stage(falls) == "marketing_qualified"  # it stays for a day
    take(NOW + 2 * DAY)
    assert stage(falls) == "inquiry"


def score(*leads: Any) -> None:
    """Say that what is live has scored leads."""
    type(leads[0]).objects.filter(pk__in=[each.pk for each in leads]).update(due_at=None, scored_at=timezone.now())


def test_nobody_is_looked_at_before_the_new_version_has_scored_everybody() -> None:
    live()
    first, lead = rated("D4"), rated("B2")
    take()
    look()
    make_live(OTHER + LEADS_TO.replace("[A1, A2, B1]", "[A1, A2, B2]").replace("[A3, B2, C1]", "[A3, C1]"))
    crosses(lead, "C1")  # what it is rated by the version that is live now
    score(first)
    now = timezone.now()
    assert look(now) == 1 and stage(first) == "inquiry"  # the second waits, and so do those after it
    score(lead)
    assert look(now) == 1 and (stage(lead), stays(lead)) == ("inquiry", [("newsletter", "rating", None)])


def test_a_look_goes_on_where_it_was_and_begins_anew_if_ratings_lead_elsewhere_meanwhile() -> None:
    from vaglio_server.lifecycle.actions import look_at_all
    from vaglio_server.lifecycle.logic.stages import Policy
    from vaglio_server.lifecycle.models import LookAtAll

    live()
    leads = [rated("B2") for _ in range(5)]
    take()
    assert look_at_all(limit=2, policy=Policy(), at=NOW) == 2
    assert LookAtAll.objects.get().last_lead == leads[1].pk
    make_live(OTHER + LEADS_TO.replace("newsletter", "news"))
    score(*leads)
    assert look() == 5 and LookAtAll.objects.get().ended_at == NOW
    assert {tuple(stays(each)[-1]) for each in leads} == {("news", "rating", None)}
    assert look(NOW + DAY / 2) == 0 and look(NOW + DAY) == 5  # once a day, whatever happens
    assert {len(stays(each)) for each in leads} == {2}


def test_what_fails_half_way_left_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.lifecycle.actions import nurture

    live()
    lead = rated("B2")
    with monkeypatch.context() as broken:
        broken.setattr(nurture, "_happened", lambda *_args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take()
    assert stays(lead) == [] and told(lead) == []
    take()
    assert stays(lead) == [("newsletter", "rating", None)] and len(told(lead)) == 1


def test_one_who_comes_while_another_has_the_lead_sees_what_that_one_did() -> None:
    """It waits for the row, and reads where the lead stands after that; else the lead would be moved twice."""
    from django.db import connection, transaction

    make_people()
    make_live(MODEL + LEADS_TO.replace("{A1: 1h, A2: 4h, B1: 1d}", "{A2: 4h}"))  # no clock of A1 that would give it away
    lead = rated("A1")
    with transaction.atomic():
        assert take() == 1
        crosses_elsewhere(lead)
        thread = threading.Thread(target=lambda: (take(), connection.close()))
        thread.start()
        wait_for_lock()
    thread.join()
    assert verbs(lead) == ["qualify"]


def crosses_elsewhere(lead: Any) -> None:
    """Commit another crossing of a lead, while this transaction goes on."""
    from django.db import connection

    def cross() -> None:
        from vaglio_server.scoring.models import Crossing, ModelVersion, Score

        score = Score.objects.create(lead_id=lead.pk, version=ModelVersion.objects.get(), as_of=NOW, known_at=NOW, profile_millipoints=0,
                                     engagement_millipoints=0, rating="A1")  # fmt: skip
        Crossing.objects.create(score=score, lead_id=lead.pk, at=NOW, rating_before="A2", rating_after="A1")
        connection.close()

    thread = threading.Thread(target=cross)
    thread.start()
    thread.join()


def wait_for_lock() -> None:
    """Wait until somebody waits for a row."""
    import time

    from django.db import connection

    end = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    pytest.fail("nobody waited")
