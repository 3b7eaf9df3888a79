"""Taking a file back: what it brought is gone, what others wrote stays, past scores replay, each lead once whatever dies."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.imports.test_imports import mapped, marta, run, upload  # noqa: F401
from tests.server.world import AT, leads, make_live, make_source, send, take

FILE = "Email,Name,City,Title\nanna@acme.example,Anna,Torino,CTO\ndan@zeta.example,Dan,Roma,CTO\n"


def brought(client: Any, body: str = FILE) -> Any:
    made = upload(client, body)
    mapped(client, made)
    run()
    return made


def undo(made: Any, *, step: int | None = None) -> None:
    from vaglio_server.imports.actions import Undoer, undo_import

    undo_import(each=made, by="marta", at=AT)
    finish(Undoer(), step)


def finish(undoer: Any, most: int | None = None) -> None:
    from vaglio_server.imports.models import Import

    for _ in range(most if most is not None else 100):
        if not undoer.step(datetime.now(UTC)) and not Import.objects.filter(state="undoing").exists():
            return


def present() -> dict[str, dict[str, Any]]:
    from vaglio_server.crm.models import Lead

    return {lead.fields["email"]: {k: v for k, v in lead.fields.items() if v is not None} for lead in Lead.objects.present()}


def score() -> None:
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.scorers import a_scorer

    with a_scorer() as scorer:
        while score_due(scorer=scorer, limit=100):
            pass


def test_what_a_file_made_is_gone_and_what_it_changed_is_as_before(marta: Any) -> None:  # noqa: F811
    from vaglio_server.crm.models import Account
    from vaglio_server.users.models import AuditEntry

    site = make_source()
    send(site, {"type": "identify", "traits": {"email": "anna@acme.example", "city": "Forlì"}})
    made = brought(marta)
    assert set(present()) == {"anna@acme.example", "dan@zeta.example"}
    page = marta.get(f"/imports/{made.pk}/undo").content.decode()
    assert "Take back leads.csv?" in page
    undo(made)
    made.refresh_from_db()
    assert (made.state, made.undo_by) == ("undone", "marta")
    assert present() == {"anna@acme.example": {"email": "anna@acme.example", "city": "Forlì"}}
    assert [firm.name for firm in Account.objects.present()] == ["acme.example"]
    told = AuditEntry.objects.filter(verb="finish_undo").get().detail
    assert (told["gone"], told["back"], told["left"]) == (1, 1, 0)
    assert AuditEntry.objects.filter(verb="undo_import", subject=f"import:{made.pk}").count() == 1
    assert "Dan" not in marta.get("/leads").content.decode()
    dan = leads()["dan@zeta.example"]
    assert marta.get(f"/leads/{dan.pk}").status_code == 404


def test_past_scores_replay(marta: Any) -> None:  # noqa: F811
    from vaglio_server.scoring.actions import recheck
    from vaglio_server.scoring.models import Score
    from vaglio_server.scoring.scorers import a_scorer

    make_live()
    send(make_source(), {"type": "identify", "traits": {"email": "anna@acme.example", "title": "Clerk"}})
    score()
    made = brought(marta)
    score()
    assert {lead.rating for lead in leads().values()} == {"B4"}
    undo(made)
    score()
    anna, dan = leads()["anna@acme.example"], leads()["dan@zeta.example"]
    assert (anna.rating, dan.rating, dan.due_at) == ("D4", None, None)
    assert Score.objects.filter(lead=anna).count() == 3
    with a_scorer() as scorer:
        checked = recheck(scorer=scorer, sample=100, by="test", at=datetime.now(UTC))
    assert (checked.checked, checked.different) == (4, [])


def test_what_somebody_touched_since_stays_and_is_listed(marta: Any) -> None:  # noqa: F811
    from vaglio_server.tracking.actions import edit_lead

    send(make_source(), {"type": "identify", "traits": {"email": "anna@acme.example", "city": "Forlì"}})
    made = brought(marta)
    edit_lead(lead=leads()["anna@acme.example"], fields={"city": "Milano"}, by="luca", at=AT)
    edit_lead(lead=leads()["dan@zeta.example"], fields={"phone": "12"}, by="luca", at=AT)
    undo(made)
    assert present() == {
        "anna@acme.example": {"email": "anna@acme.example", "city": "Milano"},
        "dan@zeta.example": {"email": "dan@zeta.example", "name": "Dan", "city": "Roma", "job_title": "CTO", "phone": "12"},
    }
    page = marta.get(f"/imports/{made.pk}").content.decode()
    assert "city was written later" in page
    assert "somebody or another source wrote values of it" in page


@pytest.mark.parametrize("why", ["note", "owner", "activities", "list", "campaign", "outcome", "contact", "known_by", "merged", "verdict"])
def test_each_way_of_touching_keeps_a_lead(marta: Any, why: str) -> None:  # noqa: F811
    from vaglio_server.tracking.models import BroughtLead

    made = brought(marta)
    touch(leads()["dan@zeta.example"], why)
    undo(made)
    left = {row.lead.fields["email"]: row.left for row in BroughtLead.objects.filter(result="left").select_related("lead")}
    assert why in left["dan@zeta.example"]


def touch(lead: Any, why: str) -> None:
    from vaglio_server.crm import actions as crm
    from vaglio_server.crm.models import Contact, LeadOutcome
    from vaglio_server.tracking.actions import merge_leads
    from vaglio_server.tracking.models import Suspicion
    from vaglio_server.users.models import User

    if why == "note":
        crm.add_note(about=lead, text="rang", by="luca", at=AT)
    elif why == "owner":
        crm.assign_leads(leads=[lead.pk], owner=User.objects.get(username="luca"), by="test", at=AT)
    elif why == "activities":
        context = {"traits": {"email": "dan@zeta.example"}}
        send(make_source(), {"type": "track", "event": "Demo", "context": context})
    elif why == "list":
        crm.add_leads_to_list(name="customers", leads=[lead.pk], by="test", at=AT)
    elif why == "campaign":
        add_to_campaign(lead)
    elif why == "outcome":
        LeadOutcome.objects.create(lead=lead, outcome="won", occurred_at=AT, known_at=AT, by="luca")
    elif why == "contact":
        Contact.objects.create(lead=lead, fields={"name": "Dan"}, created_at=AT)
    elif why == "known_by":
        send(make_source(), {"type": "identify", "userId": "d7", "anonymousId": "device", "traits": {"email": "dan@zeta.example"}})
    elif why == "merged":
        merge_leads(lead=leads()["anna@acme.example"], other=lead, by="luca", at=AT)
    else:
        Suspicion.objects.create(lead=lead, score=50, known_at=AT, verdict="genuine")


def add_to_campaign(lead: Any) -> None:
    from vaglio_server.campaigns.models import Campaign, CampaignMember

    campaign = Campaign.objects.create(name="fair", created_at=AT)
    CampaignMember.objects.create(campaign=campaign, lead=lead, status="added", added_at=AT)


def test_whoever_comes_back_is_a_lead_again(marta: Any) -> None:  # noqa: F811
    made = brought(marta)
    undo(made)
    assert present() == {}
    send(make_source(), {"type": "identify", "traits": {"email": "dan@zeta.example", "phone": "1"}})
    assert present() == {"dan@zeta.example": {"email": "dan@zeta.example", "phone": "1"}}
    again = brought(marta)
    assert (again.refresh_from_db(), again.rows_new, again.rows_known) == (None, 1, 1)
    assert set(present()) == {"anna@acme.example", "dan@zeta.example"}
    assert "2" in marta.get("/leads/count").content.decode()


def test_of_two_files_the_first_is_undone_and_then_the_second(marta: Any) -> None:  # noqa: F811
    first = brought(marta, "Email,City\ndan@zeta.example,Roma\n")
    second = brought(marta, "Email,City,Phone\ndan@zeta.example,Milano,1\n")
    undo(first)
    assert present()["dan@zeta.example"]["city"] == "Milano"
    undo(second)
    assert present() == {}


def test_of_two_files_the_second_is_undone_and_then_the_first(marta: Any) -> None:  # noqa: F811
    first = brought(marta, "Email,City\ndan@zeta.example,Roma\n")
    second = brought(marta, "Email,City,Phone\ndan@zeta.example,Milano,1\n")
    undo(second)
    assert present()["dan@zeta.example"] == {"email": "dan@zeta.example", "city": "Roma"}
    undo(first)
    assert present() == {}


def test_an_id_that_only_the_file_knew_is_the_leads_no_more(marta: Any) -> None:  # noqa: F811
    send(make_source(), {"type": "identify", "userId": "a7", "traits": {"email": "anna@acme.example"}})
    made = brought(marta, "Lead ID,Company / Account,Email\n00Q1,Acme,anna@acme.example\n")
    undo(made)
    assert present() == {"anna@acme.example": {"email": "anna@acme.example"}}
    brought(marta, "Lead ID,Company / Account,Email\n00Q1,Beta,bea@beta.example\n")
    assert set(present()) == {"anna@acme.example", "bea@beta.example"}


def test_a_worker_that_dies_takes_each_lead_back_once(marta: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from vaglio_server.crm.models import FieldChange
    from vaglio_server.imports.actions import Undoer, undo_import, undoing
    from vaglio_server.tracking.actions import taking_back

    send(make_source(), *({"type": "identify", "traits": {"email": f"p{n}@acme.example", "city": "Bari"}} for n in range(10)))
    made = brought(marta, "Email,City\n" + "".join(f"p{n}@acme.example,Torino\n" for n in range(25)))
    monkeypatch.setattr(undoing, "LEADS", 4)
    undo_import(each=made, by="marta", at=AT)
    assert Undoer().step(AT) == 4
    with monkeypatch.context() as dying:
        dying.setattr(taking_back, "_remember", _fail)
        with pytest.raises(OSError, match="killed"):
            Undoer().step(AT)
    finish(Undoer())
    assert {email: held["city"] for email, held in present().items()} == {f"p{n}@acme.example": "Bari" for n in range(10)}
    assert FieldChange.objects.filter(by=f"import:{made.pk} undo", field="city").count() == 10


def _fail(*_values: Any) -> None:
    raise OSError("killed")


def test_a_file_that_still_runs_is_stopped_first(marta: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from vaglio_server.imports.actions import Importer, Undoer, taking, undo_import

    monkeypatch.setattr(taking, "ROWS", 10)
    made = upload(marta, "Email\n" + "".join(f"p{n}@acme.example\n" for n in range(45)))
    mapped(marta, made)
    importer = Importer()
    importer.step(AT)
    undo_import(each=made, by="marta", at=AT)
    assert importer.step(AT) == 0
    assert Undoer().step(AT) == 0  # rows that wait become leads first
    take()
    assert len(present()) == 10
    finish(Undoer())
    run(importer)
    assert present() == {}
    made.refresh_from_db()
    assert (made.state, made.rows_read) == ("undone", 10)


def test_it_is_done_once(marta: Any) -> None:  # noqa: F811
    from vaglio_server.imports.actions import Undoer, undo_import
    from vaglio_server.refused import Refused

    made = upload(marta, FILE)
    with pytest.raises(Refused, match="did not start"):
        undo_import(each=made, by="marta", at=AT)
    mapped(marta, made)
    run()
    undo(made)
    with pytest.raises(Refused, match="taken back already"):
        undo_import(each=made, by="marta", at=AT)
    assert Undoer().step(AT) == 0


def test_it_requires_a_role_that_may_import(marta: Any) -> None:  # noqa: F811
    from tests.server.web.people import signed_in
    from vaglio_server.users.models import User

    made = brought(marta)
    luca = signed_in(User.objects.get(username="luca"))
    assert luca.get(f"/imports/{made.pk}/undo").status_code == luca.post(f"/imports/{made.pk}/undo").status_code == 403
    assert marta.post(f"/imports/{made.pk}/undo").status_code == 302
    made.refresh_from_db()
    assert made.state == "undoing"


def test_leads_are_listed_by_the_file_that_named_them(marta: Any) -> None:  # noqa: F811
    send(make_source(), {"type": "identify", "traits": {"email": "zoe@other.example", "name": "Zoe"}})
    made = brought(marta)
    page = marta.get(f"/leads?where=file.{made.pk}:brought:").content.decode()
    assert "Anna" in page
    assert "Zoe" not in page
    assert "leads.csv" in page
    without = marta.get(f"/leads?where=file.{made.pk}:not_brought:").content.decode()
    assert "Zoe" in without
    assert "Anna" not in without


@pytest.mark.parametrize("many", [False, True])
def test_leads_are_listed_by_the_file_that_said_something_of_them(marta: Any, monkeypatch: pytest.MonkeyPatch, many: bool) -> None:  # noqa: F811
    from vaglio_server.crm.actions import add_leads_to_list
    from vaglio_server.views.queries import leads as listed

    if many:
        monkeypatch.setattr(listed, "RARE", 0)  # so many that each lead is asked for
    traits = [{"email": f"{name.lower()}@{name.lower()}.example", "name": name} for name in ("Anna", "Bea", "Carla", "Zoe")]
    send(make_source(), *({"type": "identify", "traits": each} for each in traits))
    found = leads()
    add_leads_to_list(name="customers", leads=[found["bea@bea.example"].pk], by="luca", at=AT)
    for body, named in (
        ("Email,List\nanna@anna.example,Customers\nbea@bea.example,Customers\n", {"Anna", "Bea"}),
        ("Email,Outcome,Close date\ncarla@carla.example,won,2026-01-02\ncarla@carla.example,won,2026-02-02\n", {"Carla"}),
        ("Referente,Email\nZoe,zoe@zoe.example\nOtto,otto@otto.example\n", {"Zoe"}),
        ("Email,Name\nanna@anna.example,Anna\n", {"Anna"}),
    ):
        made = brought(marta, body)
        result = marta.get(f"/imports/{made.pk}").content.decode()
        assert f"/leads?where=file.{made.pk}:brought:" in result or made.holds == "contacts"
        assert _shown(marta, f"file.{made.pk}:brought:") == named
        assert _shown(marta, f"file.{made.pk}:not_brought:") == {"Anna", "Bea", "Carla", "Zoe"} - named


def _shown(client: Any, where: str) -> set[str]:
    page = client.get(f"/leads?where={where}").content.decode()
    return {name for name in ("Anna", "Bea", "Carla", "Zoe") if f">{name}</a>" in page}


def test_a_group_that_a_sender_names_keeps_its_company(marta: Any) -> None:  # noqa: F811
    from vaglio_server.crm.models import Account

    made = brought(marta)
    send(make_source(), {"type": "group", "userId": "x", "groupId": "acme", "traits": {"domain": "acme.example"}})
    undo(made)
    assert [firm.domain for firm in Account.objects.present()] == ["acme.example"]


def test_histories_and_the_trail_call_a_file_by_its_name(marta: Any) -> None:  # noqa: F811
    from tests.server.web.people import signed_in
    from vaglio_server.crm.actions import assign_leads
    from vaglio_server.users.models import User

    send(make_source(), {"type": "identify", "traits": {"email": "anna@acme.example", "city": "Forlì"}})
    made = brought(marta)
    anna = leads()["anna@acme.example"]
    page = marta.get(f"/leads/{anna.pk}/fields/city").content.decode()
    assert f'<a href="/imports/{made.pk}">leads.csv</a>' in page
    assert f"import:{made.pk}" not in page
    luca = User.objects.get(username="luca")
    assign_leads(leads=[anna.pk], owner=luca, by="marta", at=AT)
    page = signed_in(luca).get(f"/leads/{anna.pk}/fields/city").content.decode()
    assert "leads.csv" in page
    assert "<a" not in page  # sellers do not open files
    undo(made)
    assert "leads.csv, taken back" in marta.get(f"/leads/{anna.pk}/fields/city").content.decode()


def test_the_trail_calls_a_file_by_its_name(marta: Any) -> None:  # noqa: F811
    from vaglio_server.users.models import AuditEntry
    from vaglio_server.web.trail_words import lines

    made = brought(marta, "Company,Domain\nAcme,acme.example\n")
    undo(made)
    told = [line.by.name for line in lines(AuditEntry.objects.filter(by__startswith="import:").order_by("pk"))]
    assert told[0] == "leads.csv"
