"""A country is kept as its two letters, however it came in, with how it was written in its history; shown by its name."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.imports.test_undo import score
from tests.server.web.people import make_people, signed_in
from tests.server.world import AT, audited, leads, make_account, make_contact, make_live, make_source, send

ANNA = {"email": "anna@acme.example"}


@pytest.fixture
def marta(tables: Any) -> Any:
    return signed_in(make_people()["marta"])


def told(record: Any) -> list[tuple[Any, str | None, str]]:
    """Return what a record's country became, how that was written, and by whom."""
    from vaglio_server.crm.queries import history_of

    rows = history_of(record, field="country").order_by("known_at", "id")
    return [(change.value, change.written, change.by) for change in rows]


def identify(**traits: Any) -> dict[str, Any]:
    return {"type": "identify", "traits": ANNA | traits}


def anna() -> Any:
    return leads()["anna@acme.example"]


def test_events_say_a_country_in_any_form_and_each_is_one(tables: Any) -> None:
    from vaglio_server.tracking.models import Delivery

    source = make_source()
    for said in ({"country": " Italia "}, {"address": {"country": "ITA"}}, {"Country": "IT"}):
        send(source, identify(**said))
    assert anna().fields["country"] == "IT"
    assert told(anna()) == [("IT", "Italia", "events")]  # what is so already is no change
    assert b" Italia " in bytes(Delivery.objects.order_by("id").first().body)
    send(source, identify(country="Itlay"))
    send(source, identify(country=39))
    assert told(anna())[1:] == [("Itlay", None, "events"), (39, None, "events")]  # nothing is guessed, nothing lost


def test_companies_that_events_name_have_one_too(tables: Any) -> None:
    from vaglio_server.crm.models import Account

    group = {"type": "group", "groupId": "acme", "traits": {"name": "Acme", "address": {"country": "România"}}}
    send(make_source(), identify(), group | {"context": {"traits": ANNA}})
    assert Account.objects.get().fields["country"] == "RO"
    assert told(Account.objects.get())[0][:2] == ("RO", "România")


def test_people_and_programs_write_them_so(marta: Any) -> None:
    from vaglio_server.crm.actions import Told, edit_account
    from vaglio_server.tracking.actions import edit_lead, put_lead

    put_lead(user_id="a", fields=ANNA | {"country": "Deutschland"}, by="api", at=AT)
    assert anna().fields["country"] == "DE"
    assert edit_lead(lead=anna(), fields={"country": "Germany"}, by="marta", at=AT) == []
    assert edit_lead(lead=anna(), fields={"country": "U.S.A."}, by="marta", at=AT) == ["country"]
    assert [row[:2] for row in told(anna())] == [("DE", "Deutschland"), ("US", "U.S.A.")]
    account, contact = make_account(domain="beta.example", country="UK"), make_contact(country="Olanda")
    assert (account.fields["country"], contact.fields["country"]) == ("GB", "NL")
    assert told(account) == [("GB", "UK", "test")] and told(contact) == [("NL", "Olanda", "test")]
    edit_account(account=account, told=Told(fields={"country": "Atlantis"}), by="marta", at=AT)
    assert told(account)[1:] == [("Atlantis", None, "marta")]


def test_pages_say_them_by_name_and_how_they_were_written(marta: Any) -> None:
    send(make_source(), identify(country="Italia"))
    page = marta.get(f"/leads/{anna().pk}").content.decode()
    assert ">Italy</summary>" in page
    assert "written “Italia”" in marta.get(f"/leads/{anna().pk}/fields/country").content.decode()
    assert "country Italy" in marta.get(f"/leads/{anna().pk}/timeline").content.decode()
    assert ">Italy</td>" in marta.get("/leads?col=lead.country").content.decode()
    change = marta.get(f"/leads/{anna().pk}/change?field=country").content.decode()
    assert '<option value="IT" selected>Italy</option>' in change and '<option value="DE">Germany</option>' in change


@pytest.mark.parametrize("asked", ["IT", "it", "Italy", "Italia", "ITA"])
def test_a_filter_finds_a_country_however_it_is_asked_for(marta: Any, asked: str) -> None:
    send(make_source(), identify(country="Italien"), {"type": "identify", "traits": {"email": "bob@beta.example", "country": "FR"}})
    page = marta.get(f"/leads?where=lead.country:is:{asked}").content.decode()
    assert "anna@acme.example" in page and "bob@beta.example" not in page
    assert "Country is Italy" in page
    others = marta.get(f"/leads?where=lead.country:is_not:{asked}").content.decode()
    assert "bob@beta.example" in others and "anna@acme.example" not in others
    assert '<option value="IT">Italy</option>' in marta.get("/leads/filter?on=lead.country").content.decode()


