"""People who are leads already, met in a file before it enters: updated or skipped, as somebody says."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.imports.test_imports import mapped, marta, run, state, upload  # noqa: F401
from tests.server.web.reading import read
from tests.server.world import leads, make_source, send

FILE = """Email,First name,Last name,Company,City
anna@acme.example,Anna,Rossi,Acme,Torino
dan@zeta.example,Dan,Green,Zeta,Roma
DAN@zeta.example,Dan,Green,Zeta,Milano
anna.rossi@gmail.com,ANNA,Rossi,acme,Bari
"""


@pytest.fixture
def world(tables: Any) -> None:
    from vaglio_server.tracking.actions import Sweeper

    who = {"email": "anna@acme.example", "firstName": "Anna", "lastName": "Rossi", "company": "Acme", "city": "Forlì"}
    send(make_source(), {"type": "identify", "traits": who})
    sweeper = Sweeper()
    while sweeper.step(datetime.now(UTC)):
        pass


def test_the_preview_says_who_is_known_twice_or_alike(marta: Any, world: None) -> None:  # noqa: F811
    from vaglio_server.imports.queries import preview

    made = upload(marta, FILE)
    found = preview(made)
    assert (found.new, found.known, found.again, found.alike) == (2, 2, [(4, 3)], 1)
    page = read(marta.get(f"/imports/{made.pk}"))
    assert "1 of them of people whom an earlier row names" in page and "<b>line 4</b> names the same person as line 3" in page
    assert "called like a lead" in page


def test_they_are_updated_where_nobody_says_otherwise(marta: Any, world: None) -> None:  # noqa: F811
    made = upload(marta, FILE)
    mapped(marta, made)
    run()
    assert state(made) == ("done", 4, 2, 2, 0)
    assert (leads()["anna@acme.example"].fields["city"], leads()["dan@zeta.example"].fields["city"]) == ("Torino", "Milano")


def test_they_are_skipped_where_somebody_says_so(marta: Any, world: None) -> None:  # noqa: F811
    made = upload(marta, FILE)
    mapped(marta, made, known="skip", alike="skip")
    run()
    assert state(made) == ("done", 4, 1, 2, 0)
    assert made.rows_alike == 1
    assert {mail: lead.fields["city"] for mail, lead in leads().items()} == {"anna@acme.example": "Forlì", "dan@zeta.example": "Roma"}
    assert "Known already, skipped" in read(marta.get(f"/imports/{made.pk}"))


def test_who_was_taken_back_is_nobody_to_be_like(marta: Any) -> None:  # noqa: F811
    from tests.server.imports.test_undo import undo
    from vaglio_server.imports.queries import preview
    from vaglio_server.tracking.actions import Sweeper

    first = upload(marta, FILE)
    mapped(marta, first)
    run()
    sweeper = Sweeper()
    while sweeper.step(datetime.now(UTC)):
        pass
    undo(first)
    found = preview(upload(marta, FILE))
    assert (found.new, found.known, found.alike) == (3, 1, 0)


TWICE = """Email,Lead ID,First name,City
anna@acme.example,,Anna,Torino
dan@zeta.example,00Q4,Dan,Roma
anna@acme.example,,Anna,Milano
eva@beta.example,,Eva,Bari
,00Q4,Dan,Como
dan@zeta.example,,Dan,Lodi
"""


@pytest.mark.parametrize("together", [1, 2, 500])
def test_rows_that_name_somebody_again_are_told_by_line_however_many_are_taken_together(
    marta: Any, world: None, monkeypatch: pytest.MonkeyPatch, together: int  # noqa: F811
) -> None:  # fmt: skip
    from vaglio_server.imports.actions import taking
    from vaglio_server.imports.queries import rows_again

    monkeypatch.setattr(taking, "ROWS", together)
    made = upload(marta, TWICE)
    mapped(marta, made)
    run()
    assert (state(made), made.rows_again) == (("done", 6, 2, 4, 0), 3)  # Anna is a lead already
    assert rows_again(made, 10) == [(4, 2), (6, 3), (7, 3)]
    page = read(marta.get(f"/imports/{made.pk}"))
    assert "<b>line 4</b> names the same person as line 2" in page and "<b>lines 6, 7</b> name the same person as line 3" in page
    assert "What a later row says is written over what the earlier one said." in page


def test_a_row_that_was_skipped_is_no_earlier_row(marta: Any, world: None) -> None:  # noqa: F811
    from vaglio_server.imports.queries import rows_again

    made = upload(marta, TWICE)
    mapped(marta, made, known="skip")
    run()
    assert (state(made), rows_again(made, 10)) == (("done", 6, 2, 4, 0), [(6, 3), (7, 3)])  # Anna's rows both met a lead
    assert "Of each the first row counts, and the others are skipped." in read(marta.get(f"/imports/{made.pk}"))
    twice = upload(marta, "Email,First name,Last name,Company\n" + "a.rossi@web.example,Anna,Rossi,Acme\n" * 2)
    mapped(marta, twice, alike="skip")
    run()
    assert (state(twice), twice.rows_alike) == (("done", 2, 0, 0, 0), 2)  # nor is one that is skipped as it is like a lead


@pytest.mark.parametrize("together", [1, 200])
def test_of_contacts_too_lines_are_told(marta: Any, monkeypatch: pytest.MonkeyPatch, together: int) -> None:  # noqa: F811
    from vaglio_server.imports.actions import taking
    from vaglio_server.imports.queries import rows_again

    monkeypatch.setattr(taking, "ROWS", together)
    made = upload(
        marta, "Contact ID;Email;Last Name\n1;anna@acme.example;Rossi\n2;dan@zeta.example;Green\n1;;Bianchi\n;DAN@zeta.example;Blu\n"
    )
    mapped(marta, made)
    run()
    assert (state(made), rows_again(made, 10)) == (("done", 4, 2, 2, 0), [(4, 2), (5, 3)])


def test_the_result_says_why_rows_were_not_taken_and_of_how_many(marta: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from vaglio_server.imports.actions import taking

    monkeypatch.setattr(taking, "ROWS", 4)
    rows = [*(f"p{n}@acme.example;{n} people" for n in range(3)), *(f"nobody {n};7" for n in range(15)), ";7", "x@acme.example;7;8;9"]
    made = upload(marta, "\n".join(["Email;No. of Employees", *rows]) + "\n")
    mapped(marta, made)
    run()
    assert (state(made), made.rows_partly) == (("done", 20, 3, 0, 17), 3)
    page = read(marta.get(f"/imports/{made.pk}")).replace("&quot;", '"')
    refused, partly = (page[page.index(f'id="{name}-title"') :].partition("</section>")[0] for name in ("refused", "partly"))
    lines = ", ".join(map(str, range(5, 17)))
    assert '<b>15 rows</b><span>Email: "…" is no mail address; it names nobody' in refused and f"lines {lines} and 3 more" in refused
    assert refused.index("<b>15 rows") < refused.index("<b>1 row</b><span>it names nobody") < refused.index("it has 4 cells where the")
    assert '<b>3 rows</b><span>No. of Employees: "…" is not a whole number' in partly and "lines 2, 3, 4<" in partly


def test_reasons_of_a_file_of_nonsense_are_bounded() -> None:
    from vaglio_server.imports.logic.reasons import MOST, OTHERS, counted

    found = counted({}, ((line, f"it has {line} cells") for line in range(1, 501)))
    found = counted(found, [(501, "it has 1 cells"), (502, "it has 502 cells")])
    assert len(found) == MOST + 1 and found[OTHERS]["rows"] == 500 - MOST + 1
    assert (found["it has 1 cells"]["rows"], found["it has 1 cells"]["lines"]) == (2, [1, 501])
