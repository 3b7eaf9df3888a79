"""Deliveries become leads, identities and activities, each event once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from tests.server.world import AT, activities_of, leads, make_source, post, send, take

pytestmark = pytest.mark.usefixtures("tables")


def identify(user: str, **more: object) -> dict[str, object]:
    return {"type": "identify", "userId": user, "traits": {"email": f"{user}@acme.example"}, **more}


def track(event: str = "Demo Asked", **more: object) -> dict[str, object]:
    return {"type": "track", "event": event, **more}


def test_it_works() -> None:
    from vaglio_server.crm.models import FieldChange

    source = make_source()
    send(source, identify("anna", messageId="1"), track(userId="anna", messageId="2"))
    (anna,) = leads().values()
    assert anna.fields == {"email": "anna@acme.example"}
    assert anna.due_at is not None
    assert activities_of(anna) == ["demo_asked"]
    (change,) = FieldChange.objects.filter(lead=anna).exclude(field="account_id")
    assert (change.field, change.value, change.known_at) == ("email", "anna@acme.example", anna.created_at)


def test_an_event_counts_once_however_often_it_comes() -> None:
    from vaglio_server.tracking.models import Activity

    source = make_source()
    calls = [track(userId=f"u{number % 7}", messageId=str(number)) for number in range(50)]
    again = calls * 3
    Random(1).shuffle(again)
    for start in range(0, len(again), 20):
        assert post(source, "batch", {"batch": again[start : start + 20]}).status_code == 200
    take()
    send(source, *calls)
    assert Activity.objects.count() == 50


def test_the_same_message_of_another_source_is_another_event() -> None:
    from vaglio_server.tracking.models import Activity

    for name in ("site", "app"):
        send(make_source(name), track(userId="anna", messageId="1"))
    assert Activity.objects.count() == 2


def test_what_a_stranger_did_counts_from_the_moment_it_is_known_who_it_was() -> None:
    from vaglio_server.tracking.models import IdentityLink

    source = make_source()
    send(source, track("Page One", anonymousId="a"), track("Page Two", anonymousId="a"))
    assert leads() == {}
    send(source, identify("anna", anonymousId="a"))
    anna = leads()["anna@acme.example"]
    assert activities_of(anna) == ["page_one", "page_two"]
    assert {link.known_at for link in IdentityLink.objects.filter(lead=anna)} == {anna.created_at}


def test_several_devices_and_addresses_are_one_person() -> None:
    source = make_source()
    send(source, identify("anna", anonymousId="phone"), identify("anna", anonymousId="laptop"))
    send(source, {"type": "identify", "userId": "anna", "traits": {"email": "anna@home.example"}})
    send(source, *(track(event, anonymousId=device) for event, device in (("One", "phone"), ("Two", "laptop"))))
    send(source, {"type": "identify", "anonymousId": "tv", "traits": {"email": "anna@acme.example"}}, track("Three", anonymousId="tv"))
    (anna,) = leads().values()
    assert activities_of(anna) == ["one", "two", "three"]


def test_two_known_people_are_never_joined_by_a_shared_device() -> None:
    from vaglio_server.crm.models import Lead

    source = make_source()
    send(source, identify("anna", anonymousId="shared"), identify("bob", anonymousId="shared"))
    send(source, track("By Bob", userId="bob", anonymousId="shared"), track("By Anna", userId="anna", anonymousId="shared"))
    send(source, {"type": "identify", "userId": "anna", "anonymousId": "shared", "traits": {"email": "bob@acme.example"}})
    assert sorted(activities_of(lead) for lead in Lead.objects.all()) == [["by_anna"], ["by_bob"]]


def test_it_keeps_what_it_rejects_with_the_reason_and_takes_the_rest() -> None:
    from vaglio_server.tracking.models import Activity, Delivery, RefusedEvent

    source = make_source()
    send(source, track(userId="anna"), track("a\x00b", userId="anna"), {"type": "nonsense", "userId": "x"}, track(userId="bob"))
    assert Activity.objects.count() == 2
    refused = RefusedEvent.objects.order_by("place")
    assert [(each.place, each.delivery.source_id) for each in refused] == [(1, source.pk), (2, source.pk)]
    assert "NUL" in refused[0].reason
    assert b"a\\u0000b" in bytes(Delivery.objects.get().body)


def test_only_values_that_change_are_history() -> None:
    from vaglio_server.crm.models import FieldChange

    source = make_source()
    for title in ("CTO", "CTO", "CEO"):
        send(source, {"type": "identify", "userId": "anna", "traits": {"title": title}})
    assert [change.value for change in FieldChange.objects.order_by("known_at")] == ["CTO", "CEO"]


def test_a_failure_in_the_middle_leaves_everything_to_the_next_try(monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.tracking.actions import deliveries as actions
    from vaglio_server.tracking.models import Activity, Delivery, Event

    source = make_source()
    assert post(source, "track", track(userId="anna") | {"messageId": "1"}).status_code == 200
    with monkeypatch.context() as broken:
        broken.setattr(actions, "_write_refused", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take()
    assert (Event.objects.count(), Activity.objects.count(), Delivery.objects.filter(is_open=True).count()) == (0, 0, 1)
    take()
    assert (Event.objects.count(), Activity.objects.count(), Delivery.objects.filter(is_open=True).count()) == (1, 1, 0)


def test_a_machine_is_known_by_what_it_calls_itself() -> None:
    from vaglio_server.tracking.models import Activity

    source = make_source()
    send(source, track(userId="anna", context={"userAgent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}), track(userId="anna"))
    assert sorted((each.is_machine, each.machine_known_at is not None) for each in Activity.objects.all()) == [(False, False), (True, True)]


def test_an_activity_happened_when_its_sender_says(tables: Path) -> None:
    from vaglio_server.tracking.models import Activity, Delivery

    send(make_source(), track(userId="anna", timestamp="2026-10-01T10:00:00Z", sentAt="2026-10-01T10:05:00Z"))
    assert Delivery.objects.get().received_at - Activity.objects.get().occurred_at == timedelta(minutes=5)


def test_a_request_that_cannot_be_read_keeps_nobody_waiting() -> None:
    from vaglio_server.tracking.models import Activity, Delivery, RefusedEvent

    source = make_source()
    Delivery.objects.create(source=source, kind="batch", body=b"\xff\xfe", received_at=AT)
    send(source, track(userId="anna"))
    assert Activity.objects.count() == 1
    assert "report it" in RefusedEvent.objects.get().reason


@contextmanager
def odd_is_refused() -> Iterator[None]:
    """Have the database refuse activities called odd."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tracking_activity ADD CONSTRAINT odd CHECK (activity_type <> 'odd')")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE tracking_activity DROP CONSTRAINT odd")


