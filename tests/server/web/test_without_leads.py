"""Pages before there is anything to show, and the intake's own figures."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.web.reading import read
from tests.server.world import HOST, make_live, make_source, post, send, take


def test_an_empty_installation_teaches(tables: Any) -> None:
    client = signed_in(make_people()["ada"])
    home = client.get("/").content.decode()
    assert "Three steps to the first ratings" in home
    assert "/imports" in home
    listed = client.get("/leads").content.decode()
    assert "No lead is here yet" in listed and "Make a form" in listed
    assert "No lead fits" not in listed  # there are no filters
    filtered = client.get("/leads?rating=A1").content.decode()
    assert "No lead fits" in filtered and "Show all leads" in filtered


def test_a_seller_without_leads_is_told_where_they_come_from(tables: Any) -> None:
    listed = signed_in(make_people()["luca"]).get("/leads").content.decode()
    assert "As soon as marketing brings some in" in listed and 'href="/imports"' not in listed


@pytest.mark.parametrize(("name", "said"), [("luca", "None of your leads, or your team's, fits these filters."), ("vera", "No lead fits")])
def test_a_seller_is_told_that_a_filter_is_of_their_own_leads(tables: Any, name: str, said: str) -> None:
    assert said in read(signed_in(make_people()[name]).get("/leads?rating=A1"))


def test_the_page_to_sign_in_says_that_nobody_can_yet(tables: Any) -> None:
    from django.test import Client

    page = Client(headers=HOST).get("/accounts/login/").content.decode()
    assert "Nobody can sign in yet" in page and "vaglio serve" in page
    make_people()
    assert "Nobody can sign in yet" not in Client(headers=HOST).get("/accounts/login/").content.decode()


def test_a_ready_model_is_chosen_and_the_next_step_is_leads(tables: Any) -> None:
    from vaglio_server.scoring.queries import live_versions

    client = signed_in(make_people()["marta"])
    page = client.get("/models").content.decode()
    assert page.count("Start with this one") == 4
    assert '<div class="card-body"><p></p>' not in page  # every card says what it is for
    assert client.post("/models/ready/../secret").status_code == 404
    assert client.post("/models/ready/nothing").status_code == 404
    assert client.post("/models/ready/manufacturing")["Location"] == "/"
    assert [version.scoring_model.name for version in live_versions()] == ["manufacturing"]
    home = client.get("/").content.decode()
    assert "no lead is here yet" in home
    assert "Nobody has signed it yet" in home


def test_a_seller_without_leads_of_their_own_is_no_empty_installation(tables: Any) -> None:
    make_live()
    people = make_people()
    assert "no lead is here yet" in signed_in(people["luca"]).get("/").content.decode()
    send(make_source(), {"type": "identify", "userId": "anna"})
    home = signed_in(people["luca"]).get("/").content.decode()
    assert "no lead is here yet" not in home
    assert "Where leads stand" in home


@pytest.mark.parametrize(("name", "status"), [("marta", 302), ("luca", 403), ("vera", 403)])
def test_it_requires_a_role_that_may_choose_a_model(tables: Any, name: str, status: int) -> None:
    client = signed_in(make_people()[name])
    assert client.post("/models/ready/education").status_code == status
    assert client.post("/sources", {"name": "site"}).status_code == status
    assert ("Start with this one" in client.get("/models").content.decode()) is False


def test_a_source_is_made_and_its_light_turns_on_with_the_first_event(tables: Any) -> None:
    from vaglio_server.tracking.models import Source

    client = signed_in(make_people()["ada"])
    assert "Nothing sends events yet" in client.get("/sources").content.decode()
    for wrong in ("", "   ", "x" * 101):
        client.post("/sources", {"name": wrong})
    assert Source.objects.count() == 0
    address = client.post("/sources", {"name": " Our  website "})["Location"]
    source = Source.objects.get()
    assert source.name == "Our website"
    page = client.get(address).content.decode()
    assert page.count(source.write_key) == 4
    assert "Waiting for the first event" in page
    copied = re.findall(r'data-copy="#([^"]+)"', page)
    assert len(copied) == 6 and all(f'id="{each}"' in page for each in copied)
    light = {"HX-Request": "true"}
    assert post(make_source("other"), "track", {"userId": "bob", "event": "Login"}).status_code == 200
    assert "Waiting for the first event" in client.get(address, headers=light).content.decode()
    assert post(source, "track", {"userId": "anna", "event": "Form Submitted"}).status_code == 200
    assert "Events come in" in client.get(address, headers=light).content.decode()
    take()
    lit = client.get(address, headers=light).content.decode()
    assert "It told of: form submitted" in lit and 'href="/activities"' in lit


def test_intake_shows_what_waits_and_what_was_refused(tables: Any) -> None:
    from vaglio_server.tracking.queries import intake

    source = make_source()
    assert post(source, "track", {"userId": "anna", "event": "x\u0000"}).status_code == 200
    assert post(source, "track", {"userId": "anna", "event": "Form Submitted"}).status_code == 200
    now = datetime.now(UTC)
    waiting = intake(now)
    assert (waiting.waiting, waiting.is_late(now), waiting.is_late(now + timedelta(minutes=2))) == (2, False, True)
    take()
    after = intake(datetime.now(UTC))
    assert (after.waiting, after.waiting_since, after.refused_last_day, after.activities_last_hour) == (0, None, 1, 1)
