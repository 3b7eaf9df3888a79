"""Converting leads by the API: once for a key, with candidates before and undo after."""

from typing import Any

import pytest

from tests.server.api.test_leads import get, token
from tests.server.api.test_records import ask
from tests.server.lifecycle.test_convert import named, people  # noqa: F401
from tests.server.lifecycle.world import stage
from tests.server.world import make_account, make_contact, make_opportunity
from vaglio_server.users.models import Role, Scope

pytestmark = pytest.mark.usefixtures("tables")


BOSS = Role.ADMINISTRATOR


def test_it_works_once(people: dict[str, Any]) -> None:  # noqa: F811
    lead = named(people["luca"])
    key = token(BOSS)
    body = {"key": "order-7", "opportunity": {"amount": "1500.50", "currency": "EUR"}}
    made = ask("POST", f"leads/{lead.pk}/convert", body, BOSS)
    assert made.status_code == 201, made.content
    first = made.json()
    assert sorted(first["made"]) == ["account", "contact", "opportunity"] and first["left"] == [] and first["undone_at"] is None
    for again in (body, {}, {"key": "another"}):
        answer = ask("POST", f"leads/{lead.pk}/convert", again, BOSS)
        assert (answer.status_code, answer.json()) == (200, first)
    assert get(f"leads/{lead.pk}/conversion", key).json() == first
    sale = get(f"opportunities/{first['opportunity_id']}", key).json()
    assert (sale["amount"], sale["stage"], sale["pipeline"], sale["probability_percent"]) == ("1500.50", "Qualification", "Sales", 10)
    assert [each["contact_id"] for each in sale["contacts"]] == [first["contact_id"]]
    undone = ask("POST", f"leads/{lead.pk}/conversions/{first['id']}/undo", {}, BOSS)
    assert undone.status_code == 200 and undone.json()["undone_at"] and stage(lead) == "marketing_qualified"
    assert get(f"opportunities/{first['opportunity_id']}", key).status_code == 404
    assert get(f"leads/{lead.pk}/conversion", key).status_code == 404
    late = ask("POST", f"leads/{lead.pk}/convert", body, BOSS)  # a retry that comes late converts nothing anew
    assert late.status_code == 200 and late.json()["undone_at"] and stage(lead) == "marketing_qualified"


def test_candidates_come_with_reasons(people: dict[str, Any]) -> None:  # noqa: F811
    acme = make_account()
    anna, suite = make_contact(acme), make_opportunity(acme)
    lead = named(people["luca"])
    found = get(f"leads/{lead.pk}/conversion/candidates", token(BOSS)).json()
    assert found["contacts"] == [
        {"contact_id": anna.pk, "name": "Anna Rossi", "account_id": acme.pk, "share": 0.99,
         "reasons": ["same mail address", "same name", "works there too"]},
    ]  # fmt: skip
    assert found["accounts"] == [{"account_id": acme.pk, "name": "Acme", "share": 0.97, "reasons": ["the mail address is of its domain"]}]
    assert [each["opportunity_id"] for each in found["opportunities"]] == [suite.pk]
    assert (found["contact_id"], found["account_id"]) == (anna.pk, acme.pk)
    answer = ask("POST", f"leads/{lead.pk}/convert", {"opportunity_id": suite.pk}, BOSS)
    assert (answer.json()["made"], answer.json()["contact_id"]) == ([], anna.pk)


def test_it_rejects_what_does_not_fit(people: dict[str, Any]) -> None:  # noqa: F811
    lead = named(people["luca"])
    path = f"leads/{lead.pk}/convert"
    answer = ask("POST", path, {"opportunity": {"amount": "much", "close_date": "soon"}}, BOSS)
    assert answer.status_code == 422 and len(answer.json()["errors"]) == 2
    for body in (
        {"contact": {"id": 2**63}},
        {"account": {"id": 10**12}},
        {"opportunity_id": 5},
        {"contact": {"id": 1, "is_another": True}},
    ):
        assert ask("POST", path, body, BOSS).status_code == 409, body
    assert ask("POST", path, {"has_opportunity": False}, BOSS).json()["opportunity_id"] is None
    assert ask("POST", f"leads/{lead.pk}/conversions/999/undo", {}, BOSS).status_code == 404
    assert ask("POST", f"leads/{2**63}/convert", {}, BOSS).status_code == 404


def test_it_requires_a_seller(people: dict[str, Any]) -> None:  # noqa: F811
    lead = named(people["luca"])
    assert ask("POST", f"leads/{lead.pk}/convert", {}, Role.MARKETING).status_code == 403
    assert ask("POST", f"leads/{lead.pk}/convert", {}, BOSS, Scope.READ).status_code in (401, 403)
    assert ask("POST", f"leads/{lead.pk}/convert", {}, Role.SALES).status_code == 404
