"""What is done with a lead from its page: by whom, what it says, what is written down."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.conftest import empty_tables
from tests.server.web.people import make_people, signed_in
from tests.server.web.test_pages import shown
from tests.server.world import AT, HOST, audited, leads, make_source, send

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def people(database: Any) -> Iterator[dict[str, Any]]:
    """Anna and Alan, Luca's leads."""
    from vaglio_server.crm.actions import assign_leads

    empty_tables()
    found = make_people()
    send(make_source(), *({"type": "identify", "userId": name, "traits": {"email": f"{name}@acme.example", "firstName": name.title()}}
                          for name in ("anna", "alan", "bruno")))  # fmt: skip
    assign_leads(leads=[lead.pk for lead in leads().values()], owner=found["luca"], by="test", at=AT)
    yield found


def anna() -> Any:
    return leads()["anna@acme.example"]


def do(user: Any, deed: str, **told: Any) -> Any:
    return signed_in(user).post(f"/leads/{anna().pk}/do/{deed}", told, headers=HOST | FRAGMENT)


def test_it_is_taken_and_given(people: dict[str, Any]) -> None:
    assert "Take it" in shown(signed_in(people["irina"]), f"/leads/{anna().pk}")
    taken = do(people["irina"], "take")
    assert anna().owner == people["irina"] and taken["HX-Trigger"] == "lead-changed"
    told = taken.content.decode()
    assert "It is yours now." in told and "Take it" not in told and people["irina"].called in told
    assert f"It is {people['luca'].called}" in do(people["irina"], "give", owner=people["luca"].pk).content.decode().replace("&#x27;", "'")
    assert anna().owner == people["luca"]
    assert [by for by, _subject in audited("assign_leads")][-2:] == ["irina", "irina"]
    refused = do(people["marta"], "take")
    assert refused["HX-Retarget"] == "#said" and "Only sellers" in refused.content.decode()
    refused = do(people["irina"], "give", owner=people["jonas"].pk)  # another team's
    assert "Choose a seller." in refused.content.decode() and anna().owner == people["luca"]


def test_given_out_of_sight_the_page_is_left(people: dict[str, Any]) -> None:
    from vaglio_server.crm.actions import assign_leads

    gone = do(people["luca"], "give", owner="none")
    assert gone["HX-Redirect"] == "/leads" and anna().owner is None
    assert do(people["luca"], "take").status_code == 404
    assign_leads(leads=[anna().pk], owner=people["luca"], by="test", at=AT)


def test_lists(people: dict[str, Any]) -> None:
    from vaglio_server.crm.models import ListMember

    told = do(people["luca"], "put-on", list="Key people").content.decode()
    assert "on the list key people now" in told
    menu = shown(signed_in(people["luca"]), f"/leads/{anna().pk}/menus/lists")
    assert "key people" in menu and "since" in menu
    assert 'value="employees"' in shown(signed_in(people["luca"]), f"/leads/{anna().pk}/menus/change")
    sellers = shown(signed_in(people["luca"]), f"/leads/{anna().pk}/menus/give")
    assert people["irina"].called in sellers and people["jonas"].called not in sellers  # another team's
    assert ListMember.objects.get(lead=anna(), to_at=None).list == "key_people"
    assert "is no name of a list" in do(people["luca"], "put-on", list=":").content.decode()
    assert "off the list key people" in do(people["luca"], "take-off", list="key_people").content.decode()
    assert not ListMember.objects.filter(lead=anna(), to_at=None).exists()
    assert "not on the list" in do(people["luca"], "take-off", list="key_people").content.decode()


def test_a_note_stands_in_the_timeline(people: dict[str, Any]) -> None:
    assert "The note stands" in do(people["luca"], "note", text="Calls back on <Monday>").content.decode()
    assert do(people["luca"], "note", text="  ")["HX-Reswap"] == "innerHTML"
    for part in ("", "/timeline"):
        assert "Calls back on &lt;Monday&gt;" in shown(signed_in(people["irina"]), f"/leads/{anna().pk}{part}")
    assert audited("add_note")[-1] == ("luca", f"lead:{anna().pk}")


