"""What a marketer says of the columns of a file: it is kept, a column can become a field, and rows are given back as they came."""

import re
from typing import Any

import pytest

from tests.server.imports.test_imports import mapped, marta, run, state, upload  # noqa: F401
from tests.server.web.reading import read
from tests.server.world import leads

LEADS = "Email;Title;Contract ends;Seats;Code;Wants news;Tier;Remarks\n" + "".join(
    f"p{n}@acme.example;CTO;{n + 10}/11/2026;{n};00{n};{'yes' if n % 2 else 'no'};{'Gold' if n % 2 else 'Tin'};{'x' * n}\n"
    for n in range(1, 6)
)


def test_a_column_that_is_no_field_becomes_one_of_the_kind_that_its_values_look_like(marta: Any) -> None:  # noqa: F811
    from vaglio_server.crm.models import FieldDefinition

    made = upload(marta, LEADS)
    page = read(marta.get(f"/imports/{made.pk}"))
    assert re.search(r'<select name="kind2".*?<option value="date" selected>', page, re.DOTALL)
    assert "Day, as its values look" in page and "Whole number, as its values look" in page and "Choice of its 2 values" in page
    assert re.search(r'<select name="kind5".*?<option value="string" selected>Text<.*?>Yes or no<', page, re.DOTALL)
    assert "holds days or numbers where nearly all its values look so, else text, or what you say." in page
    assert FieldDefinition.objects.count() == 0
    mapped(marta, made, kind5="boolean", kind6="choice")
    run()
    assert state(made) == ("done", 5, 5, 0, 0)
    defined = {each.name: (each.kind, each.label, sorted(each.choices)) for each in FieldDefinition.objects.all()}
    assert defined == {
        "contract_ends": ("date", "Contract ends", []), "seats": ("integer", "Seats", []),
        "wants_news": ("boolean", "Wants news", []), "tier": ("choice", "Tier", ["Gold", "Tin"]),
        "code": ("string", "Code", []), "remarks": ("string", "Remarks", []),
    }  # fmt: skip
    fields = leads()["p3@acme.example"].fields
    assert (fields["contract_ends"], fields["seats"], fields["wants_news"], fields["tier"]) == ("2026-11-13", 3, True, "Gold")
    assert (fields["code"], fields["remarks"]) == ("003", "xxx")


def test_a_text_of_leads_is_a_field_among_filters_and_columns_of_the_list(marta: Any) -> None:  # noqa: F811
    made = upload(marta, LEADS)
    mapped(marta, made)
    run()
    page = read(marta.get("/leads"))
    assert page.count("Remarks") > 1
    answer = read(marta.get("/leads?where=lead.remarks:is:xxx"))
    assert "p3@acme.example" in answer and "p2@acme.example" not in answer


def test_contacts_too_get_a_field_for_a_column_and_none_where_the_start_is_refused(marta: Any) -> None:  # noqa: F811
    from vaglio_server.crm.models import Contact, FieldDefinition

    made = upload(marta, "Contact ID,Last Name,Mailing Street,Shoe size\n1,Rossi,Via Roma,37\n")
    assert made.columns[3] is None
    mapped(marta, made, column0="", column3="shoe_size")
    assert "no column says who a person is" in read(marta.get(f"/imports/{made.pk}"))
    assert FieldDefinition.objects.count() == 0
    mapped(marta, made, column3="shoe_size", kind3="string")
    run()
    assert [each.fields["shoe_size"] for each in Contact.objects.all()] == ["37"]
    assert [(each.subject, each.name, each.kind) for each in FieldDefinition.objects.all()] == [("contact", "shoe_size", "string")]


def chosen(client: Any, made: Any) -> dict[int, str]:
    """Return what the page says each column is."""
    page = read(client.get(f"/imports/{made.pk}"))
    found = re.findall(r'<select name="column(\d+)".*?</select>', page, re.DOTALL)
    parts = re.split(r'<select name="column\d+"', page)[1:]
    picked = [re.search(r'value="([^"]*)" selected', part.partition("</select>")[0]) for part in parts]
    return {int(place): match[1] if match else "" for place, match in zip(found, picked, strict=True)}


def test_what_was_said_of_columns_is_kept_where_something_is_refused_and_where_the_file_holds_something_else(marta: Any) -> None:  # noqa: F811
    made = upload(marta, "Email;Was;Wann;Stadt\nanna@acme.example;CTO;01/02/2026;Roma\n")
    mapped(marta, made, column1="job_title", column3="job_title", order2="mdy", known="skip")
    assert chosen(marta, made) == {0: "email", 1: "job_title", 2: "wann", 3: "job_title"}
    made.refresh_from_db()
    assert (made.orders["2"]["order"], made.skips_known) == ("mdy", True)
    mapped(marta, made, column1="job_title", column3="city", holds="contacts")
    made.refresh_from_db()
    assert (made.holds, made.columns) == ("contacts", ["email", "job_title", None, "city"])
    assert chosen(marta, made) == {0: "email", 1: "job_title", 2: "", 3: "city"}


