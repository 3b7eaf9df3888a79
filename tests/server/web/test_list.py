"""The list of leads: filters, views that are kept, columns, what is done with many at once, files."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.server.web.people import make_hours, signed_in
from tests.server.web.reading import read
from tests.server.web.test_pages import rows, shown
from tests.server.world import HOST, audited, leads
from vaglio_server.cursors import cursor_of


@pytest.fixture
def marta(company: dict[str, Any]) -> Any:
    return signed_in(company["marta"])


def filed(client: Any, kind: str, query: str = "") -> Any:
    answer = client.post(f"/leads/export.{kind}", {"query": query}, headers=HOST)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_filters_are_told_and_can_be_taken_away(marta: Any) -> None:
    page = shown(marta, "/leads?where=lead.job_title:is:cto&rating=A1")
    assert rows(marta, "/leads?where=lead.job_title:is:cto") == ["Anna Tărușă"]
    assert re.search(r'class="chip">Job title is cto<a href="/leads\?rating=A1"', page)
    assert 'name="where" value="lead.job_title:is:cto"' in page  # typing into the search keeps it
    assert "It is left out" in shown(marta, "/leads?where=lead.job_title:least:5")


def test_a_filter_is_added_beside_the_others(marta: Any) -> None:
    answer = marta.get("/leads?rating=A1&on=activity.form_submitted&how=often&value=2&value=30", headers=HOST)
    assert answer.status_code == 302 and answer["Location"] == "/leads?rating=A1&where=activity.form_submitted%3Aoften%3A2%2F30"
    assert "Form submitted" in shown(marta, "/leads") or "form submitted" in shown(marta, "/leads")
    part = shown(marta, "/leads/filter?on=activity.form_submitted&how=often")
    assert part.count('type="number"') == 2 and "<html" not in part
    assert shown(marta, "/leads/filter?on=nonsense").strip() == ""


def test_leads_are_counted(marta: Any) -> None:
    assert "1 lead" in shown(marta, "/leads/count?rating=A1")
    assert "4 leads" in shown(marta, "/leads/count")


def test_a_slip_finds_names_nearly_so(marta: Any) -> None:
    page = shown(marta, "/leads?q=tarusza")
    assert "These are nearly so" in page and rows(marta, "/leads?q=tarusza") == ["Anna Tărușă"]
    assert rows(marta, "/leads?q=tarusza&owner=none") == []


def test_columns_are_chosen(marta: Any) -> None:
    page = shown(marta, "/leads?col=lead.employees&col=account.domain&col=temperature&col=created")
    heads = [text.strip() for text in re.findall(r"<th\b[^>]*>([^<]+)<", page)]  # some have a button that explains them behind
    assert heads == ["Rating", "Lead", "Employees", "Company: Domain", "Temperature", "Created"]
    assert "acme.example</td>" in page
    assert 'data-label="Employees" class="num">90</td>' in page  # on phones the heading stands beside the value
    assert "lead.nothing" not in shown(marta, "/leads?col=nothing")


def test_a_view_is_kept_shared_and_removed(company: dict[str, Any], marta: Any) -> None:
    vera = signed_in(company["vera"])
    for name, more in (("My A1s", {}), ("Team's A1s", {"is_shared": "on"})):
        marta.post("/leads/views", {"name": name, "query": "rating=A1&junk=1&where=nonsense", **more}, headers=HOST)
    page = shown(marta, "/leads?rating=A1")
    assert page.count('href="/leads?rating=A1" aria-current="page"') == 2  # what is junk was left out
    seen = shown(vera, "/leads")
    assert "Team&#x27;s A1s" in seen and "My A1s" not in seen
    from vaglio_server.views.models import SavedView

    own, shared = (SavedView.objects.get(name=name) for name in ("My A1s", "Team's A1s"))
    assert vera.post(f"/leads/views/{own.pk}/remove", headers=HOST).status_code == 404
    vera.post(f"/leads/views/{shared.pk}/remove", headers=HOST)
    assert SavedView.objects.count() == 2
    for view in (own, shared):
        marta.post(f"/leads/views/{view.pk}/remove", headers=HOST)
    assert SavedView.objects.count() == 0
    assert [by for by, _subject in audited("save_view")] == ["marta", "marta"] and len(audited("remove_view")) == 2


def test_a_view_is_renamed_shared_and_kept_again(company: dict[str, Any], marta: Any) -> None:
    from vaglio_server.views.models import SavedView

    for name in ("Mine", "Other"):
        marta.post("/leads/views", {"name": name, "query": "rating=A1"}, headers=HOST)
    view = SavedView.objects.get(name="Mine")
    vera, address = signed_in(company["vera"]), f"/leads/views/{view.pk}/change"

    def change(client: Any, **told: str) -> str:
        answer = client.post(address, told, headers=HOST, follow=True)
        view.refresh_from_db()
        return str(read(answer))

    try:
        assert vera.post(address, {"name": "Hers"}, headers=HOST).status_code == 404
        page = change(marta, name=" Hot  ones ", is_shared="on")
        assert "“Hot ones” is for everybody" in page and f'id="view-{view.pk}"' in page  # and one is still on it
        assert (view.name, view.is_shared, view.query) == ("Hot ones", True, "rating=A1")
        assert f"view-{view.pk}" not in shown(vera, "/leads?rating=A1")
        assert "only they can change it" in change(vera, name="Hers")
        assert "another view called Other" in change(marta, name="Other", is_shared="on")
        assert "Give the view a name" in change(marta, name=" ")
        marta.post("/leads/views", {"name": "Hot ones", "query": "rating=A2"}, headers=HOST)  # shows something else, for whoever had it
        assert "yours alone" in change(marta, name="Hot ones") and (view.query, view.is_shared) == ("rating=A2", False)
        assert "Hot ones" not in shown(vera, "/leads")
        assert audited("change_view") == [("marta", f"view:{view.pk}")] * 2
    finally:
        SavedView.objects.all().delete()


def test_what_is_kept_under_the_name_of_a_shared_view_stays_shared(company: dict[str, Any], marta: Any) -> None:
    from vaglio_server.views.models import SavedView

    try:
        for query, more in (("rating=A1", {"is_shared": "on"}), ("rating=A2", {})):
            marta.post("/leads/views", {"name": "Team", "query": query, **more}, headers=HOST)
        assert [(view.query, view.is_shared) for view in SavedView.objects.all()] == [("rating=A2", True)]
    finally:
        SavedView.objects.all().delete()


def test_no_file_is_made_where_a_filter_is_left_out(marta: Any) -> None:
    before = len(audited("export_leads"))
    for kind in ("csv", "xlsx"):
        answer = marta.post(f"/leads/export.{kind}", {"query": "where=lead.gone:is:x"}, headers=HOST, follow=True)
        assert "Take that filter away first" in read(answer)  # instead of everybody
    assert len(audited("export_leads")) == before


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\x00b"])
def test_it_rejects_a_view_without_a_name(marta: Any, name: str) -> None:
    from vaglio_server.views.models import SavedView

    page = read(marta.post("/leads/views", {"name": name, "query": ""}, headers=HOST, follow=True))
    assert "Give the view a name" in page and SavedView.objects.count() == 0


def test_many_leads_are_given_and_listed(company: dict[str, Any], marta: Any) -> None:
    from vaglio_server.crm.actions import assign_leads
    from vaglio_server.crm.models import Lead, ListMember

    carla, dora = leads()["carla@zeta.example"], next(lead for lead in leads().values() if "email" not in lead.fields)
    try:
        said = marta.post(
            "/leads/bulk", {"do": "assign", "owner": company["irina"].pk, "lead": [carla.pk, dora.pk, 999_999]}, headers=HOST, follow=True
        )
        assert "2 leads are irina" in read(said)
        assert set(Lead.objects.filter(owner=company["irina"])) == {carla, dora}
        marta.post("/leads/bulk", {"do": "add", "list": "Big Fair", "all": "on", "query": f"owner={company['irina'].pk}"}, headers=HOST)
        assert set(ListMember.objects.filter(list="big_fair", to_at=None).values_list("lead", flat=True)) == {carla.pk, dora.pk}
        assert Lead.objects.get(pk=carla.pk).due_at is not None
        assert rows(marta, "/leads?where=list.big_fair:on:") == rows(marta, f"/leads?owner={company['irina'].pk}") != []
        marta.post("/leads/bulk", {"do": "remove", "list": "big_fair", "lead": [carla.pk]}, headers=HOST)
        assert len(rows(marta, "/leads?where=list.big_fair:on:")) == 1
        assert [len(audited(verb)) for verb in ("add_leads_to_list", "remove_leads_from_list")] == [1, 1]
    finally:
        assign_leads(leads=[carla.pk, dora.pk], owner=None, by="test", at=carla.created_at)


def undo_of(page: str) -> str:
    """Return the address by which what a page says is undone."""
    found = re.search(r'action="(/leads/bulk/[^"]+/undo)"', page)
    assert found is not None, page
    return found[1]


def test_what_was_done_with_many_leads_is_undone(company: dict[str, Any], marta: Any) -> None:
    from vaglio_server.crm.actions import assign_leads
    from vaglio_server.crm.models import Lead, ListMember

    def do(address: str = "/leads/bulk", **told: Any) -> str:
        return read(marta.post(address, {"query": "rating=C4", **told}, headers=HOST, follow=True))

    def owners() -> dict[int, Any]:
        return dict(Lead.objects.values_list("pk", "owner"))

    def listed() -> set[int]:
        return set(ListMember.objects.filter(list="undone_fair", to_at=None).values_list("lead", flat=True))

    carla, bruno, anna = (leads()[f"{name}.example"] for name in ("carla@zeta", "bruno@acme", "anna@acme"))
    before, irina = owners(), company["irina"].pk
    page = do(do="assign", owner=irina, lead=[carla.pk, bruno.pk, anna.pk])
    assert {owners()[each.pk] for each in (carla, bruno, anna)} == {irina}
    assign_leads(leads=[anna.pk], owner=company["jonas"], by="jonas", at=carla.created_at)  # somebody else was faster
    undone = do(undo_of(page))
    count = sum(before[each.pk] != irina for each in (carla, bruno))
    assert f"{count} leads are back with whoever had them. 1 was given away or taken up since, and stays so." in undone
    assert owners() == before | {anna.pk: company["jonas"].pk}
    assert 'name="rating" value="C4" checked' in " ".join(undone.split())  # the list is as it was
    assert "cannot be undone any more" in do(undo_of(page))
    assign_leads(leads=[anna.pk], owner=company["luca"], by="test", at=carla.created_at)

    do(do="add", list="undone fair", lead=[anna.pk])
    page = do(do="add", list="undone fair", lead=[anna.pk, carla.pk])
    assert listed() == {anna.pk, carla.pk}
    assert "1 lead is off the list undone fair again." in do(undo_of(page)) and listed() == {anna.pk}  # who was on it before stays
    page = do(do="remove", list="undone fair", lead=[anna.pk, carla.pk])
    first = undo_of(page)
    assert listed() == set() and "1 lead is on the list undone fair again." in do(first) and listed() == {anna.pk}
    assert "/undo" not in do(do="add", list="undone fair", lead=[anna.pk])  # nothing came of it
    do(do="remove", list="undone fair", lead=[anna.pk])
    assert owners() == before
    assert signed_in(company["vera"]).post(first, headers=HOST).status_code == 403


def test_a_field_of_many_leads_is_changed_and_undone(company: dict[str, Any], marta: Any) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.tracking.actions import edit_lead

    def do(address: str = "/leads/bulk", **told: Any) -> str:
        return read(marta.post(address, {"query": "", **told}, headers=HOST, follow=True))

    def held(name: str) -> list[Any]:
        return [Lead.objects.get(pk=each.pk).fields.get(name) for each in those]

    those = [leads()[f"{name}.example"] for name in ("carla@zeta", "bruno@acme", "anna@acme")]
    numbers = [each.pk for each in those]
    Lead.objects.filter(pk=numbers[0]).update(fields={**those[0].fields, "employees": "many"})  # as an event once said
    before = held("employees")
    place = marta.get("/leads/bulk/value?field=country", headers=HOST | {"HX-Request": "true"}).content.decode()
    assert '<option value="IT"' in place and 'form="bulk"' in place
    page = do(do="field", field="employees", value="1,250", lead=numbers)
    assert "employees of 3 leads is changed; they are rated anew." in page and held("employees") == [1250] * 3
    assert all(each.due_at is not None for each in Lead.objects.filter(pk__in=numbers))
    edit_lead(lead=those[2], fields={"employees": 7}, by="jonas", at=those[2].created_at)  # somebody else knew better
    assert "employees of 2 leads is as it was." in do(undo_of(page)) and held("employees") == [*before[:2], 7]
    page = do(do="field", field="employees", value="7", lead=numbers)
    assert "employees of 2 leads is changed; they are rated anew. 1 had it so already." in page
    do(undo_of(page))
    assert audited("edit_leads") == [("marta", "leads")] * 4
    for told, says in (
        ({"field": "employees", "value": "many"}, "many"), ({"field": "employees", "value": " "}, "Say the value"),
        ({"field": "email", "value": "a@b.example"}, "of one lead alone"), ({"field": "none", "value": "x"}, "Choose a field"),
    ):  # fmt: skip
        assert says in do(do="field", lead=numbers, **told) and held("employees") == [*before[:2], 7], told
    edit_lead(lead=those[2], fields={"employees": before[2]}, by="test", at=those[2].created_at)
    Lead.objects.filter(pk=numbers[0]).update(fields=those[0].fields)


def test_an_undo_of_many_leads_goes_slice_by_slice_and_leaves_out_who_is_gone(company: dict[str, Any], marta: Any) -> None:
    """A fact about one lead waits for a slice, not for all; who was erased or merged meanwhile is nobody who could come back."""
    from vaglio_server.crm.actions import assign_leads
    from vaglio_server.crm.models import Lead, ListMember
    from vaglio_server.lifecycle.models import BY, StageMove
    from vaglio_server.users.models import AuditEntry
    from vaglio_server.web.bulk_undo import SLICE

    def do(address: str = "/leads/bulk", **told: Any) -> str:
        return read(marta.post(address, {"query": "", **told}, headers=HOST, follow=True))

    at = datetime.now(UTC)
    made = Lead.objects.bulk_create(Lead(created_at=at) for _number in range(SLICE + 5))
    ids = [each.pk for each in made]
    irina, jonas = company["irina"], company["jonas"]
    try:
        newest = AuditEntry.objects.latest("pk").pk
        page = do(do="assign", owner=irina.pk, lead=ids)
        assign_leads(leads=ids[:1], owner=jonas, by="jonas", at=at)
        Lead.objects.filter(pk=ids[1]).update(merged_into=ids[2])
        took = StageMove(before="marketing_qualified", after="sales_accepted", verb="accept", by="irina", at=datetime.now(UTC))
        for lead, by in ((ids[8], "irina"), (ids[9], "jonas"), (ids[10], "marta"), (ids[11], BY)):
            took.pk, took.lead_id, took.by = None, lead, by
            took.save()
        said = do(undo_of(page))
        assert f"{SLICE + 1:,} leads are back with whoever had them. 4 were given away or taken up since, and stay so." in said
        assert set(Lead.objects.filter(pk__in=ids, owner=irina).values_list("pk", flat=True)) == {ids[1], ids[8], ids[9]}
        told = [len(each.detail["leads"]) for each in AuditEntry.objects.filter(pk__gt=newest, verb="assign_leads").order_by("pk")]
        assert max(told) <= SLICE and len(told) == 5
        do(do="add", list="sliced", lead=ids[2:])
        page = do(do="remove", list="sliced", lead=ids[2:])
        Lead.objects.filter(pk=ids[3]).update(merged_into=ids[2])
        ListMember.objects.filter(lead=ids[4]).delete()
        Lead.objects.filter(pk=ids[4]).delete()  # as erasing them does
        newest = AuditEntry.objects.latest("pk").pk
        assert f"{SLICE + 1:,} leads are on the list sliced again." in do(undo_of(page))
        told = [len(each.detail["leads"]) for each in AuditEntry.objects.filter(pk__gt=newest, verb="add_leads_to_list")]
        assert sum(told) == SLICE + 1 and max(told) <= SLICE
        assert not ListMember.objects.filter(lead=ids[3], to_at=None).exists()
        page = do(do="add", list="sliced too", lead=ids[5:8])
        ListMember.objects.filter(list="sliced_too", lead=ids[5]).update(to_at=datetime.now(UTC))  # somebody else took it off
        assert "2 leads are off the list sliced too again." in do(undo_of(page))
    finally:
        Lead.objects.filter(pk__in=ids).update(merged_into=None, taken_back_at=at)


def test_it_rejects_what_cannot_be_done_with_many(marta: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.web import bulk

    monkeypatch.setattr(bulk, "MOST", 2)
    for told, says in (
        ({"do": "assign", "owner": "none"}, "No lead is chosen"),
        ({"do": "assign", "owner": "12345", "lead": ["1", "2"]}, "Choose a seller"),
        ({"do": "add", "list": " ", "all": "on", "query": "rating=A1"}, "is no name of a list"),
        ({"do": "assign", "owner": "none", "all": "on"}, "more than 2 leads"),
        ({"do": "explode", "all": "on"}, "Choose what to do"),
        (
            {"do": "assign", "owner": "none", "all": "on", "query": "where=nonsense"},
            "No lead is chosen",
        ),  # not everybody, by a filter misread
    ):
        assert says in read(marta.post("/leads/bulk", told, headers=HOST, follow=True)), told


def test_ticks_stay_where_it_is_refused(marta: Any) -> None:
    anna, bruno = leads()["anna@acme.example"].pk, leads()["bruno@acme.example"].pk
    told = {"do": "assign", "owner": "", "lead": [anna], "query": "rating=A1&rating=C4"}
    page = read(marta.post("/leads/bulk", told, headers=HOST, follow=True))
    assert "Choose a seller." in page
    assert re.findall(r'name="lead" value="(\d+)" form="bulk" checked', page) == [str(anna)] and f'value="{bruno}" form' in page
    assert "tick some in the list first" in read(marta.post("/leads/bulk", told | {"lead": []}, headers=HOST, follow=True))


def test_it_requires_a_role_and_the_leads_seen(company: dict[str, Any]) -> None:
    from vaglio_server.crm.models import Lead

    bruno = leads()["bruno@acme.example"]
    assert signed_in(company["vera"]).post("/leads/bulk", {"do": "assign"}, headers=HOST).status_code == 403
    signed_in(company["luca"]).post("/leads/bulk", {"do": "assign", "owner": company["luca"].pk, "lead": [bruno.pk]}, headers=HOST)
    assert Lead.objects.get(pk=bruno.pk).owner == company["jonas"]


def test_the_list_is_taken_away_as_a_file(company: dict[str, Any], marta: Any) -> None:
    from openpyxl import load_workbook

    told = list(csv.reader(io.StringIO(filed(marta, "csv", "col=lead.employees&col=fit&col=created").decode("utf-8-sig"))))
    assert told[0] == ["id", "Rating", "First name", "Last name", "Name", "Email", "Employees", "Fit", "Created"]
    assert [row[2] for row in told[1:3]] == ["Anna", "Bruno"] and told[1][6:8] == ["90", "100.0"]
    book = load_workbook(io.BytesIO(filed(marta, "xlsx", "rating=A1")))
    assert (book.active.freeze_panes, book.active["A1"].font.bold) == ("A2", True)
    assert [cell.value for cell in list(book.active.rows)[1]][1:4] == ["A1", "Anna", "Tărușă"]
    mine = list(csv.reader(io.StringIO(filed(signed_in(company["luca"]), "csv").decode("utf-8-sig"))))
    assert len(mine) == 2  # a seller takes what a seller sees
    assert ("marta", "leads") in audited("export_leads") and ("luca", "leads") in audited("export_leads")
    assert marta.get("/leads/export.csv", headers=HOST).status_code == 405


def test_filters_of_which_one_is_enough_stand_beside_each_other(marta: Any) -> None:
    page = shown(marta, "/leads?where=lead.job_title:is:cto&where=lead.country:is:IT&where=lead.job_title:is:cfo")
    chips = [words.strip() for words in re.findall(r'class="chip">([^<]*)<a', page)]
    assert chips == ["Job title is cto", "or Job title is cfo", "Country is Italy"]
    assert rows(marta, "/leads?where=lead.job_title:is:cto&where=lead.job_title:is:nothing") == ["Anna Tărușă"]


def test_who_writes_from_a_free_provider_works_where_they_say(marta: Any) -> None:
    from tests.server.world import make_source, send
    from vaglio_server.crm.models import Lead

    traits = {"email": "gina@gmail.com", "firstName": "Gina", "title": "Buyer", "company": "Tessuti & Figli"}
    send(make_source("free"), {"type": "identify", "userId": "gina", "traits": traits})
    gina = leads()["gina@gmail.com"]
    try:
        page = shown(marta, "/leads?q=gina&col=company")
        assert ">Tessuti &amp; Figli<small></small></td>" in page and "gmail.com</td>" not in page
        told = list(csv.DictReader(io.StringIO(filed(marta, "csv", "q=gina&col=company").decode("utf-8-sig"))))
        assert [row["Company"] for row in told] == ["Tessuti & Figli"]
        assert "<p>Buyer, Tessuti &amp; Figli ·<a" in shown(marta, f"/leads/{gina.pk}")
    finally:
        Lead.objects.filter(pk=gina.pk).update(merged_into=leads()["anna@acme.example"].pk)


def test_stages_are_a_filter_and_a_column_and_cost_one_question(marta: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from vaglio_server.lifecycle.models import LeadStage

    def questions(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            shown(marta, address)
        return len(asked)

    bruno = leads()["bruno@acme.example"]
    part = shown(marta, "/leads/filter?on=record.stage")
    assert '<option value="sales_accepted">Sales accepted</option>' in part
    answer = marta.get("/leads?on=record.stage&how=is&value=sales_accepted", headers=HOST)
    assert answer["Location"] == "/leads?where=record.stage%3Ais%3Asales_accepted"
    before = LeadStage.objects.filter(lead=bruno).first()
    LeadStage.objects.update_or_create(lead=bruno, defaults={"stage": "sales_accepted", "since": datetime.now(ZoneInfo("UTC"))})
    try:
        assert rows(marta, "/leads?where=record.stage:is:sales_accepted") == ["Bruno"]
        page = shown(marta, "/leads?where=record.stage:is:sales_accepted&col=stage")
        assert re.search(r'class="chip">Stage is Sales accepted<a', page) and 'class="value">Sales accepted</td>' in page
        assert "Bruno" not in rows(marta, "/leads?where=record.stage:is_not:sales_accepted")
        assert questions("/leads?col=stage") == questions("/leads?col=company") + 1
        told = list(csv.DictReader(io.StringIO(filed(marta, "csv", "col=stage").decode("utf-8-sig"))))
        assert {row["First name"]: row["Stage"] for row in told}["Bruno"] == "Sales accepted" and {row["Stage"] for row in told} >= {
            "Inquiry"
        }
    finally:
        LeadStage.objects.filter(lead=bruno).delete()
        if before:
            before.save(force_insert=True)


def test_instants_in_a_workbook_have_their_zone_in_the_heading(marta: Any) -> None:
    from openpyxl import load_workbook

    calendar = make_hours("Asia/Tokyo")
    try:
        heading, first = list(load_workbook(io.BytesIO(filed(marta, "xlsx", "col=created&rating=A1"))).active.values)[:2]
        made = datetime.fromisoformat(list(csv.reader(io.StringIO(filed(marta, "csv", "col=created&rating=A1").decode("utf-8-sig"))))[1][6])
    finally:
        calendar.delete()
    assert heading[6] == "Created (Asia/Tokyo)"
    assert abs(first[6].replace(tzinfo=ZoneInfo("Asia/Tokyo")) - made) < timedelta(milliseconds=2)


def test_no_cell_of_a_file_is_a_formula(marta: Any) -> None:
    from openpyxl import load_workbook

    from tests.server.world import make_source, send
    from vaglio_server.crm.models import Lead

    traits = {
        "email": "evil@evil.example",
        "firstName": "=cmd|'/C calc'!A0",
        "lastName": "＋1",
        "company": "\x01=1+1",
        "title": "-2+3\x0b\ttab",
    }
    send(make_source("evil"), {"type": "identify", "userId": "evil", "traits": traits})
    query = "q=evil&col=lead.company&col=lead.job_title"
    try:
        line = list(csv.reader(io.StringIO(filed(marta, "csv", query).decode("utf-8-sig"))))[1]
        assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋")) for cell in line), line
        for cell in list(load_workbook(io.BytesIO(filed(marta, "xlsx", query))).active.rows)[1]:
            assert cell.data_type != "f"
    finally:
        Lead.objects.filter(fields__email="evil@evil.example").update(merged_into=leads()["anna@acme.example"].pk)


def test_days_and_instants_are_dates_in_a_workbook_and_come_back_as_they_were(marta: Any) -> None:
    from openpyxl import load_workbook

    from tests.server.imports.test_imports import upload
    from tests.server.world import make_source, send
    from vaglio_server.crm.actions import NewField, define_field
    from vaglio_server.crm.models import FieldDefinition, Lead
    from vaglio_server.imports.queries import preview

    at = datetime.now(ZoneInfo("UTC"))
    define_field(field=NewField("lead", "renews", "Renews", "date", ()), by="test", at=at)
    said = {"a": "2027-02-28", "b": "=1+1", "c": "1899-12-31", "d": "20270228"}
    send(make_source("days"), *({"type": "identify", "userId": f"days {name}", "traits": {"email": f"{name}@days.example", "renews": value}}
                                for name, value in said.items()))  # fmt: skip
    query = "q=days.example&col=lead.renews&col=created&sort=created"
    try:
        body = filed(marta, "xlsx", query)
        sheet = load_workbook(io.BytesIO(body)).active
        cells = {row[5].value[0]: (row[6], row[7]) for row in list(sheet.rows)[1:]}
        day, created = cells["a"]
        assert (day.value, day.number_format, day.is_date) == (datetime(2027, 2, 28), "yyyy-mm-dd", True)
        assert (created.number_format, created.is_date) == ("yyyy-mm-dd h:mm:ss", True)
        assert [cells[name][0].value for name in "bcd"] == [
            "'=1+1",
            "1899-12-31",
            "20270228",
        ]  # no days, or none that all spreadsheets know
        assert not any(cell.data_type == "f" for row in sheet.rows for cell in row)
        assert all(sheet.column_dimensions[letter].width >= 19 for letter in "GH")  # or an instant is shown as ####
        told = list(csv.DictReader(io.StringIO(filed(marta, "csv", query).decode("utf-8-sig"))))
        assert [row["Renews"] for row in told] == ["2027-02-28", "'=1+1", "1899-12-31", "20270228"]
        made = upload(marta, body, "days.xlsx")
        back = {found.values["email"][0]: found.values.get("renews") for _row, found in preview(made).first}
        made.delete()
        assert back == {"a": "2027-02-28", "b": None, "c": "1899-12-31", "d": "2027-02-28"}
    finally:
        Lead.objects.filter(fields__email__endswith="@days.example").update(merged_into=leads()["anna@acme.example"].pk)
        FieldDefinition.objects.filter(name="renews").delete()


def test_a_list_that_takes_too_long_says_so(marta: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.views.queries import leads as module
    from vaglio_server.web import leads as page

    monkeypatch.setattr(module.sql, "clause", lambda *_given: module.sql.Clause("pg_sleep(1) IS NULL"))
    monkeypatch.setattr(page, "in_time", lambda: module.in_time(20))
    slow = "where=lead.job_title:contains:cto"
    assert "longer than five seconds" in shown(marta, f"/leads?{slow}")
    assert "Too many to count" in shown(marta, f"/leads/count?{slow}")


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many leads that a page looks at one or two of them."""
    from vaglio_server.views.queries import walk

    for name, value in (("FIRST", 1), ("THEN", 1), ("FURTHER", 1)):
        monkeypatch.setattr(walk, name, value)


