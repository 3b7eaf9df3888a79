"""Opportunities are won and lost; what becomes of their leads follows, and is taken back with it."""

from decimal import Decimal
from typing import Any

import pytest

from tests.server.lifecycle.test_convert import MINUTE, convert, named, people  # noqa: F401
from tests.server.lifecycle.world import NOW, rated, stage, verbs
from tests.server.world import make_account, make_contact, make_opportunity
from vaglio_server.lifecycle.actions import Wish, add_to_opportunity, change_opportunity, open_opportunity, remove_from_opportunity
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")


def change(sale: Any, at: Any = NOW + 9 * MINUTE, **values: Any) -> Any:
    from vaglio_server.crm.actions import Told

    return change_opportunity(opportunity=sale, told=Told(values), by="luca", at=at)


def outcomes(lead: Any) -> list[tuple[str, Decimal | None, str | None]]:
    return list(lead.outcomes.present().order_by("id").values_list("outcome", "value", "reason"))


def test_won_its_lead_is_a_customer(people: dict[str, Any]) -> None:  # noqa: F811
    lead = named(people["luca"])
    sale = convert(lead, people["luca"], Wish(sale={"amount": "1500", "currency": "EUR"})).opportunity
    won = change(sale, stage="won")
    assert (won.stage, won.outcome, won.pipeline_stage.is_won) == ("Won", "won", True)
    assert outcomes(lead) == [("accepted", None, None), ("won", Decimal("1500.00"), None)]
    assert verbs(lead)[-1] == "win" and stage(lead) == "customer"
    again = change(sale, outcome="open", at=NOW + 10 * MINUTE)
    assert (again.stage, again.outcome) == ("Qualification", "open")  # where it last was open
    assert outcomes(lead) == [("accepted", None, None)] and stage(lead) == "opportunity" and verbs(lead)[-1] == "resume"


def test_lost_it_goes_back_to_marketing_with_the_reason(people: dict[str, Any]) -> None:  # noqa: F811
    from vaglio_server.crm.actions import FaultyValues, Told
    from vaglio_server.lifecycle.queries import moves_of

    lead = named(people["luca"])
    sale = convert(lead, people["luca"]).opportunity
    with pytest.raises(FaultyValues, match="only what is lost has a reason"):
        change(sale, loss_reason="price")
    told = Told({"outcome": "lost", "loss_reason": "price"}, {"lost_because": "half of it elsewhere"})
    lost = change_opportunity(opportunity=sale, told=told, by="luca", at=NOW + 9 * MINUTE)
    assert (lost.stage, lost.loss_reason) == ("Lost", "price")
    assert outcomes(lead)[-1] == ("lost", None, "price") and stage(lead) == "recycled"
    assert moves_of(lead).first().note == "Price · half of it elsewhere"
    won = change(sale, outcome="won", at=NOW + 10 * MINUTE)  # after all
    assert (won.loss_reason, stage(lead)) == (None, "customer") and [each[0] for each in outcomes(lead)] == ["accepted", "won"]


def test_what_is_put_right_of_a_sale_that_ended_is_put_right_of_its_lead(people: dict[str, Any]) -> None:  # noqa: F811
    from vaglio_server.lifecycle.actions import take_outcomes
    from vaglio_server.lifecycle.logic.stages import Policy

    lead = named(people["luca"])
    sale = convert(lead, people["luca"], Wish(sale={"amount": "1500", "currency": "EUR"})).opportunity
    change(sale, outcome="won")
    before, moved = lead.outcomes.get(outcome="won"), verbs(lead)
    change(sale, amount="15000", at=NOW + 10 * MINUTE)
    assert outcomes(lead) == [("accepted", None, None), ("won", Decimal("15000.00"), None)] and verbs(lead) == moved
    was, now = lead.outcomes.filter(outcome="won").order_by("pk")
    assert (was.pk, was.value, was.known_at) == (before.pk, Decimal("1500.00"), before.known_at)  # what was believed stays known
    assert (now.occurred_at, now.value) == (before.occurred_at, Decimal("15000.00")) and was.taken_back_at <= now.known_at
    assert take_outcomes(limit=9, policy=Policy(), at=NOW + 10 * MINUTE) == 1
    assert stage(lead) == "customer" and verbs(lead) == moved  # it stands where it stood
    change(sale, close_date="2026-12-01", at=NOW + 11 * MINUTE)
    assert lead.outcomes.count() == 3  # nothing of that is recorded
    change(sale, outcome="open", at=NOW + 12 * MINUTE)
    change(sale, amount="1", at=NOW + 13 * MINUTE)
    assert outcomes(lead) == [("accepted", None, None)] and stage(lead) == "opportunity"
    change(sale, outcome="lost", loss_reason="price", at=NOW + 14 * MINUTE)
    change(sale, loss_reason="timing", at=NOW + 15 * MINUTE)
    assert outcomes(lead)[1:] == [("lost", Decimal("1.00"), "timing")]


