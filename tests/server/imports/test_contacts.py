"""A file of contacts: made or written to, at their companies, with their owners and the leads they were, and taken back exactly."""

import io
from typing import Any

import pytest

from tests.server.imports.test_companies import dies
from tests.server.imports.test_imports import mapped, marta, run, state, upload  # noqa: F401
from tests.server.imports.test_sheets import workbook
from tests.server.imports.test_undo import brought, undo
from tests.server.world import AT, audited, history, leads, make_account, make_contact, make_field, make_opportunity, make_source, send

# As the report "Contacts & Accounts" gives it, with rows that somebody spoiled.
SALESFORCE = """"Salutation","First Name","Last Name","Title","Account Name","Mailing Street","Mailing City","Mailing Zip/Postal Code",\
"Mailing Country","Phone","Mobile","Email","Contact Owner","Contact ID","Last Activity"
"Ms.","Anna","Rossi","Chief Technology Officer","Acme S.p.A.","Via Po 1
2nd floor","Torino","010121","Italy","+39 011 1","","Anna.Rossi@acme.example","Luca","0035e00000AbCdE","01/10/2026"
"Mr.","Dan","Green","Buyer","Acme S.p.A.","","","","","","","dan@gmail.com","luca@vaglio.example","0035e00000AbCdF",""
"","","","","Zeta Ltd","","","","","+44 1","","","Nora Nowhere","",""
"Mr.","Bob","Stone","Clerk","Beta","","","","","","","bob at beta","","",""
"","","","CFO","Beta","","","","","","","","","0035e00000AbCdH",""
"Ms.","Eva","Blu","","","","","","","","","eva@beta.example","Nora Nowhere","0035e00000AbCdI",""
"Ms.","Anna","Rossi Bianchi","","","","","","","","+39 333","anna.rossi@ACME.example","","0035e00000AbCdE",""
"""
ITALIAN = """Referente;Ruolo;Ragione sociale;E-mail;Telefono;Cellulare;Provincia;CAP;Responsabile;Note interne
Lucia Verdi;Responsabile acquisti;Rossi & Figli Srl;lucia@rossifigli.example;011 123;;TO;010121;Luca;cliente storico
Gàia D'Angelò;;Rossi & Figli Srl;gaia@libero.it;;;;;;
;;Rossi & Figli Srl;;011 124;;;;;
Piero Neri;;Rossi & Figli Srl;piero@;;;;;;
"""


def people() -> dict[str, Any]:
    from vaglio_server.crm.models import Contact

    rows = Contact.objects.present().select_related("account", "owner", "lead")
    return {str(each.fields.get("email") or each): each for each in rows}


def world() -> dict[str, Any]:
    """Return all that a file of contacts may change, as it is now."""
    from vaglio_server.crm.models import Account

    contacts = {
        each.pk: (each.fields, each.account_id, each.owner_id, each.lead_id) for each in people().values()
    }  # fmt: skip
    return {"contacts": contacts, "firms": sorted((firm.name, firm.domain or "") for firm in Account.objects.present())}


def test_a_salesforce_export_needs_no_mapping(marta: Any) -> None:  # noqa: F811
    made = upload(marta, SALESFORCE)
    assert (made.holds, made.system) == ("contacts", "salesforce")
    assert made.columns == [None, "first_name", "last_name", "job_title", "company", "street", "city", "postal_code", "country", "phone",
                            "mobile_phone", "email", "owner", "external_id", None]  # fmt: skip
    page = marta.get(f"/imports/{made.pk}").content.decode()
    assert "bob at beta&quot; is no mail address" in page
    assert "it names nobody" in page
    assert "a contact needs a name or a mail address" in page
    assert "Nora Nowhere" in page and "nobody here is called so" in page
    assert "1 of them of people whom an earlier row names" in page and "<b>line 9</b> names the same person as line 3" in page
    assert people() == {}  # nothing is stored yet
    mapped(marta, made)
    run()
    assert state(made) == ("done", 7, 3, 1, 3)
    found = people()
    assert set(found) == {"anna.rossi@acme.example", "dan@gmail.com", "eva@beta.example"}
    anna, dan, eva = found["anna.rossi@acme.example"], found["dan@gmail.com"], found["eva@beta.example"]
    assert anna.fields == {"first_name": "Anna", "last_name": "Rossi Bianchi", "job_title": "Chief Technology Officer",
                           "company": "Acme S.p.A.", "street": "Via Po 1\n2nd floor", "city": "Torino", "postal_code": "010121",
                           "country": "IT", "phone": "+39 011 1", "mobile_phone": "+39 333",
                           "email": "anna.rossi@acme.example"}  # fmt: skip
    assert (anna.account.name, anna.account.domain, anna.owner.username) == ("Acme S.p.A.", "acme.example", "luca")
    assert (dan.account, dan.owner.username) == (anna.account, "luca")  # by its name: gmail.com is no company's
    assert (eva.account.name, eva.owner) == ("beta.example", None)
    assert ("job_title", "Chief Technology Officer") in history(anna)
    assert ("account_id", str(anna.account_id)) in history(anna)
    assert audited("put_contacts") == [(f"import:{made.pk}", "contacts")]
    result = marta.get(f"/imports/{made.pk}").content.decode()
    assert "3 new contacts" in result and f"/companies/contacts?file={made.pk}" in result
    refused = b"".join(marta.get(f"/imports/{made.pk}/refused.csv").streaming_content).decode()
    assert "Zeta Ltd" in refused and "0035e00000AbCdH" in refused and "bob at beta" in refused


