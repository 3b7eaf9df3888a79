"""Merging from the page of a lead: proposed, merged, undone, dismissed, an identity taken away; by those who may."""

from typing import Any

import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.world import activities_of, leads, make_source, send

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def people(tables: Any) -> Any:
    send(
        make_source(),
        {"type": "identify", "userId": "anna", "anonymousId": "tablet", "traits": {"email": "anna@acme.example"}},
        {"type": "identify", "userId": "bob", "traits": {"email": "bob@acme.example"}},
        {"type": "track", "userId": "bob", "event": "Seen"},
        {"type": "alias", "userId": "bob", "previousId": "anna"},
    )
    return make_people()


def address(verb: str, person: str, number: int) -> str:
    place = {"merge": "matches", "dismiss": "matches", "undo": "merges", "part": "identities"}[verb]
    return f"/leads/{leads()[f'{person}@acme.example'].pk}/{place}/{number}/{verb}"


def match() -> int:
    from vaglio_server.tracking.models import Match

    return Match.objects.get().pk


def test_a_match_is_merged_and_undone(people: Any) -> None:
    from vaglio_server.tracking.models import Merge

    client, anna, bob = signed_in(people["marta"]), leads()["anna@acme.example"], leads()["bob@acme.example"]
    page = client.get(f"/leads/{anna.pk}").content.decode()
    assert "may be the same person" in page and "an alias call names both" in page
    page = client.post(address("merge", "anna", match()), follow=True).content.decode()
    assert "bob@acme.example is part of this lead now" in page and "may be the same person" not in page
    assert client.get(f"/leads/{bob.pk}")["Location"] == f"/leads/{anna.pk}"
    assert activities_of(anna) == ["seen"]
    made = Merge.objects.get()
    page = client.post(address("undo", "anna", made.pk), follow=True).content.decode()
    assert "bob@acme.example is a lead of its own again" in page
    assert "undone already" in client.post(address("undo", "anna", made.pk), follow=True).content.decode()
    assert client.get(f"/leads/{bob.pk}").status_code == 200


def test_a_match_is_dismissed(people: Any) -> None:
    client = signed_in(people["marta"])
    client.post(address("dismiss", "bob", match()))
    assert "may be the same person" not in client.get(f"/leads/{leads()['bob@acme.example'].pk}").content.decode()
    assert client.post(address("merge", "anna", match())).status_code == 302 and len(leads()) == 2


def test_an_identity_is_taken_away(people: Any) -> None:
    from vaglio_server.tracking.models import Identity

    client, tablet = signed_in(people["marta"]), Identity.objects.get(value="tablet")
    assert "tablet" in client.get(f"/leads/{leads()['anna@acme.example'].pk}").content.decode()
    page = client.post(address("part", "anna", tablet.pk), follow=True).content.decode()
    assert "tablet is this lead&#x27;s no more" in page
    assert client.post(address("part", "anna", tablet.pk)).status_code == 302


@pytest.mark.parametrize(("name", "status"), [("vera", 403), ("luca", 404)])
def test_it_requires_a_role_that_writes_and_a_lead_one_sees(people: Any, name: str, status: int) -> None:
    client = signed_in(people[name])
    for verb, person in (("merge", "anna"), ("dismiss", "anna"), ("undo", "anna"), ("part", "anna")):
        assert client.post(address(verb, person, match())).status_code == status
    assert signed_in(people["marta"]).get(address("merge", "anna", match())).status_code == 405
    page = signed_in(people["vera"]).get(f"/leads/{leads()['anna@acme.example'].pk}").content.decode()
    assert "Merge into this lead" not in page and "Not theirs" not in page
