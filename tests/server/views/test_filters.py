"""Filters find exactly the leads that fit, whichever way the database goes: asking each lead, or an index first."""

import os
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

import pytest

from tests.server.conftest import empty_tables
from tests.server.web.people import make_people
from tests.server.world import leads, make_field, make_live, make_source, send
from vaglio.terms import RATINGS

CITIES = ["Italy", "italy ", "România", "O'Brien's", "back\\slash", "C:D", None]
WORTH = [90, "90.0", "12,5", 12.5, "many", None]
DAYS = ["2026-01-01", "2026-11-20T10:00:00Z", "soon", None]
STAGES = ["inquiry", "customer", "recycled", None]  # None: nobody wrote that it is an inquiry
NOW = datetime.now(UTC)
SORTS = ("", "-company", "-active")
EVERY_ORDER = os.environ.get("VAGLIO_ORDERS") == "every"


@pytest.fixture(scope="module")
def drawn(database: Any) -> Iterator[list[dict[str, Any]]]:
    """Leads with values drawn from a few, what they did, and who is on a list; as plain dictionaries with their ids."""
    from vaglio_server.crm.actions import add_leads_to_list, add_list_member
    from vaglio_server.crm.models import Account
    from vaglio_server.lifecycle.models import LeadStage

    empty_tables()
    make_people()
    make_field("lead", "worth", "number")
    make_field("lead", "met_on", "date")
    make_field("lead", "is_partner", "boolean")
    make_live()
    source, draw, made = make_source(), random.Random(7), []
    for number in range(40):
        fields = {
            "city": draw.choice(CITIES), "worth": draw.choice(WORTH), "met_on": draw.choice(DAYS),
            "is_partner": draw.choice([True, False, None]),
        }  # fmt: skip
        mail = f"p{number}@{draw.choice(['acme', 'zeta', 'gmail'])}.example"
        acts = [(draw.choice(["form_submitted", "page_viewed"]), draw.randint(0, 60)) for _ in range(draw.randint(0, 4))]
        made.append({"email": mail, "acts": acts, **fields})
    for one in made:
        traits = {name: one[name] for name in ("email", "city", "worth", "met_on", "is_partner") if one[name] is not None}
        calls = [
            {"type": "track", "userId": one["email"], "event": name, "timestamp": (NOW - timedelta(days=days, hours=1)).isoformat()}
            for name, days in one["acts"]
        ]
        send(source, {"type": "identify", "userId": one["email"], "traits": traits}, *calls)
    found = leads()
    for one in made:
        one["id"] = found[one["email"]].pk
    picked = draw.sample(made, 9)
    add_leads_to_list(name="vip", leads=[one["id"] for one in picked], by="test", at=NOW)
    add_list_member(name="vip", account=Account.objects.get(domain="zeta.example"), by="test", at=NOW)
    for one in made:
        one["vip"] = one in picked or one["email"].endswith("zeta.example")
    stand = random.Random(11)
    for one in made:
        one["stage"] = stand.choice(STAGES)
    LeadStage.objects.bulk_create(LeadStage(lead_id=one["id"], stage=one["stage"], since=NOW) for one in made if one["stage"])
    yield made


def asked(*texts: str, **more: list[str]) -> Any:
    from vaglio_server.views.logic.asked import Asked

    return Asked.of({"where": list(texts), **more}, RATINGS)


def found(*texts: str, **more: list[str]) -> set[int]:
    """Return who is asked for, whichever way it is asked: all at once, page by page (in one order; in the drill in each), or counted."""
    from vaglio_server.lifecycle.queries import offer_of_lists
    from vaglio_server.users.models import User
    from vaglio_server.views.queries import leads_of

    those = leads_of(asked(*texts, **more), User.objects.get(username="marta"), NOW, offer_of_lists())
    assert those.faults == ()
    by_index = those.leads if those.named is None else those.named
    assert not those.leads.exclude(pk__in=by_index.values("pk")), "among those that indexes name are all"
    all_at_once = set(those.leads.values_list("pk", flat=True))
    for sort in SORTS if EVERY_ORDER else [SORTS[crc32(repr((texts, more)).encode()) % len(SORTS)]]:
        assert page_by_page(those, sort) == sorted(all_at_once), sort
    assert counted_step_by_step(those) == len(all_at_once)
    return all_at_once


def page_by_page(those: Any, sort: str) -> list[int]:
    from vaglio_server.views.queries import page_sorted

    seen: list[int] = []
    page = page_sorted(those, cursor=None, limit=7, sort=sort)
    while True:
        seen += [lead.pk for lead in page.leads]
        if page.next_cursor is None:
            return sorted(seen)
        assert len(page.leads) == 7 or page.looked, "a page that is short says so"
        page = page_sorted(those, cursor=page.next_cursor, limit=7, sort=sort, goes_on=bool(page.looked))


