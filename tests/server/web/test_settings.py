"""The page of settings: what is in force, and nothing that is secret."""

import re
from typing import Any

import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.web.reading import read

pytestmark = pytest.mark.usefixtures("tables")


def test_it_works() -> None:
    from vaglio_server.config.env import SETTINGS

    page = read(signed_in(make_people()["ada"]).get("/settings"))
    assert re.findall(r"<dt><code>(\w+)</code>", page) == [each.name for each in SETTINGS]
    assert "localhost,127.0.0.1,[::1]" in page and "PostgreSQL" in page and "vaglio serve" in page


def test_it_says_what_is_set_and_keeps_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.test import override_settings

    from vaglio_server.config import env

    monkeypatch.setenv("DATABASE_URL", "postgresql://vaglio:s3cret@db.example:5433/sales?sslkey=/etc/s3cret.key")
    monkeypatch.setenv("VAGLIO_SECRET_KEY", "s3cret")
    found = {each.name: each for each in env.in_force()}
    monkeypatch.undo()
    assert found["DATABASE_URL"].value == "postgresql://vaglio@db.example:5433/sales"
    assert found["VAGLIO_SECRET_KEY"].is_given and not found["VAGLIO_HTTPS"].is_given
    with override_settings(IN_FORCE=tuple(found.values())):
        page = read(signed_in(make_people()["ada"]).get("/settings"))
    assert "s3cret" not in page and "not shown" in page and "db.example:5433/sales" in page


def test_the_key_that_signs_is_nowhere_on_it() -> None:
    from django.conf import settings

    assert settings.SECRET_KEY not in read(signed_in(make_people()["ada"]).get("/settings"))


def test_it_requires_an_administrator() -> None:
    people: dict[str, Any] = make_people()
    for name in ("marta", "luca", "vera"):
        assert signed_in(people[name]).get("/settings").status_code == 403
    assert signed_in(people["ada"]).post("/settings", {"VAGLIO_DEBUG": "1"}).status_code in {200, 405}
