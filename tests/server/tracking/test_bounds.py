"""How much events may give one lead or one account; what is more is refused with its reason, and kept."""

import json
from typing import Any

import pytest

from tests.server.tracking.test_groups import accounts, group, identify
from tests.server.world import AT, leads, make_field, make_source, post, send, take
from vaglio_server.refused import Refused
from vaglio_server.tracking.logic.bounds import MOST_FIELDS, MOST_IDENTITIES

pytestmark = pytest.mark.usefixtures("tables")
ANNA = "anna@acme.com"
FIELDS = "its lead would have more than 500 fields that nobody defined; define those that are needed and try again, or send fewer"
IDENTITIES = "its lead would be known by more than 1,000 user ids, mail addresses and devices; see why the sender makes so many"
OF_COMPANY = FIELDS.replace("lead", "company")


def traits(first: int, count: int) -> dict[str, int]:
    return {f"k_{n}": n for n in range(first, first + count)}


def refused() -> list[str]:
    from vaglio_server.tracking.models import RefusedEvent

    return list(RefusedEvent.objects.order_by("pk").values_list("reason", flat=True))


def devices(first: int, count: int, email: str = ANNA) -> list[dict[str, Any]]:
    return [{"type": "identify", "anonymousId": f"d{n}", "traits": {"email": email}} for n in range(first, first + count)]


def known_by(lead: Any) -> int:
    return int(lead.links.filter(ended_at=None).count())


def fill(source: Any, email: str = ANNA, user: str = "anna") -> None:
    """Make a lead with as many fields as fit."""
    send(source, identify(user, email))
    send(source, {"type": "identify", "userId": user, "traits": traits(0, MOST_FIELDS)})


def test_a_lead_gets_so_many_fields_from_events_and_no_more() -> None:
    source = make_source()
    fill(source)
    before = leads()[ANNA].fields
    assert len(before) == MOST_FIELDS + 1  # that the address is a field is known anyway
    send(
        source,
        {"type": "identify", "userId": "anna", "traits": {"one_more": 1, "k_0": "new"}},
        {"type": "track", "userId": "anna", "event": "Seen", "context": {"traits": {"one_more": 1}}},
        {"type": "identify", "userId": "anna", "traits": {"k_1": "new", "job_title": "CTO"}},
        {"type": "track", "userId": "anna", "event": "Read"},
    )
    assert leads()[ANNA].fields == before | {"k_1": "new", "job_title": "CTO"}
    assert refused() == [FIELDS, FIELDS]
    from tests.server.world import activities_of

    assert activities_of(leads()[ANNA]) == ["read"]


def test_one_call_and_one_request_are_held_to_the_same() -> None:
    source = make_source()
    send(source, {"type": "identify", "userId": "new", "traits": traits(0, MOST_FIELDS + 1)})
    assert leads() == {} and refused() == [FIELDS]
    batch = [{"type": "identify", "userId": "new", "traits": traits(n * 100, 100)} for n in range(7)]
    send(source, *batch)
    (lead,) = leads().values()
    assert len(lead.fields) == MOST_FIELDS and refused() == [FIELDS] * 3


def test_a_lead_is_known_by_so_many_keys_and_no_more() -> None:
    source = make_source()
    send(source, *devices(0, 600))
    send(source, *devices(600, 600), {"type": "track", "anonymousId": "d3", "event": "Seen"})
    lead = leads()[ANNA]
    assert known_by(lead) == MOST_IDENTITIES
    assert refused() == [IDENTITIES] * 201
    send(source, *devices(0, 10), *devices(2_000, 10, "bob@acme.com"))
    assert known_by(lead) == MOST_IDENTITIES and known_by(leads()["bob@acme.com"]) == 11 and len(refused()) == 201


def test_a_company_gets_so_many_fields_from_events_and_no_more() -> None:
    source = make_source()
    send(source, group("g-1", traits(0, 300) | {"name": "Acme"}, userId="anna"))
    send(
        source,
        group("g-1", traits(300, 200), userId="anna"),
        group("g-1", {"one_more": 1, "plan": "x"}, userId="bob"),
        group("g-1", {"k_0": "new", "employees": 9}, userId="carla"),
        group("g-2", {"domain": "beta.com"} | traits(0, 400), anonymousId="d"),
        group("g-3", {"domain": "beta.com"} | traits(400, 101), anonymousId="d"),
        group("g-4", traits(0, MOST_FIELDS + 1), anonymousId="d"),
    )
    assert set(accounts()) == {"Acme", "beta.com"} and refused() == [OF_COMPANY] * 3
    assert accounts()["Acme"].fields == traits(0, MOST_FIELDS) | {"name": "Acme", "k_0": "new", "employees": 9}
    assert len(accounts()["beta.com"].fields) == 402
    assert len(leads()) == 2  # of a call that is refused nobody is made


def test_what_was_refused_is_taken_once_there_is_room_but_not_what_was_put_away() -> None:
    from vaglio_server.tracking.actions import put_away_refused, replay_refused
    from vaglio_server.tracking.models import Event, RefusedEvent

    source = make_source()
    fill(source)
    more = [{"type": "identify", "userId": "anna", "messageId": f"m-{name}", "traits": {name: 1}} for name in ("budget_year", "shoe_size")]
    send(source, *more, {"type": "track", "userId": "anna", "event": "Seen"})
    one, other = RefusedEvent.objects.order_by("pk")
    assert not Event.objects.filter(message_id__startswith="m-").exists()
    replay_refused(refused=one, by="test", at=AT)
    take()
    assert refused() == [FIELDS] * 2
    one, other = RefusedEvent.objects.order_by("pk")
    put_away_refused(refused=other, by="test", at=AT)
    make_field("lead", "budget_year")
    make_field("lead", "shoe_size")
    replay_refused(refused=one, by="test", at=AT)
    take()
    fields = leads()[ANNA].fields
    assert fields["budget_year"] == 1 and "shoe_size" not in fields
    assert list(RefusedEvent.objects.values_list("settled", flat=True)) == ["put_away"]