def hold_of_old() -> None:
    """Have leads, a company and a contact hold what they held before there was one form."""
    from django.db import connection

    from vaglio_server.crm.actions.knowledge import now_known, write_changes
    from vaglio_server.crm.models import Account, Contact, Lead

    send(make_source(), *({"type": "identify", "traits": {"email": f"{who}@{who}.example"}} for who in ("anna", "bob", "eva")))
    make_contact()
    with connection.cursor() as cursor:
        for who, text, by in (("anna", "Italy", "import:7"), ("bob", "Itlay", "marta"), ("eva", "IT", "events")):
            lead = leads()[f"{who}@{who}.example"]
            Lead.objects.filter(pk=lead.pk).update(fields=lead.fields | {"country": text})
            write_changes(cursor, "lead", [(lead.pk, "country", text)], now_known(cursor), by)
        for subject, record in (("account", Account.objects.get(domain="anna.example")), ("contact", Contact.objects.get())):
            record.fields["country"] = "Deutschland"
            record.save()
            write_changes(cursor, subject, [(record.pk, "country", "Deutschland")], now_known(cursor), "jonas")


def test_what_was_held_before_is_listed_and_written_in_one_form(marta: Any) -> None:
    from vaglio_server.config.unifying import found, unify
    from vaglio_server.crm.models import Account, Contact, Lead

    hold_of_old()
    Lead.objects.update(due_at=None)
    held = found()
    assert [each.line for each in held] == [
        'lead: 1 × "Italy": IT (Italy)', 'lead: 1 × "Itlay": not known, stays; perhaps Italy',
        'contact: 1 × "Deutschland": DE (Germany)', 'account: 1 × "Deutschland": DE (Germany)',
    ]  # fmt: skip
    assert dict(unify(held, datetime.now(UTC))) == {"lead": 1, "contact": 1, "account": 1}
    by_name = {who: leads()[f"{who}@{who}.example"] for who in ("anna", "bob", "eva")}
    assert {who: each.fields["country"] for who, each in by_name.items()} == {"anna": "IT", "bob": "Itlay", "eva": "IT"}
    assert told(by_name["anna"]) == [("Italy", None, "import:7"), ("IT", "Italy", "import:7")]  # so that taking the file back finds it
    assert told(Account.objects.get(domain="anna.example"))[-1] == ("DE", "Deutschland", "jonas")
    assert told(Contact.objects.get())[-1] == ("DE", "Deutschland", "jonas")
    assert by_name["anna"].due_at is not None and by_name["bob"].due_at is None
    assert [each.code for each in found()] == [""]  # a second time there is nothing to write
    assert audited("unify_countries") == [("command line", "leads"), ("command line", "contacts"), ("command line", "accounts")]


MODEL = """
format: 1
name: small
inputs: {fields: {country: string}, activities: {page_viewed: {}}}
profile:
  rules: [{id: here, kind: fields, field: country, points: 60, bands: [{in: [IT], award: 100%}]}]
  letters: {A: 50, B: 20, C: 10}
engagement: {rules: [{id: any, kind: activity, activity: page_viewed, points: 30}], digits: {1: 20, 2: 10, 3: 5}}
"""


def test_a_score_of_before_replays_and_the_next_one_knows_better(tables: Any) -> None:
    from vaglio_server.config.unifying import found, unify
    from vaglio_server.scoring.actions import recheck
    from vaglio_server.scoring.models import Score
    from vaglio_server.scoring.scorers import a_scorer

    hold_of_old()
    make_live(MODEL)
    score()
    lead = leads()["anna@anna.example"]
    assert lead.profile_millipoints == 0
    assert [subject for subject, _records in unify(found(), datetime.now(UTC))] == ["lead", "contact", "account"]
    score()
    assert leads()["anna@anna.example"].profile_millipoints == 60_000
    assert Score.objects.filter(lead=lead).count() == 2
    with a_scorer() as scorer:
        checked = recheck(scorer=scorer, sample=100, by="test", at=datetime.now(UTC))
    assert checked.checked >= 4 and not checked.different