def test_an_italian_list_in_an_old_encoding_as_a_spreadsheet_too(marta: Any) -> None:  # noqa: F811
    made = upload(marta, ITALIAN.encode("cp1252"))
    assert (made.holds, made.encoding, made.system) == ("contacts", "cp1252", "file")
    assert made.columns == ["name", "job_title", "company", "email", "phone", "mobile_phone", "state", "postal_code", "owner", None]
    mapped(marta, made)
    run()
    assert state(made) == ("done", 4, 2, 0, 2)
    lucia, gaia = people()["lucia@rossifigli.example"], people()["gaia@libero.it"]
    assert (gaia.name, gaia.account, lucia.owner.username) == ("Gàia D'Angelò", lucia.account, "luca")
    assert (lucia.account.name, lucia.account.domain) == ("Rossi & Figli Srl", "rossifigli.example")
    rows = [line.split(";") for line in ITALIAN.strip().split("\n")]
    again = upload(marta, workbook(rows), "contatti.xlsx")
    mapped(marta, again)
    run()
    assert state(again) == ("done", 4, 0, 2, 2)


@pytest.mark.parametrize(
    ("heading", "system", "columns"),
    [
        ("(Do Not Modify) Contact,(Do Not Modify) Row Checksum,Full Name,Email,Company Name,Business Phone,Job Title,Owner", "dynamics",
         ["external_id", None, "name", "email", "company", "phone", "job_title", "owner"]),
        ("Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Job Title,Associated Company,Associated Company IDs", "hubspot",
         ["external_id", "first_name", "last_name", "email", "phone", "owner", "job_title", "company", None]),
        ("Person - ID,Person - Name,Person - Email - Work,Person - Phone - Work,Person - Organization,Person - Owner", "pipedrive",
         ["external_id", "name", "email", "phone", "company", "owner"]),
        ("Id,IsDeleted,AccountId,LastName,FirstName,MailingCity,MailingState,Email,Title,OwnerId", "salesforce",
         ["external_id", None, None, "last_name", "first_name", "city", "state", "email", "job_title", None]),
        ("ID contatto,Nome,Cognome,Azienda,Indirizzo e-mail,Proprietario contatto,Città", "file",
         ["external_id", "first_name", "last_name", "company", "email", "owner", "city"]),
        ("Persoană de contact,Firma,Adresă de e-mail,Telefon,Funcție,Responsabil,Județ", "file",
         ["name", "company", "email", "phone", "job_title", "owner", "state"]),
    ],
    ids=["dynamics", "hubspot", "pipedrive", "salesforce-data", "italian", "romanian"],
)  # fmt: skip
def test_headings_of_other_systems_and_languages(tables: Any, heading: str, system: str, columns: list[str | None]) -> None:
    from vaglio_server.crm.queries import fields_of
    from vaglio_server.imports.logic.contact_headings import proposed_contact
    from vaglio_server.imports.logic.guessing import holds
    from vaglio_server.imports.logic.headings import system_of

    named = heading.split(",")
    assert (holds(named), system_of(named)) == ("contacts", system)
    assert proposed_contact(named, fields_of("contact")) == columns
    assert holds([*named, "Lifecycle Stage"]) == "leads"


