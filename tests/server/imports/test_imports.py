"""A file from upload to leads: each row once, whatever happens meanwhile."""

import csv
import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.real import real
from tests.server.web.people import make_people, signed_in
from tests.server.web.reading import read
from tests.server.world import AT, leads, make_live, make_source, send, take


@pytest.fixture
def marta(tables: Any) -> Any:
    """A marketer's client."""
    return signed_in(make_people()["marta"])


def upload(client: Any, body: str | bytes, name: str = "leads.csv") -> Any:
    from vaglio_server.imports.models import Import

    told = io.BytesIO(body.encode() if isinstance(body, str) else body)
    told.name = name
    answer = client.post("/imports", {"file": told})
    made = Import.objects.order_by("-id").first()
    return made if made is not None and answer["Location"] == f"/imports/{made.pk}" else None


def mapped(client: Any, made: Any, **changed: str) -> Any:
    columns = {f"column{place}": column or "" for place, column in enumerate(made.columns)}
    return client.post(f"/imports/{made.pk}/columns", columns | changed | {"start": ""})


def run(importer: Any = None) -> Any:
    """Take all that runs, as a worker does; return what took it."""
    from vaglio_server.imports.actions import Importer

    importer = importer or Importer()
    while importer.step(datetime.now(UTC)):
        take()
    take()
    return importer


def state(made: Any) -> tuple[str, int, int, int, int]:
    made.refresh_from_db()
    return made.state, made.rows_read, made.rows_new, made.rows_known, made.rows_refused


FILE = """Lead ID;First Name;Last Name;Title;Company / Account;Email;No. of Employees;Favourite Colour
00Q1;Anna;Rossi;CTO;Acme;anna@acme.example;90;red
;Bob;Stone;Clerk;Acme;not a mail address;90;
;Carla;Nobody;;;;;
00Q4;Dan;Green;Chief of all;Zeta;DAN@zeta.example;1.250;blue
00Q4;Dan;Green;Clerk;Zeta;dan@zeta.example;1.250;
"""


def test_a_file_becomes_rated_leads(marta: Any) -> None:

    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.scorers import a_scorer

    make_live()
    made = upload(marta, FILE)
    assert (made.system, made.rows, made.delimiter) == ("salesforce", 5, ";")
    page = read(marta.get(f"/imports/{made.pk}"))
    assert "not a mail address" in page
    assert "names nobody" in page
    assert "an export of Salesforce" in page
    assert leads() == {}  # nothing is stored yet
    assert mapped(marta, made).status_code == 302
    run()
    assert state(made) == ("done", 5, 2, 1, 2)
    with a_scorer() as scorer:
        score_due(scorer=scorer, limit=100)
    anna, dan = leads()["anna@acme.example"], leads()["dan@zeta.example"]
    assert (anna.rating, anna.account.domain) == ("A4", "acme.example")
    assert anna.fields == {"first_name": "Anna", "last_name": "Rossi", "job_title": "CTO", "company": "Acme", "email": "anna@acme.example",
                           "employees": 90, "favourite_colour": "red"}  # fmt: skip
    assert (dan.fields["job_title"], dan.fields["employees"], dan.fields["favourite_colour"]) == ("Clerk", 1250, "blue")
    assert len(leads()) == 2
    assert "2 new leads" in read(marta.get(f"/imports/{made.pk}"))


def test_all_whom_a_file_names_are_put_on_a_list_from_what_came_of_it(marta: Any) -> None:
    from vaglio_server.crm.models import ListMember

    send(make_source(), {"type": "identify", "userId": "a7", "traits": {"email": "anna@acme.example"}},
         {"type": "identify", "userId": "a8", "traits": {"email": "eva@zeta.example"}})  # fmt: skip
    made = upload(marta, FILE)
    assert "Put them on a list" not in read(marta.get(f"/imports/{made.pk}"))
    mapped(marta, made)
    run()
    form = read(marta.get(f"/imports/{made.pk}")).partition("Put them on a list")[2].partition("</form>")[0]
    told = dict(re.findall(r'name="(query|all)" value="([^"]*)"', form))
    assert 'action="/leads/bulk"' in form and 'name="do" value="add"' in form
    page = read(marta.post("/leads/bulk", told | {"list": "Fair 2026", "do": "add"}, follow=True))
    assert "2 of 2 leads are new on the list fair 2026." in page and "/undo" in page
    on = ListMember.objects.filter(list="fair_2026", to_at=None).values_list("lead__fields__email", flat=True)
    assert sorted(on) == ["anna@acme.example", "dan@zeta.example"]  # one known before, and one new


