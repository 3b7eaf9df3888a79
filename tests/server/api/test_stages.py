"""The API of where leads stand: seen, moved, answered; what happened, in order; nurture lists; webhooks."""

from typing import Any

import pytest

from tests.server.api.test_leads import get, token
from tests.server.connectors.receiver import receiving
from tests.server.connectors.world import allowing, deliveries, hand_out, happen, make_endpoint
from tests.server.lifecycle.world import NOW, crosses, live, rated, take
from tests.server.web.people import make_people
from tests.server.world import AT, HOST
from vaglio_server.users.models import Role, Scope

pytestmark = pytest.mark.usefixtures("tables")
HOOK = {"name": "CRM", "address": "https://hooks.example.com/v", "kinds": ["stage.changed"]}


def call(method: str, path: str, body: Any = None, role: str = Role.ADMINISTRATOR, key: str | None = None) -> Any:
    from django.test import Client

    headers = HOST | {"authorization": f"Bearer {key or token(role, Scope.WRITE)}"}
    return getattr(Client(), method)(f"/api/{path}", body, content_type="application/json", headers=headers)


def token_of(user: Any) -> str:
    from vaglio_server.users.actions import create_token

    return create_token(user=user, name="t", scope=Scope.WRITE, by="test", at=AT)[1]


def test_a_seller_answers_and_sees_how_it_came() -> None:
    people = make_people()
    live()
    lead = rated("A1", owner=people["luca"])
    take()
    luca, marta = token_of(people["luca"]), token_of(people["marta"])
    (waiting,) = get("inbox", luca).json()
    assert (waiting["lead"]["id"], waiting["is_nobodys"]) == (lead.pk, False) and waiting["due_at"] and waiting["left_seconds"] is not None
    assert call("post", f"leads/{lead.pk}/accept", key=marta).status_code == 403  # a verdict is what sales says
    for _twice in range(2):
        answer = call("post", f"leads/{lead.pk}/accept", key=luca)
        assert (answer.status_code, answer.json()["stage"]) == (200, "sales_accepted")
    assert call("post", f"leads/{lead.pk}/stage", {"verb": "recycle"}, key=luca).status_code == 409
    moved = call("post", f"leads/{lead.pk}/stage", {"verb": "recycle", "reason": "not_now", "note": "in spring"}, key=luca).json()
    assert [(each["verb"], each["by"], each["reason"], each["note"]) for each in moved["moves"]] == [
        ("recycle", "luca", "not_now", "in spring"), ("accept", "luca", None, ""), ("qualify", "lifecycle", None, "")
    ]  # fmt: skip
    page = get(f"leads/{lead.pk}/stage", luca, limit=2).json()
    assert len(page["moves"]) == 2 and len(get(f"leads/{lead.pk}/stage", luca, cursor=page["next_cursor"]).json()["moves"]) == 1
    assert get("inbox", luca).json() == []


def test_what_is_nobodys_any_seller_answers_and_what_is_anothers_none() -> None:
    people = make_people()
    live()
    lead, other = rated("A1"), rated("A1", owner=people["jonas"])
    type(people["luca"]).objects.filter(role=Role.SALES).update(is_active=False)
    take()
    type(people["luca"]).objects.update(is_active=True)
    luca = token_of(people["luca"])
    assert [(each["lead"]["id"], each["is_nobodys"]) for each in get("inbox", luca).json()] == [(lead.pk, True)]
    assert call("post", f"leads/{other.pk}/reject", {"reason": "no_need"}, key=luca).status_code == 404
    back = call("post", f"leads/{lead.pk}/reject", {"reason": "no_need"}, key=luca).json()
    assert (back["stage"], back["moves"][0]["reason"]) == ("recycled", "no_need")
    assert call("post", f"leads/{lead.pk}/reject", {"reason": "bored"}, key=luca).status_code in (404, 409)


def test_marketing_takes_leads_out_and_opens_them_again_and_readers_nothing() -> None:
    live()
    lead = rated("B2")
    take()
    out = {"verb": "disqualify", "reason": "bad_data"}
    assert call("post", f"leads/{lead.pk}/stage", out, Role.READ_ONLY).status_code == 403
    assert call("post", f"leads/{lead.pk}/stage", out, Role.MARKETING).json()["stage"] == "disqualified"
    assert call("post", f"leads/{lead.pk}/stage", {"verb": "reopen"}, Role.MARKETING).json()["stage"] == "inquiry"
    assert call("post", f"leads/{lead.pk}/stage", {"verb": "win"}, Role.MARKETING).status_code == 422
    assert get(f"leads/{lead.pk}/stage").json()["stage"] == "inquiry"
    assert get("leads/999999/stage").status_code == 404


