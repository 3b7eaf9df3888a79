"""A database that takes nothing, as one that a failover left behind: it may come again, and says so wherever one asks."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.server.api.test_leads import token
from tests.server.world import AT, HOST, make_source, post
from vaglio_server.config.doctor import examine
from vaglio_server.users.models import Scope

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def while_read_only() -> Any:
    """Do something while the database takes nothing."""

    def doing(act: Callable[[], Any]) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = on")
        try:
            return act()
        finally:
            connection.close()

    return doing


def test_what_would_be_written_by_the_api_may_come_again(while_read_only: Any) -> None:
    key = token(scope=Scope.WRITE)
    client = Client(headers=HOST | {"authorization": f"Bearer {key}"}, raise_request_exception=False)
    told = {"user_id": "anna", "fields": {"city": "Milano"}}
    answer = while_read_only(lambda: client.post("/api/leads", told, content_type="application/json"))
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    source = make_source()
    assert while_read_only(lambda: post(source, "track", {"userId": "anna", "event": "x"})).status_code == 503


def test_signing_in_is_not_said_to_be_tried_too_often(while_read_only: Any) -> None:
    answer = while_read_only(lambda: Client(headers=HOST).post("/accounts/login/", {"login": "ada", "password": "x"}))
    assert answer.status_code == 503
    assert "One moment" in answer.content.decode()


def test_it_is_not_ready_and_the_doctor_says_why(while_read_only: Any) -> None:
    answer = while_read_only(lambda: Client(headers=HOST).get("/readyz"))
    assert (answer.status_code, answer.json()) == (503, {"status": "the database takes nothing: it is read-only"})
    assert any("takes nothing" in each.said and each.mend for each in while_read_only(lambda: list(examine(AT))))
    assert Client(headers=HOST).get("/readyz").status_code == 200