def test_files_of_one_name_are_told_apart_where_leads_are_asked_for_by_them(marta: Any) -> None:
    from vaglio_server.imports.models import Import

    for number, name in enumerate(("fair.csv", "fair.csv", "other.csv"), start=1):
        made = upload(marta, FILE.replace("00Q4", f"00Q{number}"), name)
        mapped(marta, made)
        run()
        Import.objects.filter(pk=made.pk).update(started_at=datetime(2026, 11, number, 9, tzinfo=UTC))
    offered = re.findall(r'<option value="file\.\d+">([^<]*)', read(marta.get("/leads")))
    assert offered == ["other.csv", "fair.csv, 2 Nov 2026, 09:00", "fair.csv, 1 Nov 2026, 09:00"]


def test_who_is_known_already_is_not_doubled(marta: Any) -> None:
    send(make_source(), {"type": "identify", "userId": "a7", "traits": {"email": "anna@acme.example", "phone": "1"}})
    made = upload(marta, "Email,Phone,City\nAnna@acme.example,,Forlì\n")
    assert (made.encoding, "1" in read(marta.get(f"/imports/{made.pk}"))) == ("utf-8-sig", True)
    mapped(marta, made)
    run()
    assert state(made) == ("done", 1, 0, 1, 0)
    assert leads()["anna@acme.example"].fields == {
        "email": "anna@acme.example",
        "phone": "1",
        "city": "Forlì",
    }  # an empty cell says nothing


def test_the_same_id_of_another_system_is_another_person(marta: Any) -> None:
    send(make_source(), {"type": "identify", "userId": "7", "traits": {"name": "A visitor"}})
    for body in ("Record ID,Email,Lifecycle Stage\n7,h@a.example,Lead\n", "Lead ID,Company / Account,Title\n7,Acme,CTO\n"):
        mapped(marta, upload(marta, body))
        run()
    assert len(leads()) == 3
    mapped(marta, upload(marta, "Prospect ID,Title\n7,Clerk\n"))
    run()
    assert len(leads()) == 4
    mapped(marta, upload(marta, "Record ID,Phone,Lifecycle Stage\n7,123,Customer\n"))
    run()
    assert (len(leads()), leads()["h@a.example"].fields["phone"]) == (4, "123")


