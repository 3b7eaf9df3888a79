"""People of every role, and some leads with ratings."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.conftest import empty_tables
from tests.server.kept import kept
from tests.server.lifecycle.world import people_and_model
from tests.server.web.chromium import chromium
from tests.server.web.people import PASSWORD, make_people
from tests.server.world import leads, make_live, make_source, send


@pytest.fixture(scope="module")
def browser(server: Any) -> Iterator[Any]:
    """Chromium, one for a module, started once the module's ``server`` has what it asks of the database."""
    with chromium() as found:
        yield found


@pytest.fixture(autouse=True)
def windows_closed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close what a test opened in the browser: pages that are left open go on asking for what is new."""
    yield
    if "browser" in request.fixturenames:
        for context in request.getfixturevalue("browser").contexts:
            context.close()


@pytest.fixture(scope="module")
def company(database: Any) -> Iterator[dict[str, Any]]:
    """Six users; Anna (an A1 of Luca's), Bruno (of Jonas', another team), and two of nobody's; scored once for a module."""
    from vaglio_server.crm.actions import assign_leads
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.scorers import a_scorer

    empty_tables()
    people = make_people(PASSWORD)
    source = make_source()
    make_live()
    who = {"type": "identify"}
    send(
        source,
        who
        | {
            "userId": "anna",
            "traits": {"email": "anna@acme.example", "firstName": "Anna", "lastName": "Tărușă", "title": "CTO", "employees": 90},
        },
        {"type": "track", "userId": "anna", "event": "Form Submitted", "properties": {"form": "demo"}},
        {"type": "page", "userId": "anna", "properties": {"path": "/pricing"}},
        who | {"userId": "bruno", "traits": {"email": "bruno@acme.example", "firstName": "Bruno", "title": "Clerk", "employees": 90}},
        who | {"userId": "carla", "traits": {"email": "carla@zeta.example", "firstName": "<script>alert(1)</script>"}},
        {"type": "page", "userId": "dora", "properties": {"path": "/"}},
    )
    with a_scorer() as scorer:
        score_due(scorer=scorer, limit=100)
    at = datetime.now(UTC)
    for mail, owner in (("anna@acme.example", "luca"), ("bruno@acme.example", "jonas")):
        assign_leads(leads=[leads()[mail].pk], owner=people[owner], by="test", at=at)
    yield people


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    """Six users, and a model by which leads come to sales."""
    return kept(people_and_model)


@pytest.fixture
def django_assert_max() -> Any:
    """Counts the questions asked of the database inside a block."""
    from contextlib import contextmanager

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    @contextmanager
    def at_most(most: int) -> Iterator[None]:
        with CaptureQueriesContext(connection) as asked:
            yield
        assert len(asked) <= most, "\n".join(query["sql"] for query in asked)

    return at_most
