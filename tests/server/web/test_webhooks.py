"""The pages of webhooks and of nurture lists."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.connectors.receiver import Say, receiving
from tests.server.connectors.world import Clock, allowing, deliveries, hand_out, happen, make_endpoint, sending
from tests.server.lifecycle.world import NOW, crosses, live, rated
from tests.server.lifecycle.world import take as take_crossings
from tests.server.web.people import make_people, signed_in
from tests.server.web.reading import read
from tests.server.world import audited

pytestmark = pytest.mark.usefixtures("tables")
WAITS = 'hx-trigger="every 2s"'
KINDS = ["stage.changed", "nurture.entered"]


@pytest.fixture
def ada(tables: Any) -> Any:
    return signed_in(make_people()["ada"])


def test_it_is_made_and_its_secret_is_shown_once(ada: Any) -> None:
    from vaglio_server.connectors.models import Endpoint

    told = {"name": "CRM", "address": "https://hooks.example.com/vaglio", "kinds": KINDS}
    answer = ada.post("/webhooks", told)
    assert "no-store" in answer["Cache-Control"]
    secret = re.search(r'id="secret">(whsec_[^<]+)<', read(answer))[1]  # type: ignore[index]
    endpoint = Endpoint.objects.get()
    assert (endpoint.name, endpoint.kinds, endpoint.has_email, endpoint.by) == ("CRM", KINDS, False, "ada")
    for page in ("/webhooks", f"/webhooks/{endpoint.pk}"):
        assert secret not in read(ada.get(page))
    assert "is a receiver called CRM already" in read(ada.post("/webhooks", told))
    assert audited("make_endpoint") == [("ada", f"endpoint:{endpoint.pk}")]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"address": "https://169.254.169.254/latest/meta-data"}, "169.254.169.254 is an address inside a network"),
        ({"address": "https://0xa9fea9fe/"}, "VAGLIO_WEBHOOK_HOSTS=0xa9fea9fe:443"),
        ({"address": "http://hooks.example.com/"}, "must begin with https://"),
        ({"name": " "}, "give the receiver a name"),
        ({"kinds": []}, "choose of what the receiver is told"),
        ({"kinds": ["lead.stolen"]}, "is no kind of happening"),
    ],
)
def test_what_does_not_fit_is_said_at_once_and_what_was_typed_stays(ada: Any, told: dict[str, Any], said: str) -> None:
    from vaglio_server.connectors.models import Endpoint

    given = {"name": "mine", "address": "https://hooks.example.com/", "kinds": KINDS} | told
    answer = ada.post("/webhooks", given)
    page = read(answer).replace("&#x27;", "'")
    assert answer.status_code == 422 and said.lower() in page.lower() and f'value="{given["address"]}"' in page
    assert not Endpoint.objects.exists()


def test_what_was_sent_is_seen_with_its_body_and_sent_again(ada: Any) -> None:
    answers = [Say(500, text=b"<b>out of order</b>")]
    clock = Clock()
    with receiving(lambda _came: answers[0]) as receiver, sending(receiver, clock) as send:
        endpoint, _secret = make_endpoint(receiver)
        here = f"/webhooks/{endpoint.pk}"
        assert "Nothing yet" in read(ada.get(here))
        (happening,) = happen(1, to="customer")
        hand_out()
        for _ in range(8):
            send()
            clock.move(hours=10)
        page = read(ada.get(f"{here}?state=failed"))
        for told in (str(happening.key), "&quot;to&quot;:&quot;customer&quot;", "&lt;b&gt;out of order&lt;/b&gt;", "500", "1 failed"):
            assert told in page
        assert "Nothing such" in read(ada.get(f"{here}?state=delivered&kind=ping"))
        answers[0] = Say()
        (sent,) = deliveries()
        assert "with the id it had" in read(ada.post(f"{here}/deliveries/{sent.pk}/replay", follow=True))
        clock.now = sent_at()
        send()
    assert [each.state for each in deliveries()] == ["delivered"] and len({came.key for came in receiver.came}) == 1
    assert audited("replay_delivery") == [("ada", f"endpoint:{endpoint.pk}")]


def test_the_page_waits_for_what_was_taken_after_it_looked_at_the_clock(ada: Any) -> None:
    from vaglio_server.connectors.actions import Sender

    with receiving(Say(after_seconds=1.0)) as receiver:
        endpoint, _secret = make_endpoint(receiver)
        here = f"/webhooks/{endpoint.pk}"
        happen()
        sender = Sender(clock=Clock(datetime.now(UTC) + timedelta(seconds=30)), allowed=receiver.allowed)
        hand_out(datetime.now(UTC))
        assert sender.step() == 1  # it is on its way
        assert WAITS in read(ada.get(here))
        sender.close()
        assert WAITS not in read(ada.get(here))


def sent_at() -> Any:
    return max(each.next_at for each in deliveries() if each.next_at)


def test_the_list_asks_once_for_all_receivers(ada: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            ada.get("/webhooks")
        return len(found)

    with receiving(lambda came: Say(410 if came.path == "/gone" else 200)) as receiver:
        make_endpoint(receiver, name="one")
        ada.get("/webhooks")
        few = asked()
        make_endpoint(receiver, name="gone", path="/gone")
        late, _secret = make_endpoint(receiver, name="late")
        type(late).objects.filter(pk=late.pk).update(paused_until=datetime(2100, 1, 1, tzinfo=UTC))
        happen(3)
        hand_out()
        with sending(receiver, Clock(datetime.now(UTC))) as send:
            send()
        assert asked() == few
        page = read(ada.get("/webhooks"))
    rows = {name: row for row in page.split("<li>") for name in ("one", "gone", "late") if f'class="name">{name}<' in row}
    assert "took one" in rows["one"] and "waiting" not in rows["one"] and "failed" not in rows["one"]
    assert ">off<" in rows["gone"] and "3 failed" in rows["gone"]
    assert "3 waiting" in rows["late"] and "nothing sent yet" in rows["late"]


def test_all_that_failed_or_was_missed_is_sent_again(ada: Any) -> None:
    from datetime import UTC, datetime, timedelta

    from vaglio_server.lifecycle.models import Happening

    now = datetime.now(UTC)
    with receiving(Say(410)) as receiver, allowing(receiver), sending(receiver, clock := Clock(now)) as send:
        endpoint, _secret = make_endpoint(receiver, kinds=("stage.changed",))
        type(endpoint).objects.update(created_at=now - timedelta(days=20))
        here = f"/webhooks/{endpoint.pk}"
        old, failed = happen(), happen()
        hand_out(now)
        send()  # it says that it is gone, and is switched off
        missed, other = happen(), happen(1, "clock.breached")
        hand_out(now)
        Happening.objects.exclude(pk=old[0].pk).update(at=now)
        type(deliveries()[0]).objects.exclude(happening=old[0]).update(at=now)
        Happening.objects.filter(pk=old[0].pk).update(at=now - timedelta(days=10))
        assert "is switched off; switch it on first" in read(ada.post(f"{here}/do/replay", {"days": "7"}, follow=True))
        assert "told again" in read(ada.post(f"{here}/do/on", follow=True))
        receiver.says = lambda _came: Say()
        came = len(receiver.came)
        assert "Choose since when" in read(ada.post(f"{here}/do/replay", {"days": "9999"}, follow=True))
        ada.post(f"{here}/do/replay", {"days": "7"})
        clock.now = datetime.now(UTC)
        send()
    keys = {each.key for each in receiver.came[came:]}
    assert keys == {str(failed[0].key), str(missed[0].key)} and str(other[0].key) not in keys


def test_a_test_is_sent_once_whatever_it_answers(ada: Any) -> None:
    with receiving(Say(503)) as receiver:
        endpoint, _secret = make_endpoint(receiver)
        assert "A test is on its way" in read(ada.post(f"/webhooks/{endpoint.pk}/do/test", follow=True))
        with sending(receiver, Clock(datetime.now(UTC))) as send:
            send()
    (sent,) = deliveries()
    assert (sent.kind, sent.state, sent.status, sent.attempts, len(receiver.came)) == ("ping", "failed", 503, 1, 1)
    assert b'"type":"ping"' in receiver.came[0].body and b'"data":{}' in receiver.came[0].body
    assert ">503<" in read(ada.get(f"/webhooks/{endpoint.pk}?kind=ping"))


def test_another_secret_and_for_a_day_both_sign(ada: Any) -> None:
    from standardwebhooks import Webhook, WebhookVerificationError

    with receiving() as receiver:
        endpoint, old = make_endpoint(receiver)
        answer = read(ada.post(f"/webhooks/{endpoint.pk}/do/secret"))
        new = re.search(r'id="secret">(whsec_[^<]+)<', answer)[1]  # type: ignore[index]
        for at in (datetime.now(UTC), None):
            happen()
            hand_out()
            if at is None:
                type(endpoint).objects.update(secret_before_until=datetime.now(UTC))
            with sending(receiver, Clock(datetime.now(UTC))) as send:
                send()
    both, one = receiver.came
    for secret in (old, new):
        Webhook(secret).verify(both.body, both.headers)
    Webhook(new).verify(one.body, one.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(one.body, one.headers)


def test_a_second_click_leaves_the_secret_that_the_receiver_knows(ada: Any) -> None:
    from standardwebhooks import Webhook

    def shown(page: Any) -> str:
        return re.search(r'id="secret">(whsec_[^<]+)<', read(page))[1]  # type: ignore[index]

    with receiving() as receiver:
        endpoint, old = make_endpoint(receiver)
        here = f"/webhooks/{endpoint.pk}/do/secret"
        new = shown(ada.post(here))
        again = read(ada.post(here, follow=True))
        assert (
            "crm was given another secret within the last day" in again and 'id="secret"' not in again and "Was the new one lost?" in again
        )
        signs(receiver, old, new)
        other = shown(ada.post(here, {"is_lost": "1"}))
        signs(receiver, old, other)
        both = receiver.came[-1].headers["webhook-signature"].split()
        type(endpoint).objects.update(secret_before_until=datetime.now(UTC))
        assert shown(ada.post(here)) not in (new, other) and len(both) == 2
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(new).verify(receiver.came[-1].body, receiver.came[-1].headers)


def signs(receiver: Any, *secrets: str) -> None:
    """Send something, and have each of these secrets verify it."""
    from standardwebhooks import Webhook

    happen()
    hand_out()
    with sending(receiver, Clock(datetime.now(UTC))) as send:
        send()
    for secret in secrets:
        Webhook(secret).verify(receiver.came[-1].body, receiver.came[-1].headers)


def test_it_is_changed_switched_and_removed(ada: Any) -> None:
    from vaglio_server.connectors.models import Endpoint, WebhookDelivery

    with receiving() as receiver, allowing(receiver):
        endpoint, _secret = make_endpoint(receiver)
        here = f"/webhooks/{endpoint.pk}"
        happen()
        hand_out()
        told = {"name": "new name", "address": receiver.url("/new"), "kinds": ["lead.converted"], "email": "1"}
        assert "It is changed" in read(ada.post(here, told, follow=True))
        endpoint.refresh_from_db()
        assert (endpoint.name, endpoint.kinds, endpoint.has_email) == ("new name", ["lead.converted"], True)
        assert "switched off by hand" in read(ada.post(f"{here}/do/off", follow=True))
        assert "Choose what to do" in read(ada.post(f"{here}/do/dance", follow=True))
        assert ada.post(here, told | {"address": "https://10.0.0.1/"}).status_code == 422
    assert ada.post(f"{here}/do/remove").status_code == 302
    assert not Endpoint.objects.exists() and not WebhookDelivery.objects.exists()
    assert [by for by, _subject in audited("remove_endpoint")] == ["ada"]


def test_only_administrators_see_webhooks_and_no_seller_whole_lists(tables: Any) -> None:
    people = make_people()
    for name in ("marta", "luca", "vera"):
        client = signed_in(people[name])
        assert client.get("/webhooks").status_code == 403 == client.post("/webhooks/1/do/remove").status_code
        assert client.get("/nurture").status_code == (403 if name == "luca" else 200)


def test_who_is_on_a_list_is_seen_counted_filtered_and_taken_away(tables: Any) -> None:
    people = make_people()
    marta = signed_in(people["marta"])
    assert "The model names none" in read(marta.get("/nurture"))
    live()
    change = re.search(r'href="(/models/\w+/tune\?version=1)#tune-ratings"', read(marta.get("/nurture")))
    assert change is not None and 'id="tune-ratings"' in read(marta.get(change[1]))
    assert "#tune-ratings" not in read(signed_in(people["vera"]).get("/nurture"))
    first, second, left = rated("B2"), rated("C1"), rated("A3")
    type(first).objects.filter(pk=first.pk).update(fields={"first_name": "=1+1", "last_name": "Rossi", "email": "anna@acme.example"})
    take_crossings()
    crosses(left, "D4")
    take_crossings()
    assert re.search(r"newsletter.*?>2</b><small>leads", read(marta.get("/nurture")), re.S | re.I)
    page = read(marta.get("/nurture/newsletter"))
    assert "2 leads are on this list now" in page and f"/leads/{left.pk}" not in page
    assert page.index(f"/leads/{second.pk}") < page.index(f"/leads/{first.pk}")
    only = read(marta.get("/nurture/newsletter?rating=C1"))
    assert f"/leads/{second.pk}" in only and f"/leads/{first.pk}" not in only
    assert "Nobody such" in read(marta.get("/nurture/newsletter?q=nobody"))
    was = read(marta.get("/nurture/newsletter?left=1"))
    assert f"/leads/{left.pk}" in was and "its rating" in was and f"/leads/{first.pk}" not in was
    file = b"".join(marta.post("/nurture/newsletter/export.csv").streaming_content).decode("utf-8-sig")
    lines = file.splitlines()
    assert len(lines) == 3 and "'=1+1,Rossi" in lines[2] and "anna@acme.example" in lines[2] and NOW.isoformat() in lines[2]
    assert audited("export_leads") == [("marta", "leads")]
    assert marta.get("/nurture/nowhere").status_code == 404


def test_a_lead_says_which_list_it_is_on_and_was(tables: Any) -> None:
    marta = signed_in(make_people()["marta"])
    live()
    lead = rated("B2")
    take_crossings()
    assert "put on the list newsletter" in read(marta.get(f"/leads/{lead.pk}"))
    crosses(lead, "D4")
    take_crossings()
    page = read(marta.get(f"/leads/{lead.pk}"))
    assert "put on the list newsletter" not in page
    assert "Entered the list newsletter" in page and "Left the list newsletter" in page