def further(client: Any, address: str) -> list[str]:
    """Return what a list shows, piece by piece, as a page asks for it by itself."""
    pieces = [shown(client, address)]
    while onward := re.search(r'hx-get="([^"]+)"[^>]*hx-trigger="load, click"', pieces[-1]):
        pieces.append(read(client.get(unescape(onward[1]), headers=HOST | {"HX-Request": "true"})))
    return pieces


@pytest.mark.usefixtures("step")
def test_a_list_says_how_far_it_looked_and_looks_on(marta: Any) -> None:
    pieces = further(marta, "/leads?where=lead.job_title:contains:clerk")
    assert "None of 2 leads looked through fits" in pieces[0] or "1 of 2 leads looked through fits" in pieces[0]
    assert "leads/count" not in pieces[0]  # nobody counts beside it: what it looks through says how many
    names = re.findall(r'class="person"><a [^>]*>([^<]+)<', "".join(pieces))
    assert names == ["Bruno"] and len(pieces) >= 3
    assert "No further lead fits" in pieces[-1] or "No further lead fits" in pieces[-2]
    none = further(marta, "/leads?where=lead.job_title:contains:astronaut")
    assert "No lead fits these filters" in none[-1] and "No lead fits" not in "".join(none[:-1])
    later = further(marta, f"/leads?where=lead.job_title:contains:astronaut&cursor={cursor_of('0~0')}")
    assert "No further lead fits" in later[-1] and "No lead fits these" not in "".join(later)  # some may have fitted before