def test_what_the_database_refuses_is_kept_as_refused_and_keeps_nobody_waiting() -> None:
    from vaglio_server.tracking.models import Activity, Delivery, RefusedEvent

    source = make_source()
    with odd_is_refused():
        for event in ("Fine", "Odd", "Fine"):
            assert post(source, "track", track(event, userId="anna")).status_code == 200
        take()
    assert (Activity.objects.count(), Delivery.objects.filter(is_open=True).count()) == (2, 0)
    assert "odd" in RefusedEvent.objects.get().reason


@pytest.mark.parametrize("place", [0, 1, 43, 63])
def test_one_that_the_database_refuses_is_found_by_halves_wherever_it_is(place: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from vaglio_server.tracking.actions import take_deliveries
    from vaglio_server.tracking.models import Activity, RefusedEvent

    source = make_source()
    for number in range(64):
        assert post(source, "track", track("Odd" if number == place else "Fine", userId="anna")).status_code == 200
    with odd_is_refused(), CaptureQueriesContext(connection) as asked:
        assert sum(take_deliveries(limit=64) for _ in range(2)) == 64
    assert sum("FROM tracking_delivery WHERE is_open" in each["sql"] for each in asked) <= 3 + 6  # all, six halves, it alone, and the rest
    assert (Activity.objects.count(), RefusedEvent.objects.count()) == (63, 1)


def test_large_requests_are_taken_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.tracking.actions import deliveries as actions
    from vaglio_server.tracking.models import Activity

    source = make_source()
    monkeypatch.setattr(actions, "AT_ONCE", 300)
    for number in range(5):
        assert post(source, "track", track(userId="anna", properties={"filler": "x" * 200, "n": number})).status_code == 200
    taken = [actions.take_deliveries(limit=100) for _ in range(6)]
    assert (sum(taken), taken[0]) == (5, 1)
    assert Activity.objects.count() == 5


def test_an_account_in_the_traits_is_not_ours() -> None:
    from vaglio_server.crm.models import FieldChange

    send(make_source(), identify("anna") | {"traits": {"email": "anna@acme.example", "accountId": "7"}})
    (anna,) = leads().values()
    assert anna.fields["account_reference"] == "7"
    assert [change.value for change in FieldChange.objects.filter(field="account_id")] == [str(anna.account_id)]


def test_ids_of_ours_cannot_be_taken_by_senders() -> None:
    from vaglio_server.tracking.models import Activity

    source = make_source()
    send(source, *(track(userId="eve", messageId=f"vaglio-{number}-0") for number in range(50)))
    send(source, *(track(userId="eve", messageId=f" vaglio-{number}-0") for number in range(50)))
    before = Activity.objects.count()
    for _ in range(5):
        send(source, track(userId="anna"))
    assert Activity.objects.count() == before + 5
