"""A lead becomes a contact at a company with an opportunity: once, whole, and taken back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.kept import kept
from tests.server.lifecycle.world import NOW, people_and_model, rated, stage, take, verbs
from tests.server.web.people import signed_in
from tests.server.world import (
    AT,
    HOST,
    audited,
    history,
    leads,
    make_account,
    make_contact,
    make_field,
    make_opportunity,
    make_source,
    send,
)
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ANNA = {"first_name": "Anna", "last_name": "Rossi", "email": "anna@acme.example", "job_title": "CTO", "company": "Acme S.p.A.",
        "industry": "software", "employees": 90, "lead_source": "fair", "phone": "+39 011 1234567"}  # fmt: skip


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    return kept(people_and_model)


def named(owner: Any = None, account: Any = None, rating: str = "A1", **fields: Any) -> Any:
    """Make a rated lead with fields."""
    from vaglio_server.crm.models import Lead

    lead = rated(rating, owner=owner, account=account)
    Lead.objects.filter(pk=lead.pk).update(fields=ANNA | fields)
    lead.refresh_from_db()
    take()
    lead.refresh_from_db()
    return lead


def convert(lead: Any, seller: Any, wish: Any = None, **more: Any) -> Any:
    from vaglio_server.lifecycle.actions import Wish, convert_lead

    return convert_lead(lead=lead, wish=wish or Wish(sale={}), seller=seller, **({"at": NOW + MINUTE} | more))


def test_a_waiting_lead_becomes_contact_company_and_opportunity(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import Happening, SlaClock

    lead = named(people["luca"])
    made = convert(lead, people["luca"])
    contact, account, sale = made.contact, made.account, made.opportunity
    assert sorted(made.made) == ["account", "contact", "opportunity"] and made.changed == {"lead": {"account_id": [None, str(account.pk)]}}
    assert (account.name, account.domain, account.fields["industry"], account.fields["employees"]) == (
        "Acme S.p.A.", "acme.example", "software", 90,
    )  # fmt: skip
    assert (contact.name, contact.fields["email"], contact.account, contact.lead, contact.owner) == (
        "Anna Rossi", "anna@acme.example", account, lead, people["luca"],
    )  # fmt: skip
    assert (sale.name, sale.account, sale.owner, sale.outcome, sale.stage) == (
        "Acme S.p.A., Anna Rossi", account, people["luca"], "open", "Qualification",
    )  # fmt: skip
    assert sale.pipeline_stage.probability_percent == 10 and sale.fields == {"lead_source": "fair"}
    assert [each.contact for each in sale.people.all()] == [contact]
    lead.refresh_from_db()
    assert lead.account == account
    # Sales accepted it by that: the verdict is there, and the promise is kept.
    assert verbs(lead) == ["qualify", "accept", "convert"] and stage(lead) == "opportunity"
    assert list(lead.outcomes.values_list("outcome", flat=True)) == ["accepted"]
    assert SlaClock.objects.get().met_at == NOW + MINUTE
    told = Happening.objects.filter(lead=lead, kind="lead.converted").get()
    assert told.detail == {
        "conversion_id": made.pk, "contact_id": contact.pk, "account_id": account.pk, "opportunity_id": sale.pk,
        "made": made.made, "by": "luca",
    }  # fmt: skip
    assert Happening.objects.filter(lead=lead, kind="verdict.given").count() == 1
    assert audited("convert_lead") == [("luca", f"lead:{lead.pk}")]
    assert dict(history(contact))["job_title"] == "CTO" and dict(history(sale))["stage"] == "Qualification"
    assert dict(history(account))["industry"] == "software"


def test_a_double_click_and_a_retry_are_the_same_conversion(people: dict[str, Any]) -> None:
    from vaglio_server.crm.models import Account, Contact, Opportunity
    from vaglio_server.lifecycle.models import Conversion, Happening

    lead = named(people["luca"])
    first = convert(lead, people["luca"], key="k1")
    assert convert(lead, people["luca"], key="k1", at=NOW + 2 * MINUTE) == first  # a retry
    assert convert(lead, people["luca"], at=NOW + 3 * MINUTE) == first  # a double click
    assert convert(lead, people["irina"], key="k2", at=NOW + 4 * MINUTE) == first  # a colleague at the same time
    assert [each.objects.count() for each in (Conversion, Contact, Account, Opportunity)] == [1, 1, 1, 1]
    assert Happening.objects.filter(kind="lead.converted").count() == 1 and verbs(lead) == ["qualify", "accept", "convert"]


def test_without_an_opportunity_the_lead_is_sales_qualified(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import Wish, accept_lead, move_lead

    lead = named(people["luca"])
    made = convert(lead, people["luca"], Wish())
    assert made.opportunity is None and verbs(lead) == ["qualify", "accept", "sales_qualify"] and stage(lead) == "sales_qualified"
    other = named(people["luca"], email="bo@other.example", first_name="Bo", last_name="Ek", company="Other")
    accept_lead(lead=other, seller=people["luca"], at=NOW)
    move_lead(lead=other, verb="sales_qualify", by="luca", at=NOW)
    convert(other, people["luca"], Wish())
    assert verbs(other) == ["qualify", "accept", "sales_qualify"] and not other.conversions.get().is_accepted


@pytest.mark.parametrize(("became", "then"), [("accepted", "opportunity"), ("rejected", "opportunity"), ("won", "customer")])
def test_it_starts_from_wherever_a_lead_stands(people: dict[str, Any], became: str, then: str) -> None:
    from vaglio_server.crm.models import LeadOutcome

    lead = rated("A1", owner=people["luca"])
    LeadOutcome.objects.create(lead=lead, outcome=became, occurred_at=NOW - DAY, known_at=NOW - DAY, by="crm")
    take()
    convert(lead, people["luca"])
    assert stage(lead) == then


def test_it_rejects_a_lead_that_is_out_or_part_of_another(people: dict[str, Any]) -> None:
    from vaglio_server.crm.models import Contact
    from vaglio_server.lifecycle.actions import Why, move_lead
    from vaglio_server.tracking.actions import merge_leads

    lead, other = named(people["luca"]), named(people["luca"], email="b@other.example")
    move_lead(lead=lead, verb="disqualify", why=Why("bad_data"), by="luca", at=NOW)
    with pytest.raises(Refused, match="is disqualified; open it again"):
        convert(lead, people["luca"])
    merge_leads(lead=lead, other=other, by="test", at=NOW)
    with pytest.raises(Refused, match="merged into lead"):
        convert(other, people["luca"])
    assert not Contact.objects.exists()


def test_what_is_there_is_found_and_not_doubled(people: dict[str, Any]) -> None:
    acme = make_account(name="ACME spa", domain=None, industry="steel")
    anna = make_contact(acme, email="Anna@Acme.example", job_title="CEO", phone=None)
    lead = named(people["luca"])
    made = convert(lead, people["luca"])
    assert (made.contact, made.account, made.made) == (anna, acme, ["opportunity"])
    anna.refresh_from_db()
    acme.refresh_from_db()
    # What was there stays; what was missing is filled, with its history.
    assert (anna.fields["job_title"], anna.fields["phone"], anna.lead, anna.owner) == ("CEO", "+39 011 1234567", lead, people["luca"])
    assert (acme.fields["industry"], acme.fields["employees"]) == ("steel", 90)
    assert made.changed["contact"]["phone"] == [None, "+39 011 1234567"] and made.changed["account"] == {"employees": [None, 90]}
    assert history(anna)[-1][0] in made.changed["contact"] and ("employees", 90) in history(acme)


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("Acme", "ACME S.p.A."),
        ("Müller Weiß GmbH & Co. KG", "muller weiß"),
        ("A. B. C. Srl", "A.B.C. SRL"),
        ("Rossi Carlo e figli", "Carlo Rossi e Figli Snc"),
    ],
)
def test_a_company_is_known_by_its_name(people: dict[str, Any], kept: str, said: str) -> None:
    from vaglio_server.crm.models import Account
    from vaglio_server.lifecycle.queries.ground import account_called

    begin = kept.split(maxsplit=1)[0]  # others whose names begin so, and hold its words
    Account.objects.bulk_create(Account(name=f"{begin}{number}", created_at=AT) for number in range(120))
    firm = make_account(name=kept, domain=None)
    assert account_called(said) == firm.pk
    assert account_called(f"{said} Robotics") is None and account_called("") is None and account_called("---") is None
    make_account(name=kept, domain=None)
    assert account_called(said) == firm.pk  # of two the first


def test_its_company_is_rated_anew_with_what_is_new(people: dict[str, Any]) -> None:
    from vaglio_server.crm.models import Lead

    acme = make_account()
    lead, colleague = named(people["luca"], account=acme), rated("C3", account=acme)
    Lead.objects.update(due_at=None)
    convert(lead, people["luca"])
    colleague.refresh_from_db()
    assert colleague.due_at is not None  # models read companies


def test_somebody_may_want_another(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import Into, Wish

    acme = make_account()
    make_contact(acme)
    lead = named(people["luca"], account=acme)
    made = convert(lead, people["luca"], Wish(account=Into(is_another=True, name="Acme Robotics"), contact=Into(is_another=True), sale={}))
    assert (made.account.name, made.account.domain) == ("Acme Robotics", None) and sorted(made.made) == [
        "account",
        "contact",
        "opportunity",
    ]
    lead.refresh_from_db()
    assert lead.account == made.account and made.changed["lead"] == {"account_id": [str(acme.pk), str(made.account.pk)]}


def test_into_an_opportunity_that_is_there(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import Wish

    acme = make_account()
    suite = make_opportunity(acme, people["luca"], name="Suite")
    lead = named(people["luca"])  # that it works there nobody knew
    made = convert(lead, people["luca"], Wish(opportunity=suite.pk))
    assert (made.opportunity, made.account, stage(lead)) == (suite, acme, "opportunity")
    assert [each.contact for each in suite.people.all()] == [made.contact]
    again = named(people["luca"], email="bo@acme.example", first_name="Bo")
    assert convert(again, people["luca"], Wish(opportunity=suite.pk)).opportunity == suite and suite.people.count() == 2


WHERE = ("new", "known", "by_domain", "by_name", "into_a_sale", "sale_elsewhere", "contact_there", "contact_elsewhere")
STANDS = ("inquiry", "marketing_qualified", "sales_accepted", "sales_qualified", "recycled")


@pytest.mark.parametrize("is_nobodys", [False, True])
@pytest.mark.parametrize("where", WHERE)
def test_it_asks_little_wherever_the_lead_works_and_stands(people: dict[str, Any], where: str, is_nobodys: bool) -> None:
    from benchmarks.convert import MOST_QUESTIONS, NOT_COUNTED, counted
    from vaglio_server.crm.actions import first_pipeline

    first_pipeline(at=NOW)  # made once in the life of an installation
    for number, stands in enumerate(STANDS):
        lead, wish, firm = _to_convert(people, where, number, stands, is_nobodys)
        with counted() as sent:
            made = convert(lead, people["luca"], wish, key="k")
        asked = [sql for sql in sent if not sql.startswith(NOT_COUNTED)]
        assert len(asked) <= MOST_QUESTIONS, (stands, asked)
        assert made.account.fields["employees"] == 90 and made.opportunity is not None  # all there is to write was written
        assert firm is None or made.account == firm
        lead.refresh_from_db()
        assert lead.account == made.account and lead.due_at is not None and history(made.account)[0] == ("name", made.account.name)
        assert lead.owner == people["luca"] and list(made.opportunity.contacts.all()) == [made.contact]
        assert not lead.enrollments.filter(left_at=None).exists()
        if is_nobodys:
            assert lead.fields["lead_owner"] is None
            assert [value for field, value in history(lead) if field == "owner_id"] == [str(people["luca"].pk)]


def _to_convert(people: dict[str, Any], where: str, number: int, stands: str, is_nobodys: bool) -> tuple[Any, Any, Any]:
    """Return a lead that stands somewhere, what is wished, and the company it goes to, None: a new one."""
    from vaglio_server.crm.models import Lead
    from vaglio_server.lifecycle.actions import Why, Wish, accept_lead, move_lead

    domain = f"firm{number}.example"
    firm = make_account(name=f"Firm{number} Works", domain=domain) if where != "new" else None
    told = {"email": f"anna@{domain}" if where != "by_name" else f"anna{number}@gmail.com", "company": f"Firm{number} Works S.p.A."}
    works_at = firm if where in ("known", "into_a_sale", "contact_there") else None
    if where == "contact_elsewhere":
        works_at = make_account(name="Elsewhere", domain=f"elsewhere{number}.example")
    lead = named(people["luca"], works_at, "C1" if stands == "inquiry" else "A1", **told, lead_owner="Somebody" if is_nobodys else None)
    if where.startswith("contact"):
        make_contact(firm, people["luca"], email=told["email"])
    if stands not in ("inquiry", "marketing_qualified"):
        accept_lead(lead=lead, seller=people["luca"], at=NOW)
    if stands in ("sales_qualified", "recycled"):
        move_lead(lead=lead, verb="recycle" if stands == "recycled" else "sales_qualify", why=Why("not_now"), by="luca", at=NOW)
    if is_nobodys:
        Lead.objects.filter(pk=lead.pk).update(owner=None)
    assert stage(lead) == stands
    wish = Wish(opportunity=make_opportunity(firm, people["luca"]).pk) if "sale" in where else Wish(sale={})
    return lead, wish, firm


def test_a_contact_stays_where_it_works(people: dict[str, Any]) -> None:
    from vaglio_server.crm.models import Account
    from vaglio_server.lifecycle.actions import Into, Wish

    acme, zeta = make_account(), make_account(name="Zeta", domain="zeta.example")
    make_contact(acme, people["luca"])
    lead = named(people["luca"], account=zeta)
    suite = make_opportunity(zeta, people["luca"])
    for wish in (Wish(account=Into(zeta.pk)), Wish(account=Into(is_another=True, name="New")), Wish(opportunity=suite.pk)):
        with pytest.raises(Refused, match="Anna Rossi works at Acme; convert into that company, or as another contact"):
            convert(lead, people["luca"], wish)
    assert stage(lead) == "marketing_qualified" and not lead.conversions.exists()
    Account.objects.filter(pk=acme.pk).update(taken_back_at=NOW)  # where it worked is nowhere any more
    assert convert(lead, people["luca"], Wish(account=Into(zeta.pk))).account == zeta


def test_what_is_said_of_the_sale_is_checked(people: dict[str, Any]) -> None:
    from vaglio_server.crm.actions import FaultyValues
    from vaglio_server.crm.models import Contact
    from vaglio_server.lifecycle.actions import Into, Wish

    lead, theirs = named(people["luca"]), make_opportunity(owner=people["jonas"], name="Theirs")
    lost = make_opportunity(theirs.account, people["luca"], name="Gone", outcome="lost")
    hers = make_contact(theirs.account, people["jonas"], email="x@y.example")
    for wish, said in (
        (Wish(sale={"amount": "many", "close_date": "soon"}), "amount: .* close_date: "),
        (Wish(sale={"amount": "10"}), "an amount needs one"),
        (Wish(sale={"colour": "red"}), "colour: is no field"),
        (Wish(sale={"stage": "Won"}, opportunity=3), "not both"),
        (Wish(opportunity=theirs.pk), "not yours to see"),
        (Wish(opportunity=lost.pk), "is lost; choose one that is open"),
        (Wish(contact=Into(hers.pk)), "not yours to see"),
        (Wish(account=Into(10**9)), "no company"),
        (Wish(account=Into(name="x" * 201)), "at most 200"),
    ):
        with pytest.raises(Refused, match=said):
            convert(lead, people["luca"], wish)
    with pytest.raises(Refused, match="a key is text"):
        convert(lead, people["luca"], key="x" * 300)
    assert not Contact.objects.filter(lead=lead).exists() and stage(lead) == "marketing_qualified"
    with pytest.raises(FaultyValues):
        convert(lead, people["luca"], Wish(sale={"amount": "10"}))
    nobody = named(people["luca"], email=None, first_name=None, last_name=None)
    with pytest.raises(Refused, match="needs a name or a mail address"):
        convert(nobody, people["luca"])
    made = convert(lead, people["luca"], Wish(sale={"name": "Suite", "amount": "1500.5", "currency": "eur", "close_date": "2026-12-31"}))
    made.opportunity.refresh_from_db()
    assert (str(made.opportunity.amount), made.opportunity.currency, made.opportunity.name) == ("1500.50", "EUR", "Suite")


def test_what_is_nobodys_is_the_sellers(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import Happening, Seller

    for name in ("luca", "irina", "jonas"):
        Seller.objects.create(user=people[name], capacity=0)
    lead = named()
    made = convert(lead, people["jonas"])
    lead.refresh_from_db()
    assert lead.owner == made.contact.owner == made.opportunity.owner == people["jonas"]
    assert Happening.objects.get(kind="lead.assigned").detail["owner_id"] == people["jonas"].pk


def hands_over(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import Queue

    Queue.objects.create(team=people["luca"].team, hands_over_to=people["jonas"].team)


def test_without_an_opportunity_it_is_handed_over_with_its_contact(people: dict[str, Any]) -> None:
    from benchmarks.convert import NOT_COUNTED, counted
    from vaglio_server.lifecycle.actions import Wish, undo_conversion
    from vaglio_server.lifecycle.models import Happening

    lead = named(people["luca"])
    with counted() as sent:
        convert(lead, people["luca"], Wish(), key="k")
    assert sum(not sql.startswith(NOT_COUNTED) for sql in sent) <= 15  # where nobody hands over
    hands_over(people)
    lead = named(people["luca"], email="bo@beta.example", first_name="Bo")
    with counted() as sent:
        made = convert(lead, people["luca"], Wish(), key="k")
    assert sum(not sql.startswith(NOT_COUNTED) for sql in sent) <= 41  # with who of the other team can take it
    lead.refresh_from_db()
    made.contact.refresh_from_db()
    assert stage(lead) == "sales_qualified" and lead.owner == made.contact.owner == people["jonas"] and made.was_handed_over
    assert Happening.objects.filter(kind="lead.assigned", lead=lead).latest("id").detail["owner_id"] == people["jonas"].pk
    assert convert(lead, people["luca"], Wish(), key="k") == made  # a double click hands nothing over again
    assert [value for field, value in history(lead) if field == "owner_id"] == [str(people["luca"].pk), str(people["jonas"].pk)]
    undo_conversion(conversion=made, by="jonas", at=NOW + 2 * MINUTE)
    lead.refresh_from_db()
    assert lead.owner == people["luca"] and stage(lead) == "marketing_qualified" and lead.standing.team is None


@pytest.mark.parametrize("taken", ["as somebody can take it", "by hand", "by whoever accepts it"])
def test_where_nobody_of_the_other_team_can_take_it_it_waits_for_them(people: dict[str, Any], taken: str) -> None:
    from vaglio_server.lifecycle.actions import Wish, accept_lead, assign_by_hand, give_waiting
    from vaglio_server.lifecycle.models import Seller

    hands_over(people)
    seller = Seller.objects.create(user=people["jonas"], capacity=0)
    lead = named(people["luca"])
    made = convert(lead, people["luca"], Wish())
    lead.refresh_from_db()
    assert lead.owner is None and lead.standing.team == people["jonas"].team and made.contact.owner == people["luca"]
    if taken == "by hand":
        assign_by_hand(leads=[lead.pk], owner=people["jonas"], by="ada", at=NOW + MINUTE)
    elif taken == "by whoever accepts it":
        accept_lead(lead=lead, seller=people["jonas"], at=NOW + MINUTE)
    else:
        seller.capacity = None
        seller.save()
        assert give_waiting(limit=9, at=NOW + MINUTE).given == 1
    lead.refresh_from_db()
    made.contact.refresh_from_db()
    assert lead.owner == made.contact.owner == people["jonas"]  # it goes along, once
    assert [value for field, value in history(made.contact) if field == "owner_id"] == [str(people[name].pk) for name in ("luca", "jonas")]
    assign_by_hand(leads=[lead.pk], owner=people["irina"], by="ada", at=NOW + 2 * MINUTE)
    made.contact.refresh_from_db()
    assert made.contact.owner == people["jonas"]


def test_a_contact_that_somebody_gave_away_meanwhile_stays_theirs(people: dict[str, Any]) -> None:
    from vaglio_server.crm.actions import Told, edit_contact
    from vaglio_server.lifecycle.actions import Wish, assign_by_hand
    from vaglio_server.lifecycle.models import Seller

    hands_over(people)
    Seller.objects.create(user=people["jonas"], capacity=0)
    lead = named(people["luca"])
    made = convert(lead, people["luca"], Wish())
    edit_contact(contact=made.contact, told=Told({}, {}, {"owner": people["irina"]}), by="luca", at=NOW + MINUTE)
    assign_by_hand(leads=[lead.pk], owner=people["jonas"], by="ada", at=NOW + MINUTE)
    made.contact.refresh_from_db()
    assert made.contact.owner == people["irina"]


@pytest.mark.parametrize("by", ["page", "API"])
@pytest.mark.parametrize("is_late", [False, True])
def test_whoever_handed_it_over_by_mistake_undoes_it(people: dict[str, Any], is_late: bool, by: str) -> None:
    from tests.server.api.test_stages import call, token_of
    from vaglio_server.lifecycle.actions import Wish, convert_lead, give_waiting
    from vaglio_server.lifecycle.models import Seller

    hands_over(people)
    seller = Seller.objects.create(user=people["jonas"], capacity=0 if is_late else None)
    lead, now = named(people["luca"]), datetime.now(UTC)
    luca, irina = signed_in(people["luca"]), signed_in(people["irina"])
    if by == "page":
        told = {"key": "k", "opportunity": "none"}
        page = luca.post(f"/leads/{lead.pk}/convert", told, headers=HOST, follow=True).content.decode()
        made = lead.conversions.get()
        assert f'action="/conversions/{made.pk}/undo"' in page
    else:
        made = convert_lead(lead=lead, wish=Wish(), seller=people["luca"], at=now)
    if is_late:
        Seller.objects.filter(pk=seller.pk).update(capacity=None)
        assert give_waiting(limit=9, at=now).given == 1
    lead.refresh_from_db()
    assert lead.owner == people["jonas"]
    address = f"leads/{lead.pk}/conversions/{made.pk}/undo"
    if by == "page":
        assert irina.post(f"/conversions/{made.pk}/undo", headers=HOST).status_code == 404
        assert luca.post(f"/conversions/{made.pk}/undo", headers=HOST).headers["Location"] == f"/leads/{lead.pk}"
    else:
        assert call("post", address, key=token_of(people["irina"])).status_code == 404
        assert call("post", address, key=token_of(people["luca"])).status_code == 200
    lead.refresh_from_db()
    assert lead.owner == people["luca"] and stage(lead) == "marketing_qualified"


def test_whoever_handed_it_over_hears_why_it_cannot_be_undone(people: dict[str, Any]) -> None:
    from vaglio_server.crm.actions import add_note
    from vaglio_server.lifecycle.actions import Wish, convert_lead

    hands_over(people)
    lead = named(people["luca"])
    made = convert_lead(lead=lead, wish=Wish(), seller=people["luca"], at=datetime.now(UTC))
    add_note(about=made.contact, text="called", by="jonas", at=NOW)
    said = signed_in(people["luca"]).post(f"/conversions/{made.pk}/undo", headers=HOST, follow=True)
    assert said.redirect_chain[-1][0] == "/inbox" and "the contact has a note" in said.content.decode()


def test_of_a_lead_that_became_anothers_otherwise_nothing_is_said(people: dict[str, Any]) -> None:
    from tests.server.api.test_stages import call, token_of
    from vaglio_server.lifecycle.actions import assign_by_hand

    lead = named(people["luca"])
    made = convert(lead, people["luca"], key="k", at=datetime.now(UTC))
    assign_by_hand(leads=[lead.pk], owner=people["jonas"], by="ada", at=NOW)
    luca, key = signed_in(people["luca"]), token_of(people["luca"])
    assert luca.post(f"/leads/{lead.pk}/convert", {"key": "k"}, headers=HOST).status_code == 404
    assert luca.post(f"/conversions/{made.pk}/undo", headers=HOST).status_code == 404
    assert call("post", f"leads/{lead.pk}/convert", {"key": "k"}, key=key).status_code == 404
    assert call("post", f"leads/{lead.pk}/conversions/{made.pk}/undo", key=key).status_code == 404


def test_what_is_nobodys_and_handed_over_is_nobodys_again_when_that_is_undone(people: dict[str, Any]) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.lifecycle.actions import Wish, undo_conversion

    hands_over(people)
    lead = named(people["luca"])
    Lead.objects.filter(pk=lead.pk).update(owner=None)
    made = convert(lead, people["luca"], Wish())
    lead.refresh_from_db()
    assert lead.owner == people["jonas"]
    undo_conversion(conversion=made, by="jonas", at=NOW + 2 * MINUTE)
    lead.refresh_from_db()
    assert lead.owner is None and lead.standing.team is None


def test_whoever_handed_it_over_is_led_to_what_they_made_however_often_they_ask(people: dict[str, Any]) -> None:
    from tests.server.api.test_stages import call, token_of

    hands_over(people)
    lead = named(people["luca"])
    luca, irina = signed_in(people["luca"]), signed_in(people["irina"])
    said = [luca.post(f"/leads/{lead.pk}/convert", {"key": "k", "opportunity": "none"}, headers=HOST, follow=True) for _ in range(2)]
    pages = [each.content.decode() for each in said]
    assert all("as your team hands over what it has qualified" in each for each in pages) and "converted already" in pages[1]
    assert [each.redirect_chain[-1][0] for each in said] == ["/inbox", "/inbox"]
    assert irina.post(f"/leads/{lead.pk}/convert", {"key": "k"}, headers=HOST).status_code == 404
    other = named(people["luca"], email="bo@beta.example", first_name="Bo")
    told = {"key": "k", "has_opportunity": False}
    assert [call("post", f"leads/{other.pk}/convert", told, key=token_of(people["luca"])).status_code for _ in range(2)] == [201, 200]
    assert call("post", f"leads/{other.pk}/convert", told, key=token_of(people["irina"])).status_code == 404


def test_a_contact_with_that_address_is_there_for_every_seller(people: dict[str, Any]) -> None:
    hers = make_contact(make_account(), people["jonas"])
    made = convert(named(people["luca"]), people["luca"])
    assert made.contact == hers and made.contact.owner == people["jonas"]


def test_the_contact_goes_on_being_scored_as_the_lead(people: dict[str, Any], scorer: Any) -> None:
    from vaglio_server.scoring.actions import score_due

    source = make_source()
    send(source, {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example", "firstName": "Anna", "title": "CTO"}})
    score_due(scorer=scorer, limit=10)
    lead = leads()["anna@acme.example"]
    made = convert(lead, people["luca"])
    send(source, {"type": "track", "userId": "anna", "event": "Form Submitted", "properties": {"form": "demo"}})
    score_due(scorer=scorer, limit=10)
    lead.refresh_from_db()
    assert (lead.rating, made.contact.lead) == ("B2", lead) and stage(lead) == "opportunity"  # no rating moves it back
    page = signed_in(people["luca"]).get(f"/companies/contacts/{made.contact_id}").content.decode()
    assert "heat-" in page and "B2" in page and "form submitted" in page.lower()  # its rating and what it did stand with the contact


def test_a_mapping_that_people_set_counts_and_is_kept(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import set_mapping
    from vaglio_server.lifecycle.logic.mapping import Mapped

    make_field("lead", "budget", "number")
    make_field("lead", "currency_of_budget")
    make_field("contact", "tier", "choice", ("gold", "silver"))
    make_field("lead", "tier")
    anna = make_contact(make_account(), job_title="CEO", tier="silver")
    rows = [Mapped("budget", "opportunity", "amount"), Mapped("currency_of_budget", "opportunity", "currency"),
            Mapped("job_title", "contact", "job_title", overwrites=True), Mapped("tier", "contact", "tier", overwrites=True)]  # fmt: skip
    set_mapping(mapping=rows, by="marta", at=NOW)
    lead = named(people["luca"], budget=1200, currency_of_budget="EUR", tier="bronze")
    made = convert(lead, people["luca"])
    anna.refresh_from_db()
    assert (anna.fields["job_title"], anna.fields["tier"], "phone" in anna.fields) == ("CTO", "silver", False)
    assert made.left == ['contact.tier: "bronze" is none of its choices; give one of gold, silver']
    assert (str(made.opportunity.amount), made.opportunity.currency) == ("1200.00", "EUR")
    assert ["job_title", "contact", "job_title", True] in made.mapping and made.changed["contact"]["job_title"] == ["CEO", "CTO"]
