"""What the API is, in one file: whoever changes the API reviews the difference."""

import json
import sys
from pathlib import Path
from typing import Any

SNAPSHOT = Path(__file__).parent / "openapi.json"
RENEW = "python -m tests.server.api.test_openapi"


def described() -> str:
    from vaglio_server.api.api import api

    return json.dumps(api.get_openapi_schema(), indent=1, sort_keys=True, default=str) + "\n"


def test_the_api_is_as_it_was_reviewed() -> None:
    assert described() == SNAPSHOT.read_text(encoding="utf-8"), f"the API changed; renew its description with `{RENEW}` and review the diff"


def test_every_operation_has_a_name_of_its_own_and_a_sentence() -> None:
    operations: list[Any] = [each for path in json.loads(SNAPSHOT.read_text(encoding="utf-8"))["paths"].values() for each in path.values()]
    names = [each["operationId"] for each in operations]
    assert len(names) == len(set(names))
    assert [each["operationId"] for each in operations if not each.get("description")] == []


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vaglio_server.config.settings")
    os.environ.setdefault("VAGLIO_SECRET_KEY", "nothing is signed here")
    django.setup()
    SNAPSHOT.write_text(described(), encoding="utf-8")
    sys.stdout.write(f"{SNAPSHOT} is renewed\n")
