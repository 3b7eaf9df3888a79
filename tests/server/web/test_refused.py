"""Refused events on their pages: put right by hand, tried again and put away, one and many, without anything counted twice."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.world import activities_of, audited, leads, make_source, post, take

ANNA = {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example"}}
NOBODY = "it names nobody: neither userId, anonymousId nor a mail address among the traits"


@pytest.fixture
def marta(tables: Any) -> Any:
    return signed_in(make_people()["marta"])


def refuse(*calls: dict[str, Any], **around: Any) -> list[Any]:
    """Send calls in one batch, take what can be taken, and return what was refused, by place."""
    from vaglio_server.tracking.models import RefusedEvent, Source

    source = Source.objects.first() or make_source()
    before = list(RefusedEvent.objects.values_list("pk", flat=True))
    assert post(source, "batch", {"batch": list(calls), **around}).status_code == 200
    take()
    return list(RefusedEvent.objects.exclude(pk__in=before).order_by("place"))


def page(client: Any, address: str = "/refused") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def mend(client: Any, refused: Any, text: Any) -> Any:
    return client.post(f"/refused/{refused.pk}", {"text": text if isinstance(text, str) else json.dumps(text)})


def test_a_call_is_put_right_and_taken_once_at_its_own_time(marta: Any) -> None:
    from vaglio_server.tracking.models import Activity, Delivery, RefusedEvent

    sent = datetime.now(UTC)
    did = {"type": "track", "event": "Demo Requested", "timestamp": (sent - timedelta(hours=5)).isoformat()}
    lost, odd = refuse(ANNA, did, {"type": "order", "userId": "anna"}, sentAt=sent.isoformat())
    came = bytes(lost.delivery.body)
    shown = page(marta, f"/refused/{lost.pk}")
    assert NOBODY in shown and "Say who it was" in shown and "&quot;event&quot;: &quot;Demo Requested&quot;" in shown
    Delivery.objects.update(received_at=lost.delivery.received_at - timedelta(days=3))  # it came three days ago, so it happened then
    assert mend(marta, lost, did | {"userId": "anna"})["Location"] == "/refused"
    take()
    anna = leads()["anna@acme.example"]
    assert activities_of(anna) == ["demo_requested"]
    off = Activity.objects.get().occurred_at - (sent - timedelta(days=3, hours=5))
    assert abs(off) < timedelta(seconds=20)  # what the sender's clock said, not when it was put right
    assert bytes(Delivery.objects.get(pk=lost.delivery_id).body) == came
    # Mended twice it is taken once, and the request it came in can be tried again: it is not refused anew.
    assert "meanwhile" in mend(marta, lost, did | {"userId": "anna"}).content.decode()
    marta.post(f"/refused/{odd.pk}/replay")
    take()
    assert activities_of(anna) == ["demo_requested"]
    assert sorted(RefusedEvent.objects.values_list("place", "settled")) == [(1, "mended"), (2, "")]
    assert audited("mend_refused") == [("marta", f"delivery:{lost.delivery_id}")]
    assert "marta, " in page(marta, "/refused?state=mended")


@pytest.mark.parametrize(("text", "said"), [
    ('{"type": "track", "event": "X"}', NOBODY),
    ('{"type": "track",\n "event" "X"}', "line 2, column 10"),
    ("[]", "there is no call in it"),
    ('{"batch": "x"}', "batch is no list"),
    ('[{"type": "page", "userId": "a"}, {"type": "x", "userId": "a"}]', "call 2 of 2: its type"),
    ("null", "it is no object"),
    ("[" * 100_000, "no JSON that can be read"),
    ('{"userId": "a\\u0000"}', "character NUL"),
])  # fmt: skip
def test_it_rejects_what_cannot_be_taken_so_either_and_keeps_what_was_typed(marta: Any, text: str, said: str) -> None:
    from vaglio_server.tracking.models import Delivery

    (lost,) = refuse({"type": "track", "event": "X"})
    answer = mend(marta, lost, text)
    shown = answer.content.decode().replace("&quot;", '"')
    assert (answer.status_code, said in shown, text[:1_000] in shown) == (422, True, True)
    assert (Delivery.objects.count(), audited("mend_refused")) == (1, [])


def test_a_whole_request_that_was_none_can_be_put_right(marta: Any) -> None:
    from vaglio_server.tracking.models import RefusedEvent

    assert post(make_source(), "batch", {"batch": "x"}).status_code == 200
    take()
    lost = RefusedEvent.objects.get()
    assert mend(marta, lost, {"batch": [ANNA, {"type": "page", "userId": "anna", "name": "Prices"}]}).status_code == 302
    take()
    assert activities_of(leads()["anna@acme.example"]) == ["page_viewed"]


def test_many_are_tried_again_or_put_away_by_their_reason(marta: Any) -> None:
    from vaglio_server.tracking.models import RefusedEvent

    for _n in range(3):
        refuse(ANNA, {"type": "track", "event": "Lost"}, {"type": "order", "userId": "anna"})
    shown = page(marta)
    assert "Try all 6 again" in shown and NOBODY in shown
    newest = RefusedEvent.objects.order_by("-id")[0].pk
    assert page(marta, f"/refused?reason={NOBODY}").count('class="refused"') == 3
    refuse({"type": "track", "event": "Newer"})
    told = {"reason": NOBODY, "up_to": newest}
    answer = marta.post("/refused/bulk", told | {"do": "put_away"}, follow=True)
    assert "3 calls are put away" in answer.content.decode()  # the one that came later was not seen
    assert RefusedEvent.objects.filter(settled="").count() == 4
    answer = marta.post("/refused/bulk", {"reason": "", "up_to": RefusedEvent.objects.order_by("-id")[0].pk, "do": "replay"}, follow=True)
    assert "4 calls are tried again" in answer.content.decode()
    take()
    assert RefusedEvent.objects.filter(settled="").count() == 4  # nothing was mended: refused again, and those put away stay away
    assert RefusedEvent.objects.filter(settled="put_away").count() == 3
    assert (len(leads()), audited("put_all_refused_away"), audited("replay_all_refused")) == (
        1, [("marta", "deliveries")], [("marta", "deliveries")],
    )  # fmt: skip
    for wrong in ({}, {"do": "x", "up_to": "1"}, {"do": "replay", "up_to": "x"}):
        assert "Choose what to do" in marta.post("/refused/bulk", wrong, follow=True).content.decode()


def test_one_is_put_away_and_brought_back(marta: Any) -> None:
    from vaglio_server.tracking.queries import intake

    (lost,) = refuse({"type": "track", "event": "Lost"})
    assert "It is put away." in marta.post(f"/refused/{lost.pk}/put-away", follow=True).content.decode()
    assert (intake(datetime.now(UTC)).refused_last_day, "Nothing was refused" in page(marta)) == (0, True)
    assert "meanwhile" in marta.post(f"/refused/{lost.pk}/put-away", follow=True).content.decode()
    assert "Bring it back" in page(marta, "/refused?state=put_away")
    assert "It is back." in marta.post(f"/refused/{lost.pk}/bring-back", follow=True).content.decode()
    assert "open already" in marta.post(f"/refused/{lost.pk}/bring-back", follow=True).content.decode()
    assert intake(datetime.now(UTC)).refused_last_day == 1
    assert audited("put_away_refused") == audited("bring_back_refused") == [("marta", f"delivery:{lost.delivery_id}")]


def test_a_second_click_on_what_is_tried_again_leads_to_the_list(marta: Any) -> None:
    (lost,) = refuse({"type": "track", "event": "Lost"})
    said = [marta.post(f"/refused/{lost.pk}/replay", follow=True).content.decode() for _ in range(2)]
    assert "1 call is tried again" in said[0] and "tried again meanwhile" in said[1]
    assert marta.get(f"/refused/{lost.pk}")["Location"] == "/refused"


def test_sellers_and_readers_may_not(tables: Any) -> None:
    people = make_people()
    (lost,) = refuse({"type": "track", "event": "Lost"})
    for name in ("luca", "vera"):
        client = signed_in(people[name])
        assert client.get(f"/refused/{lost.pk}").status_code == 403
        for deed in (f"{lost.pk}", f"{lost.pk}/put-away", f"{lost.pk}/bring-back", "bulk"):
            assert client.post(f"/refused/{deed}", {"text": "{}"}).status_code == 403