def test_an_amount_that_is_put_right_is_counted_once(people: dict[str, Any]) -> None:  # noqa: F811
    first, other = named(people["luca"]), named(people["luca"], email="bo@acme.example", first_name="Bo")
    made = convert(first, people["luca"], Wish(sale={"name": "Suite"}))
    convert(other, people["luca"], Wish(opportunity=made.opportunity_id))
    sale = made.opportunity
    change(sale, outcome="won")
    for step, amount in enumerate(("10", None, "20")):  # said only after it was won, taken away, and said again
        change(sale, amount=amount, currency="EUR", at=NOW + (10 + step) * MINUTE)
        value = Decimal(amount) if amount else None
        assert outcomes(first)[1:] == [("won", value, None)] and outcomes(other)[1:] == [("won", None, None)]
    assert other.outcomes.count() == 2  # nothing was to be put right of that one
    twin = rated("D4", owner=people["luca"])
    _merge(twin, first)
    change(sale, amount="30", at=NOW + 20 * MINUTE)
    assert outcomes(first)[-1] == ("won", Decimal("30.00"), None) and outcomes(twin) == []  # where it was recorded
    change(sale, outcome="open", at=NOW + 21 * MINUTE)
    assert not [each for lead in (first, other, twin) for each in outcomes(lead) if each[0] == "won"]


def money(lead: Any) -> list[tuple[Decimal | None, str | None]]:
    return list(lead.outcomes.present().exclude(outcome="accepted").order_by("id").values_list("value", "currency"))


def test_amounts_of_leads_have_the_currency_of_the_sale(people: dict[str, Any]) -> None:  # noqa: F811
    first, other = named(people["luca"]), named(people["luca"], email="bo@acme.example", first_name="Bo")
    sale = convert(first, people["luca"], Wish(sale={"amount": "1500", "currency": "EUR"})).opportunity
    convert(other, people["luca"], Wish(opportunity=sale.pk))
    change(sale, outcome="won")
    assert (money(first), money(other)) == ([(Decimal("1500.00"), "EUR")], [(None, None)])
    change(sale, amount="15000", currency="USD", at=NOW + 10 * MINUTE)
    assert (money(first), money(other)) == ([(Decimal("15000.00"), "USD")], [(None, None)])
    change(sale, currency="CHF", at=NOW + 11 * MINUTE)
    assert money(first) == [(Decimal("15000.00"), "CHF")]
    change(sale, amount=None, at=NOW + 12 * MINUTE)
    assert money(first) == [(None, None)]  # the sale still has a currency, of nothing
    seen = first.outcomes.count()
    change(sale, currency="EUR", at=NOW + 13 * MINUTE)
    assert first.outcomes.count() == seen


def test_what_was_recorded_before_currencies_were_has_that_of_its_sale(people: dict[str, Any]) -> None:  # noqa: F811
    from importlib import import_module

    from django.db import connection
    from django.db.migrations import RunSQL

    from vaglio_server.crm.actions import Became, record_outcome
    from vaglio_server.crm.models import LeadOutcome

    lead, other = named(people["luca"]), named(people["luca"], email="bo@acme.example", first_name="Bo")
    for each, currency in ((lead, "EUR"), (other, "RON")):
        change(convert(each, people["luca"], Wish(sale={"amount": "10", "currency": currency})).opportunity, outcome="won")
    record_outcome(lead=lead, became=Became("lost", NOW, value=Decimal(7)), by="files", at=NOW)
    sale = lead.conversions.get().opportunity
    change(sale, amount="12", currency="USD", at=NOW + 10 * MINUTE)
    LeadOutcome.objects.update(currency=None)
    migration = import_module("vaglio_server.crm.migrations.0029_outcome_currency").Migration
    (fill,) = [each for each in migration.operations if isinstance(each, RunSQL)]
    with connection.cursor() as cursor:
        cursor.execute(fill.sql)
    assert list(LeadOutcome.objects.exclude(value=None).order_by("pk").values_list("value", "currency")) == [
        (10, "EUR"), (10, "RON"), (7, None), (12, "USD"),
    ]  # fmt: skip


