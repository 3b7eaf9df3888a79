"""Pages while the database is away."""

from typing import Any

import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.world import HOST


def test_a_page_says_that_the_database_is_away_and_works_again_afterwards(tables: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    client = signed_in(make_people()["ada"])
    connection.close()
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "HOST", "/nowhere")
        answer = client.get("/leads", headers=HOST)
    assert answer.status_code == 503 and answer["Retry-After"] == "5"
    assert "asks again by itself" in answer.content.decode()
    assert client.get("/leads", headers=HOST).status_code == 200


def test_what_no_database_holds_is_no_error_of_ours(tables: Any) -> None:
    client = signed_in(make_people()["ada"])
    for address in ("/models/a%00b", "/leads?q=a%00b", "/leads?owner=%00", "/leads?cursor=%00", "/leads/1/timeline?before=%00"):
        assert client.get(address, headers=HOST).status_code in (200, 400, 404), address
