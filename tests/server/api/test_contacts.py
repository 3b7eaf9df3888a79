"""Contacts by the API."""

from typing import Any

import pytest

from tests.server.api.test_leads import get, token
from tests.server.api.test_records import ask
from tests.server.world import make_account, make_contact
from vaglio_server.crm.models import Contact, Lead
from vaglio_server.users.models import Role, Scope, User

pytestmark = pytest.mark.usefixtures("tables")


def test_it_works() -> None:
    acme, lead = make_account(), Lead.objects.create(created_at="2026-10-01T00:00:00Z")
    token(Role.SALES)
    body = {"account_id": acme.pk, "lead_id": lead.pk, "owner": "sales", "fields": {"first_name": "Anna", "job_title": "CTO"}}
    made = ask("POST", "contacts", body)
    assert made.status_code == 201, made.content
    anna = made.json()
    assert {name: anna[name] for name in ("name", "account_id", "lead_id", "owner", "fields")} == {
        "name": "Anna", "account_id": acme.pk, "lead_id": lead.pk, "owner": "sales", "fields": {"first_name": "Anna", "job_title": "CTO"},
    }  # fmt: skip
    edited = ask("PATCH", f"contacts/{anna['id']}", {"owner": None, "fields": {"job_title": None, "last_name": "Rossi"}}).json()
    assert (edited["owner"], edited["account_id"], edited["name"]) == (None, acme.pk, "Anna Rossi")
    assert get(f"contacts/{anna['id']}").json() == edited
    assert [each["field"] for each in get(f"contacts/{anna['id']}/changes", limit=3).json()["changes"]] == [
        "last_name", "job_title", "owner_id"
    ]  # fmt: skip


def test_contacts_come_by_id_in_pages_and_are_found() -> None:
    acme = make_account()
    ids = [make_contact(acme if number % 2 else None, last_name=f"R{number}").pk for number in range(5)]
    found: list[int] = []
    cursor: dict[str, Any] = {}
    while True:
        page = get("contacts", limit=2, **cursor).json()
        found += [each["id"] for each in page["contacts"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == ids
    assert [each["id"] for each in get("contacts", account_id=acme.pk).json()["contacts"]] == [ids[1], ids[3]]
    assert [each["id"] for each in get("contacts", search="ann r4").json()["contacts"]] == [ids[4]]
    for odd in ({"account_id": 10**30}, {"account_id": -(10**30)}, {"lead_id": 0}, {"cursor": 10**30}):
        assert get("contacts", **odd).json()["contacts"] == []


def test_it_rejects_what_does_not_fit_and_what_is_not_there() -> None:
    answer = ask("POST", "contacts", {"fields": {"employees": "many", "colour": 1}})
    assert answer.status_code == 422
    assert [fault.partition(":")[0] for fault in answer.json()["errors"]] == ["employees", "colour", "last_name"]
    for links in ({"account_id": 99}, {"account_id": 10**30}, {"lead_id": 99}, {"owner": "nobody"}, {"owner": "a\x00"}):
        assert ask("POST", "contacts", {"fields": {"last_name": "Rossi"}, **links}).status_code == 404, links
    assert ask("PATCH", f"contacts/{2**63}", {}).status_code == 404
    assert not Contact.objects.exists()


def test_sellers_write_what_they_see_and_own_what_they_make() -> None:
    made = ask("POST", "contacts", {"fields": {"last_name": "Rossi"}}, Role.SALES)
    assert (made.status_code, made.json()["owner"]) == (201, "sales")
    other = make_contact()
    key = token(Role.SALES)
    assert [each["id"] for each in get("contacts", key).json()["contacts"]] == [made.json()["id"]]
    for path in (f"contacts/{other.pk}", f"contacts/{other.pk}/changes", f"contacts/{other.pk}/notes"):
        assert get(path, key).status_code == 404, path
    assert ask("PATCH", f"contacts/{other.pk}", {}, Role.SALES).status_code == 404
    token(Role.MARKETING)
    mine = f"contacts/{made.json()['id']}"
    assert ask("PATCH", mine, {"owner": "marketing"}, Role.SALES).status_code == 404
    assert ask("PATCH", mine, {"owner": "sales"}, Role.SALES).status_code == 200
    User.objects.filter(username="sales").update(is_active=False)
    assert ask("PATCH", mine, {"owner": "sales"}).status_code == 404


def test_it_requires_a_role_and_a_token_that_write() -> None:
    assert ask("POST", "contacts", {"fields": {"last_name": "x"}}, Role.READ_ONLY).status_code == 403
    assert ask("POST", "contacts", {"fields": {"last_name": "x"}}, scope=Scope.READ).status_code == 401
    assert get("contacts", token(Role.READ_ONLY)).status_code == 200