def test_the_kind_of_a_new_field_is_kept_where_something_is_refused(marta: Any) -> None:  # noqa: F811
    made = upload(marta, LEADS)
    mapped(marta, made, kind5="boolean", column6="job_title")
    page = read(marta.get(f"/imports/{made.pk}"))
    assert "two columns are job_title" in page and chosen(marta, made)[6] == "job_title"
    assert re.search(r'<select name="kind5".*?</select>', page, re.DOTALL)[0].count("selected") == 1  # type: ignore[index]
    assert re.search(r'<select name="kind5".*?<option value="boolean" selected>', page, re.DOTALL)
    made.refresh_from_db()
    assert made.kind_of(5) == "string"
    mapped(marta, made, column6="city", country_text="Nowhere", country_code="XX")
    assert chosen(marta, made)[6] == "city"
    mapped(marta, made, kind5="nonsense", column6="job_title")
    assert marta.get(f"/imports/{made.pk}").status_code == 200


def test_what_was_said_of_a_file_holds_for_the_rows_given_back_and_the_next_one(marta: Any) -> None:  # noqa: F811
    made = upload(marta, "Email;Was;Wann;Größe\nanna@acme.example;CTO;01/02/2026;viel\nnobody;CEO;03/02/2026;5\n".encode("cp1252"))
    mapped(marta, made, column1="job_title", column3="employees", order2="mdy", kind2="date")
    run()
    assert (state(made), made.rows_partly) == (("done", 2, 1, 0, 1), 1)
    answer = marta.get(f"/imports/{made.pk}/refused.csv")
    body = b"".join(answer.streaming_content)
    assert body.decode("cp1252").startswith("Email;Was;Wann;Größe;Vaglio: line;Vaglio: reason\r\n")
    back = upload(marta, body)
    assert (back.delimiter, back.encoding, back.columns) == (";", "cp1252", ["email", "job_title", "wann", "employees", None, None])
    assert (back.orders["2"]["order"], back.as_in) == ("mdy", "leads.csv")
    assert "is taken over" in read(marta.get(f"/imports/{back.pk}"))
    other = upload(marta, "Email;Was\nbob@acme.example;CEO\n")
    assert (other.columns, other.as_in) == (["email", "was"], "")


def test_what_was_said_goes_by_headings_of_which_only_our_own_two_at_the_end_are_none_of_the_file(marta: Any) -> None:  # noqa: F811
    mapped(marta, upload(marta, "Email;Country\nanna@acme.example;Lazio\n"), column1="region")
    other = upload(marta, "Vaglio line;Email;Country\n1;bob@acme.example;Italy\n")
    assert (other.columns, other.as_in) == ([None, "email", "country"], "")
    mapped(marta, upload(marta, "Email;Vaglio points\nanna@acme.example;7\n", "first.csv"), column1="points")
    again = upload(marta, "Email;Vaglio points\nbob@acme.example;8\n")
    assert (again.columns, again.as_in) == (["email", "points"], "first.csv")
    back = upload(marta, "Email;Vaglio points;Vaglio: line;Vaglio: reason\nbob;8;2;no\n")
    assert (back.columns, back.as_in) == (["email", "points", None, None], "leads.csv")
    mapped(marta, back, column3="why")
    twice = upload(marta, "Email;Vaglio points;Vaglio: line;Vaglio: reason;Vaglio: line;Vaglio: reason\nbob;8;2;no;2;no\n")
    assert twice.columns == ["email", "points", None, "why", None, None]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Email;Wer\nanna@acme.example;A\n", {"holds": "contacts"}),
        ("Email;Wann\nanna@acme.example;01/02/2026\n", {"order1": "mdy"}),
        ("Email;News\nanna@acme.example;yes\n", {"kind1": "boolean"}),
        ("Email;Country\nanna@acme.example;Welschland\n", {"country_text": "Welschland", "country_code": "IT"}),
    ],
)
def test_whatever_is_taken_over_from_an_earlier_file_is_said(marta: Any, body: str, said: dict[str, str]) -> None:  # noqa: F811
    first = upload(marta, body, "first.csv")
    assert "first.csv, a file with the same columns" not in read(marta.get(f"/imports/{upload(marta, body).pk}"))
    from vaglio_server.imports.models import Import

    Import.objects.exclude(pk=first.pk).delete()
    mapped(marta, first, **said)
    again = upload(marta, body)
    first.refresh_from_db()
    assert (again.holds, again.orders, again.kinds, again.countries) == (first.holds, first.orders, first.kinds, first.countries)
    assert "first.csv, a file with the same columns" in read(marta.get(f"/imports/{again.pk}"))