def test_columns_contacts_have_no_field_for_are_left_out_unless_somebody_says_otherwise(marta: Any) -> None:  # noqa: F811
    make_field("contact", "tier", "choice", ("Gold", "Silver"))
    made = upload(marta, "Referente,Email,Tier,Shoe size\nAnna,anna@acme.example,gold,37\nBob,bob@acme.example,Tin,40\n")
    assert made.columns == ["name", "email", "tier", None]
    mapped(marta, made)
    run()
    assert (state(made), made.rows_partly) == (("done", 2, 2, 0, 0), 1)  # "Tin" is none of the choices
    assert [people()[f"{name}@acme.example"].fields.get("tier") for name in ("anna", "bob")] == ["Gold", None]


def test_who_is_known_is_recognised_by_mail_address_or_id_and_not_doubled(marta: Any) -> None:  # noqa: F811
    acme = make_account(name="Acme", domain="acme.example")
    anna = make_contact(acme, email="Anna@Acme.example", city="Torino")
    made = brought(marta, "Contact ID,Last Name,Email,Mailing City\n003A,Rossi,anna@acme.EXAMPLE,\n003B,Stone,bob@acme.example,Roma\n")
    assert state(made) == ("done", 2, 1, 1, 0)
    anna.refresh_from_db()
    assert (anna.fields["email"], anna.fields["city"], anna.account) == ("Anna@Acme.example", "Torino", acme)  # empty says nothing
    again = brought(marta, "Contact ID,Email,Mailing City\n003B,robert@acme.example,Bari\n,ROBERT@acme.example,Lecce\n003A,,Asti\n")
    assert state(again) == ("done", 3, 0, 3, 0)
    bob = people()["robert@acme.example"]
    anna.refresh_from_db()
    assert (bob.fields["last_name"], bob.fields["city"], anna.fields["city"]) == ("Stone", "Lecce", "Asti")
    other = upload(marta, "Record ID,Email,Associated Company\n003A,eve@acme.example,Acme\n")  # another system's id is somebody else
    mapped(marta, other)
    run()
    assert state(other) == ("done", 1, 1, 0, 0)
    mixed = upload(marta, "Contact ID,Email,Mailing City\n003A,robert@acme.example,Bari\n")
    assert "is one contact&#x27;s and" in marta.get(f"/imports/{mixed.pk}").content.decode()
    assert len(people()) == 3


def test_who_is_known_can_be_skipped(marta: Any) -> None:  # noqa: F811
    anna = make_contact(None, email="anna@acme.example", city="Torino")
    made = upload(marta, "Referente,Email,City\nA,anna@acme.example,Asti\nBob,bob@beta.example,Bari\nBob,bob@beta.example,Lecce\n")
    mapped(marta, made, known="skip")
    run()
    anna.refresh_from_db()
    assert (state(made), anna.fields["city"]) == (("done", 3, 1, 2, 0), "Torino")
    assert people()["bob@beta.example"].fields["city"] == "Bari"  # the first row counts
    before = history(anna)
    undo(made)
    anna.refresh_from_db()
    assert (set(people()), history(anna)) == ({"anna@acme.example"}, before)


def test_a_contact_hangs_on_the_lead_it_was_and_keeps_company_and_lead_it_has(marta: Any) -> None:  # noqa: F811
    send(make_source(), {"type": "identify", "userId": "salesforce:003B", "traits": {"email": "old@acme.example"}},
         {"type": "identify", "traits": {"email": "anna@acme.example"}})  # fmt: skip
    beta = make_account(name="Beta", domain="beta.example")
    dan = make_contact(beta, email="dan@acme.example")
    made = brought(marta, "Contact ID,Last Name,Email,Reports To\n003A,Rossi,ANNA@acme.example,x\n003B,Stone,new@acme.example,\n"
                          ",Green,dan@acme.example,\n")  # fmt: skip
    assert state(made) == ("done", 3, 2, 1, 0)
    found = people()
    assert found["anna@acme.example"].lead == leads()["anna@acme.example"]
    assert found["anna@acme.example"].account == leads()["anna@acme.example"].account
    assert found["new@acme.example"].lead == leads()["old@acme.example"]
    dan.refresh_from_db()
    assert (dan.account, dan.lead) == (beta, None)


