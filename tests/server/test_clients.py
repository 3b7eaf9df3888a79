"""Clients people already use, unchanged, over real HTTP to the whole server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.running import Running, running, wait_for
from tests.server.world import leads, make_live, make_source


@pytest.fixture
def server(tables: Path) -> Iterator[Running]:
    with running(tables) as found:
        yield found


def assert_arrived(errors: list[Any]) -> None:
    """Anna's rating follows from what the client sent."""
    assert errors == []
    wait_for(lambda: [lead.rating for lead in leads().values()] == ["A1"], 15)
    assert leads()["anna@acme.example"].fields["first_name"] == "Anna"


TRAITS = {"email": "anna@acme.example", "firstName": "Anna", "title": "CTO", "employees": 90}


def test_segment_analytics_python(server: Running) -> None:
    from segment.analytics import Client

    make_live()
    errors: list[Any] = []
    client = Client(make_source().write_key, host=server.address, on_error=lambda error, _items: errors.append(error), max_retries=1)
    client.identify("anna", TRAITS)
    client.page("anna", None, "Pricing", {"path": "/pricing"})
    client.track("anna", "Form Submitted", {"form": "demo"})
    client.shutdown()
    assert_arrived(errors)


def test_rudder_sdk_python(server: Running) -> None:
    from rudderstack.analytics.client import Client

    make_live()
    errors: list[Any] = []
    client = Client(make_source().write_key, host=server.address, on_error=lambda error, _items: errors.append(error), max_retries=1)
    client.identify("anna", TRAITS)
    client.page("anna", None, "Pricing", {"path": "/pricing"})
    client.track("anna", "Form Submitted", {"form": "demo"})
    client.join()
    client.flush()
    assert_arrived(errors)
