"""Refused events: seen, and tried again without counting anything twice."""

import json
from typing import Any

import pytest

from tests.server.api.test_leads import get, token
from tests.server.web.people import make_people, signed_in
from tests.server.world import HOST, activities_of, leads, make_source, post, take
from vaglio_server.users.models import Role, Scope

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def refused(tables: Any) -> Any:
    """A batch of which one call was taken and two were not."""
    from vaglio_server.tracking.models import RefusedEvent

    good = {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example"}}
    page = {"type": "page", "userId": "anna", "properties": {"path": "/"}}
    nobody, deep = {"type": "track", "event": "Lost"}, {"type": "track", "userId": "anna", "event": "a\u0000b"}
    assert post(make_source(), "batch", {"batch": [good, page, nobody, deep]}).status_code == 200
    take()
    return RefusedEvent.objects.order_by("place")


def replay(refused_id: int, role: str = Role.MARKETING, scope: str = Scope.WRITE) -> Any:
    from django.test import Client

    headers = HOST | {"authorization": f"Bearer {token(role, scope)}"}
    return Client().post(f"/api/refused/{refused_id}/replay", headers=headers)


def test_they_are_listed_with_reason_and_text_but_no_key(refused: Any) -> None:
    page = get("refused", limit=1).json()
    assert len(page["calls"]) == 1 and page["next_cursor"]
    rest = get("refused", cursor=page["next_cursor"]).json()
    assert rest["next_cursor"] is None
    calls = page["calls"] + rest["calls"]
    assert [json.loads(call["sent"])["event"] for call in calls] == ["a\u0000b", "Lost"]
    assert all(call["reason"] and call["source"] == "site" and "writeKey" not in call["sent"] for call in calls)


def test_tried_again_nothing_is_taken_twice(refused: Any) -> None:
    from vaglio_server.tracking.models import RefusedEvent
    from vaglio_server.users.models import AuditEntry

    assert replay(refused[0].pk).json() == {"calls": 2}
    take()
    # Nothing was mended: refused again, for the same reasons, and the others were not taken again.
    assert RefusedEvent.objects.count() == 2
    assert activities_of(leads()["anna@acme.example"]) == ["page_viewed"]
    assert AuditEntry.objects.filter(verb="replay_refused").count() == 1
    assert replay(999_999).status_code == 404


def test_once_mended_they_are_taken(tables: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.tracking.logic import calls
    from vaglio_server.tracking.models import RefusedEvent

    known = {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example"}}
    long = {"type": "track", "userId": "anna", "event": "Form Submitted", "properties": {"form": "x" * 40_000}}
    with monkeypatch.context() as patch:
        patch.setattr(calls, "LARGEST", 30_000)
        assert post(make_source(), "batch", {"batch": [known, long]}).status_code == 200
        take()
        assert activities_of(leads()["anna@acme.example"]) == []
        patch.setattr(calls, "LARGEST", 100_000)
        assert replay(RefusedEvent.objects.get().pk).json() == {"calls": 1}
        take()
    assert activities_of(leads()["anna@acme.example"]) == ["form_submitted"] and not RefusedEvent.objects.exists()


def test_sellers_and_readers_may_not(refused: Any) -> None:
    assert get("refused", token(Role.SALES)).status_code == 403
    assert replay(refused[0].pk, Role.READ_ONLY).status_code == 403
    assert replay(refused[0].pk, scope=Scope.READ).status_code == 401


def test_the_page_shows_them_and_tries_again(refused: Any) -> None:
    people = make_people()
    client = signed_in(people["marta"])
    assert client.get("/refused").content.decode().count('class="refused"') == 2
    assert client.get(f"/refused/{refused[0].pk}/replay").status_code == 405
    answer = client.post(f"/refused/{refused[0].pk}/replay", follow=True)
    assert "2 calls of one request are tried again" in answer.content.decode()
    assert "Nothing was refused" in answer.content.decode()
    for name in ("luca", "vera"):
        assert signed_in(people[name]).get("/refused").status_code == 403
