"""No answer of the API is a 5xx, whatever is asked, by whichever role: Schemathesis makes the questions from the description of the API.

``VAGLIO_FUZZ`` sets how many questions each role asks of each operation: 320 are over 5,000 a role.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.server.api.test_leads import token
from tests.server.running import running
from tests.server.world import make_live, make_source, send
from vaglio_server.users.models import Role, Scope

EACH = int(os.environ.get("VAGLIO_FUZZ", "320"))


@pytest.mark.drill
@pytest.mark.parametrize("role", Role.values)
def test_no_answer_is_an_error_of_ours(tables: Path, role: str, tmp_path: Path) -> None:
    make_live()
    anna: dict[str, Any] = {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example", "title": "CTO"}}
    send(make_source(), anna, {"type": "page", "userId": "anna", "properties": {"path": "/pricing"}}, {"type": "track", "event": "Lost"})
    key = token(role, Scope.WRITE)
    with running(tables, role="web", processes=1) as server:
        options = (
            f"--checks not_a_server_error --phases fuzzing --max-examples {EACH} --request-timeout 60 --continue-on-failure --no-color"
        )
        command = [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            f"{server.address}/api/openapi.json",
            "-H",
            f"Authorization: Bearer {key}",
        ]
        told = subprocess.run([*command, *options.split()], cwd=tmp_path, check=False, capture_output=True, text=True)
    asked = re.search(r"(\d+) generated", told.stdout)
    print(told.stdout[-400:])
    assert told.returncode == 0 and asked is not None, told.stdout[-4000:] + told.stderr[-1000:]
    assert int(asked[1]) > 10 * EACH