def test_a_timeline_names_who_wrote(people: dict[str, Any]) -> None:
    """People by their names, parts of Vaglio by what they are, as the audit trail and owners do."""
    from django.db.transaction import atomic

    from vaglio_server.lifecycle.actions.moves import Why, move
    from vaglio_server.users.models import User

    luca, bruno = User.objects.filter(pk=people["luca"].pk), leads()["bruno@acme.example"]
    luca.update(first_name="Luca", last_name="Rinaldi")
    try:
        signed_in(people["luca"]).post(f"/leads/{bruno.pk}/do/note", {"text": "Called"}, headers=HOST)
        with atomic():
            move(bruno, "qualify", Why(), "lifecycle", AT)
        page = shown(signed_in(people["luca"]), f"/leads/{bruno.pk}/timeline")
        assert [name in page for name in ('soft">Luca Rinaldi<', 'soft">routing and promises<')] == [True, True]
    finally:
        luca.update(first_name="", last_name="")


def test_a_field_is_changed(people: dict[str, Any]) -> None:
    client, lead = signed_in(people["luca"]), anna()
    assert 'value="Anna"' in shown(client, f"/leads/{lead.pk}/change?field=first_name")
    assert do(people["luca"], "change", field="employees", value="250")["HX-Refresh"] == "true"
    assert anna().fields["employees"] == 250
    assert "not a whole number" in do(people["luca"], "change", field="employees", value="many").content.decode()
    assert "Choose a field." in do(people["luca"], "change", field="nothing", value="1").content.decode()
    do(people["luca"], "change", field="employees", value="")
    assert anna().fields["employees"] is None
    assert audited("edit_lead")[-1] == ("luca", f"lead:{lead.pk}")


def test_the_same_person_is_found_and_merged(people: dict[str, Any]) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.tracking.actions import undo_merge
    from vaglio_server.tracking.models import Merge

    alan, client = leads()["alan@acme.example"], signed_in(people["luca"])
    found = shown(client, f"/leads/{anna().pk}/alike?q=al")
    assert "alan@acme.example" in found and "anna@acme.example" not in found
    assert do(people["luca"], "merge", other=alan.pk)["HX-Refresh"] == "true"
    assert Lead.objects.get(pk=alan.pk).merged_into == anna()
    assert do(people["luca"], "merge", other=alan.pk).status_code == 404
    undo_merge(merge=Merge.objects.get(other=alan), by="test", at=AT)


def test_without_script_the_page_comes_again(people: dict[str, Any]) -> None:
    client, lead = signed_in(people["luca"]), anna()
    page = client.post(f"/leads/{lead.pk}/do/note", {"text": "By hand"}, headers=HOST, follow=True)
    assert page.redirect_chain[-1][0] == f"/leads/{lead.pk}" and "The note stands in the timeline." in page.content.decode()
    page = client.post(f"/leads/{lead.pk}/do/note", {"text": ""}, headers=HOST, follow=True)
    assert "alert-danger" in page.content.decode()


def test_who_may_not_sees_nothing_of_it(people: dict[str, Any]) -> None:
    assert 'id="deeds"' not in shown(signed_in(people["vera"]), f"/leads/{anna().pk}")
    assert do(people["vera"], "note", text="x").status_code == 403
    assert do(people["jonas"], "note", text="x").status_code == 404  # another team's lead
    assert do(people["luca"], "nothing").status_code == 404


def test_sales_moves_a_lead_on_and_back(people: dict[str, Any]) -> None:
    from tests.server.lifecycle.world import stage, verbs

    luca, lead = signed_in(people["luca"]), anna()
    page = shown(luca, f"/leads/{lead.pk}")
    assert "Accept" in page and "Hand back" not in page  # a lead that never reached sales can be taken on all the same
    for deed, given, said in (
        ("accept", {}, "It is accepted."),
        ("sales_qualify", {}, "It is sales qualified now."),
        ("recycle", {}, "say why"),
        ("recycle", {"reason": "not_now", "note": "in spring"}, "It is recycled now."),
        ("disqualify", {"reason": "bad_data"}, "It is disqualified now."),
        ("accept", {}, "cannot be moved so"),
        ("reopen", {}, "It is inquiry now."),
    ):
        answer = luca.post(f"/leads/{lead.pk}/do/{deed}", given, headers=HOST, follow=True).content.decode()
        assert said in answer, deed
    assert verbs(lead) == ["accept", "sales_qualify", "recycle", "disqualify", "reopen"] and stage(lead) == "inquiry"
    page = shown(luca, f"/leads/{lead.pk}")
    assert "Not now, perhaps later · in spring · luca" in page and "Accepted by sales" in page
