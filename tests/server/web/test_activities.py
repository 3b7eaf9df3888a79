"""The activity feed: what leads one may see did, as it came in."""

import re
from typing import Any

import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.web.reading import read
from tests.server.world import AT, HOST, leads, make_source, send

pytestmark = pytest.mark.usefixtures("tables")


def done(user: str, event: str, **properties: Any) -> dict[str, Any]:
    return {"type": "track", "userId": user, "event": event, "properties": properties}


def told(user: str, name: str) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "traits": {"firstName": name, "email": f"{user}@example.com"}}


def shown(client: Any, address: str = "/activities", **headers: str) -> list[tuple[str, str]]:
    """Return who did what, in order."""
    answer = client.get(address, headers=HOST | headers)
    assert answer.status_code == 200, address
    found = re.findall(r'<li id="activity.*?class="who"><a[^>]*>([^<]*)</a>.*?class="what">([^<]*)', read(answer), re.DOTALL)
    return [(who, what.strip()) for who, what in found]


def world() -> dict[str, Any]:
    """Anna of Luca's, Bruno of Jonas', Carla of nobody's; and a device that nobody knows."""
    from vaglio_server.crm.actions import assign_leads

    people = make_people()
    send(make_source(), told("anna", "Anna"), told("bruno", "Bruno"), told("carla", "Carla"),
         done("anna", "Form Submitted", form="demo"), done("bruno", "Video Seen", seconds=90), done("carla", "Form Submitted"),
         {"type": "page", "anonymousId": "d-1", "properties": {"path": "/"}})  # fmt: skip
    for name, owner in (("anna", "luca"), ("bruno", "jonas")):
        assign_leads(leads=[leads()[f"{name}@example.com"].pk], owner=people[owner], by="test", at=AT)
    return people


def test_it_works() -> None:
    marta = signed_in(world()["marta"])
    assert shown(marta) == [("Carla", "form submitted"), ("Bruno", "video seen"), ("Anna", "form submitted")]
    page = read(marta.get("/activities"))
    assert "form demo" in page and "seconds 90" in page and 'hx-trigger="every 3s"' in page
    assert shown(marta, "/activities?type=form_submitted") == [("Carla", "form submitted"), ("Anna", "form submitted")]
    assert '<option value="video_seen">video seen</option>' in page
    part = read(marta.get("/activities?type=video_seen", headers=HOST | {"HX-Request": "true"}))
    assert "<html" not in part and "Bruno" in part and "Anna" not in part


def test_it_requires_that_the_lead_is_ones_to_see() -> None:
    from django.test import Client

    people = world()
    seen = {name: {who for who, _what in shown(signed_in(people[name]))} for name in people}
    everybody = {"Anna", "Bruno", "Carla"}
    assert seen == {"ada": everybody, "marta": everybody, "vera": everybody, "luca": {"Anna"}, "irina": {"Anna"}, "jonas": {"Bruno"}}
    assert Client(headers=HOST).get("/activities")["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(("few", "some"), [(0, 0), (0, 300), (300, 300)])
def test_all_ways_of_asking_agree_and_pages_join_without_gap(monkeypatch: pytest.MonkeyPatch, few: int, some: int) -> None:
    from vaglio_server.tracking.queries import activities as queries
    from vaglio_server.web import activities as page

    people = world()
    send(make_source("other"), *(done(("anna", "bruno")[n % 2], f"Did {n}", n=n) for n in range(30)))
    monkeypatch.setattr(queries, "FEW", few)
    monkeypatch.setattr(queries, "SOME", some)
    monkeypatch.setattr(queries, "WINDOWS", (3, 2, 5))
    monkeypatch.setattr(page, "PAGE", 4)
    for name, who in (("luca", "Anna"), ("jonas", "Bruno"), ("marta", None)):
        client, found, address = signed_in(people[name]), list[tuple[str, str]](), "/activities"
        for _turn in range(40):
            found += shown(client, address)
            more = re.search(r'class="further"><a class="btn btn-sm" href="([^"]*)"', read(client.get(address)))
            if more is None:
                break
            address = more[1].replace("&amp;", "&")
            assert "every 3s" not in read(client.get(address))  # what is earlier does not move
        numbers = [int(what.removeprefix("did ")) for _who, what in found if what.startswith("did ")]
        assert numbers == [n for n in range(29, -1, -1) if who is None or n % 2 == (who == "Bruno")]
        assert {each for each, _what in found} == ({who} if who else {"Anna", "Bruno", "Carla"})
        assert len(found) == len(numbers) + (1 if who else 3)


def test_what_machines_do_is_marked_and_the_merged_are_one() -> None:
    from vaglio_server.tracking.actions import merge_leads
    from vaglio_server.tracking.models import Activity

    people = world()
    Activity.objects.filter(activity_type="video_seen").update(is_machine=True)
    found = leads()
    merge_leads(lead=found["anna@example.com"], other=found["bruno@example.com"], by="test", at=AT)
    marta = signed_in(people["marta"])
    assert shown(marta)[1:] == [("Anna", "video seen"), ("Anna", "form submitted")]
    assert read(marta.get("/activities")).count("by a machine") == 1
    assert [who for who, _what in shown(signed_in(people["luca"]))] == ["Anna", "Anna"]
    assert shown(signed_in(people["jonas"])) == []


def test_it_rejects_nothing_that_is_asked() -> None:
    people = world()
    for name in ("marta", "luca"):
        client = signed_in(people[name])
        for asked in (
            "cursor=x",
            "cursor=-1",
            f"cursor={'9' * 19}",
            f"cursor={'9' * 40}",
            "cursor=0",
            "type=%00",
            "type=%ff",
            "type=none",
            "cursor=%C2%B2",
        ):
            assert client.get(f"/activities?{asked}").status_code == 200, asked
    assert "Nothing yet" in read(signed_in(people["marta"]).get("/activities?type=none"))


def test_properties_cannot_smuggle_in_markup_nor_fill_the_page() -> None:
    people = make_people()
    send(make_source(), told("anna", "<b>x</b>"), done("anna", "<script>", a="<script>", b="y" * 5_000, c=[1], d={"e": 1}, f=None))
    page = read(signed_in(people["marta"]).get("/activities"))
    assert "<script>" not in page.replace('<script src="', "") and "y" * 61 not in page and "<b>x" not in page


def test_it_asks_the_same_number_of_questions_however_much_was_done(django_assert_max: Any) -> None:
    people = world()
    send(make_source("other"), *(done(f"u{n}", "Did") for n in range(60)))
    for name in ("marta", "luca"):
        client = signed_in(people[name])
        client.get("/activities")
        with django_assert_max(11):
            client.get("/activities")
        with django_assert_max(8):
            client.get("/activities", headers=HOST | {"HX-Request": "true"})