def counted_step_by_step(those: Any) -> int:
    from vaglio_server.views.queries import count_on

    count = count_on(those, cursor=None, before=0)
    while count.next_cursor:
        count = count_on(those, cursor=count.next_cursor, before=count.number)
    assert not count.is_more
    return count.number


def same(value: Any, text: str) -> bool:
    return value is not None and str(value).strip().lower() == text.lower()


def number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def did(one: dict[str, Any], name: str, days: int) -> int:
    return sum(act in (name, name if name != "*" else act) and ago < days for act, ago in one["acts"])


CASES: list[tuple[str, Callable[[dict[str, Any]], bool]]] = [
    *((f"lead.city:is:{text.strip()}", lambda one, text=text: same(one["city"], text.strip())) for text in CITIES if text),
    ("lead.city:is:ITALY", lambda one: same(one["city"], "italy")),
    ("lead.city:is_not:Italy", lambda one: not same(one["city"], "italy")),
    ("lead.city:contains:AL", lambda one: "al" in (one["city"] or "").lower()),
    ("lead.city:starts:it", lambda one: (one["city"] or "").lower().startswith("it")),
    ("lead.city:starts:o'b", lambda one: (one["city"] or "").lower().startswith("o'b")),
    ("lead.city:known:", lambda one: bool(one["city"])),
    ("lead.city:unknown:", lambda one: not one["city"]),
    ("lead.worth:least:12.5", lambda one: (number(one["worth"]) or 0) >= 12.5),
    ("lead.worth:most:50", lambda one: number(one["worth"]) is not None and number(one["worth"]) <= 50),  # type: ignore[operator]
    ("lead.worth:is:90", lambda one: number(one["worth"]) == 90),
    ("lead.met_on:after:2026-01-02", lambda one: (one["met_on"] or "")[:4] == "2026" and one["met_on"][:10] >= "2026-01-02"),
    ("lead.met_on:before:2026-01-02", lambda one: one["met_on"] == "2026-01-01"),
    ("lead.is_partner:is:true", lambda one: one["is_partner"] is True),
    ("lead.is_partner:is:false", lambda one: one["is_partner"] is False),
    ("account.domain:is:ACME.example", lambda one: one["email"].endswith("acme.example")),
    ("account.domain:unknown:", lambda one: False),
    ("account.name:contains:zet", lambda one: one["email"].endswith("zeta.example")),
    ("activity.form_submitted:did:30", lambda one: did(one, "form_submitted", 30) > 0),
    ("activity.form_submitted:did_not:30", lambda one: did(one, "form_submitted", 30) == 0),
    ("activity.*:did:10", lambda one: did(one, "*", 10) > 0),
    ("activity.page_viewed:often:2/60", lambda one: did(one, "page_viewed", 60) >= 2),
    ("list.vip:on:", lambda one: one["vip"]),
    ("list.vip:off:", lambda one: not one["vip"]),
    ("record.created:last:2", lambda one: True),
    ("record.stage:is:customer", lambda one: one["stage"] == "customer"),
    ("record.stage:is:opportunity", lambda one: False),
    ("record.stage:is:inquiry", lambda one: one["stage"] in (None, "inquiry")),
    ("record.stage:is_not:recycled", lambda one: one["stage"] != "recycled"),
    ("record.created:before:2020-01-01", lambda one: False),
]


