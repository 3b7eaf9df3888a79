"""A file of people puts leads on lists, each once, and takes them off again unless another file or somebody says they stay."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.imports.test_companies import dies
from tests.server.imports.test_imports import mapped, marta, run, state, upload  # noqa: F401
from tests.server.imports.test_undo import brought, score, undo
from tests.server.world import AT, MODEL, audited, leads, make_live, make_source, send

FILE = "Email,List,Name\nanna@acme.example,Customers,Anna\nnobody@else.example,Customers,Eve\nbea@beta.example,,Bea\nno mail,Customers,X\n"


ON_A_LIST = MODEL.replace("profile:\n  rules:\n", "profile:\n  rules:\n    - {id: ours, kind: list_member, list: customers, points: 25}\n")


@pytest.fixture
def people(tables: Any) -> Any:
    """Anna, who is known to Salesforce too, and Bea."""
    send(
        make_source(),
        {"type": "identify", "userId": "salesforce:00Q1", "traits": {"email": "anna@acme.example"}},
        {"type": "identify", "traits": {"email": "bea@beta.example"}},
    )
    return leads()


def on() -> set[tuple[str, str]]:
    from vaglio_server.crm.models import ListMember

    return {(each.list, each.lead.fields["email"]) for each in ListMember.objects.filter(to_at=None).select_related("lead")}


def test_leads_are_put_on_the_lists_that_rows_name(marta: Any, people: Any) -> None:  # noqa: F811
    made = upload(marta, FILE)
    assert (made.holds, made.columns) == ("members", ["email", "list", None])
    page = marta.get(f"/imports/{made.pk}").content.decode()
    assert "nobody is known by nobody@else.example" in page
    assert "it names no list" in page
    assert "no mail&quot; is no mail address" in page
    mapped(marta, made)
    run()
    assert state(made) == ("done", 4, 1, 0, 3)
    assert on() == {("customers", "anna@acme.example")}
    assert set(leads()) == {"anna@acme.example", "bea@beta.example"}  # it makes nobody
    assert "1 person put on a list" in marta.get(f"/imports/{made.pk}").content.decode()
    refused = b"".join(marta.get(f"/imports/{made.pk}/refused.csv").streaming_content).decode()
    assert refused.count("\n") == 4
    assert ("import:" + str(made.pk), "list:customers") in audited("add_leads_to_list")


def test_a_name_that_is_none_is_told_and_puts_nobody_on_another_list(marta: Any, people: Any) -> None:  # noqa: F811
    made = upload(marta, "Email,List\nanna@acme.example,???\nbea@beta.example,2026 fair\nbea@beta.example,VIP-Clients\n")
    mapped(marta, made, list_name="others")
    run()
    assert state(made) == ("done", 3, 1, 0, 2) and on() == {("vip_clients", "bea@beta.example")}
    refused = b"".join(marta.get(f"/imports/{made.pk}/refused.csv").streaming_content).decode()
    assert refused.count("is no name of a list: give it letters and digits") == 2


def test_one_list_for_all_and_by_the_id_of_the_other_system(marta: Any, people: Any) -> None:  # noqa: F811
    made = upload(marta, "Lead ID,Email\n00Q1,\n,bea@beta.example\n,bea@beta.example\n")
    marta.post(f"/imports/{made.pk}/columns", {"holds": "members"})
    made.refresh_from_db()
    assert made.columns == ["external_id", "email"]
    mapped(marta, made)
    assert state(made)[0] == "ready"  # no list is named
    mapped(marta, made, list_name="Target people")
    run()
    assert state(made) == ("done", 3, 2, 1, 0)
    assert on() == {("target_people", "anna@acme.example"), ("target_people", "bea@beta.example")}
    assert "?where=list.target_people:on:" in marta.get(f"/imports/{made.pk}").content.decode()


@pytest.mark.parametrize(
    "heading", ["Email,List Name", "Indirizzo email,Nome lista", "Adresa de email,Nume listă", "Record ID,Email,Static List"]
)
def test_headings_tell_a_list_of_people(heading: str) -> None:
    from vaglio_server.imports.logic.guessing import holds

    assert holds(heading.split(",")) == "members"
    assert holds([*heading.split(","), "Job title"]) == "leads"


def test_taken_back_they_are_off_and_past_scores_replay(marta: Any, people: Any) -> None:  # noqa: F811

    from vaglio_server.crm.models import ListMember
    from vaglio_server.scoring.actions import recheck
    from vaglio_server.scoring.models import Score
    from vaglio_server.scoring.scorers import a_scorer

    make_live(ON_A_LIST)
    score()
    made = brought(marta, "Email,List\nanna@acme.example,Customers\nbea@beta.example,Spam\n")
    score()
    page = marta.get(f"/imports/{made.pk}/undo").content.decode()
    assert "Put on a list by the file" in page
    undo(made)
    score()
    assert on() == set()
    assert ListMember.objects.count() == 2  # that they were on it stays known
    assert [each.profile_millipoints for each in Score.objects.filter(lead=people["anna@acme.example"]).order_by("pk")] == [0, 25_000, 0]
    with a_scorer() as scorer:
        assert recheck(scorer=scorer, by="test", at=datetime.now(UTC), sample=100).different == []
    again = brought(marta, "Email,List\nanna@acme.example,Customers\n")
    assert state(again) == ("done", 1, 1, 0, 0)
    assert on() == {("customers", "anna@acme.example")}


def test_who_was_on_it_before_or_is_put_on_it_later_stays(marta: Any, people: Any) -> None:  # noqa: F811
    from vaglio_server.crm.actions import add_leads_to_list, remove_leads_from_list

    add_leads_to_list(name="customers", leads=[people["anna@acme.example"].pk], by="luca", at=AT)
    made = brought(marta, "Email,List\nanna@acme.example,Customers\nbea@beta.example,Customers\n")
    assert state(made) == ("done", 2, 1, 1, 0)
    bea = [people["bea@beta.example"].pk]
    remove_leads_from_list(name="customers", leads=bea, by="luca", at=AT)
    add_leads_to_list(name="customers", leads=bea, by="luca", at=AT)
    undo(made)
    assert on() == {("customers", "anna@acme.example"), ("customers", "bea@beta.example")}
    page = marta.get(f"/imports/{made.pk}").content.decode()
    assert "it was said again later" in page
    assert page.count("customers, ") == 1


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_files_either_can_be_taken_back_first(marta: Any, people: Any, first: int) -> None:  # noqa: F811
    files = [brought(marta, "Email,List\nanna@acme.example,Customers\n") for _ in range(2)]
    undo(files[first])
    assert on() == {("customers", "anna@acme.example")}
    assert "another file says so too" in marta.get(f"/imports/{files[first].pk}").content.decode()
    undo(files[1 - first])
    assert on() == set()


def test_a_worker_that_dies_puts_each_on_once(marta: Any, people: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from vaglio_server.crm.models import ListMember
    from vaglio_server.imports.actions import Importer, taking, undoing
    from vaglio_server.imports.models import ImportedFact

    monkeypatch.setattr(taking, "ROWS", 1)
    made = upload(marta, "Email,List\nanna@acme.example,a\nbea@beta.example,a\n")
    mapped(marta, made)
    importer = Importer()
    assert importer.step(AT) == 1
    dies(importer, monkeypatch)
    assert (ListMember.objects.count(), ImportedFact.objects.count()) == (1, 1)
    run()
    assert state(made) == ("done", 2, 2, 0, 0)
    monkeypatch.setattr("vaglio_server.imports.actions.facts.FACTS", 1)
    undo(made, step=1)
    assert len(on()) == 1
    while undoing.Undoer().step(datetime.now(UTC)):
        pass
    assert (on(), ListMember.objects.count()) == (set(), 2)