def test_who_has_another_sale_stays(people: dict[str, Any]) -> None:  # noqa: F811
    lead, colleague = named(people["luca"]), named(people["luca"], email="bo@acme.example", first_name="Bo")
    made = convert(lead, people["luca"], Wish(sale={"amount": "10", "currency": "EUR"}))
    convert(colleague, people["luca"], Wish(opportunity=made.opportunity_id))
    other = make_opportunity(made.account, people["luca"], name="More")
    add_to_opportunity(opportunity=other, contact=made.contact, by="luca", at=NOW)
    change(made.opportunity, outcome="lost")
    assert (stage(lead), stage(colleague)) == ("opportunity", "recycled")
    assert outcomes(lead)[-1][:2] == ("lost", Decimal("10.00")) and outcomes(colleague)[-1][:2] == ("lost", None)  # counted once


def test_an_opportunity_by_hand_takes_along_who_was_converted_without(people: dict[str, Any]) -> None:  # noqa: F811
    from vaglio_server.crm.actions import Told

    lead = named(people["luca"])
    made = convert(lead, people["luca"], Wish())
    sale = open_opportunity(
        told=Told({"name": "Suite"}, {}, {"account": made.account}), contact=made.contact, by="luca", at=NOW + 2 * MINUTE
    )
    assert (sale.stage, stage(lead), verbs(lead)[-1]) == ("Qualification", "opportunity", "convert")
    nobody = make_contact(made.account, email="x@acme.example")
    add_to_opportunity(opportunity=sale, contact=nobody, role="champion", by="luca", at=NOW)
    assert change(sale, outcome="won").outcome == "won" and stage(lead) == "customer"


def _merge(lead: Any, other: Any) -> Any:
    from vaglio_server.tracking.actions import merge_leads

    return merge_leads(lead=lead, other=other, by="luca", at=NOW + 2 * MINUTE)


def test_a_lead_that_was_merged_leaves_its_sale_to_the_one_it_is(people: dict[str, Any]) -> None:  # noqa: F811
    lead, twin = named(people["luca"]), rated("D4", owner=people["luca"])
    sale = convert(lead, people["luca"], Wish(sale={"amount": "1500", "currency": "EUR"})).opportunity
    _merge(twin, lead)
    change(sale, outcome="won")
    assert outcomes(twin) == [("won", Decimal("1500.00"), None)] and (stage(twin), verbs(twin)[-1]) == ("customer", "win")
    last = rated("D4", owner=people["luca"])
    _merge(last, twin)  # once more, and what was recorded with the one before is taken back all the same
    change(sale, outcome="open", at=NOW + 10 * MINUTE)
    assert outcomes(twin) == outcomes(last) == []
    change(sale, outcome="lost", loss_reason="price", at=NOW + 11 * MINUTE)
    assert outcomes(last) == [("lost", Decimal("1500.00"), "price")] and stage(last) == "inquiry"  # it was with marketing all the time


def test_open_again_a_lead_stands_where_it_stood(people: dict[str, Any]) -> None:  # noqa: F811
    lead, twin = named(people["luca"]), rated("D4", owner=people["luca"])
    sale = convert(lead, people["luca"]).opportunity
    _merge(twin, lead)
    change(sale, outcome="won")
    change(sale, outcome="open", at=NOW + 10 * MINUTE)
    assert (stage(twin), verbs(twin)[-1]) == ("inquiry", "resume")


