"""Fields by the API."""

import pytest

from tests.server.api.test_leads import get, token
from tests.server.api.test_records import ask
from vaglio_server.users.models import Role, Scope

pytestmark = pytest.mark.usefixtures("tables")
TIER = {"subject": "account", "name": "tier", "label": "Tier", "kind": "choice", "choices": ["Gold"]}


def test_it_works() -> None:
    made = ask("POST", "fields", TIER)
    assert (made.status_code, made.json()) == (201, TIER | {"is_column": False, "is_standard": False, "is_retired": False})
    changed = ask("PATCH", "fields/account/tier", {"label": "Our tier", "choices": ["Silver"]})
    assert (changed.json()["label"], changed.json()["choices"]) == ("Our tier", ["Gold", "Silver"])
    assert ask("POST", "accounts", {"name": "Acme", "fields": {"tier": "silver"}}).json()["fields"] == {"tier": "Silver"}
    assert ask("DELETE", "fields/account/tier").status_code == 204
    assert ask("DELETE", "fields/account/tier").status_code == 409
    assert ask("POST", "accounts", {"name": "Beta", "fields": {"tier": "Gold"}}).status_code == 422
    found = {each["name"]: each for each in get("fields", subject="account").json()}
    assert found["tier"]["is_retired"] and found["name"]["is_column"] and found["employees"]["is_standard"]
    assert {each["subject"] for each in get("fields").json()} == {"lead", "contact", "account", "opportunity"}


def test_it_rejects_what_does_not_fit_and_what_is_taken() -> None:
    answer = ask("POST", "fields", TIER | {"name": "Tier!", "kind": "colour", "label": ""})
    assert (answer.status_code, len(answer.json()["errors"])) == (422, 3)
    assert ask("POST", "fields", TIER | {"name": "domain"}).status_code == 409
    assert ask("PATCH", "fields/account/domain", {"label": "x"}).status_code == 404
    assert ask("PATCH", "fields/user/tier", {"label": "x"}).status_code == 422
    assert ask("PATCH", "fields/account/%00", {"label": "x"}).status_code in {404, 422}


def test_it_requires_marketing_and_a_token_for_writing() -> None:
    for role in (Role.SALES, Role.READ_ONLY):
        assert ask("POST", "fields", TIER, role).status_code == 403
        assert get("fields", token(role)).status_code == 200
    assert ask("POST", "fields", TIER, scope=Scope.READ).status_code == 401
