"""How webhooks are sent: tried again as agreed, never to two receivers' harm, and given up only for good reasons."""

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.server.connectors.receiver import Came, Say, receiving
from tests.server.connectors.world import NOW, Clock, deliveries, hand_out, happen, make_endpoint, sending
from vaglio_server.connectors.actions.sending import EACH
from vaglio_server.connectors.logic.retries import Answer, Patience, judge

pytestmark = pytest.mark.usefixtures("tables")
SECOND = timedelta(seconds=1)


def test_each_happening_once_for_each_receiver_that_is_told_of_its_kind() -> None:
    from vaglio_server.connectors.actions import fan_out
    from vaglio_server.lifecycle.models import Happening

    with receiving() as receiver:
        crm, _secret = make_endpoint(receiver, kinds=("stage.changed", "nurture.left"))
        mail, _secret = make_endpoint(receiver, name="mail", kinds=("nurture.left",))
        off, _secret = make_endpoint(receiver, name="off")
        type(off).objects.filter(pk=off.pk).update(is_on=False, why_off="by_hand", off_at=NOW)
        moved, left = happen(2), happen(1, "nurture.left", list="newsletter")
        assert fan_out(limit=2, at=NOW) == 2 and hand_out() == 1 and hand_out() == 0
    assert [(each.endpoint, each.key) for each in deliveries()] == [
        *((crm, each.key) for each in moved), (crm, left[0].key), (mail, left[0].key)
    ]  # fmt: skip
    assert list(Happening.objects.order_by("id").values_list("place", "webhooks_wait")) == [(1, False), (2, False), (3, False)]


def test_places_are_in_the_order_in_which_happenings_could_be_seen() -> None:
    """One that was begun first and committed last comes last, so that who reads by place misses none."""
    from django.db import connection, transaction

    from vaglio_server.lifecycle.models import Happening

    began, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            happen(1, to="slow")
            began.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    began.wait(10)
    happen(1, to="quick")
    assert hand_out() == 1
    go_on.set()
    thread.join()
    assert hand_out() == 1
    found = Happening.objects.order_by("place").values_list("detail__to", flat=True)
    assert list(found) == ["quick", "slow"] and list(Happening.objects.order_by("id").values_list("detail__to", flat=True)) == [
        "slow",
        "quick",
    ]


def test_what_fails_is_tried_again_with_the_same_id_as_svix_does() -> None:
    clock = Clock()
    with receiving(Say(500, text=b"out of order")) as receiver, sending(receiver, clock) as send:
        make_endpoint(receiver)
        (happening,) = happen()
        hand_out()
        for wait in (5, 300, 1800, 7200, 18_000, 36_000, 36_000):
            send()
            (sent,) = deliveries()
            assert (sent.state, sent.next_at, sent.status, sent.answer) == ("waiting", clock.now + wait * SECOND, 500, "out of order")
            clock.move(seconds=wait - 1)
            send()
            clock.move(seconds=1)
        send()
        clock.move(days=3)
        send()
    (sent,) = deliveries()
    assert (sent.state, sent.attempts, sent.next_at, len(receiver.came)) == ("failed", 8, None, 8)
    assert {came.key for came in receiver.came} == {str(happening.key)}
    assert len({came.headers["webhook-timestamp"] for came in receiver.came}) == 8


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_a_failure_and_its_target_is_never_visited(status: int) -> None:
    with receiving() as target, receiving(lambda _came: Say(status, {"location": target.url()})) as receiver:
        make_endpoint(receiver)
        happen()
        hand_out()
        with sending(receiver, Clock()) as send:
            send()
    (sent,) = deliveries()
    assert (sent.state, sent.status, target.came) == ("waiting", status, [])


def test_gone_switches_a_receiver_off() -> None:
    from vaglio_server.connectors.models import Endpoint

    with receiving(Say(410)) as receiver, sending(receiver, Clock()) as send:
        make_endpoint(receiver)
        happen()
        hand_out()
        send()
        happen()
        hand_out()
        send()
    endpoint = Endpoint.objects.get()
    assert (endpoint.is_on, endpoint.why_off, len(receiver.came)) == (False, "gone", 1)
    assert [each.state for each in deliveries()] == ["failed"]  # who is off is told of nothing new