def test_a_message_that_was_taken_is_not_refused_when_it_comes_again() -> None:
    source = make_source()
    send(source, identify("anna", ANNA, messageId="m-1", traits={"email": ANNA} | traits(500, 1)))
    fill(source)
    assert refused() == [FIELDS]
    send(source, identify("anna", ANNA, messageId="m-1", traits={"email": ANNA} | traits(900, 1)))
    assert refused() == [FIELDS]


def test_two_leads_that_are_full_can_be_merged_and_parted() -> None:
    from vaglio_server.tracking.actions import merge_leads, undo_merge

    source = make_source()
    fill(source)
    send(source, *devices(0, 998))
    send(source, identify("bob", "bob@gmail.com"), {"type": "identify", "userId": "bob", "traits": traits(500, MOST_FIELDS)})
    send(source, *devices(1_000, 998, "bob@gmail.com"))
    anna, bob = leads()[ANNA], leads()["bob@gmail.com"]
    before = [(each.fields, known_by(each)) for each in (anna, bob)]
    assert [known for _fields, known in before] == [MOST_IDENTITIES] * 2 and refused() == []
    merge = merge_leads(lead=anna, other=bob, by="test", at=AT)
    both = leads()[ANNA]
    assert len(both.fields) == 2 * MOST_FIELDS + 1 and known_by(both) == 2 * MOST_IDENTITIES
    tracks = [{"type": "track", "userId": "bob", "anonymousId": device, "event": "Seen"} for device in ("d1000", "new")]
    send(source, *tracks, {"type": "identify", "userId": "bob", "traits": {"k_500": "new"}})
    assert refused() == [IDENTITIES]
    undo_merge(merge=merge, by="test", at=AT)
    send(source, {"type": "identify", "userId": "anna", "traits": {"k_1": "new"}})
    after = [({name: value for name, value in each.fields.items() if value is not None}, known_by(each)) for each in (
        leads()[ANNA], leads()["bob@gmail.com"])]  # fmt: skip
    assert after == [(before[0][0] | {"k_1": "new", "k_500": "new"}, MOST_IDENTITIES), before[1]] and refused() == [IDENTITIES]


def test_fields_that_were_taken_away_leave_room() -> None:
    from vaglio_server.tracking.actions import edit_lead

    source = make_source()
    fill(source)
    edit_lead(lead=leads()[ANNA], fields={"k_7": None}, by="test", at=AT)
    send(source, {"type": "identify", "userId": "anna", "traits": {"one_more": 1}})
    assert leads()[ANNA].fields["one_more"] == 1 and refused() == []
    send(source, {"type": "identify", "userId": "anna", "traits": {"k_7": 1}})
    assert leads()[ANNA].fields["k_7"] is None and refused() == [FIELDS]


def test_whoever_writes_a_lead_by_the_api_is_told() -> None:
    from vaglio_server.tracking.actions import put_lead
    from vaglio_server.tracking.models import Delivery

    fill(make_source())
    came = Delivery.objects.count()
    with pytest.raises(Refused, match="more than 500 fields"):
        put_lead(user_id="anna", fields={"one_more": 1}, by="test", at=AT)
    assert Delivery.objects.count() == came and refused() == []
    put_lead(user_id="anna", fields={"job_title": "CTO"}, by="test", at=AT)
    assert leads()[ANNA].fields["job_title"] == "CTO"


def test_the_sender_hears_200_and_marketing_sees_the_call() -> None:
    from vaglio_server.tracking.queries import refused_calls, refused_reasons

    source = make_source()
    fill(source)
    call = {"userId": "anna", "traits": {"one_more": 1}}
    assert post(source, "identify", call).status_code == 200
    take()
    assert refused_reasons().counts == [(FIELDS, 1)]
    (shown,) = refused_calls(limit=10).calls
    assert json.loads(shown.sent) == call


def test_whether_there_is_room_costs_one_question_where_there_is() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    source = make_source()
    for count in (10, 200):
        calls = [identify(f"u{n}", f"u{n}@acme.com", anonymousId=f"d{n}") for n in range(count)]
        assert post(source, "batch", {"batch": calls}).status_code == 200
        with CaptureQueriesContext(connection) as asked:
            take()
        assert sum("jsonb_object_keys" in each["sql"] for each in asked) == (1 if count > 10 else 0), count
        assert not any("jsonb_each" in each["sql"] for each in asked)


def test_keys_of_calls_that_had_no_room_are_found_for_the_erasing_of_people() -> None:
    from vaglio_server.tracking.queries import keys_of_refused

    source = make_source()
    fill(source)
    send(source, {"type": "identify", "userId": "anna", "anonymousId": "tablet", "traits": {"one_more": 1}}, identify("bob", "b@acme.com"))
    assert set(keys_of_refused()) == {("user_id", "anna"), ("anonymous_id", "tablet")}
