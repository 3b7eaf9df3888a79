"""The API's description says of each operation whatever it answers, errors too."""

import json
import re
from typing import Any

import pytest

from tests.server.api.test_leads import token
from tests.server.api.test_openapi import SNAPSHOT
from tests.server.world import HOST
from vaglio_server.users.models import Role, Scope

OPERATIONS = [
    (path, method, each)
    for path, those in json.loads(SNAPSHOT.read_text(encoding="utf-8"))["paths"].items()
    for method, each in those.items()
]


@pytest.mark.parametrize("role", [Role.SALES, Role.READ_ONLY, Role.MARKETING])
def test_whatever_is_answered_is_described(tables: Any, role: str) -> None:
    from django.test import Client

    client = Client(headers=HOST | {"authorization": f"Bearer {token(role, Scope.WRITE)}"})
    undescribed = []
    for path, method, operation in OPERATIONS:
        for named in ("7", "contacts"):
            address = re.sub(r"\{[^}]*\}", named, path)
            body = {} if method == "get" else {"data": {}, "content_type": "application/json"}
            answer = getattr(client, method)(address, **body)
            kinds = operation["responses"].get(str(answer.status_code), {}).get("content", {})
            if str(answer.status_code) not in operation["responses"] or (
                answer.status_code >= 400 and "application/problem+json" not in kinds
            ):
                undescribed.append((method, address, answer.status_code))
    assert undescribed == []


def test_errors_are_said_by_what_an_operation_does() -> None:
    said = {each["operationId"]: {int(status) for status in each["responses"]} for _path, _method, each in OPERATIONS}
    assert said["leads_list"] == {200, 401, 422, 503}
    assert said["leads_get"] == {200, 401, 404, 422, 503}
    assert said["leads_edit"] == {200, 401, 403, 404, 409, 422, 503}
    assert said["handed_list"] == {200, 401, 403, 422, 503}
