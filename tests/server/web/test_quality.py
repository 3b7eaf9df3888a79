"""Suspicious leads and machine clicks: seen with reasons and counts, chosen and decided on, by marketers."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.tracking.test_marks import came, click, marks, sweep
from tests.server.web.people import make_people, signed_in
from tests.server.web.reading import read
from tests.server.world import leads, make_source, send

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def people(tables: Any) -> Any:
    source = came()
    send(source, {"type": "identify", "userId": "s", "traits": {"email": "asdf@mailinator.com", "firstName": "<b>asdf</b>"}},
         {"type": "identify", "userId": "t", "traits": {"email": "rosa@yopmail.com", "firstName": "Rosa", "lastName": "Test"}})  # fmt: skip
    sweep()
    return make_people()


def page(client: Any, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, answer
    return str(read(answer))


def pk(mail: str) -> int:
    return int(leads()[mail].pk)


def test_suspicious_leads_are_decided_on(people: Any) -> None:
    client = signed_in(people["marta"])
    shown = page(client, "/suspicious")
    assert "2 leads are suspicious" in shown and "disposable mail<b>2</b>" in shown and "<b>asdf</b>" not in shown
    assert shown.index("asdf@mailinator.com") < shown.index("rosa@yopmail.com")
    only = page(client, "/suspicious?reason=signs")
    assert "asdf@mailinator.com" in only and "rosa@yopmail.com" not in only
    told = read(client.post("/suspicious/decide", {"chosen": [pk("asdf@mailinator.com")], "verdict": "spam"}, follow=True))
    assert "1 lead is spam now." in told and "asdf@mailinator.com" not in told
    type(people["marta"]).objects.filter(username="marta").update(first_name="Marta", last_name="Ferri")
    assert "decided by Marta Ferri" in page(client, "/suspicious?verdict=spam")
    told = read(client.post("/suspicious/decide", {"chosen": [pk("rosa@yopmail.com")], "verdict": "genuine"}, follow=True))
    assert "1 lead is genuine now." in told
    assert "Nobody is suspicious" in page(client, "/suspicious")
    again = {"chosen": [pk("rosa@yopmail.com")], "verdict": "", "verdict_now": "genuine"}
    assert "1 lead is not decided on any more." in read(client.post("/suspicious/decide", again, follow=True))
    assert "1 lead is suspicious" in page(client, "/suspicious")


def test_whether_the_live_model_leaves_suspects_out_is_said(people: Any) -> None:
    from tests.server.world import MODEL, make_live

    client, fields = signed_in(people["marta"]), "fields: {job_title: string,"
    assert "The live model" not in page(client, "/suspicious")
    make_live()
    assert "The live model leaves out neither." in page(client, "/suspicious")
    asks = "exclude: [{id: fakes, when: {field: is_suspicious, equals: true}}, {id: spam, list: spam}, {id: rivals, list: rivals}]\n"
    make_live(MODEL.replace(fields, "fields: {is_suspicious: boolean, job_title: string,") + asks)
    shown = page(client, "/suspicious")
    assert "fakes (is suspicious: yes), spam (is on the list spam)." in " ".join(shown.split()) and "rivals" not in shown


def test_a_lead_says_why_it_is_suspicious(people: Any) -> None:
    client = signed_in(people["marta"])
    assert "suspicious:" in page(client, f"/leads/{pk('rosa@yopmail.com')}")
    assert "suspicious:" not in page(client, f"/leads/{pk('anna@acme.example')}")
    told = read(client.post("/suspicious/decide", {"chosen": [pk("rosa@yopmail.com")], "verdict": "genuine"}, follow=True))
    assert "1 lead is genuine now." in told
    assert "suspicious:" not in page(client, f"/leads/{pk('rosa@yopmail.com')}")


def test_marks_are_confirmed_and_undone(people: Any) -> None:
    client = signed_in(people["marta"])
    shown = page(client, "/machines")
    assert "all links at once" in shown and "5 activities" in shown and "anna@acme.example" in shown
    before = page(client, f"/leads/{pk('anna@acme.example')}/timeline").count("email link clicked")
    assert "1 is confirmed" in read(client.post("/machines/decide", {"chosen": [marks()[0].pk], "do": "confirm"}, follow=True))
    assert "confirmed by marta" in page(client, "/machines?state=confirmed")
    assert "1 is undone" in read(client.post("/machines/decide", {"chosen": [marks()[0].pk], "do": "undo"}, follow=True))
    assert "undone by marta" in page(client, "/machines?state=undone")
    # Each click is on the timeline once, marked or restored.
    assert page(client, f"/leads/{pk('anna@acme.example')}/timeline").count("email link clicked") == before


def test_a_program_is_marked_from_the_page(people: Any) -> None:
    client = signed_in(people["marta"])
    assert "Mozilla/5.0 Firefox/127.0" in page(client, "/machines")
    told = read(client.post("/machines/mark", {"kind": "network", "value": "203.0.113.0/24"}, follow=True))
    assert "activities count for nothing from now on" in told and "203.0.113.0/24" in told
    assert "is marked already" in read(client.post("/machines/mark", {"kind": "network", "value": "203.0.113.0/24"}, follow=True))


def test_programs_that_are_peoples_count_again(people: Any) -> None:
    client = signed_in(people["marta"])
    assert "Machines by their own name" not in page(client, "/machines")
    send(
        make_source("odd"), click("anna", 90, "/x", "curl/8.5.0"), click("bruno", 99, "/y", "curl/8.5.0"), click("bruno", 9, "/z", "wget/1")
    )
    shown = page(client, "/machines")
    named = shown[shown.index("Machines by their own name") :]
    assert named.index("curl/8.5.0") < named.index("wget/1")
    told = read(client.post("/machines/people", {"chosen": ["curl/8.5.0", "wget/1"]}, follow=True))
    assert "3 activities count again from now on." in told and "Machines by their own name" not in told
    assert "undone by marta" in page(client, "/machines?state=undone")
    assert "Choose at least one program" in read(client.post("/machines/people", follow=True))
    assert "because of its name" in read(client.post("/machines/people", {"chosen": ["\x00"]}, follow=True))


@pytest.mark.parametrize("name", ["luca", "vera"])
def test_it_requires_a_marketer(people: Any, name: str) -> None:
    client = signed_in(people[name])
    assert [client.get(address).status_code for address in ("/suspicious", "/machines")] == [403, 403]
    for address in ("/suspicious/decide", "/machines/decide", "/machines/mark", "/machines/people"):
        assert client.post(address).status_code == 403
        assert signed_in(people["marta"]).get(address).status_code == 405
    assert "Keep clean" not in page(client, "/") and "Keep clean" in page(signed_in(people["marta"]), "/")


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "9" * 30, "-1", "²", "genuine'--"])
def test_it_rejects_whatever_is_sent(people: Any, odd: str) -> None:
    client = signed_in(people["marta"])
    for address in ("/suspicious", "/machines"):
        for name in ("verdict", "reason", "state", "after"):
            assert client.get(address, {name: odd.encode("utf-8", "surrogatepass")}).status_code == 200
    sent = odd.encode("utf-8", "replace").decode()
    for address in ("/suspicious/decide", "/machines/decide", "/machines/mark", "/machines/people"):
        names = ("chosen", "verdict", "verdict_now", "reason", "do", "state", "kind", "value")
        assert client.post(address, dict.fromkeys(names, sent)).status_code == 302
        assert client.post(address, {"chosen": [1, 2], "verdict": sent, "kind": "agent", "value": sent}).status_code == 302


def test_a_page_asks_few_questions(people: Any, django_assert_max: Any) -> None:
    client = signed_in(people["marta"])
    for address, most in (("/suspicious", 8), ("/machines", 9)):
        with django_assert_max(most):
            client.get(address)


def test_days_are_counted_by_kind(people: Any) -> None:
    from vaglio_server.tracking.queries import machine_days

    assert [counts for _day, counts in machine_days(datetime.now(UTC), 14)] == [{"links": 5}]