@pytest.mark.parametrize("said", ["120", (NOW + timedelta(seconds=120)).strftime("%a, %d %b %Y %H:%M:%S GMT")])
def test_a_receiver_that_asks_for_a_pause_has_it(said: str) -> None:
    clock = Clock()
    answers = [Say(429, {"retry-after": said})]
    with receiving(lambda _came: answers.pop() if answers else Say()) as receiver, sending(receiver, clock) as send:
        make_endpoint(receiver)
        happen()
        hand_out()
        send()
        happen()
        hand_out()
        clock.move(seconds=119)
        send()
        assert len(receiver.came) == 1  # neither the one that was refused nor any other
        clock.move(seconds=1)
        send()
    assert len(receiver.came) == 3 and {each.state for each in deliveries()} == {"delivered"}


def test_a_pause_is_kept_though_another_answer_was_good() -> None:
    """Of two on their way one is refused with a pause, and the other, which was on its way already, is taken a moment later."""
    clock, first = Clock(), threading.Lock()

    def says(_came: Came) -> Say:
        return Say(429, {"retry-after": "3600"}) if first.acquire(blocking=False) else Say(after_seconds=0.3)

    with receiving(says) as receiver, sending(receiver, clock) as send:
        make_endpoint(receiver)
        happen(2)
        hand_out()
        send()
        happen(3)
        hand_out()
        clock.move(minutes=59)
        send()
        assert len(receiver.came) == 2
        clock.move(minutes=1)
        send()
    assert len(receiver.came) == 6 and {each.state for each in deliveries()} == {"delivered"}


@pytest.mark.parametrize(("status", "pauses"), [(429, True), (502, True), (504, True), (500, False), (503, False)])
def test_what_is_too_much_pauses_all_that_goes_there(status: int, pauses: bool) -> None:
    verdict = judge(Answer(status), 1, Patience(), NOW)
    assert (verdict.paused_until is not None) == pauses
    assert verdict.next_at == NOW + timedelta(seconds=30 if pauses else 5)


