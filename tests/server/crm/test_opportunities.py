"""Opportunities are made, moved, won and lost; contacts have a say in them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.server.web.people import make_people
from tests.server.world import AT, audited, history, make_account, make_contact, make_opportunity, told
from vaglio_server.crm.actions import (
    FaultyValues,
    Told,
    create_opportunity,
    edit_opportunity,
    remove_opportunity_contact,
    set_opportunity_contact,
)
from vaglio_server.crm.models import Opportunity
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")
COLUMNS = ("name", "stage", "outcome", "loss_reason", "amount", "currency", "close_date")


def edit(opportunity: Any, links: dict[str, Any] | None = None, **values: Any) -> Any:
    return edit_opportunity(opportunity=opportunity, told=told(COLUMNS, values, links), by="test", at=AT)


def test_it_works() -> None:
    acme = make_account()
    suite = make_opportunity(acme, amount="1500.5", currency="eur", close_date="2026-12-01", next_step="call")
    found = Opportunity.objects.get()
    assert (found.amount, found.currency, found.close_date, found.outcome) == (Decimal("1500.50"), "EUR", date(2026, 12, 1), "open")
    edit(suite, stage="Proposal", amount=1500.5, close_date="2026-12-01")
    edit(suite, outcome="won", amount="1400", next_step=None)
    assert sorted(history(suite)[:7]) == [
        ("account_id", str(acme.pk)), ("amount", "1500.50"), ("close_date", "2026-12-01"), ("currency", "EUR"), ("name", "Suite for 90"),
        ("next_step", "call"), ("outcome", "open"),
    ]  # fmt: skip
    assert history(suite)[7:] == [("stage", "Proposal"), ("outcome", "won"), ("amount", "1400.00"), ("next_step", None)]
    subject = f"opportunity:{suite.pk}"
    assert (audited("create_opportunity"), audited("edit_opportunity")) == ([("test", subject)], [("test", subject)] * 2)


@pytest.mark.parametrize(
    ("values", "faulty"),
    [
        ({"name": None}, ["name"]),
        ({"amount": "10"}, ["currency"]),
        ({"amount": "-10", "currency": "XXX", "outcome": "maybe", "close_date": "soon"}, ["amount", "currency", "outcome", "close_date"]),
        ({"outcome": None}, ["outcome"]),
        ({"colour": "red"}, ["colour"]),
    ],
)
def test_it_rejects_what_does_not_fit(values: dict[str, Any], faulty: list[str]) -> None:
    with pytest.raises(FaultyValues) as found:
        make_opportunity(**values)
    assert sorted(fault.partition(":")[0] for fault in found.value.faults) == sorted(faulty)
    assert not Opportunity.objects.exists()


def test_it_rejects_a_sale_to_nobody_and_an_amount_left_without_currency() -> None:
    with pytest.raises(FaultyValues, match="account_id: is missing"):
        create_opportunity(told=Told({"name": "Suite"}), by="test", at=AT)
    suite = make_opportunity(amount=10, currency="EUR")
    with pytest.raises(FaultyValues, match="account_id: is missing"):
        edit(suite, {"account": None})
    with pytest.raises(FaultyValues, match="currency: is missing"):
        edit(suite, currency=None)
    with pytest.raises(FaultyValues, match="name: is no field; it stands beside the fields"):
        edit_opportunity(opportunity=suite, told=Told(fields={"name": "x"}), by="test", at=AT)
    assert edit(suite, amount=None, currency=None).amount is None


def test_contacts_have_a_say_in_a_role() -> None:
    suite, anna = make_opportunity(), make_contact()
    for role in ("economic_buyer", "economic_buyer", None):
        set_opportunity_contact(opportunity=suite, contact=anna, role=role, by="test", at=AT)
    assert [(each.contact, each.role) for each in suite.people.all()] == [(anna, None)]
    assert len(audited("set_opportunity_contact")) == 2
    with pytest.raises(FaultyValues, match="such as economic_buyer"):
        set_opportunity_contact(opportunity=suite, contact=anna, role="Economic Buyer", by="test", at=AT)
    remove_opportunity_contact(opportunity=suite, contact=anna, by="test", at=AT)
    assert not suite.people.exists() and audited("remove_opportunity_contact") == [("test", f"opportunity:{suite.pk}")]
    with pytest.raises(Refused, match="has no say"):
        remove_opportunity_contact(opportunity=suite, contact=anna, by="test", at=AT)


def test_sellers_see_their_own_and_their_teams() -> None:
    people, acme = make_people(), make_account()
    for name in ("luca", "jonas"):
        make_opportunity(acme, people[name], name=f"Suite of {name}")
    seen = {name: Opportunity.objects.visible_to(user).count() for name, user in people.items()}
    assert seen == {"ada": 2, "marta": 2, "luca": 1, "irina": 1, "jonas": 1, "vera": 2}
    assert [each.name for each in Opportunity.objects.found_by("luca")] == ["Suite of luca"]
    assert Opportunity.objects.found_by("acme").count() == 2
