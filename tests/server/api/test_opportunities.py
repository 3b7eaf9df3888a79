"""Opportunities by the API."""

import pytest

from tests.server.api.test_leads import get, token
from tests.server.api.test_records import ask
from tests.server.world import make_account, make_contact, make_opportunity
from vaglio_server.crm.models import Opportunity
from vaglio_server.users.models import Role, Scope

pytestmark = pytest.mark.usefixtures("tables")


def test_it_works() -> None:
    acme = make_account()
    body = {"account_id": acme.pk, "name": "Suite", "amount": "1500.50", "currency": "EUR", "fields": {"next_step": "call"}}
    made = ask("POST", "opportunities", body)
    assert made.status_code == 201, made.content
    suite = made.json()
    assert (suite["amount"], suite["currency"], suite["outcome"], suite["fields"]) == ("1500.50", "EUR", "open", {"next_step": "call"})
    edited = ask("PATCH", f"opportunities/{suite['id']}", {"stage": "Proposal", "outcome": "won", "close_date": "2026-12-01"})
    assert edited.status_code == 200, edited.content
    assert (edited.json()["stage"], edited.json()["outcome"], edited.json()["close_date"]) == ("Proposal", "won", "2026-12-01")
    assert get(f"opportunities/{suite['id']}").json() == edited.json() | {"contacts": []}
    assert get("opportunities", outcome="won", account_id=acme.pk).json() == {"opportunities": [edited.json()], "next_cursor": None}
    assert get("opportunities", outcome="lost").json()["opportunities"] == []
    changes = get(f"opportunities/{suite['id']}/changes", field="outcome").json()["changes"]
    assert [each["value"] for each in changes] == ["won", "open"]


def test_one_that_is_made_stands_where_it_belongs() -> None:
    acme = make_account()
    made = [ask("POST", "opportunities", {"account_id": acme.pk, "name": "Suite", **values}).json() for values in (
        {}, {"outcome": "won"}, {"outcome": "lost", "loss_reason": "price"}, {"stage": "proposal"}, {"stage": None}, {"stage": "signed"}
    )]  # fmt: skip
    assert [(each["stage"], each["outcome"], each["pipeline"]) for each in made] == [
        ("Qualification", "open", "Sales"), ("Won", "won", "Sales"), ("Lost", "lost", "Sales"), ("Proposal", "open", "Sales"),
        (None, "open", None), ("signed", "open", None),
    ]  # fmt: skip


def test_contacts_have_a_say_and_lose_it() -> None:
    suite, anna = make_opportunity(), make_contact()
    path = f"opportunities/{suite.pk}/contacts/{anna.pk}"
    assert ask("PUT", path, {"role": "champion"}).status_code == 204
    assert ask("PUT", path, {"role": "Champion!"}).status_code == 422
    assert get(f"opportunities/{suite.pk}").json()["contacts"] == [{"contact_id": anna.pk, "name": "Anna Rossi", "role": "champion"}]
    assert ask("DELETE", path).status_code == 204
    assert ask("DELETE", path).status_code == 409
    assert ask("PUT", f"opportunities/{suite.pk}/contacts/{2**63}", {}).status_code == 404


def test_it_rejects_every_faulty_value_at_once() -> None:
    answer = ask("POST", "opportunities", {"amount": "much", "currency": "EURO", "outcome": "maybe", "close_date": 5, "fields": {"x": 1}})
    assert answer.status_code == 422
    faulty = sorted(fault.partition(":")[0] for fault in answer.json()["errors"])
    assert faulty == ["account_id", "amount", "close_date", "currency", "name", "outcome", "x"]
    assert not Opportunity.objects.exists()


def test_it_requires_that_one_may_see_and_write() -> None:
    suite = make_opportunity()
    for path in (f"opportunities/{suite.pk}", f"opportunities/{suite.pk}/changes", f"opportunities/{2**63}"):
        assert get(path, token(Role.SALES)).status_code == 404, path
    assert ask("PATCH", f"opportunities/{suite.pk}", {"name": "x"}, Role.SALES).status_code == 404
    assert ask("PATCH", f"opportunities/{suite.pk}", {"name": "x"}, Role.READ_ONLY).status_code == 403
    assert ask("PATCH", f"opportunities/{suite.pk}", {"name": "x"}, scope=Scope.READ).status_code == 401
    mine = ask("POST", "opportunities", {"account_id": suite.account_id, "name": "Mine"}, Role.SALES)
    assert (mine.status_code, mine.json()["owner"]) == (201, "sales")
    assert ask("PUT", f"opportunities/{mine.json()['id']}/contacts/{make_contact().pk}", {}, Role.SALES).status_code == 404