def test_what_is_asked_for_is_bounded_and_nonsense_asks_for_nothing() -> None:
    for said, until in (
        ("9999999", NOW + timedelta(days=1)),
        ("-5", None),
        ("soon", None),
        ("Fri, 01 Jan 1999 00:00:00 GMT", None),
        ("²", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2027 00:00:00 +99999999999999999999", None),
    ):
        assert judge(Answer(503, said), 1, Patience(), NOW).paused_until == until
    assert judge(Answer(503, "0"), 1, Patience(), NOW).next_at == NOW + 5 * SECOND


def test_a_receiver_that_only_failed_for_five_days_is_switched_off_and_what_waits_goes_on_waiting() -> None:
    from vaglio_server.connectors.models import Endpoint

    clock = Clock()
    with receiving(Say(500)) as receiver, sending(receiver, clock) as send:
        make_endpoint(receiver)
        for _ in range(2):
            happen()
            hand_out(clock.now)
            send()
            clock.move(days=5)
    endpoint = Endpoint.objects.get()
    assert (endpoint.is_on, endpoint.why_off) == (False, "failing")
    assert [each.state for each in deliveries()] == ["waiting", "waiting"]


def test_a_receiver_that_took_something_meanwhile_is_not() -> None:
    from vaglio_server.connectors.models import Endpoint

    clock, answers = Clock(), [Say(500), Say(200), Say(500)]
    with receiving(lambda _came: answers.pop() if answers else Say(500)) as receiver, sending(receiver, clock) as send:
        make_endpoint(receiver)
        happen()
        hand_out()
        for _ in range(3):
            send()
            clock.move(days=2)
        happen()
        hand_out(clock.now)
        send()
    assert Endpoint.objects.get().is_on


def test_a_slow_receiver_holds_up_nobody() -> None:
    """All that is for another receiver comes while the first ones on their way to the slow one are waited for."""

    def says(came: Came) -> Say:
        return Say(after_seconds=4 if came.path == "/slow" else 0)

    with receiving(says) as receiver, sending(receiver, Clock(), timeout=SECOND * 2) as send:
        make_endpoint(receiver, name="slow", path="/slow")
        make_endpoint(receiver, name="quick", path="/quick")
        happen(2 * EACH)
        hand_out()
        send()
    paths = [came.path for came in receiver.came]
    assert paths.count("/slow") == paths.count("/quick") == 2 * EACH
    assert paths[3 * EACH :] == ["/slow"] * EACH
    assert {each.error for each in deliveries(endpoint__name="slow")} == {"no answer within 2 s"}


def sent_to_one_that(answers: Callable[[socket.socket, threading.Event], None], **how: Any) -> Any:
    """Send to a server that answers the first request in its own way, until it is told to stop; return the delivery."""
    with socket.create_server(("127.0.0.1", 0)) as server, receiving() as receiver:
        receiver.port = server.getsockname()[1]
        stop = threading.Event()

        def answer() -> None:
            one, _from = server.accept()
            with one, suppress(OSError):  # who is cut off may be about to write
                one.recv(65536)
                answers(one, stop)

        threading.Thread(target=answer, daemon=True).start()
        make_endpoint(receiver)
        happen()
        hand_out()
        with sending(receiver, Clock(), **how) as send:
            send()
        stop.set()
    (sent,) = deliveries()
    return sent


def test_one_that_trickles_is_cut_off() -> None:
    def trickles(one: socket.socket, stop: threading.Event) -> None:
        one.sendall(b"HTTP/1.1 200 OK\r\n")
        while not stop.wait(0.05):
            one.sendall(b"x")

    sent = sent_to_one_that(trickles, timeout=SECOND * 0.4)
    assert (sent.status, sent.error, sent.state) == (None, "no answer within 0.4 s", "waiting")


@pytest.mark.parametrize("ends", [True, False])
def test_what_was_taken_is_not_sent_again_because_the_rest_of_the_answer_fails(ends: bool) -> None:
    def answers_half(one: socket.socket, stop: threading.Event) -> None:
        one.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
        if not ends:
            stop.wait(10)

    sent = sent_to_one_that(answers_half, timeout=SECOND * 0.4)
    assert (sent.state, sent.status, sent.answer, sent.error) == ("delivered", 200, "half", "")


@pytest.mark.parametrize(("text", "error"), [(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "what it answered is no HTTP"), (b"", "without an answer")])
def test_what_speaks_no_http_says_so(text: bytes, error: str) -> None:
    def says(one: socket.socket, _stop: threading.Event) -> None:
        one.sendall(text)
        one.shutdown(socket.SHUT_RDWR)

    sent = sent_to_one_that(says)
    assert error in sent.error and sent.status is None


def test_an_answer_without_end_is_not_read() -> None:
    with receiving(Say(200, text="é".encode() * 200_000)) as receiver, sending(receiver, Clock()) as send:
        make_endpoint(receiver)
        happen()
        hand_out()
        send()
    (sent,) = deliveries()
    assert sent.state == "delivered" and sent.answer.startswith("éé") and len(sent.answer) <= 500


def test_a_sender_that_was_killed_leaves_nothing_behind() -> None:
    """What it took is taken by another once its lease is over, and was not counted as tried."""
    from vaglio_server.connectors.actions.sending import _taken

    clock = Clock()
    with receiving() as receiver, sending(receiver, clock) as send:
        make_endpoint(receiver)
        happen()
        hand_out()
        from collections import Counter

        assert len(_taken(Counter(), Patience(), clock.now)) == 1  # and then it dies
        send()
        assert receiver.came == []
        clock.move(seconds=60)
        send()
    (sent,) = deliveries()
    assert (sent.state, sent.attempts, len(receiver.came)) == ("delivered", 1, 1)


def test_one_that_cannot_be_written_down_holds_up_no_other() -> None:
    from concurrent.futures import Future

    from vaglio_server.connectors.actions import Sender

    clock = Clock()
    with receiving() as receiver:
        make_endpoint(receiver)
        happen()
        hand_out()
        sender = Sender(clock=clock, allowed=receiver.allowed)
        broken: Future[Answer] = Future()
        broken.set_exception(RuntimeError("whatever it may be"))
        sender._flying[broken] = deliveries()[0]
        try:
            with pytest.raises(RuntimeError):
                sender.step()
            while sender.step():
                pass
        finally:
            sender.close()
    (sent,) = deliveries()
    assert (sent.state, len(receiver.came)) == ("delivered", 1)


def test_two_senders_take_each_once() -> None:
    clock = Clock()
    with receiving(Say(after_seconds=0.01)) as receiver:
        make_endpoint(receiver)
        happen(60)
        hand_out()

        def work() -> None:
            from django.db import connection

            with sending(receiver, clock) as send:
                send()
            connection.close()

        threads = [threading.Thread(target=work) for _ in range(2)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert len(receiver.came) == len({came.key for came in receiver.came}) == 60


def test_the_body_is_thin_and_has_the_address_only_where_asked() -> None:
    clock = Clock(datetime.now(UTC))  # the reference library asks for a timestamp of now
    with receiving() as receiver, sending(receiver, clock) as send:
        _plain, secret = make_endpoint(receiver, path="/plain")
        _named, other = make_endpoint(receiver, name="mail", path="/mail", has_email=True)
        (happening,) = happen(1, "nurture.entered", list="newsletter", rating="B2")
        hand_out(clock.now)
        send()
    told = {came.path: (Webhook(secret if came.path == "/plain" else other).verify(came.body, came.headers)) for came in receiver.came}
    data = {"lead_id": happening.lead_id, "list": "newsletter", "rating": "B2"}
    assert told["/plain"] == {"type": "nurture.entered", "timestamp": "2026-10-02T10:00:00Z", "data": data}
    assert told["/mail"]["data"] == data | {"email": "anna@acme.example"}
    assert receiver.came[0].headers["content-type"] == "application/json"


def test_what_cannot_be_signed_is_not_sent_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    from vaglio_server.connectors.models import Endpoint

    with receiving() as receiver, sending(receiver, Clock()) as send:
        make_endpoint(receiver)
        happen()
        hand_out()
        monkeypatch.setattr(settings, "SECRET_KEY", "another key, as after a move without it")
        send()
    endpoint = Endpoint.objects.get()
    assert (endpoint.is_on, endpoint.why_off, receiver.came) == (False, "unreadable", [])
    assert "secret key" in endpoint.get_why_off_display() and [each.state for each in deliveries()] == ["waiting"]


def test_after_the_servers_key_is_lost_a_receiver_comes_back_with_another_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    from vaglio_server.connectors.actions import rotate_secret

    clock = Clock(datetime.now(UTC))
    with receiving() as receiver, sending(receiver, clock) as send:
        endpoint, _lost = make_endpoint(receiver)
        happen()
        hand_out(clock.now)
        monkeypatch.setattr(settings, "SECRET_KEY", "another key")
        send()
        # Neither asks whether one is lost: what cannot be read signs nothing.
        first, second = (rotate_secret(endpoint=endpoint, by="ada", at=clock.now) for _ in range(2))
        clock.move(seconds=60)  # what was taken and could not be signed is taken again
        send()
    (came,) = receiver.came
    assert Webhook(first).verify(came.body, came.headers) == Webhook(second).verify(came.body, came.headers)


def test_a_copy_of_the_database_signs_nothing() -> None:
    import base64

    from vaglio_server.connectors.models import Endpoint

    with receiving() as receiver:
        _endpoint, secret = make_endpoint(receiver)
    kept = json.dumps(Endpoint.objects.values().get(), default=str)
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    assert len(raw) == 32 and secret not in kept and secret.removeprefix("whsec_") not in kept and raw.hex() not in kept


def test_a_lead_that_is_erased_is_told_of_no_more() -> None:
    with receiving() as receiver, sending(receiver, Clock()) as send:
        make_endpoint(receiver)
        (happening,) = happen()
        hand_out()
        happening.lead.delete()
        send()
    assert receiver.came == [] and deliveries() == []