WAYS = {"one by one": (0, 4_000), "index": (5_000, 4_000), "steps": (0, 25), "steps and index": (5_000, 25), "singly": (0, 1)}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are few for an index, and however many leads are looked at for a page."""
    from vaglio_server.views.queries import leads as module
    from vaglio_server.views.queries import walk

    few, step = WAYS[request.param]
    monkeypatch.setattr(module, "RARE", few)
    monkeypatch.setattr(module, "_NEWEST", few or 1)
    for name in ("FIRST", "THEN", "FURTHER"):
        monkeypatch.setattr(walk, name, step)


# Singly, each costs ten times as much: a third of them, and the rest in `make drill`.
SINGLES = [
    pytest.param(way, text, fits, id=f"{way}-{text}", marks=[pytest.mark.drill] if way == "singly" and place % 3 else [])
    for way in WAYS
    for place, (text, fits) in enumerate(CASES)
]


@pytest.mark.parametrize(("way", "text", "fits"), SINGLES, indirect=["way"])
def test_it_finds_who_fits(drawn: list[dict[str, Any]], way: None, text: str, fits: Callable[[dict[str, Any]], bool]) -> None:
    assert found(text) == {one["id"] for one in drawn if fits(one)}


@pytest.mark.parametrize("way", ["one by one", "index"], indirect=True)
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_days_begin_where_whoever_looks_is(drawn: list[dict[str, Any]], way: None, zone: str) -> None:
    from django.utils import timezone

    from vaglio_server.crm.models import Lead, LeadOrder

    lead, midnight = drawn[0]["id"], datetime(2025, 10, 1, tzinfo=ZoneInfo(zone))
    was = Lead.objects.get(pk=lead).created_at
    day = "record.created:{}:2025-10-01"
    try:
        for at, is_before in ((midnight - timedelta(minutes=30), True), (midnight + timedelta(minutes=30), False)):
            Lead.objects.filter(pk=lead).update(created_at=at)
            LeadOrder.objects.filter(lead=lead).update(created_at=at)
            with timezone.override(zone):
                assert (lead in found(day.format("before")), lead in found(day.format("after"))) == (is_before, not is_before)
    finally:
        Lead.objects.filter(pk=lead).update(created_at=was)
        LeadOrder.objects.filter(lead=lead).update(created_at=was)


def test_the_cases_are_no_empty_ones(drawn: list[dict[str, Any]]) -> None:
    by_size = {text: sum(fits(one) for one in drawn) for text, fits in CASES}
    assert sum(0 < size < len(drawn) for size in by_size.values()) >= 22, by_size


PAIRS = random.Random(3).sample([(one, two) for place, one in enumerate(CASES) for two in CASES[:place]], 40)


# Of the pairs some go every way, and the rest in `make drill`.
JOINED = [
    pytest.param(
        way, first, second, id=f"{way}-{first[0]} & {second[0]}", marks=[pytest.mark.drill] if place % (8 if way == "singly" else 3) else []
    )
    for place, (first, second) in enumerate(PAIRS)
    for way in WAYS
]


@pytest.mark.parametrize(("way", "first", "second"), JOINED, indirect=["way"])
def test_two_conditions_join(drawn: list[dict[str, Any]], way: None, first: Any, second: Any) -> None:
    is_either = first[0].split(":")[:2] == second[0].split(":")[:2] and first[0].split(":")[1] in ("is", "starts")
    join = any if is_either else all
    assert found(first[0], second[0]) == {one["id"] for one in drawn if join((first[1](one), second[1](one)))}


@pytest.mark.usefixtures("way")
def test_of_what_a_value_is_one_is_enough(drawn: list[dict[str, Any]]) -> None:
    """No value is two at once: whoever asks for leads in Italy and for leads in Oslo means both."""

    def of(*cities: str, **more: Callable[[dict[str, Any]], bool]) -> set[int]:
        return {one["id"] for one in drawn if any(same(one["city"], city) for city in cities) and all(each(one) for each in more.values())}

    one, other = "Italy", next(city.strip() for city in CITIES if city and not same(city, "italy"))
    assert found(f"lead.city:is:{one}", f"lead.city:is:{other}") == of(one, other) > of(one)
    third = found(f"lead.city:is:{one}", "lead.is_partner:is:true", f"lead.city:is:{other}")
    assert third == of(one, other, partner=lambda lead: lead["is_partner"] is True)
    assert found("lead.is_partner:is:true", "lead.is_partner:is:false") == {lead["id"] for lead in drawn if lead["is_partner"] is not None}
    both = found("account.domain:is:acme.example", "account.domain:is:zeta.example", f"lead.city:is:{one}")
    assert both == of(one, firm=lambda lead: lead["email"].endswith(("acme.example", "zeta.example")))
    stages = found("record.stage:is:customer", "record.stage:is:inquiry")
    assert stages == {lead["id"] for lead in drawn if lead["stage"] in ("customer", None, "inquiry")}
    # What narrows goes on narrowing.
    assert found("lead.worth:least:12.5", "lead.worth:least:50") == {lead["id"] for lead in drawn if (number(lead["worth"]) or 0) >= 50}
    assert not found(f"lead.city:is_not:{one}", f"lead.city:is_not:{other}") & of(one, other)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("text", ["acme", "p1", "p", "zeta p2", "nobody"])
def test_names_join_with_conditions(drawn: list[dict[str, Any]], text: str) -> None:
    def called(one: dict[str, Any]) -> bool:
        return all(any(word.startswith(part) for word in re.split(r"\W", one["email"])) for part in text.split())

    assert found(q=[text]) == {one["id"] for one in drawn if called(one)}
    fits = {one["id"] for one in drawn if called(one) and one["city"] and did(one, "*", 30)}
    assert found("lead.city:known:", "activity.*:did:30", q=[text]) == fits


def test_conditions_join(drawn: list[dict[str, Any]]) -> None:
    both = found("lead.city:is:italy", "activity.page_viewed:did:60", "list.vip:off:")
    assert both == {one["id"] for one in drawn if same(one["city"], "italy") and did(one, "page_viewed", 60) and not one["vip"]}
    assert both


def test_what_the_model_says_is_asked(drawn: list[dict[str, Any]]) -> None:

    from vaglio_server.crm.models import Lead
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.scorers import a_scorer

    with a_scorer() as scorer:
        score_due(scorer=scorer, limit=1000)
    rating = Lead.objects.exclude(rating=None).values_list("rating", flat=True).first()
    assert found(f"model.small:is:{rating}") == set(Lead.objects.filter(rating=rating).values_list("pk", flat=True)) != set()
    assert found("score.coverage:least:0") | found("score.coverage:unknown:") == {one["id"] for one in drawn}


@pytest.mark.parametrize(
    "text",
    ["", "lead", "lead.city", "nobody.x:is:1", "lead.city:least:5", "lead.nofield:is:1",
     "lead.worth:least:much", "lead.met_on:after:soon",
     "activity.form_submitted:did:0", "activity.form_submitted:often:3", "lead.city:is:", "lead.city:is:\ud800", "lead.\x00:is:1",
     "activity.form_submitted:did:" + "9" * 30, "lead.worth:least:1e999", "record.created:after:0000-00-00",
     "record.stage:is:Customer", "record.stage:known:", "record.stage:after:2026-01-01", "record.created:is:customer",
     "lead.city:is:" + "x" * 300],
)  # fmt: skip
def test_it_rejects_what_it_does_not_understand(drawn: list[dict[str, Any]], text: str) -> None:
    from vaglio_server.lifecycle.queries import offer_of_lists
    from vaglio_server.users.models import User
    from vaglio_server.views.queries import leads_of

    those = leads_of(asked(text), User.objects.get(username="marta"), NOW, offer_of_lists())
    assert len(those.faults) == 1 and those.leads.count() == len(drawn)  # left out, and said so
    assert asked(text).query.isascii()


def test_what_was_asked_reads_back_as_it_was(drawn: list[dict[str, Any]]) -> None:
    from urllib.parse import parse_qs

    from vaglio_server.views.logic.asked import Asked

    first = asked(
        "lead.city:is:O'Brien's", "lead.city:is:C:D", col=["owner", "lead.city"], rating=["B1", "A1"], owner=["me"], q=["ann & co"]
    )
    assert Asked.of(parse_qs(first.query), RATINGS) == first
    assert first.ratings == ("A1", "B1") and first.columns == ("owner", "lead.city")


@pytest.fixture
def more(drawn: list[dict[str, Any]]) -> Iterator[None]:
    """Have what a test makes beside those leads be gone after it: others count them."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.usefixtures("more")
