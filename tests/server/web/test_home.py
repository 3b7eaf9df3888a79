"""Home: who waits for a call, and what to do before anybody does."""

import re
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests.server.lifecycle.world import rated, take
from tests.server.web.people import signed_in
from tests.server.web.reading import read
from tests.server.world import HOST, make_source, send

pytestmark = pytest.mark.usefixtures("tables")


def test_whom_sales_has_answered_is_neither_counted_nor_called_first(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import LeadStage, Stage

    lead, other = rated("A1", owner=people["luca"]), rated("A1", owner=people["jonas"])
    type(lead).objects.update(rank=[1])  # as scoring writes it
    marta = signed_in(people["marta"])

    def stands(client: Any = marta) -> tuple[int, bool]:
        page = read(client.get("/"))
        number = next(n for n in range(3) if f"<h1>{n} lead" in page)
        return number, f'id="first-{lead.pk}"' in page

    assert stands() == (2, True)  # neither has a stage yet
    assert stands(signed_in(people["luca"])) == (1, True)
    LeadStage.objects.create(lead=lead, stage=Stage.MARKETING_QUALIFIED, since=datetime.now(UTC))
    for stage in Stage:
        LeadStage.objects.filter(pk=lead.pk).update(stage=stage)
        waits = stage in (Stage.INQUIRY, Stage.MARKETING_QUALIFIED)
        assert stands() == (1 + waits, waits), stage
        assert f'id="first-{other.pk}"' in read(marta.get("/"))
    LeadStage.objects.filter(pk=lead.pk).update(stage=Stage.MARKETING_QUALIFIED, postponed_until=datetime.now(UTC) + timedelta(days=1))
    assert stands() == (2, False)


def test_what_is_rated_for_sales_and_what_is_for_sales_now_have_two_names(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import LeadStage, Stage

    lead = rated("A1", owner=people["luca"])
    rated("A1")
    type(lead).objects.update(rank=[1])  # as scoring writes it
    marta = signed_in(people["marta"])
    assert "sales has answered" not in read(marta.get("/"))
    LeadStage.objects.create(lead=lead, stage=Stage.SALES_ACCEPTED, since=datetime.now(UTC))
    page = read(marta.get("/"))
    assert "<h1>1 lead is for sales now</h1>" in page and re.search(
        r'2 leads are <a href="(/leads\?rating=A1&amp;[^"]*)">rated for sales</a>; sales has answered 1 of them, or had before',
        page,
    )
    assert "Rated for sales</a>" in (listed := read(marta.get("/leads"))) and "For sales now" not in listed


def test_more_than_are_looked_at_are_counted_as_far_as_that_is_quick(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import import_module

    waits = import_module("vaglio_server.lifecycle.queries.inbox")

    for _number in range(31):
        rated("A1", owner=people["luca"])
    take(datetime.now(UTC) - timedelta(days=30))
    luca = signed_in(people["luca"])
    for address in ("/", "/inbox"):
        page = read(luca.get(address))
        assert "<h1>31 leads wait for your answer</h1>" in page and "31 are late." in page and "At least" not in page
    monkeypatch.setattr(waits, "LOOKED_AT", 31)
    page = read(luca.get("/"))
    assert "<h1>At least 31 leads wait for your answer</h1>" in page and "At least 31 are late." in page


def part(page: str, title: str) -> str:
    """Return the section of a page with a heading."""
    return next(section for section in page.split("<section") if f'id="{title}"' in section)


def test_a_seller_comes_first_to_what_waits_and_is_to_be_done_today(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import LeadStage, Stage

    luca, jonas, now = people["luca"], people["jonas"], datetime.now(UTC)
    new, theirs = rated("A1", owner=luca), rated("A1", owner=jonas)
    take(now)
    due, late, later, stepless, fresh, put_off = (rated("A1", owner=luca) for _number in range(6))
    others = rated("A1", owner=jonas)
    end = datetime.combine(timezone.localdate(now), time.max, timezone.get_current_timezone())
    accepted = {"stage": Stage.SALES_ACCEPTED, "since": now - timedelta(days=2)}
    for lead, standing in (
        (due, {"next_step": "Send the offer", "next_step_at": end - timedelta(minutes=1)}),
        (late, {"next_step": "Ring the CFO", "next_step_at": now - timedelta(days=1)}),
        (later, {"next_step": "Meet them", "next_step_at": end + timedelta(minutes=1)}),
        (stepless, {}),
        (fresh, {"since": now}),  # who took it on just now has time to say what comes next
        (put_off, {"stage": Stage.MARKETING_QUALIFIED, "postponed_until": end - timedelta(microseconds=1)}),
        (others, {"next_step": "Theirs", "next_step_at": now}),
    ):
        LeadStage.objects.create(lead=lead, **accepted | standing)

    page = read(signed_in(luca).get("/"))
    waiting, todo = part(page, "waiting-title"), part(page, "today-title")
    assert "<h1>1 lead waits for your answer</h1>" in page
    assert re.findall(r'id="waits-(\d+)"', waiting) == [str(new.pk)] != [str(theirs.pk)]
    assert re.search(
        "(1 h|59 minutes|1 working hour|59 working minutes) left<small>by ", waiting
    )  # its clock runs only while somebody works
    assert re.findall(r'id="todo-(\d+)"', todo) == [str(lead.pk) for lead in (late, due, stepless, put_off)]
    assert re.findall(r'<b class="loss">([^<]+)<', todo) == ["Ring the CFO", "Ask about budget, authority, need, timeline"]
    assert '<b>Send the offer</b><small class="soft">today<' in todo and "Look at it again" in todo
    assert page.index("waiting-title") < page.index("today-title") < page.index("crossings-title") < page.index("matrix-title")
    assert 'id="intake-title"' not in page and "yours" in part(page, "crossings-title")
    everybody = read(signed_in(people["marta"]).get("/"))
    assert 'id="intake-title"' in everybody and 'id="today-title"' not in everybody and "yours" not in part(everybody, "crossings-title")


def test_a_sellers_home_asks_as_often_for_many_leads_as_for_few(people: dict[str, Any]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from vaglio_server.lifecycle.models import LeadStage, Stage

    luca, now = people["luca"], datetime.now(UTC)
    client = signed_in(luca)

    def asked(more: int) -> int:
        for _number in range(more):
            rated("A1", owner=luca)
        take(now)
        for lead in [rated("A1", owner=luca) for _number in range(more)]:
            LeadStage.objects.create(lead=lead, stage=Stage.SALES_ACCEPTED, since=now, next_step="Call", next_step_at=now)
        with CaptureQueriesContext(connection) as asked:
            page = read(client.get("/"))
        assert page.count('id="waits-') == min(8, LeadStage.objects.filter(stage=Stage.MARKETING_QUALIFIED).count())
        return len(asked)

    asked(1)  # what is kept is asked for once
    few = asked(2)
    assert asked(9) <= few


def test_before_anything_is_known_that_people_did_the_next_step_is_named(people: dict[str, Any]) -> None:
    rated("A4")
    page = read(signed_in(people["marta"]).get("/"))
    assert "1 lead fits best (letter A)" in page and 'href="/sources">Connect a site' in page and 'href="/forms">Make a form' in page
    assert "Make a form" not in read(signed_in(people["vera"]).get("/"))
    send(make_source(), {"type": "track", "userId": "anna", "event": "Form Submitted"})
    assert "(letter A)" not in read(signed_in(people["marta"]).get("/"))


def test_the_menu_has_each_group_once_and_contacts(people: dict[str, Any]) -> None:
    from vaglio_server.web.menu import groups

    titles = [str(title) for title, _lines in groups(people["ada"], "/")]
    assert len(titles) == len(set(titles)) and any(
        line.address == "/companies/contacts" for _title, lines in groups(people["ada"], "/") for line in lines
    )
    assert 'href="/companies/contacts"' in read(signed_in(people["luca"]).get("/"))


def test_a_page_is_called_as_in_the_menu(people: dict[str, Any]) -> None:
    from vaglio_server.web.menu import groups

    ada = signed_in(people["ada"])
    named = {line.address: str(line.title) for _title, lines in groups(people["ada"], "/") for line in lines}
    for address in ("/imports", "/routing"):
        page, title = read(ada.get(address)), named[address]
        assert f"<h1>{title}</h1>" in page and re.search(rf"<title>{title} ", page), address


def test_a_number_is_called_by_a_link_and_points_in_lists_are_near(people: dict[str, Any]) -> None:
    from vaglio_server.web.words import near_least_points, near_signed, percent, shown_beside, shown_of, stated, tel

    assert tel("+39 (0)2 1234-56") == "tel:+392123456" and tel("02/123 x") == "tel:02123"
    assert near_signed(63_099) == "+63.1" and near_signed(-5_004) == "\u22125"
    shares = [
        (0, "0%"),
        (0.0003, "under 0.1%"),
        (0.004, "0.4%"),
        (0.05, "5%"),
        (0.0949, "9.5%"),
        (0.0999, "10%"),
        (0.274, "27%"),
        (1, "100%"),
    ]
    assert [percent(share) for share, _shown in shares] == [shown for _share, shown in shares] and percent(None) == ""
    assert [stated(share) for share in (0.025, 0.6, 1, 0)] == ["2.5%", "60%", "100%", "0%"]
    assert near_least_points({"A": Decimal("63.099"), "B": Decimal(50), "C": Decimal("7.50")}) == {"A": "63.1", "B": "50", "C": "7.5"}
    assert (shown_of(5264, "employees"), shown_of(27555, "account.employees"), shown_of(1998, "founded")) == ("5,264", "27,555", "1998")
    assert shown_beside(5264, "employees") == "5,264" and shown_beside("IT", "country") == "Italy (IT)"
    lead = rated("A1", owner=people["luca"])
    type(lead).objects.filter(pk=lead.pk).update(fields={"phone": "+39 02 12"})
    assert '<a href="tel:+390212">+39 02 12</a>' in read(signed_in(people["luca"]).get(f"/leads/{lead.pk}"))


def test_a_rule_that_was_just_made_says_one_thing(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import RoutingRule

    rule = RoutingRule.objects.create(name="new", position=0, conditions=[], user=people["luca"], is_on=False)
    marta = signed_in(people["marta"])
    page = read(marta.get(f"/routing/rules/{rule.pk}"))
    assert "it is on once you save it" in page and "It is off:" not in page
    RoutingRule.objects.update(ratings=["A1"])
    page = read(marta.get(f"/routing/rules/{rule.pk}"))
    assert "it is on once you save it" not in page and "It is off:" in page


def test_who_gave_a_lead_is_said_and_whether_its_owner_is_told(people: dict[str, Any]) -> None:
    cold, ready = rated("D4"), rated("A1")
    take()
    marta = signed_in(people["marta"])

    def given(lead: Any) -> str:
        answer = marta.post(f"/leads/{lead.pk}/do/give", {"owner": people["jonas"].pk}, headers=HOST, follow=True)
        return str(read(answer))

    assert "jonas&#x27;s now, among their leads. No mail tells of it" in given(cold)
    assert "jonas&#x27;s now." in given(ready)
    assert "owner jonas (marta)" in read(marta.get(f"/leads/{cold.pk}/timeline"))
