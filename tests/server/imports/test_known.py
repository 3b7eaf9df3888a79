"""People who are leads already, met in a file before it enters: updated or skipped, as somebody says."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.imports.test_imports import mapped, marta, run, state, upload  # noqa: F401
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
    assert (found.new, found.known, found.twice, found.alike) == (2, 2, 1, 1)
    page = marta.get(f"/imports/{made.pk}").content.decode()
    assert "the file names somebody twice" in page
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
    assert "Known already, skipped" in marta.get(f"/imports/{made.pk}").content.decode()


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