def test_what_happened_is_read_in_order_once_and_sellers_see_their_own() -> None:
    people = make_people()
    live()
    mine, other = rated("A1", owner=people["luca"]), rated("A1", owner=people["jonas"])
    take()
    assert get("happenings").json() == {"happenings": [], "next_cursor": 0}  # nobody has put them in order yet
    hand_out()
    seen, cursor = [], 0
    while (page := get("happenings", cursor=cursor, limit=3).json())["happenings"]:
        seen += page["happenings"]
        cursor = page["next_cursor"]
    assert page["next_cursor"] == cursor
    assert [each["type"] for each in seen].count("stage.changed") == 2 and len({each["id"] for each in seen}) == len(seen)
    crosses(mine, "A2")
    take()
    hand_out()
    (after,) = get("happenings", cursor=cursor).json()["happenings"]
    assert (after["type"], after["data"]["lead_id"], after["data"]["rating_after"]) == ("rating.crossed", mine.pk, "A2")
    of = get("happenings", token_of(people["luca"]), kinds=["stage.changed", "nurture.left"]).json()["happenings"]
    assert [(each["type"], each["data"]["lead_id"]) for each in of] == [("stage.changed", mine.pk)] and other.pk != mine.pk
    assert get("happenings", kinds="lead.stolen").status_code == 422


def test_who_is_on_a_list_and_who_entered_and_left_since() -> None:
    live()
    leads = [rated("B2") for _ in range(3)]
    take()
    hand_out()
    assert get("nurture").json() == [{"name": "newsletter", "ratings": ["A3", "B2", "C1"], "members": 3}]
    page = get("nurture/newsletter/members", limit=2).json()
    rest = get("nurture/newsletter/members", cursor=page["next_cursor"]).json()
    assert [each["lead_id"] for each in page["members"] + rest["members"]] == [each.pk for each in leads] and rest["next_cursor"] is None
    assert page["members"][0]["email"] == "0@acme.example" and page["members"][0]["why"] == "rating"
    cursor = get("nurture/newsletter/changes").json()["next_cursor"]
    crosses(leads[0], "D4")
    take()
    hand_out()
    (left,) = get("nurture/newsletter/changes", cursor=cursor).json()["happenings"]
    assert (left["type"], left["data"]) == ("nurture.left", {"lead_id": leads[0].pk, "list": "newsletter", "rating": "B2", "why": "rating"})
    assert get("nurture/nowhere/members").status_code == 404
    assert get("nurture", token(Role.SALES)).status_code == 403 == get("nurture/newsletter/members", token(Role.SALES)).status_code


def test_webhooks_are_looked_after_by_administrators_alone() -> None:
    from vaglio_server.connectors.models import Endpoint

    assert call("post", "webhooks", HOOK, Role.MARKETING).status_code == 403 == get("webhooks").status_code
    made = call("post", "webhooks", HOOK)
    assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
    here = f"webhooks/{made.json()['id']}"
    for path in ("webhooks", here, f"{here}/deliveries"):
        assert made.json()["secret"] not in call("get", path).content.decode()
    assert call("post", "webhooks", HOOK).status_code == 409
    refused = call("post", "webhooks", HOOK | {"name": "cloud", "address": "https://169.254.169.254/latest"})
    assert refused.status_code == 409 and "inside a network" in refused.json()["title"]
    assert call("post", "webhooks", HOOK | {"name": "x", "kinds": []}).status_code == 422
    changed = call("put", here, HOOK | {"name": "CRM 2", "has_email": True}).json()
    assert (changed["name"], changed["has_email"], changed["is_on"]) == ("CRM 2", True, True)
    off = call("post", f"{here}/switch", {"is_on": False}).json()
    assert (off["is_on"], off["why_off"]) == (False, "by_hand")
    assert call("post", f"{here}/test").status_code == 409
    assert call("post", f"{here}/switch", {"is_on": True}).json()["is_on"]
    assert call("post", f"{here}/secret").json()["secret"] != made.json()["secret"]
    assert call("post", f"{here}/secret").status_code == 409 and call("post", f"{here}/secret?is_lost=true").status_code == 200
    assert call("post", f"{here}/test").json()["kind"] == "ping"
    assert call("delete", here).status_code == 204 and not Endpoint.objects.exists()
    assert call("get", here).status_code == 404


def test_deliveries_are_seen_and_sent_again() -> None:
    with receiving() as receiver, allowing(receiver):
        endpoint, _secret = make_endpoint(receiver)
        happen(3)
        hand_out()
        first = deliveries()[0]
        type(first).objects.filter(pk=first.pk).update(state="failed", next_at=None, attempts=8, status=500)
        here = f"webhooks/{endpoint.pk}"
        (failed,) = call("get", f"{here}/deliveries?state=failed").json()["deliveries"]
        assert (failed["id"], failed["status"], failed["key"]) == (first.pk, 500, str(first.key))
        assert call("post", f"{here}/deliveries/{first.pk}/replay").json()["state"] == "waiting"
        type(first).objects.filter(pk=first.pk).update(state="failed", next_at=None)
        assert call("post", f"{here}/replay", {"since": NOW.isoformat()}).json() == {"deliveries": 1}
        assert call("post", f"{here}/deliveries/999/replay").status_code == 404
        page = call("get", f"{here}/deliveries?limit=2").json()
        assert len(page["deliveries"]) == 2 and page["next_cursor"]