def test_rows_of_a_spreadsheet_are_given_back_as_one(marta: Any) -> None:  # noqa: F811
    from tests.server.imports.test_sheets import workbook

    made = upload(marta, workbook([["Email", "City"], ["nobody", "Forlì"]]), "leads.xlsx")
    mapped(marta, made)
    run()
    body = b"".join(marta.get(f"/imports/{made.pk}/refused.csv").streaming_content)
    again = upload(marta, body, "refused.xlsx")
    assert (again.kind, again.heading) == ("xlsx", ["Email", "City", "Vaglio: line", "Vaglio: reason"])


def first_rows(client: Any, made: Any) -> list[list[str]]:
    """Return the heading and the first rows as the page of a file shows them, cell by cell."""
    page = read(client.get(f"/imports/{made.pk}"))
    table = page[page.index("first-rows") : page.index("</table>", page.index("first-rows"))]
    return [[re.sub(r"<small>|</?b>", "|", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)(?:</small>)?</t[hd]>", row)]
            for row in re.findall(r"<tr>(.*?)</tr>", table)]  # fmt: skip


def test_the_first_rows_show_every_column_as_it_will_be_kept(marta: Any) -> None:  # noqa: F811
    names = [f"Extra {n}" for n in range(1, 13)]
    heading = ";".join(["Lead ID", "Email", "Country", "No. of Employees", "Lead Owner", "Vaglio: line", *names])
    rows = [["00Q1", "ANNA@acme.example", "Italia", "1.250", "luca", "7", *(f"{name.lower()} of Anna" for name in names)],
            ["", "not an address", "", "", "", "", *[""] * 12],
            ["00Q3", "bob@acme.example", "", "many", "", "", *[""] * 11, "x" * 99]]  # fmt: skip
    made = upload(marta, "\n".join([heading, *map(";".join, rows)]) + "\n")
    head, anna, bob = first_rows(marta, made)
    assert head[:8] == ["Line", "Lead ID|Id in the other system", "Email|Email", "Country|Country", "No. of Employees|Employees",
                        "Lead Owner|Owner, by name or mail address", "Vaglio: line|left out", "Extra 1|new field: extra 1"]  # fmt: skip
    assert [cell.partition("|")[0] for cell in head[7:]] == names
    assert anna == ["2", "00Q1", "anna@acme.example", "Italy", "1,250", "luca", "7", *(f"{name.lower()} of Anna" for name in names)]
    assert bob[:8] == ["4", "00Q3", "bob@acme.example", "", '<s class="loss">many</s>', "", "", ""]
    assert bob[-1] == "x" * 79 + "…"


@pytest.mark.parametrize(
    ("body", "head", "first"),
    [
        ("Email;Activity Type;Activity Date;Path\nanna@acme.example;Page Viewed;13/10/2026;/pricing\n",
         "Path|a property: path", ["2", "anna@acme.example", "page viewed", "2026-10-13 00:00", "/pricing"]),
        ("Company name;Website;Employees;Motto\nAcme;https://acme.example/it;90;Ever on\n",
         "Motto|left out", ["2", "Acme", "acme.example", "90", "Ever on"]),
        ("Contact ID;Email;Mailing City;Contact Owner\n7;anna@acme.example;Bari;luca\n",
         "Contact Owner|Owner, by name or mail address", ["2", "7", "anna@acme.example", "Bari", "luca"]),
    ],
)  # fmt: skip
def test_the_first_rows_are_whole_whatever_the_file_holds(marta: Any, body: str, head: str, first: list[str]) -> None:  # noqa: F811
    mapped(marta, upload(marta, "Email\nanna@acme.example\n"))
    run()
    shown = first_rows(marta, upload(marta, body))
    assert (shown[0][-1], shown[1]) == (head, first)


def test_how_days_are_read_is_asked_of_what_is_kept_as_a_day_alone(marta: Any) -> None:  # noqa: F811
    made = upload(marta, "Email;Birthday\nanna@acme.example;03/04/1975\nbob@acme.example;13/04/1980\n")
    assert 'name="order1"' in read(marta.get(f"/imports/{made.pk}"))
    columns = {f"column{place}": column or "" for place, column in enumerate(made.columns)}
    marta.post(f"/imports/{made.pk}/columns", columns | {"kind1": "string"})
    page = read(marta.get(f"/imports/{made.pk}"))
    assert 'name="kind1"' in page and 'name="order1"' not in page