def test_a_customer_of_two_sales_stays_one_while_one_is_won(people: dict[str, Any]) -> None:  # noqa: F811
    lead = named(people["luca"])
    made = convert(lead, people["luca"])
    other = make_opportunity(made.account, people["luca"], name="More")
    add_to_opportunity(opportunity=other, contact=made.contact, by="luca", at=NOW)
    change(made.opportunity, outcome="won")
    change(other, outcome="won", at=NOW + 10 * MINUTE)
    change(other, outcome="open", at=NOW + 11 * MINUTE)
    assert stage(lead) == "customer" and [each[0] for each in outcomes(lead)] == ["accepted", "won"]
    change(other, outcome="lost", at=NOW + 12 * MINUTE)
    assert stage(lead) == "customer"
    change(made.opportunity, outcome="open", at=NOW + 13 * MINUTE)
    assert stage(lead) == "opportunity"


def test_who_is_taken_out_of_the_last_sale_is_worked_on_again(people: dict[str, Any]) -> None:  # noqa: F811
    lead = named(people["luca"])
    made = convert(lead, people["luca"], Wish(sale={"amount": "10", "currency": "EUR"}))
    other = make_opportunity(made.account, people["luca"], name="More")
    add_to_opportunity(opportunity=other, contact=made.contact, by="luca", at=NOW)
    remove_from_opportunity(opportunity=other, contact=made.contact, by="luca", at=NOW)
    assert stage(lead) == "opportunity"  # another sale is open
    remove_from_opportunity(opportunity=made.opportunity, contact=made.contact, by="luca", at=NOW)
    assert (stage(lead), verbs(lead)[-1]) == ("sales_qualified", "step_back")
    change(made.opportunity, outcome="won")  # it began with them all the same
    assert outcomes(lead)[-1] == ("won", Decimal("10.00"), None) and stage(lead) == "customer"
    change(made.opportunity, outcome="open", at=NOW + 10 * MINUTE)
    assert stage(lead) == "sales_qualified"
    with pytest.raises(Refused, match="has no say"):
        remove_from_opportunity(opportunity=made.opportunity, contact=made.contact, by="luca", at=NOW)


def test_who_comes_into_a_sale_that_ended_shares_what_became_of_it(people: dict[str, Any]) -> None:  # noqa: F811
    from vaglio_server.crm.actions import Told

    lead, colleague = named(people["luca"]), named(people["luca"], email="bo@acme.example", first_name="Bo")
    made = convert(lead, people["luca"], Wish())
    other = convert(colleague, people["luca"], Wish())
    told = Told({"name": "Suite", "outcome": "won", "amount": "10", "currency": "EUR"}, {}, {"account": made.account})
    sale = open_opportunity(told=told, contact=made.contact, by="luca", at=NOW + 2 * MINUTE)
    assert sale.stage == "Won" and outcomes(lead)[-1] == ("won", Decimal("10.00"), None) and stage(lead) == "customer"
    for role in (None, "champion"):  # a role that is said later records nothing again
        add_to_opportunity(opportunity=sale, contact=other.contact, role=role, by="luca", at=NOW + 3 * MINUTE)
    assert outcomes(colleague) == [("accepted", None, None), ("won", None, None)] and stage(colleague) == "customer"
    assert colleague.outcomes.latest("pk").known_at > lead.outcomes.latest("pk").known_at  # past scores did not know of it
    change(sale, outcome="lost", loss_reason="price", at=NOW + 4 * MINUTE)
    for each, value in ((lead, Decimal("10.00")), (colleague, None)):
        assert outcomes(each)[1:] == [("lost", value, "price")] and stage(each) == "recycled"


def test_the_same_key_is_the_same_opportunity_at_one_time_too(people: dict[str, Any]) -> None:  # noqa: F811
    import threading

    from django.db import connection

    from vaglio_server.crm.actions import Told
    from vaglio_server.crm.models import Opportunity

    told, found = Told({"name": "Suite"}, {}, {"account": make_account()}), []

    def work() -> None:
        found.append(open_opportunity(told=told, key="k", by="luca", at=NOW).pk)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == [Opportunity.objects.get().pk] * 4
    with pytest.raises(Refused, match="a key is text"):
        open_opportunity(told=told, key="", by="luca", at=NOW)