@pytest.mark.parametrize("rare", [5_000, 2, 1, 0])
def test_names_with_a_slip_are_found(rare: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few are few: what indexes find, and what is found by looking at one lead after the other."""
    from vaglio_server.crm.models import Lead
    from vaglio_server.views.queries import Found, nearly

    monkeypatch.setattr("vaglio_server.views.queries.slips.RARE", rare)

    source = make_source("slips")
    send(source, {"type": "identify", "userId": "x", "traits": {"email": "x@gmail.com", "firstName": "Ștefania", "lastName": "Mihăilescu"}})
    send(
        source,
        {"type": "identify", "userId": "y", "traits": {"email": "y@gmail.com", "firstName": "Stefan", "company": "Brunello & Figli"}},
    )
    for number, last in enumerate(("Bassi", "Costa", "Conti", "Zanardi")):  # a common name, and a rare one
        person = {"email": f"c{number}@gmail.com", "firstName": "Carlo", "lastName": last}
        send(source, {"type": "identify", "userId": f"c{number}", "traits": person})
    names = {"cralo zanradi": {"Carlo Zanardi"},
             "stefanja": {"Ștefania Mihăilescu"}, "mihailecsu": {"Ștefania Mihăilescu"}, "mihalescu stefania": {"Ștefania Mihăilescu"},
             "brunelo": {"Stefan"}, "mihailescu brunelo": set(), "stefna brunelo": {"Stefan"},
             "stefna mihailescu brunelo": set(), "mhilescu": set(), "x": set(), "acmee": {"p"}}  # fmt: skip
    for text, expected in names.items():
        those = nearly(Found(Lead.objects.present()), text)
        called = {str(lead) for lead in those.leads}
        assert len(page_by_page(those, "")) == len(called)
        if expected == {"p"}:
            assert called and all("acme" in name for name in called)
        else:
            assert called == expected, text
