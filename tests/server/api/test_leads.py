"""The API over leads and models."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.server.world import AT, HOST, MODEL, leads, make_live, make_source, send
from vaglio_server.cursors import cursor_of
from vaglio_server.users.models import Role, Scope

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def scored(tables: Any) -> Iterator[None]:
    """Anna, an A1, and twelve leads without rating."""
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.scorers import a_scorer

    source = make_source()
    make_live()
    anna = {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example", "title": "CTO", "employees": 90}}
    demo = {"type": "track", "userId": "anna", "event": "Form Submitted", "properties": {"form": "demo"}}
    page = {"type": "page", "userId": "anna", "properties": {"path": "/pricing"}}
    send(source, anna, demo, page)
    with a_scorer() as scorer:
        score_due(scorer=scorer, limit=100)
    send(source, *({"type": "identify", "userId": f"u{number}", "traits": {"email": f"u{number}@acme.example"}} for number in range(12)))
    yield


def token(role: str = Role.MARKETING, scope: str = Scope.READ) -> str:
    from vaglio_server.users.actions import create_token, create_user
    from vaglio_server.users.models import User

    user = User.objects.filter(username=role).first() or create_user(name=role, email="", password=None, role=role, by="test", at=AT)
    return create_token(user=user, name="test", scope=scope, by="test", at=AT)[1]


def get(path: str, key: str | None = None, **parameters: Any) -> Any:
    from django.test import Client

    return Client().get(f"/api/{path}", parameters, headers=HOST | {"authorization": f"Bearer {key or token()}"})


@pytest.mark.usefixtures("scored")
def test_leads_come_best_first_in_pages() -> None:
    found: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        page = get("leads", limit=5, **cursor).json()
        found += [lead["id"] for lead in page["leads"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len(found) == len(set(found)) == 13
    assert found[0] == leads()["anna@acme.example"].pk
    assert [lead["rating"] for lead in get("leads", rating="A1").json()["leads"]] == ["A1"]


@pytest.mark.usefixtures("scored")
def test_one_lead_with_its_scores() -> None:
    anna = leads()["anna@acme.example"]
    found = get(f"leads/{anna.pk}").json()
    assert (found["name"], found["rating"], found["fields"]["job_title"]) == ("anna@acme.example", "A1", "CTO")
    (score,) = found["scores"]
    assert (score["model"], score["version"], score["profile_millipoints"], score["engagement_millipoints"]) == (
        "small",
        1,
        100_000,
        80_000,
    )
    assert [each["as_of"] for each in get(f"leads/{anna.pk}/history").json()["scores"]] == [score["as_of"]]


@pytest.mark.usefixtures("scored")
def test_an_explanation_sums_to_the_score_down_to_activities() -> None:
    anna = leads()["anna@acme.example"]
    found = get(f"leads/{anna.pk}/explanation").json()
    for axis in ("profile", "engagement"):
        assert sum(line["millipoints"] for line in found["lines"] if line["axis"] == axis) == found["score"][f"{axis}_millipoints"]
    demo = next(line for line in found["lines"] if line["rule_id"] == "demo")
    assert [(each["activity_type"], each["millipoints"]) for each in demo["activities"]] == [("form_submitted", 50_000)]
    assert "demo" in demo["sentence"]


@pytest.mark.usefixtures("scored")
def test_a_replay_gives_what_was_stored() -> None:
    from vaglio_server.scoring.models import Score

    stored = Score.objects.get()
    found = get(f"leads/{stored.lead_id}/replay", as_of=stored.as_of.isoformat()).json()
    assert {name: found[name] for name in ("rating", "profile_millipoints", "engagement_millipoints")} == {
        "rating": "A1", "profile_millipoints": stored.profile_millipoints, "engagement_millipoints": stored.engagement_millipoints,
    }  # fmt: skip
    before = (stored.lead.created_at - timedelta(microseconds=1)).isoformat()
    assert get(f"leads/{stored.lead_id}/replay", as_of=before).status_code == 404
    assert get(f"leads/{stored.lead_id}/replay", as_of="2100-01-01T00:00:00Z").status_code == 422


@pytest.mark.usefixtures("scored")
def test_the_history_of_a_lead_comes_in_pages_to_its_end() -> None:
    from vaglio_server.scoring.models import Score

    stored = Score.objects.filter(lead=leads()["anna@acme.example"]).get()
    for minutes in (1, 2, 3, 4):
        stored.pk, stored.as_of = None, stored.as_of + timedelta(minutes=minutes)
        stored.save(force_insert=True)
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = get(f"leads/{stored.lead_id}/history", limit=2, **cursor).json()
        assert len(page["scores"]) <= 2
        found += [each["as_of"] for each in page["scores"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len(found) == 5 and found == sorted(found, reverse=True)
    assert get(f"leads/{stored.lead_id}/history", cursor="x").status_code == 422


@pytest.mark.usefixtures("scored")
def test_a_seller_sees_only_own_leads() -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.users.models import User

    key = token(Role.SALES)
    anna = leads()["anna@acme.example"]
    assert (get("leads", key).json()["leads"], get(f"leads/{anna.pk}", key).status_code) == ([], 404)
    for part in ("history", "replay", "explanation"):
        assert get(f"leads/{anna.pk}/{part}", key).status_code == 404
    Lead.objects.filter(pk=anna.pk).update(owner=User.objects.get(username=Role.SALES))
    assert [lead["id"] for lead in get("leads", key).json()["leads"]] == [anna.pk]


@pytest.mark.parametrize("path", ["leads", "leads/1", "leads/1/history", "leads/1/replay", "leads/1/explanation", "models"])
def test_it_requires_a_token(path: str) -> None:
    from vaglio_server.users.models import ApiToken

    response = get(path, "vt_nobody")
    assert (response.status_code, response["Content-Type"]) == (401, "application/problem+json")
    key = token()
    ApiToken.objects.update(revoked_at=AT)
    assert get(path, key).status_code == 401


@pytest.mark.parametrize("cursor", ["x", "A1.", "A1.x", "A1.²", "\x00.1", "A1.99999999999999999999"])
def test_it_rejects_a_cursor_that_is_none(cursor: str) -> None:
    assert get("leads", cursor=cursor).status_code == 422
    assert get("leads", cursor=cursor_of(cursor)).status_code == 422


@pytest.mark.usefixtures("scored")
def test_a_cursor_is_put_into_an_address_as_it_comes_and_one_cut_off_is_refused() -> None:
    from django.test import Client

    cursor = get("leads", limit=5).json()["next_cursor"]
    assert re.fullmatch("[A-Za-z0-9_-]+", cursor)
    client = Client(headers=HOST | {"authorization": f"Bearer {token()}"})
    assert client.get(f"/api/leads?cursor={cursor}").json()["leads"][0] == get("leads", limit=6).json()["leads"][5]
    for cut in (cursor[:-1], cursor[:-4], cursor[4:], cursor[:1]):
        answer = client.get(f"/api/leads?cursor={cut}")
        assert answer.status_code == 422 and "take next_cursor of its last page as it is" in answer.json()["title"]


@pytest.mark.parametrize("path", [f"leads/{2**63}", f"leads/{10**30}", "leads/0"])
def test_a_lead_that_is_not_there_is_not_found(path: str) -> None:
    assert get(path).status_code == 404


def push(text: str, key: str) -> Any:
    from django.test import Client

    return Client().post(
        "/api/models", json.dumps({"text": text}), content_type="application/json", headers=HOST | {"authorization": f"Bearer {key}"}
    )


def test_a_name_in_other_letters_is_no_field_to_write_nor_one_to_make() -> None:
    from django.test import Client

    from vaglio_server.crm.models import Lead

    def ask(method: str, path: str, fields: Any) -> Any:
        headers = HOST | {"authorization": f"Bearer {token(scope=Scope.WRITE)}"}
        body = {"user_id": "anna", "fields": fields} if method == "post" else {"fields": fields}
        return getattr(Client(), method)(f"/api/{path}", body, content_type="application/json", headers=headers)

    made = ask("post", "leads", {"jobTitle": "CEO"})
    assert made.status_code == 201
    assert made.json()["fields"] == {"job_title": "CEO"}
    for path, method in (("leads", "post"), (f"leads/{made.json()['id']}", "patch")):
        for name in ("должность", "Città"):
            answer = ask(method, path, {name: "CEO"})
            assert answer.status_code == 422
            assert name in answer.json()["errors"][0]
    assert [each.fields for each in Lead.objects.all()] == [{"job_title": "CEO"}]


def test_a_pushed_model_is_a_draft_and_unsigned() -> None:
    make_live()
    key = token(scope=Scope.WRITE)
    response = push(MODEL.replace("points: 60", "points: 61"), key)
    assert (response.status_code, response.json()["version"], response.json()["live_from"]) == (201, 2, None)
    assert [(each["version"], each["is_signed"], each["is_driving"]) for each in get("models").json()] == [(1, False, True)]


def test_it_rejects_a_model_with_faults_and_a_token_for_reading() -> None:
    response = push(MODEL.replace("points: 60", "pionts: 60"), token(scope=Scope.WRITE))
    assert response.status_code == 422
    assert "line " in response.json()["errors"][0]
    assert push(MODEL, token()).status_code == 401


@pytest.mark.parametrize("path", ["leads?rating=%00", "models?model=%00", "leads/1/history?model=%00"])
def test_a_null_in_a_parameter_is_no_failure(path: str) -> None:
    assert get(path).status_code in {200, 404, 422}


def test_it_rejects_a_model_that_is_no_text_and_an_instant_beyond_all_calendars() -> None:
    from vaglio_server.crm.models import Lead

    for text in ("name: a\u0007b", "name: a\u0000b"):
        assert push(text, token(scope=Scope.WRITE)).status_code == 422
    lead = Lead.objects.create(created_at=AT)
    assert get(f"leads/{lead.pk}/replay", as_of="9999-12-31T23:59:59-12:00", known_at="2026-10-01T00:00:00Z").status_code == 422
