"""Somebody is made a user on the command line: with a password as good as one that is chosen in a page."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from vaglio_server.users.models import User


def made(*options: str, typed: str = "") -> Any:
    from vaglio.cli.main import app

    return CliRunner().invoke(app, ["user", "create", "dora", "--role", "administrator", *options], input=typed)


@pytest.mark.parametrize(
    ("password", "said"), [("", "too short"), ("x", "too short"), ("password1234", "too common"), ("1" * 14, "numeric")]
)
def test_a_password_that_is_easily_guessed_is_refused(tables: Path, password: str, said: str) -> None:
    told = made("--password", password)
    assert told.exit_code != 0 and said in str(told.exception) and not User.objects.exists()


def test_it_is_asked_for_until_there_is_one(tables: Path) -> None:
    good = "a sieve of leads"
    told = made(typed=f"\n{good}\nother\n{good}\n{good}\n")
    assert told.exit_code == 0, told.output
    assert User.objects.get().check_password(good) and "dora: administrator" in told.output
    assert "[]" not in told.output
