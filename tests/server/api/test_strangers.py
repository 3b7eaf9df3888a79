"""Who comes without a token that is known is told where one is made."""

from typing import Any

import pytest
from django.test import Client

from tests.server.world import HOST


@pytest.mark.parametrize(("sent", "why"), [({}, "no token came"), ({"Authorization": "Bearer nope"}, "is unknown, was taken back")])
def test_who_is_not_known_is_told_what_to_do(tables: Any, sent: dict[str, str], why: str) -> None:
    answer = Client().get("/api/leads", headers=HOST | sent)
    assert answer.status_code == 401 and answer["WWW-Authenticate"] == "Bearer"
    assert why in answer.json()["title"] and "API tokens" in answer.json()["title"]


@pytest.mark.parametrize("path", ["/v1/nonsense", "/api/nonsense", "/api/leads/1/nonsense", "/v1/"])
def test_an_address_that_is_not_there_answers_programs_as_the_api_does(tables: Any, path: str) -> None:
    program = Client(enforce_csrf_checks=True)
    for ask in (program.get, program.post, program.put, program.patch, program.delete):
        answer = ask(path, headers=HOST)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
        assert path in answer.json()["title"] and "openapi.json" in answer.json()["title"]