def test_rows_not_taken_are_given_back_and_can_be_brought_in_again(marta: Any) -> None:
    made = upload(marta, FILE)
    mapped(marta, made)
    run()
    answer = marta.get(f"/imports/{made.pk}/refused.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [(row["Lead ID"], row["Vaglio: line"]) for row in rows] == [("", "3"), ("", "4")]
    assert "no mail address" in rows[0]["Vaglio: reason"]
    again = upload(marta, text.replace("not a mail address", "bob@acme.example"))
    mapped(marta, again)
    run()
    assert state(again) == ("done", 2, 1, 0, 1)
    assert "vaglio_line" not in leads()["bob@acme.example"].fields


def test_a_cell_that_cannot_be_read_is_left_out_and_seen_and_its_row_is_taken(marta: Any) -> None:
    from vaglio_server.imports.models import RefusedRow

    body = "Email;Title;No. of Employees\nanna@acme.example;CTO;many\nbob@acme.example;Clerk;90\n;Nobody;few\n"
    made = upload(marta, body)
    page = read(marta.get(f"/imports/{made.pk}"))
    assert "Bring in 2 rows" in page and "Rows that come in without some cells" in page and "&quot;many&quot; is not a whole number" in page
    mapped(marta, made)
    run()
    assert (state(made), made.rows_partly) == (("done", 3, 2, 0, 1), 1)
    assert leads()["anna@acme.example"].fields == {"email": "anna@acme.example", "job_title": "CTO"}
    assert list(RefusedRow.objects.order_by("line").values_list("line", "is_taken")) == [(2, True), (4, False)]
    assert "Taken without some cells" in read(marta.get(f"/imports/{made.pk}"))
    text = b"".join(marta.get(f"/imports/{made.pk}/refused.csv").streaming_content).decode("utf-8-sig")
    assert "taken without: " in text and "names nobody" in text and "bob@" not in text
    mapped(marta, again := upload(marta, text.replace("many", "120")))
    run()
    assert (state(again), again.rows_partly) == (("done", 2, 0, 1, 1), 0)
    assert leads()["anna@acme.example"].fields["employees"] == 120


def test_contacts_that_are_skipped_are_not_said_to_be_taken_without_cells(marta: Any) -> None:
    from vaglio_server.imports.models import RefusedRow

    head = "Contact ID,Last Name,Email,Mailing Street\n"
    mapped(marta, upload(marta, head + "1,Rossi,anna@acme.example,Via Roma\n"))
    run()
    made = upload(marta, head + "1,Rossi,anna at acme,Via Roma\n2,Stone,bob at acme,Via Po\n2,Stone,bob at zeta,Via Po\n")
    mapped(marta, made, known="skip")
    run()
    assert (state(made), made.rows_partly) == (("done", 3, 1, 2, 0), 1)
    assert list(RefusedRow.objects.filter(of=made).values_list("line", "is_taken")) == [(3, True)]


def test_of_contacts_and_companies_too_cells_that_cannot_be_read_are_left_out(marta: Any) -> None:
    from vaglio_server.crm.models import Account, Contact

    companies = upload(marta, "Company name,Domain,Number of employees\nAcme,acme.example,many\nZeta,not a domain,9\n,no domain,3\n")
    mapped(marta, companies)
    run()
    assert (state(companies), companies.rows_partly) == (("done", 3, 2, 0, 1), 2)
    assert list(Account.objects.order_by("name").values_list("name", "domain", "fields__employees")) == [
        ("Acme", "acme.example", None),
        ("Zeta", None, 9),
    ]
    contacts = upload(marta, "Contact ID,Last Name,Email,Mailing Street\n1,Rossi,anna at acme,Via Roma\n,Stone,bob at acme,\n")
    assert contacts.holds == "contacts"
    mapped(marta, contacts)
    run()
    assert (state(contacts), contacts.rows_partly) == (("done", 2, 1, 0, 1), 1)
    assert [(each.fields["last_name"], "email" in each.fields) for each in Contact.objects.all()] == [("Rossi", False)]


def test_what_a_spreadsheet_would_run_is_given_back_as_text(marta: Any) -> None:
    made = upload(marta, 'Email,Note\nnobody,=cmd()\nnobody,+39 02\nnobody,"@x"\nnobody,-1\n')
    mapped(marta, made)
    run()
    text = b"".join(marta.get(f"/imports/{made.pk}/refused.csv").streaming_content).decode("utf-8-sig")
    assert [row["Note"] for row in csv.DictReader(io.StringIO(text))] == ["'=cmd()", "'+39 02", "'@x", "'-1"]


def test_a_worker_that_dies_leaves_each_row_taken_once(marta: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.imports.actions import taking as actions
    from vaglio_server.tracking.models import Delivery

    monkeypatch.setattr(actions, "ROWS", 10)
    made = upload(marta, "Email\n" + "".join(f"p{n}@acme.example\n" for n in range(95)))
    mapped(marta, made)
    importer = actions.Importer()
    assert importer.step(AT) == 10
    assert importer.step(AT) == 0  # those before are no leads yet
    take()
    with monkeypatch.context() as dying:
        dying.setattr(actions.Delivery.objects, "create", _fail)
        with pytest.raises(OSError, match="killed"):
            importer.step(AT)
    assert state(made)[:2] == ("running", 10)
    run(importer)
    assert state(made) == ("done", 95, 95, 0, 0)
    assert (len(leads()), Delivery.objects.count()) == (95, 10)
    assert run().step(AT) == 0


def _fail(**_values: Any) -> None:
    raise OSError("killed")


def test_another_worker_goes_on_where_one_stopped(marta: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.imports.actions import taking as actions

    monkeypatch.setattr(actions, "ROWS", 10)
    made = upload(marta, "Email\n" + "".join(f"p{n}@acme.example\n" for n in range(45)))
    mapped(marta, made)
    for _ in range(2):
        assert actions.Importer().step(AT) == 10
        take()
    run()
    assert (state(made), len(leads())) == (("done", 45, 45, 0, 0), 45)


def test_a_file_of_several_pieces_is_read_whole(marta: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.imports.actions import files as actions

    monkeypatch.setattr(actions, "PIECE", 100)
    body = "Email,City\n" + "".join(f"p{n}@acme.example,Forlì {n}\n" for n in range(200))
    made = upload(marta, body)
    assert made.parts.count() > 30
    mapped(marta, made)
    run()
    assert {lead.fields["city"] for lead in leads().values()} == {f"Forlì {n}" for n in range(200)}


def test_a_spreadsheet_becomes_leads(marta: Any) -> None:
    from tests.server.imports.test_sheets import workbook

    made = upload(
        marta,
        workbook([["Prenume", "Nume", "Adresă de e-mail", "Număr de angajați"], ["Ana", "Țurcanu", "ana@acme.example", 90.0]]),
        "leads.xlsx",
    )
    mapped(marta, made)
    run()
    assert leads()["ana@acme.example"].fields == {"first_name": "Ana", "last_name": "Țurcanu", "email": "ana@acme.example", "employees": 90}


@pytest.mark.parametrize(
    ("body", "says"),
    [("", "empty"), ("Email\n", "no rows"), (b"%PDF-1.7", "PDF"), (b"PK\x03\x04 no archive", "damaged")],
)
def test_what_is_no_table_says_so_and_nothing_is_kept(marta: Any, body: str | bytes, says: str) -> None:
    from vaglio_server.imports.models import Import

    assert upload(marta, body) is None
    assert says in read(marta.get("/imports"))
    assert Import.objects.count() == 0


def test_a_file_that_is_too_large_says_so(marta: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.imports.actions import files as actions

    monkeypatch.setitem(actions.MOST_BYTES, "csv", 10)
    assert upload(marta, "Email\na@b.example\n") is None
    assert "Cut it into several" in read(marta.get("/imports"))


def test_columns_are_mapped_by_hand(marta: Any) -> None:
    made = upload(marta, "Wer,Was\nanna@acme.example,CTO\n")
    answer = mapped(marta, made)
    assert "no column says who a person is" in read(marta.get(answer["Location"]))
    twice = {"column0": "email", "column1": "email"}
    taken, odd = {"column1": "rating"}, {"column1": "No Name!"}
    for wrong, says in ((twice, "two columns are email"), (taken, "means something else"), (odd, "is no name")):
        mapped(marta, made, **wrong)
        assert says in read(marta.get(f"/imports/{made.pk}")), wrong
        assert state(made)[0] == "ready"
    mapped(marta, made, column0="email", column1="job_title")
    run()
    assert leads()["anna@acme.example"].fields == {"email": "anna@acme.example", "job_title": "CTO"}
    mapped(marta, made, column0="email")
    assert "was started already" in read(marta.get(f"/imports/{made.pk}"))


@pytest.mark.parametrize(("name", "status"), [("ada", 200), ("marta", 200), ("luca", 403), ("vera", 403)])
def test_it_requires_a_role_that_may_import(tables: Any, name: str, status: int) -> None:
    client = signed_in(make_people()[name])
    assert client.get("/imports").status_code == status
    assert ("/imports" in read(client.get("/"))) is (status == 200)


def test_a_name_cannot_smuggle_in_markup(marta: Any) -> None:
    script = "<script>alert(1)</script>"
    made = upload(marta, f"Email,{script}\n{script},x\nanna@acme.example,{script}\n", "<script>.csv")
    assert "<script>alert" not in read(marta.get(f"/imports/{made.pk}"))
    mapped(marta, made)
    run()
    assert "<script>alert" not in read(marta.get(f"/imports/{made.pk}")) + read(marta.get("/imports"))


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.drill)])
def test_the_real_file_of_x_education_needs_no_mapping(marta: Any, every: int) -> None:
    """Each sixth row, from all over the file; in a drill all of them."""
    from vaglio_server.crm.models import Lead
    from vaglio_server.imports.models import RefusedRow
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.scorers import a_scorer

    make_live((Path(__file__).parents[3] / "models" / "education.yaml").read_text(encoding="utf-8"))
    heading, *rows = real("xeducation/Leads.csv").read_bytes().splitlines(keepends=True)
    made = upload(marta, b"".join([heading, *rows[::every]]), "Leads.csv")
    count = made.rows
    assert count == 9_240 // every
    mapped(marta, made)
    run()
    assert (state(made), RefusedRow.objects.count()) == (("done", count, count, 0, 0), 0)
    with a_scorer() as scorer:
        assert score_due(scorer=scorer, limit=10_000) == count
    assert Lead.objects.exclude(rating=None).count() == count
    assert len(set(Lead.objects.values_list("rating", flat=True))) >= 4


def test_only_rows_that_can_be_taken_are_offered(marta: Any) -> None:
    made = upload(marta, FILE)
    page = read(marta.get(f"/imports/{made.pk}"))
    fits = int(re.search(r"Bring in (\d+) rows?<", page)[1])  # type: ignore[index]
    mapped(marta, made)
    run()
    _state, rows, new, known, refused = state(made)
    assert fits == new + known == rows - refused < rows
    none = upload(marta, "Colour;Size;Shape\nred;1;round\n")
    page = read(marta.get(f"/imports/{none.pk}"))
    assert "No row can be taken like this" in page and 'name="start" disabled' in page and "Bring in 1" not in page


def test_a_file_of_people_known_already_says_that_they_were_written_to(marta: Any) -> None:
    for title in ("CTO", "CEO"):
        made = upload(marta, f"Email;Title\nanna@acme.example;{title}\nbob@acme.example;{title}\n")
        mapped(marta, made)
        run()
    assert "Nobody new, 2 brought up to date" in read(marta.get(f"/imports/{made.pk}"))
    mapped(marta, made := upload(marta, "Email;Title\nanna@acme.example;CIO\n"), known="skip")
    run()
    assert "0 new leads" in read(marta.get(f"/imports/{made.pk}"))
