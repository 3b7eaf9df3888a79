"""Opportunities in pages: found, made, moved, won, lost, changed; pipelines and the field mapping set up."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils.formats import date_format

from tests.server.lifecycle.test_convert import convert, named
from tests.server.lifecycle.world import stage
from tests.server.web.people import another_day, make_hours, signed_in
from tests.server.web.reading import read
from tests.server.world import HOST, make_account, make_contact, make_field, make_opportunity

pytestmark = pytest.mark.usefixtures("tables")


def said(client: Any, path: str, body: Any = None) -> str:
    """Return a page, or the one that comes after something was sent."""
    answer = client.get(path, headers=HOST, follow=True) if body is None else client.post(path, body, headers=HOST, follow=True)
    return html.unescape(read(answer))


def test_the_list_is_searched_and_narrowed(people: dict[str, Any]) -> None:
    acme = make_account()
    make_opportunity(acme, people["luca"], name="Suite of Luca", amount=1500, currency="EUR", close_date="2020-01-31")
    make_opportunity(acme, people["irina"], name="Suite of Irina")
    make_opportunity(acme, people["jonas"], name="Theirs")
    make_opportunity(acme, people["luca"], name="Gone", outcome="lost", loss_reason="price")
    luca = signed_in(people["luca"])
    page = said(luca, "/opportunities")
    assert "Suite of Luca" in page and "Suite of Irina" in page and "Theirs" not in page and "Gone" not in page and "1,500" in page
    assert '<span class="loss">31 Jan 2020' in page  # it is overdue
    mine = said(luca, "/opportunities?whose=mine&q=suite")
    assert "Suite of Luca" in mine and "Suite of Irina" not in mine
    lost = said(luca, "/opportunities?outcome=lost")
    assert "Gone" in lost and "Price" in lost and "Suite of" not in lost
    assert "No opportunity is like that." in said(luca, "/opportunities?q=nothing")
    assert "Theirs" in said(signed_in(people["vera"]), "/opportunities?outcome=all")


def test_it_is_overdue_after_its_day_where_the_reader_is(people: dict[str, Any]) -> None:
    zone, today = another_day()
    make_hours(zone)
    acme, luca, yesterday = make_account(), signed_in(people["luca"]), today - timedelta(days=1)
    before, now = (make_opportunity(acme, people["luca"], name=str(day), close_date=str(day)) for day in (yesterday, today))
    assert f'<span class="loss">{date_format(yesterday, "j M Y")}' in (page := said(luca, "/opportunities"))
    assert f'<span class="loss">{date_format(today, "j M Y")}' not in page
    assert [int('<dd class="loss">' in said(luca, f"/opportunities/{sale.pk}")) for sale in (before, now)] == [1, 0]


def test_an_amount_is_shown_to_the_cent_and_who_did_something_by_name(people: dict[str, Any]) -> None:
    acme = make_account()
    make_opportunity(acme, people["luca"], amount="12500.50", currency="EUR")
    type(people["luca"]).objects.filter(username="luca").update(first_name="Luca", last_name="Rinaldi")
    luca = signed_in(people["luca"])
    assert "12,500.50" in said(luca, "/opportunities") and "12,500.50" in said(luca, f"/companies/{acme.pk}")
    sale = convert(named(people["luca"]), people["luca"]).opportunity
    said(luca, f"/opportunities/{sale.pk}/do/note", {"text": "They will call back."})
    page = said(luca, f"/opportunities/{sale.pk}")
    assert page.count("by Luca Rinaldi:") == 1 and page.count('<small class="soft">Luca Rinaldi</small>') == 2 and "by luca" not in page


def test_it_is_moved_won_lost_and_open_again(people: dict[str, Any]) -> None:
    lead = named(people["luca"])
    sale = convert(lead, people["luca"]).opportunity
    luca, path = signed_in(people["luca"]), f"/opportunities/{sale.pk}"
    stages = {each.name: each.pk for each in sale.pipeline_stage.pipeline.stages.all()}
    page = said(luca, f"{path}/do/move", {"stage": stages["Proposal"]})
    assert "It stands at Proposal now." in page and re.search(r'aria-current="step" disabled>Proposal', page) and "50%" in page
    assert re.search(r"Proposal <small[^>]*>luca.*Qualification <small[^>]*>luca", page, re.S)  # how it came here, and by whom
    assert "Say why it is lost." in said(luca, f"{path}/do/lose", {"reason": ""})
    assert "what else it is" in said(luca, f"{path}/do/lose", {"reason": "other"})
    page = said(luca, f"{path}/do/lose", {"reason": "competitor", "note": "took Zeta"})
    assert "Lost: went to a competitor" in page and "took Zeta" in page and stage(lead) == "recycled"
    assert "It is open again" in said(luca, f"{path}/do/reopen", {}) and stage(lead) == "opportunity"
    page = said(luca, f"{path}/do/win", {})
    assert "It is won." in page and stage(lead) == "customer" and "Open it again" in page
    assert luca.post(f"{path}/do/nonsense", {}, headers=HOST).status_code == 404


def test_it_is_changed_and_people_have_a_say(people: dict[str, Any]) -> None:
    acme = make_account()
    sale, anna = make_opportunity(acme, people["luca"]), make_contact(acme, people["luca"])
    luca, path = signed_in(people["luca"]), f"/opportunities/{sale.pk}"
    body = {"name": "Suite", "amount": "2000", "currency": "RON", "close_date": "2027-01-31", "owner": str(people["irina"].pk),
            "next_step": "call", "description": ""}  # fmt: skip
    page = said(luca, f"{path}/do/edit", body)
    assert "Saved." in page and "2,000 RON" in page and "31 Jan 2027" in page and 'value="call"' in page
    sale.refresh_from_db()
    assert (sale.owner, sale.name) == (people["irina"], "Suite")
    assert "is no amount" in said(luca, f"{path}/do/edit", body | {"amount": "many"})
    assert "1,500 RON" in said(luca, f"{path}/do/edit", body | {"amount": "1,500"})  # as it is shown
    page = said(luca, f"{path}/do/say", {"contact": anna.pk, "role": "Economic buyer"})
    assert "Anna Rossi has a say in it." in page and sale.people.get().role == "economic_buyer"
    assert "such as economic_buyer" in said(luca, f"{path}/do/say", {"contact": anna.pk, "role": "boss!"})
    assert "no say in it any more" in said(luca, f"{path}/do/unsay", {"contact": anna.pk})
    assert "called, no answer" in said(luca, f"{path}/do/note", {"text": "called, no answer"})


def test_what_is_refused_stays_in_the_form(people: dict[str, Any]) -> None:
    sale = make_opportunity(make_account(), people["luca"])
    body = {"name": "Suite", "amount": "many", "currency": "EUR", "owner": "none", "description": "two lines\r\nof it"}
    answer = signed_in(people["luca"]).post(f"/opportunities/{sale.pk}/do/edit", body, headers=HOST)
    page = html.unescape(read(answer))
    assert answer.status_code == 422 and "is no amount" in page
    assert 'value="many"' in page and "two lines of it</textarea>" in page and '<option value="none" selected>' in page


def test_what_somebody_else_changed_meanwhile_stays(people: dict[str, Any]) -> None:
    sale = make_opportunity(make_account(), people["luca"])
    luca, path = signed_in(people["luca"]), f"/opportunities/{sale.pk}"
    opened = form_of(said(luca, path))
    assert opened["next_step"] == ""
    assert "Saved." in said(
        luca, f"{path}/do/edit", opened | {"next_step": "call the CFO", "description": "a\r\nb", "close_date": "2027-01-31"}
    )
    assert "Saved." in said(luca, f"{path}/do/edit", opened | {"amount": "99000", "currency": "EUR", "owner": str(people["irina"].pk)})
    sale.refresh_from_db()
    assert (sale.fields["next_step"], sale.fields["description"], str(sale.close_date)) == ("call the CFO", "a\nb", "2027-01-31")
    assert (sale.amount, sale.owner) == (99000, people["irina"])
    now = form_of(said(luca, path))
    said(luca, f"{path}/do/edit", now | {"next_step": "", "owner": "none"})  # what is emptied is gone
    sale.refresh_from_db()
    assert sale.fields.get("next_step") is None and sale.owner is None


def form_of(page: str) -> dict[str, str]:
    """Return what a browser sends of the form, where nothing is typed."""
    sent_of = dict(re.findall(r'<input type="hidden" name="was\.(\w+)" value="([^"]*)"', page))
    return sent_of | {f"was.{name}": value for name, value in sent_of.items()}


def test_whose_it_is_stays_though_they_sell_no_more(people: dict[str, Any]) -> None:
    sale = make_opportunity(make_account(), people["irina"])
    path = f"/opportunities/{sale.pk}"
    type(people["irina"]).objects.filter(pk=people["irina"].pk).update(is_active=False)
    for name in ("luca", "ada"):
        page = said(signed_in(people[name]), path)
        chosen = re.findall(r'<option value="(\w+)" selected>', page)
        assert chosen == [str(people["irina"].pk)], name
        said(signed_in(people[name]), f"{path}/do/edit", {"name": "Suite", "owner": chosen[0]})
        sale.refresh_from_db()
        assert (sale.owner, sale.name) == (people["irina"], "Suite")
    said(signed_in(people["ada"]), f"{path}/do/edit", {"name": "Suite", "owner": "none"})
    sale.refresh_from_db()
    assert sale.owner is None


def test_of_leads_it_says_nothing_where_there_are_none(people: dict[str, Any]) -> None:
    sale = make_opportunity(make_account(), people["luca"])
    luca, path = signed_in(people["luca"]), f"/opportunities/{sale.pk}/do"
    assert "customers now" not in said(luca, f"{path}/win", {}) and "It is open again" in said(luca, f"{path}/reopen", {})
    page = said(luca, f"{path}/lose", {"reason": "price"})
    assert "It is lost." in page and "back with marketing" not in page


def test_one_is_made_by_hand(people: dict[str, Any]) -> None:
    from vaglio_server.crm.models import Opportunity

    anna = make_contact(make_account(), people["luca"])
    luca = signed_in(people["luca"])
    page = said(luca, f"/opportunities/new?contact={anna.pk}")
    assert 'value="Acme, Anna Rossi"' in page
    body = {"account": anna.account_id, "contact": anna.pk, "name": "Suite", "amount": "10", "currency": "", "close_date": ""}
    assert "an amount needs one" in said(luca, "/opportunities/new", body)
    page = said(luca, "/opportunities/new", body | {"currency": "EUR"})
    made = Opportunity.objects.get()
    assert "Suite is there." in page and (made.owner, made.stage, made.people.get().contact) == (people["luca"], "Qualification", anna)
    assert "To which company?" in said(luca, "/opportunities/new") and "/opportunities/new" in said(luca, "/opportunities")
    for text, is_there in (("acm", True), ("none such", False), ("%00", False), ("", False)):
        part = luca.get(f"/opportunities/new?q={text}", headers=HOST | {"HX-Request": "true"}).content.decode()
        assert (f'href="/opportunities/new?account={anna.account_id}"' in part, "<html" in part) == (is_there, False), text
    assert f"/opportunities/new?account={anna.account_id}" in said(luca, "/opportunities/new?q=acme")  # without a script, too
    assert "a key is text" in said(luca, "/opportunities/new", body | {"currency": "EUR", "key": "\x01"})
    assert f"/opportunities/new?contact={anna.pk}" in said(luca, f"/companies/contacts/{anna.pk}")
    assert f'href="/opportunities/{made.pk}"' in said(luca, f"/companies/{anna.account_id}")


def test_a_form_that_is_sent_again_makes_no_other(people: dict[str, Any]) -> None:
    from vaglio_server.crm.models import Opportunity

    acme, luca = make_account(), signed_in(people["luca"])
    page = said(luca, f"/opportunities/new?account={acme.pk}")
    body = {"account": acme.pk, "name": "Suite", "key": re.findall(r'name="key" value="([\w-]+)"', page)[0]}
    assert said(luca, "/opportunities/new", body | {"amount": "x"}).count(body["key"]) == 1  # kept while something is put right
    answers = [luca.post("/opportunities/new", body, headers=HOST).headers["Location"] for _ in range(2)]
    assert answers == [f"/opportunities/{Opportunity.objects.get().pk}"] * 2
    said(signed_in(people["ada"]), "/opportunities/new", body)  # the key of somebody else
    said(luca, "/opportunities/new", body | {"key": "other"})
    assert Opportunity.objects.count() == 3


def test_what_is_made_by_hand_is_open(people: dict[str, Any]) -> None:
    from vaglio_server.crm.actions import first_ending_stage
    from vaglio_server.crm.models import Opportunity

    won = first_ending_stage("won", at=datetime.now(UTC))
    said(signed_in(people["luca"]), "/opportunities/new", {"account": make_account().pk, "name": "Suite", "stage": won.pk})
    made = Opportunity.objects.get()
    assert (made.outcome, made.stage) == ("open", "Qualification")


def test_it_requires_a_role(people: dict[str, Any]) -> None:
    acme = make_account()
    theirs, sale = make_opportunity(acme, people["jonas"]), make_opportunity(acme, people["luca"])
    assert signed_in(people["luca"]).get(f"/opportunities/{theirs.pk}").status_code == 404
    assert signed_in(people["luca"]).post(f"/opportunities/{theirs.pk}/do/win", headers=HOST).status_code == 404
    page = said(signed_in(people["vera"]), f"/opportunities/{sale.pk}")
    assert "Save" not in page and "Won" not in page
    assert signed_in(people["vera"]).post(f"/opportunities/{sale.pk}/do/win", headers=HOST).status_code == 403
    assert signed_in(people["vera"]).get("/opportunities/new").status_code == 403
    for path in ("/pipelines", "/mapping"):
        assert [signed_in(people[name]).get(path).status_code for name in ("ada", "marta", "luca", "vera")] == [200, 200, 403, 403]


def sent(page: str) -> dict[str, list[str]]:
    """Return what the form of a pipeline would send as it stands."""
    found: dict[str, list[str]] = {name: [] for name in ("place", "number", "stage", "percent", "outcome")}
    for name, value in re.findall(r'<input (?:type="hidden" )?name="(\w+)"[^>]*?value="([^"]*)"', page):
        if name in found:
            found[name].append(value)
    found["outcome"] = re.findall(r'<option value="(\w+)" selected', page)
    return found


def test_pipelines_are_set_up(people: dict[str, Any]) -> None:
    from vaglio_server.crm.models import Pipeline, PipelineStage

    marta = signed_in(people["marta"])
    form = sent(said(marta, "/pipelines"))
    assert form["stage"] == ["Qualification", "Needs analysis", "Proposal", "Negotiation", "Won", "Lost", "", ""]
    form["stage"][6], form["percent"][6], form["place"][6] = "Demo", "40", "2"
    form["stage"][1] = ""
    page = said(marta, "/pipelines", form | {"name": "Sales"})
    assert "Sales is kept." in page
    pipeline = Pipeline.objects.get()
    names = list(pipeline.stages.order_by("place").values_list("name", flat=True))
    assert names == ["Qualification", "Demo", "Proposal", "Negotiation", "Won", "Lost"]
    sale = make_opportunity(owner=people["luca"], stage="Demo")
    page = said(marta, f"/pipelines/{pipeline.pk}")
    form = sent(page)
    assert re.search(rf'stage={PipelineStage.objects.get(name="Demo").pk}">1</a>', page)
    form["stage"][1] = ""
    page = said(marta, f"/pipelines/{pipeline.pk}", form | {"name": "Sales"})
    assert "1 opportunity stands at Demo" in page and 'value="Proposal"' in page
    form["stage"][1], form["percent"][0] = "Presentation", "lots"
    assert "give a probability from 0 to 100" in said(marta, f"/pipelines/{pipeline.pk}", form | {"name": "Sales"})
    form["percent"][0] = "5"
    said(marta, f"/pipelines/{pipeline.pk}", form | {"name": "Direct sales"})
    sale.refresh_from_db()
    assert (sale.stage, sale.pipeline_stage.name, sale.pipeline_stage.pipeline.name) == ("Presentation", "Presentation", "Direct sales")


def test_pipelines_are_moved_and_removed(people: dict[str, Any]) -> None:
    from vaglio_server.crm.actions import first_pipeline, set_pipeline
    from vaglio_server.crm.logic.pipelines import USUAL

    first = first_pipeline(at=datetime.now(UTC))
    other = set_pipeline(pipeline=None, name="Partners", stages=USUAL, by="ada", at=datetime.now(UTC))
    marta = signed_in(people["marta"])
    page = said(marta, f"/pipelines/{other.pk}/move", {"to": "up"})
    assert page.index("Partners</a>") < page.index("Sales</a>") and "Put Partners later" in page
    make_opportunity(owner=people["luca"], stage="Proposal")
    assert "1 opportunity stands in Partners" in said(marta, f"/pipelines/{other.pk}/remove", {})
    assert "The pipeline is gone." in said(marta, f"/pipelines/{first.pk}/remove", {})
    page = said(marta, "/pipelines")
    assert "Put Partners" not in page and "Partners</a>" in page
    assert signed_in(people["luca"]).post(f"/pipelines/{other.pk}/remove", headers=HOST).status_code == 403


def test_reasons_for_loss_are_kept(people: dict[str, Any]) -> None:
    sale = make_opportunity(make_account(), people["luca"], outcome="lost", loss_reason="price")
    other = make_opportunity(sale.account, people["luca"])
    marta, luca = signed_in(people["marta"]), signed_in(people["luca"])
    page = said(marta, "/pipelines")
    rows = re.findall(r'name="word" value="(\w*)"><input name="label"[^>]*? value="([^"]*)"', page)
    assert rows[0] == ("price", "Price") and rows[-1] == ("", "")
    words, labels = [word for word, _label in rows], ["Too expensive", *(label for _word, label in rows[1:-1]), "Legal said no"]
    page = said(marta, "/pipelines/reasons", {"word": words, "label": labels, "retired": ["price", "other"]})
    assert "stays, for what no other reason says" in page
    page = said(marta, "/pipelines/reasons", {"word": words, "label": labels, "retired": ["price"]})
    assert "The reasons are kept." in page and 'value="legal_said_no"' in page and re.search('value="price"[^>]* checked', page)
    assert "Lost: too expensive" in said(luca, f"/opportunities/{sale.pk}") and "Too expensive" in said(luca, "/opportunities?outcome=lost")
    page = said(luca, f"/opportunities/{other.pk}")
    assert '<option value="legal_said_no">Legal said no' in page and '<option value="price">' not in page
    assert "is none of its choices" in said(luca, f"/opportunities/{other.pk}/do/lose", {"reason": "price"})
    assert "Lost: legal said no" in said(luca, f"/opportunities/{other.pk}/do/lose", {"reason": "legal_said_no"})
    assert luca.post("/pipelines/reasons", headers=HOST).status_code == 403


def test_the_mapping_is_set(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import ConversionMapping

    make_field("lead", "budget", "number")
    marta = signed_in(people["marta"])
    page = said(marta, "/mapping")
    chosen = dict(re.findall(r'<select name="([\w.]+)"[^>]*>(?:(?!</select>).)*?<option value="(\w+)" selected', page, re.S))
    assert chosen["job_title.contact"] == "job_title" and chosen["employees.account"] == "employees" and "budget.opportunity" not in chosen
    body = chosen | {"budget.opportunity": "amount", "over.job_title.contact": "on"}
    page = said(marta, "/mapping", body)
    assert "Conversions from now on write it so." in page and "by marta" in page
    rows = ConversionMapping.objects.get().rows
    assert ["budget", "opportunity", "amount", False] in rows and ["job_title", "contact", "job_title", True] in rows
    page = said(marta, "/mapping", body | {"industry.opportunity": "amount", "job_title.account": "nonsense"})
    assert "is filled by two fields" in page and "account.nonsense: is no field" in page and ConversionMapping.objects.count() == 1


def test_a_conversion_is_undone_in_its_page(people: dict[str, Any]) -> None:
    lead = named(people["luca"])
    made = convert(lead, people["luca"], at=datetime.now(UTC))
    luca = signed_in(people["luca"])
    for path in (f"/leads/{lead.pk}", f"/opportunities/{made.opportunity_id}", f"/companies/contacts/{made.contact_id}"):
        assert f"/conversions/{made.pk}/undo" in said(luca, path), path
        assert f"/conversions/{made.pk}/undo" not in said(signed_in(people["marta"]), path), path
    assert signed_in(people["jonas"]).post(f"/conversions/{made.pk}/undo", headers=HOST).status_code == 404
    assert signed_in(people["marta"]).post(f"/conversions/{made.pk}/undo", headers=HOST).status_code == 403
    said(luca, f"/opportunities/{made.opportunity_id}/do/note", {"text": "called"})
    assert "the opportunity has a note" in said(luca, f"/conversions/{made.pk}/undo", {})
    made.opportunity.notes.update(removed_at=made.converted_at)
    page = said(luca, f"/conversions/{made.pk}/undo", {})
    assert "The conversion is undone" in page and "Convert" in page and stage(lead) == "marketing_qualified"
    assert luca.get(f"/companies/contacts/{made.contact_id}").status_code == 404


def test_of_records_of_others_a_conversion_says_nothing(people: dict[str, Any]) -> None:
    from vaglio_server.crm.actions import assign_leads

    lead = named(people["jonas"], first_name="Ottavia")
    made = convert(lead, people["jonas"], at=datetime.now(UTC))
    type(made.contact).objects.filter(pk=made.contact_id).update(owner=people["luca"])
    luca, contact = signed_in(people["luca"]), f"/companies/contacts/{made.contact_id}"
    page = said(luca, contact)
    assert "a lead of others" in page and "an opportunity of others" in page
    for hidden in (f"/leads/{lead.pk}", f"/opportunities/{made.opportunity_id}", str(made.opportunity), f"/conversions/{made.pk}/undo"):
        assert hidden not in page, hidden
    page = said(signed_in(people["jonas"]), f"/leads/{lead.pk}")
    assert f"/opportunities/{made.opportunity_id}" in page and contact not in page and "a contact of others" in page
    assign_leads(leads=[lead.pk], owner=people["luca"], by="test", at=datetime.now(UTC))
    page = said(luca, contact)
    assert f"/leads/{lead.pk}" in page and f"/conversions/{made.pk}/undo" in page


def test_pages_ask_as_often_however_much_there_is(people: dict[str, Any], django_assert_max: Any) -> None:
    acme = make_account()
    sale = make_opportunity(acme, people["luca"])
    for number in range(20):
        make_opportunity(acme, people["luca"], name=f"Sale {number}")
        make_contact(acme, people["luca"], email=f"a{number}@acme.example")
    luca = signed_in(people["luca"])
    for path, most in (("/opportunities", 9), (f"/opportunities/{sale.pk}", 14)):
        luca.get(path)
        with django_assert_max(most):
            luca.get(path)