def test_two_companies_of_one_name_are_not_guessed_between(marta: Any) -> None:  # noqa: F811
    acme, _other = make_account(name="Acme", domain="acme.example"), make_account(name="ACME", domain="acme-bv.example")
    body = "Referente,Azienda,Email\nAnna,acme,anna@acme.example\nBob,acme,bob@gmail.com\nEva,acme,eva@third.example\n"
    made = upload(marta, body)
    assert "2 companies are called &quot;acme&quot;" in marta.get(f"/imports/{made.pk}").content.decode()
    mapped(marta, made)
    run()
    assert state(made) == ("done", 3, 2, 0, 1)
    assert people()["anna@acme.example"].account == acme
    assert people()["eva@third.example"].account.domain == "third.example"


def test_a_company_is_made_once_however_rows_are_cut_into_lots(marta: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from vaglio_server.crm.models import Account
    from vaglio_server.imports.actions import taking

    rows = ["A,Acme,a@acme.it", "B,Acme,b@acme.com", "C,Acme,c@gmail.com", "D,,d@acme.it", "E,Solo,e@gmail.com", "F,solo,f@gmail.com"]
    body = "\n".join(["Referente,Azienda,Email", *rows]) + "\n"
    firms = []
    for together in (500, 1):
        monkeypatch.setattr(taking, "ROWS", together)
        made = brought(marta, body)
        assert state(made) == ("done", 6, 6, 0, 0)
        firms.append({each.name: (each.account.name, each.account.domain) for each in people().values()})
        undo(made)
        assert (people(), Account.objects.present().count()) == ({}, 0)
    assert firms[0] == firms[1] == {name: ("Acme", "acme.it") for name in "ABCD"} | {name: ("Solo", None) for name in "EF"}


def test_taken_back_all_is_as_before_and_the_file_can_come_again(marta: Any) -> None:  # noqa: F811
    from tests.server.web.people import signed_in
    from vaglio_server.users.models import User

    send(make_source(), {"type": "identify", "traits": {"email": "anna.rossi@acme.example"}})
    jonas = User.objects.get(username="jonas")
    anna = make_contact(None, owner=jonas, email="Anna.Rossi@acme.example", city="Asti", first_name="Ann")
    before = world()
    made = brought(marta, SALESFORCE)
    assert state(made) == ("done", 7, 2, 2, 3)
    anna.refresh_from_db()
    assert (anna.fields["city"], anna.owner.username, anna.lead is not None) == ("Torino", "luca", True)
    page = marta.get(f"/imports/{made.pk}/undo").content.decode()
    assert "Contacts the file made" in page
    undo(made)
    assert world() == before
    made.refresh_from_db()
    page = marta.get(f"/imports/{made.pk}").content.decode()
    assert (made.state, "Contacts gone" in page) == ("undone", True)
    assert signed_in(User.objects.get(username="ada")).get("/companies/contacts").content.decode().count('class="person"') == 1
    assert audited("take_back_contacts") == [(f"import:{made.pk} undo", "contacts")]
    again = brought(marta, SALESFORCE)
    assert state(again) == ("done", 7, 2, 2, 3)


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_files_are_taken_back_in_any_order(marta: Any, order: tuple[int, int, int]) -> None:  # noqa: F811
    make_contact(None, email="anna@acme.example", city="Torino", phone="1")
    before = world()
    bodies = [
        "Contact ID,Last Name,Email,Mailing City,Account Name\n003A,R,anna@acme.example,Asti,Acme\n003B,Stone,bob@beta.example,Bari,Beta\n",
        "Contact ID,Last Name,Email,Phone,Mailing City\n003A,Rosso,,2,Roma\n003B,Stone,bob@beta.example,3,Lecce\n"
        "003C,New,new@beta.example,,\n",
        "Contact ID,Email,Phone,Mailing City\n003A,,4,\n003C,new2@beta.example,5,Como\n,BOB@beta.example,,Pisa\n",
    ]
    files = [brought(marta, body) for body in bodies]
    assert [state(each)[2:] for each in files] == [(1, 1, 0), (1, 2, 0), (0, 3, 0)]
    for place in order:
        undo(files[place])
        last = place == order[-1]
        assert (set(people()) == {"anna@acme.example"}) is last
    assert world() == before
    assert "need it" not in "".join(marta.get(f"/imports/{each.pk}").content.decode() for each in files)


@pytest.mark.parametrize("first", [0, 1])
def test_a_contact_that_another_file_names_stays_though_that_says_nothing_new(marta: Any, first: int) -> None:  # noqa: F811
    files = [brought(marta, "Referente,Email,City\nAnna,anna@acme.example,Asti\n") for _ in range(2)]
    kept = people()["anna@acme.example"]
    undo(files[first])
    kept.refresh_from_db()
    assert (kept.taken_back_at, kept.fields["city"]) == (None, "Asti")
    assert ("another file names it" in marta.get(f"/imports/{files[first].pk}").content.decode()) is (first == 0)
    undo(files[1 - first])
    assert people() == {}
    assert "another file" not in marta.get(f"/imports/{files[first].pk}").content.decode()


def test_what_somebody_touched_or_wrote_later_stays_and_is_listed(marta: Any) -> None:  # noqa: F811
    from vaglio_server.campaigns.actions import add_members
    from vaglio_server.campaigns.models import Campaign
    from vaglio_server.crm.actions import Told, add_note, edit_contact, set_opportunity_contact

    anna = make_contact(None, email="anna@acme.example", city="Torino", phone="1")
    made = brought(marta, "Referente,Email,City,Phone\nAnna,anna@acme.example,Asti,2\n"
                   + "".join(f"P{n},p{n}@acme.example,Roma,{n}\n" for n in range(5)))  # fmt: skip
    found = people()
    edit_contact(contact=anna, told=Told(fields={"city": "Pisa"}), by="luca", at=AT)
    edit_contact(contact=found["p0@acme.example"], told=Told(fields={"city": "Pisa"}), by="luca", at=AT)
    sale = make_opportunity(found["p1@acme.example"].account)
    set_opportunity_contact(opportunity=sale, contact=found["p1@acme.example"], role=None, by="luca", at=AT)
    add_members(campaign=Campaign.objects.create(name="Fair", created_at=AT), contacts=[found["p2@acme.example"].pk], by="luca", at=AT)
    add_note(about=found["p3@acme.example"], text="Likes opera", by="luca", at=AT)
    undo(made)
    assert set(people()) == {"anna@acme.example", *(f"p{n}@acme.example" for n in range(4))}
    anna.refresh_from_db()
    assert (anna.fields["city"], anna.fields["phone"]) == ("Pisa", "1")
    page = marta.get(f"/imports/{made.pk}").content.decode()
    for why in ("city was written later", "wrote values of it", "a say in an opportunity", "in a campaign", "a note on it"):
        assert why in page, why
    assert people()["p1@acme.example"].account is not None  # the company is needed too


def test_a_contact_that_is_gone_is_nowhere_and_not_written_to(marta: Any) -> None:  # noqa: F811
    from vaglio_server.campaigns.actions import add_members
    from vaglio_server.campaigns.models import Campaign
    from vaglio_server.crm.actions import FaultyValues, Told, edit_contact
    from vaglio_server.crm.models import Contact
    from vaglio_server.crm.queries import values_held

    make_account(name="Acme", domain="acme.example")
    made = brought(marta, "Referente,Email\nAnna,anna@acme.example\n")
    anna = people()["anna@acme.example"]
    assert b"Anna" in marta.get(f"/companies/{anna.account_id}").content
    undo(made)
    anna.refresh_from_db()
    assert anna.taken_back_at is not None and Contact.objects.count() == 1
    assert b"Anna" not in marta.get(f"/companies/{anna.account_id}").content + marta.get("/companies/contacts").content
    with pytest.raises(FaultyValues, match="taken back with the file"):
        edit_contact(contact=anna, told=Told(fields={"city": "Asti"}), by="luca", at=AT)
    with pytest.raises(FaultyValues, match="contacts"):
        add_members(campaign=Campaign.objects.create(name="Fair", created_at=AT), contacts=[anna.pk], by="luca", at=AT)
    assert values_held("contact").counts == {}


def test_a_lead_goes_with_its_file_once_its_contact_is_gone(marta: Any) -> None:  # noqa: F811
    people_file = brought(marta, "Email,Name\nbea@beta.example,Bea\n")
    made = brought(marta, "Referente,Email\nBea,bea@beta.example\n")
    undo(made)
    undo(people_file)
    from vaglio_server.crm.models import Account, Lead

    assert (Lead.objects.present().count(), Account.objects.present().count(), people()) == (0, 0, {})


def test_a_worker_that_dies_takes_each_row_once_and_takes_each_back_once(marta: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from vaglio_server.crm.models import Contact, FieldChange
    from vaglio_server.imports.actions import Importer, taking

    monkeypatch.setattr(taking, "ROWS", 2)
    made = upload(marta, "Referente,Email\n" + "".join(f"P{n},p{n}@firm{n}.example\n" for n in range(5)))
    mapped(marta, made)
    importer = Importer()
    assert importer.step(AT) == 2
    dies(importer, monkeypatch)
    assert Contact.objects.count() == 2
    run()
    assert (state(made), Contact.objects.count()) == (("done", 5, 5, 0, 0), 5)
    assert FieldChange.objects.filter(contact__isnull=False, field="email").count() == 5
    monkeypatch.setattr("vaglio_server.imports.actions.contacts.CONTACTS", 2)
    undo(made, step=1)
    assert len(people()) == 3
    from tests.server.imports.test_undo import finish
    from vaglio_server.imports.actions import Undoer

    finish(Undoer())
    assert (people(), state(made)[0]) == ({}, "undone")


def test_two_workers_that_bring_the_same_people_at_once_double_nobody(marta: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    import threading
    from datetime import UTC, datetime

    from django.db import connection

    from vaglio_server.crm.models import Account
    from vaglio_server.imports.actions import Importer, taking

    monkeypatch.setattr(taking, "ROWS", 5)
    rows = [f"Person {n},p{n}@firm{n % 7}.example,Firm {n % 7}\n" for n in range(60)]
    files = [upload(marta, "Referente,Email,Azienda\n" + "".join(some)) for some in (rows, reversed(rows))]
    for each in files:
        mapped(marta, each)

    def work() -> None:
        try:
            importer = Importer()
            while importer.step(datetime.now(UTC)):
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    run()
    found = [state(each) for each in files]
    assert (sum(each[2] for each in found), sum(each[3] for each in found)) == (60, 60)
    assert (len(people()), Account.objects.count()) == (60, 7)


def test_the_list_of_contacts_is_searched_paged_and_seen_by_those_who_may(marta: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from tests.server.web.people import signed_in
    from vaglio_server.users.models import User
    from vaglio_server.web import contacts as page

    monkeypatch.setattr(page, "PAGE", 2)
    made = brought(marta, "Referente,Azienda,Email,Owner\n" + "".join(f"Person {n},Acme,p{n}@acme.example,luca\n" for n in range(5)))
    make_contact(None, email="other@else.example", first_name="Otto")
    assert _named(marta, "") == ["Otto Rossi", "Person 4", None]
    assert _named(marta, f"?file={made.pk}") == ["Person 4", "Person 3", None]
    body = marta.get(f"/companies/contacts?file={made.pk}").content.decode()
    more = body.split('hx-get="/companies/contacts?q=', 1)
    assert f"file={made.pk}&amp;cursor=" in body and len(more) == 1
    assert _named(marta, "?q=otto") == ["Otto Rossi"]
    account = people()["p0@acme.example"].account_id
    assert _named(marta, f"?account={account}&q=person+3") == ["Person 3"]
    assert _named(marta, "?file=99999999999999999999&account=x&cursor=-1") == ["Otto Rossi", "Person 4", None]
    seen = {name: _named(signed_in(User.objects.get(username=name)), "") for name in ("luca", "irina", "jonas")}
    assert (seen["luca"], seen["jonas"]) == (["Person 4", "Person 3", None], [])
    assert seen["irina"] == seen["luca"]


def _named(client: Any, query: str) -> list[str | None]:
    """Return who is in the list, and None for more."""
    import re

    body = client.get(f"/companies/contacts{query}").content.decode()
    rows = re.findall(r'<td class="person"><(?:a|b)[^>]*>([^<]*)</', body)
    return [*rows, *([None] if "Show more" in body else [])]


@pytest.mark.drill
def test_memory_stays_flat(marta: Any) -> None:  # noqa: F811
    """What is held of a file does not grow with its rows: after half of them no more than after a tenth."""
    import gc
    import tracemalloc
    from datetime import UTC, datetime

    from vaglio_server.imports.actions import Importer

    body = io.StringIO()
    body.write("Contact ID,Last Name,Email,Account Name\n")
    for n in range(5_000):
        body.write(f"003{n},Person {n},p{n}@firm{n % 50}.example,Firm {n % 50}\n")
    made = upload(marta, body.getvalue())
    mapped(marta, made)
    importer = Importer()
    held = []
    tracemalloc.start()
    while importer.step(datetime.now(UTC)):
        gc.collect()
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert state(made) == ("done", 5_000, 5_000, 0, 0)
    assert held[-2] < held[1] + 1_000_000
