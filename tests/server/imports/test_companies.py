"""A file of companies: made or written to by the verbs of people, put on lists, and taken back."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.imports.test_imports import mapped, marta, run, state, upload  # noqa: F401
from tests.server.imports.test_undo import brought, undo
from tests.server.world import AT, make_account, make_source, send

FILE = """Company name,Website,Number of employees,List,Their own
Acme S.p.A.,https://www.acme.example/it,1.250,priority_accounts,x
,zeta,many,,x
,,90,,x
Beta,beta.example,40,Competitors,x
"""


def firms() -> dict[str, dict[str, Any]]:
    from vaglio_server.crm.models import Account

    return {str(firm.domain): {k: v for k, v in firm.fields.items() if v is not None} for firm in Account.objects.present()}


def lists() -> set[tuple[str, str]]:
    from vaglio_server.crm.models import ListMember

    return {(member.list, member.account.name) for member in ListMember.objects.filter(to_at=None).select_related("account")}


def test_companies_are_guessed_made_written_to_and_put_on_lists(marta: Any) -> None:  # noqa: F811
    make_account(name="acme.example", domain="acme.example", industry="Steel")
    made = upload(marta, FILE)
    assert (made.holds, made.columns) == ("companies", ["name", "domain", "employees", "list", None])
    page = marta.get(f"/imports/{made.pk}").content.decode()
    assert "is not a whole number" in page
    assert "it names no company" in page
    assert "Put them on a list" in page
    mapped(marta, made)
    run()
    assert state(made) == ("done", 4, 1, 1, 2)
    assert firms() == {
        "acme.example": {"name": "Acme S.p.A.", "domain": "acme.example", "industry": "Steel", "employees": 1250},
        "beta.example": {"name": "Beta", "domain": "beta.example", "employees": 40},
    }
    assert lists() == {("priority_accounts", "Acme S.p.A."), ("competitors", "Beta")}
    assert "1 new company" in marta.get(f"/imports/{made.pk}").content.decode()


@pytest.mark.parametrize(
    "heading",
    [
        "Account Name,Website,Billing City",
        "Ragione sociale,Sito web,Città",
        "Denumire firmă,Site web,Oraș",
        "Name,Company Domain Name,City",
    ],
)
def test_headings_of_other_systems_and_languages(marta: Any, heading: str) -> None:  # noqa: F811
    brought(marta, f"{heading}\nAcme,acme.example,Torino\n")
    assert firms() == {"acme.example": {"name": "Acme", "domain": "acme.example", "city": "Torino"}}


def test_fewer_than_no_employees_are_told_and_left_out(marta: Any) -> None:  # noqa: F811
    made = upload(marta, "Company,Domain,Number of employees\nAcme,acme.example,-5\nBeta,beta.example,0\n")
    mapped(marta, made)
    run()
    assert firms() == {
        "acme.example": {"name": "Acme", "domain": "acme.example"},
        "beta.example": {"name": "Beta", "domain": "beta.example", "employees": 0},
    }
    told = b"".join(marta.get(f"/imports/{made.pk}/refused.csv").streaming_content).decode()
    assert 'Number of employees: ""-5"" is too small; 0 is the least' in told


def test_a_list_of_no_name_is_told_and_the_company_is_taken_without(marta: Any) -> None:  # noqa: F811
    made = upload(marta, "Company,Domain,List\nAcme,acme.example,???\nBeta,beta.example,VIP-Clients\n")
    mapped(marta, made, list_name="others")
    run()
    assert set(firms()) == {"acme.example", "beta.example"} and lists() == {("vip_clients", "Beta")}
    assert "is no name of a list" in b"".join(marta.get(f"/imports/{made.pk}/refused.csv").streaming_content).decode()


def test_all_are_put_on_the_list_that_somebody_names(marta: Any) -> None:  # noqa: F811
    made = upload(marta, "Company,Domain\nAcme,acme.example\nBeta,beta.example\n")
    mapped(marta, made, list_name="Target accounts")
    run()
    assert lists() == {("target_accounts", "Acme"), ("target_accounts", "Beta")}


def test_taken_back_they_are_as_before(marta: Any) -> None:  # noqa: F811
    make_account(name="Acme", domain="acme.example", industry="Steel", employees=90)
    before = firms()
    made = brought(marta, FILE)
    page = marta.get(f"/imports/{made.pk}/undo").content.decode()
    assert "Companies the file made" in page
    undo(made)
    made.refresh_from_db()
    assert (made.state, firms(), lists()) == ("undone", before, set())
    again = brought(marta, FILE)
    assert (state(again)[0], set(firms())) == ("done", {"acme.example", "beta.example"})


def test_what_somebody_needs_or_wrote_later_stays_and_is_listed(marta: Any) -> None:  # noqa: F811
    from vaglio_server.crm.actions import Told, edit_account
    from vaglio_server.crm.models import Account

    acme = make_account(name="Acme", domain="acme.example")
    made = brought(marta, FILE)
    edit_account(account=acme, told=Told(fields={"employees": 77}), by="luca", at=AT)
    send(make_source(), {"type": "identify", "traits": {"email": "bea@beta.example"}})
    undo(made)
    assert firms() == {
        "acme.example": {"name": "Acme", "domain": "acme.example", "employees": 77},
        "beta.example": {"name": "Beta", "domain": "beta.example", "employees": 40},
    }
    assert Account.objects.get(domain="beta.example").leads.count() == 1
    page = marta.get(f"/imports/{made.pk}").content.decode()
    assert "employees was written later" in page
    assert "need it" in page


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_files_either_can_be_taken_back_first(marta: Any, order: tuple[int, int]) -> None:  # noqa: F811
    make_account(name="Zeta", domain="zeta.example", employees=7)
    before = firms()
    bodies = ["Company,Domain,Employees\nAcme,acme.example,10\nZeta,zeta.example,10\n",
              "Company,Domain,Employees\nAcme,acme.example,20\nZeta,zeta.example,20\n"]  # fmt: skip
    files = [brought(marta, body) for body in bodies]
    undo(files[order[0]])
    assert set(firms()) == {"acme.example", "zeta.example"}  # the other file names both
    assert ("another file names it" in marta.get(f"/imports/{files[0].pk}").content.decode()) is (order[0] == 0)
    undo(files[order[1]])
    assert firms() == before
    assert "need it" not in "".join(marta.get(f"/imports/{each.pk}").content.decode() for each in files)
    assert state(brought(marta, bodies[0])) == ("done", 2, 1, 1, 0)


def test_a_company_that_came_with_a_file_of_leads_goes_with_the_file_that_wrote_to_it(marta: Any) -> None:  # noqa: F811
    people = brought(marta, "Email,Name\nbea@beta.example,Bea\n")
    written = brought(marta, "Company,Domain,Employees\nBeta,beta.example,40\n")
    undo(people)
    assert set(firms()) == {"beta.example"}  # the other file wrote to it
    undo(written)
    assert firms() == {}


def test_a_company_that_came_with_a_file_of_leads_goes_though_the_file_that_wrote_to_it_went_first(marta: Any) -> None:  # noqa: F811
    people = brought(marta, "Email,Name\nbea@beta.example,Bea\n")
    written = brought(marta, "Company,Domain,Employees\nBeta,beta.example,40\n")
    undo(written)
    assert firms() == {"beta.example": {"name": "beta.example", "domain": "beta.example"}}
    undo(people)
    assert firms() == {}


def test_a_company_that_a_file_of_companies_made_goes_once_the_leads_there_are_taken_back_too(marta: Any) -> None:  # noqa: F811
    written = brought(marta, "Company,Domain,Employees\nBeta,beta.example,40\n")
    people = brought(marta, "Email,Name\nbea@beta.example,Bea\n")
    undo(written)
    assert set(firms()) == {"beta.example"}
    assert "need it" in marta.get(f"/imports/{written.pk}").content.decode()
    undo(people)
    assert firms() == {}
    assert "need it" not in marta.get(f"/imports/{written.pk}").content.decode()


def test_a_company_of_two_files_of_leads_goes_with_the_second_whoever_made_it(marta: Any) -> None:  # noqa: F811
    first, second = (brought(marta, f"Email,Name\n{name}@beta.example,{name}\n") for name in ("bea", "bob"))
    undo(first)
    assert set(firms()) == {"beta.example"}
    undo(second)
    assert firms() == {}


def test_a_company_that_a_file_of_companies_names_without_a_word_of_news_stays(marta: Any) -> None:  # noqa: F811
    people = brought(marta, "Email,Name\nbea@beta.example,Bea\n")
    named = brought(marta, "Company,Domain\nbeta.example,beta.example\n")
    undo(people)
    assert set(firms()) == {"beta.example"}
    undo(named)
    assert firms() == {}


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_files_that_name_a_list_either_can_be_taken_back_first(marta: Any, first: int) -> None:  # noqa: F811
    make_account(name="Acme", domain="acme.example")
    files = [brought(marta, "Company,Domain,List\nAcme,acme.example,Customers\nBeta,beta.example,Customers\n") for _ in range(2)]
    undo(files[first])
    assert lists() == {("customers", "Acme"), ("customers", "Beta")}
    assert "another file puts it on a list too" in marta.get(f"/imports/{files[first].pk}").content.decode()
    undo(files[1 - first])
    assert (lists(), set(firms())) == (set(), {"acme.example"})


def test_a_company_stays_on_a_list_that_somebody_put_it_on(marta: Any) -> None:  # noqa: F811
    from vaglio_server.crm.actions import add_list_member, remove_list_member

    acme, beta = make_account(name="Acme", domain="acme.example"), make_account(name="Beta", domain="beta.example")
    add_list_member(name="customers", account=acme, by="luca", at=AT)
    made = brought(marta, "Company,Domain,List\nAcme,acme.example,Customers\nBeta,beta.example,Customers\n")
    remove_list_member(name="customers", account=beta, by="luca", at=AT)
    add_list_member(name="customers", account=beta, by="luca", at=AT)
    undo(made)
    assert lists() == {("customers", "Acme"), ("customers", "Beta")}


def test_a_company_that_somebody_wrote_to_between_two_files_stays(marta: Any) -> None:  # noqa: F811
    from vaglio_server.crm.actions import Told, edit_account
    from vaglio_server.crm.models import Account

    first = brought(marta, "Company,Domain,Employees\nAcme,acme.example,10\n")
    edit_account(account=Account.objects.get(domain="acme.example"), told=Told(fields={"employees": 15}), by="luca", at=AT)
    second = brought(marta, "Company,Domain,Employees\nAcme,acme.example,20\n")
    undo(first)
    undo(second)
    assert firms() == {"acme.example": {"name": "Acme", "domain": "acme.example", "employees": 15}}


def dies(importer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the next rows, and be killed before that is kept."""
    from vaglio_server.imports.actions import taking

    with monkeypatch.context() as dying:
        dying.setattr(taking, "copy_rows", _fail)
        with pytest.raises(OSError, match="killed"):
            importer.step(AT)


def _fail(*_values: Any) -> None:
    raise OSError("killed")


def test_a_worker_that_dies_takes_each_row_once(marta: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from vaglio_server.imports.actions import Importer

    made = upload(marta, "Company,Domain\n" + "".join(f"Firm {n},firm{n}.example\n" for n in range(5)))
    mapped(marta, made)
    importer = Importer()
    assert importer.step(AT) == 1
    dies(importer, monkeypatch)
    assert set(firms()) == {"firm0.example"}
    run()
    assert (state(made), len(firms())) == (("done", 5, 5, 0, 0), 5)
    assert Importer().step(datetime.now(UTC)) == 0