@pytest.mark.usefixtures("step")
def test_a_count_goes_on_until_all_were_looked_at(marta: Any) -> None:
    told = shown(marta, "/leads/count?where=lead.job_title:known:")
    pieces = [told]
    while onward := re.search(r'hx-get="([^"]+)"', pieces[-1]):
        assert "so far…" in pieces[-1]
        pieces.append(shown(marta, unescape(onward[1])))
    assert len(pieces) == 5 and "2 leads" in pieces[-1]


@pytest.mark.parametrize("address", ["/leads?cursor=x&where=lead.job_title:known:", "/leads/count?cursor=x&where=lead.job_title:known:",
                                     "/leads?sort=name&cursor=x&where=lead.job_title:known:"])  # fmt: skip
def test_it_rejects_a_place_that_no_list_gave(marta: Any, address: str) -> None:
    assert marta.get(address, headers=HOST).status_code == 400
    assert marta.get(f"{address.replace('cursor=x', 'cursor=')}&through=many&fit=-1&n=x", headers=HOST).status_code == 200
    assert marta.get(f"{address.partition('?')[0]}?cursor=&through=9&n=9", headers=HOST).status_code == 200


def test_the_rows_and_the_page_of_one_address_are_kept_apart(marta: Any) -> None:
    """Or who goes back to the list is shown its rows without a page around them."""
    for headers in (HOST, HOST | {"HX-Request": "true"}):
        assert "HX-Request" in marta.get("/leads?q=anna", headers=headers)["Vary"]
