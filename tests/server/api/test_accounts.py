"""Accounts written by the API, and their history."""

from typing import Any

import pytest

from tests.server.api.test_leads import get
from tests.server.api.test_records import ask
from tests.server.world import AT, history, make_account
from vaglio_server.crm.models import Account
from vaglio_server.users.models import Role, Scope

pytestmark = pytest.mark.usefixtures("tables")


def test_it_works() -> None:
    made = ask("POST", "accounts", {"name": "Acme", "domain": "www.acme.example", "fields": {"employees": "90"}})
    assert made.status_code == 201, made.content
    acme = made.json()
    assert (acme["name"], acme["domain"], acme["fields"]) == ("Acme", "acme.example", {"employees": 90})
    edited = ask("PATCH", f"accounts/{acme['id']}", {"name": "Acme SpA", "fields": {"employees": None, "city": "Roma"}})
    assert (edited.status_code, edited.json()["name"], edited.json()["fields"]) == (200, "Acme SpA", {"city": "Roma"})
    assert get(f"accounts/{acme['id']}").json()["fields"] == {"city": "Roma"}
    assert get("accounts").json()["accounts"] == [edited.json()]


def test_its_history_is_told_and_what_was_known_then() -> None:
    acme = make_account(employees=90)
    ask("PATCH", f"accounts/{acme.pk}", {"fields": {"employees": 120}})
    changes = get(f"accounts/{acme.pk}/changes").json()["changes"]
    assert [(each["field"], each["value"], each["by"]) for each in changes] == [
        ("employees", 120, Role.MARKETING), ("employees", 90, "test"), ("domain", "acme.example", "test"), ("name", "Acme", "test"),
    ]  # fmt: skip
    first = get(f"accounts/{acme.pk}/changes", field="employees", limit=1).json()
    assert [each["value"] for each in first["changes"]] == [120]
    rest = get(f"accounts/{acme.pk}/changes", field="employees", cursor=first["next_cursor"]).json()
    assert ([each["value"] for each in rest["changes"]], rest["next_cursor"]) == ([90], None)
    then = get(f"accounts/{acme.pk}/values", known_at=changes[1]["known_at"]).json()
    assert then["values"] == {"name": "Acme", "domain": "acme.example", "employees": 90}
    assert get(f"accounts/{acme.pk}/values", known_at="9999-12-31T23:59:59-12:00").status_code == 422


def test_it_rejects_every_faulty_value_at_once() -> None:
    answer = ask("POST", "accounts", {"name": " ", "domain": 5, "fields": {"employees": "many", "colour": "red", "domain": "x"}})
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert [fault.partition(":")[0] for fault in answer.json()["errors"]] == ["name", "domain", "domain", "employees", "colour"]
    assert 'employees: "many" is not a whole number; give one such as 90' in answer.json()["errors"]
    assert ask("POST", "accounts", {}).json()["errors"] == ["name: cannot be without a value; give one"]
    assert not Account.objects.exists()


def test_it_rejects_a_domain_that_is_taken() -> None:
    acme = make_account()
    answer = ask("POST", "accounts", {"name": "Second", "domain": "acme.example"})
    assert answer.status_code == 409 and f"account {acme.pk} (Acme)" in answer.json()["title"]


@pytest.mark.parametrize("body", [{"name": "a\x00"}, {"name": "a", "fields": {"city": "a\x00"}}, {"name": "a", "fields": {"a\x00": 1}}])
def test_it_rejects_what_no_database_holds(body: Any) -> None:
    assert ask("POST", "accounts", body).status_code == 422


def test_it_requires_marketing_and_a_token_for_writing() -> None:
    acme = make_account()
    for role in (Role.SALES, Role.READ_ONLY):
        assert ask("POST", "accounts", {"name": "x"}, role).status_code == 403
        assert ask("PATCH", f"accounts/{acme.pk}", {"name": "x"}, role).status_code == 403
    assert ask("PATCH", f"accounts/{acme.pk}", {"name": "x"}, scope=Scope.READ).status_code == 401
    assert ask("PATCH", f"accounts/{acme.pk}", {"name": "x"}, Role.ADMINISTRATOR).status_code == 200


@pytest.mark.parametrize("number", ["99", str(2**63), str(10**30)])
def test_an_account_that_is_not_there_is_not_found(number: str) -> None:
    for path in (f"accounts/{number}/changes", f"accounts/{number}/notes"):
        assert get(path).status_code == 404, path
    assert get(f"accounts/{number}/values", known_at="2026-10-01T00:00:00Z").status_code == 404
    assert ask("PATCH", f"accounts/{number}", {"name": "x"}).status_code == 404


def test_one_that_was_taken_back_is_looked_up_and_nothing_is_joined_to_it() -> None:
    account = make_account()
    lead = ask("POST", "leads", {"user_id": "anna"}).json()["id"]
    sale = ask("POST", "opportunities", {"name": "Suite", "account_id": account.pk}).json()["id"]
    Account.objects.filter(pk=account.pk).update(taken_back_at=AT, domain=None)
    for method, path, body in (
        ("POST", "opportunities", {"name": "Suite", "account_id": account.pk}),
        ("PATCH", f"opportunities/{sale}", {"account_id": account.pk}),
        ("POST", "contacts", {"account_id": account.pk, "fields": {"last_name": "Rossi"}}),
        ("PUT", f"leads/{lead}/account", {"account_id": account.pk}),
        ("PATCH", f"accounts/{account.pk}", {"name": "Acme SpA"}),
        ("POST", f"accounts/{account.pk}/notes", {"text": "hello"}),
        ("PUT", f"lists/partners/accounts/{account.pk}", None),
    ):
        answer = ask(method, path, body)
        assert (answer.status_code, "was taken back" in answer.content.decode()) == (404, True), path
    for path in ("", "/changes", "/notes"):
        assert get(f"accounts/{account.pk}{path}").status_code == 200


def test_it_is_given_to_a_seller_whose_its_leads_become() -> None:
    from vaglio_server.users.actions import create_user

    acme = make_account()
    create_user(name="luca", email="", password=None, role="sales", team=None, by="test", at=AT)
    assert ask("PUT", f"accounts/{acme.pk}/owner", {"owner": "luca"}).json()["owner"] == "luca"
    assert get("accounts").json()["accounts"][0]["owner"] == "luca" and get(f"accounts/{acme.pk}").json()["owner"] == "luca"
    assert ask("PUT", f"accounts/{acme.pk}/owner", {"owner": "nobody.such"}).status_code == 404
    assert ask("PUT", f"accounts/{acme.pk}/owner", {"owner": None}, Role.SALES).status_code == 403
    assert ask("PUT", f"accounts/{acme.pk}/owner", {"owner": None}).json()["owner"] is None
    assert [value for field, value in history(acme) if field == "owner_id"][-1] is None
