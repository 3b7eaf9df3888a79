"""The first user of an installation, and nobody after them."""

import threading
from typing import Any

import pytest

from tests.server.web.people import PASSWORD, make_people
from tests.server.world import HOST

WHO = {"name": "ada", "email": "ada@acme.example", "password": PASSWORD}


def client() -> Any:
    from django.test import Client

    return Client(headers=HOST)


def path() -> str:
    from vaglio_server.web.welcome import welcome_path

    found = welcome_path()
    assert found is not None
    return found


def test_the_first_one_becomes_administrator_and_is_let_in(tables: Any) -> None:
    from vaglio_server.users.models import AuditEntry, User

    one, address = client(), path()
    page = one.get(address).content.decode()
    assert "You will be its administrator" in page and "at least 8 characters" in page  # the rules, before one fails them
    answer = one.post(address, WHO)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "Three steps" in one.get("/").content.decode()
    made = User.objects.get()
    assert (made.username, made.email, made.role, made.check_password(PASSWORD)) == ("ada", "ada@acme.example", "administrator", True)
    assert AuditEntry.objects.get(verb="create_user").by == "first run"


def test_nobody_comes_second(tables: Any) -> None:
    from vaglio_server.users.models import User
    from vaglio_server.web.welcome import welcome_path

    address = path()
    make_people()
    count = User.objects.count()
    for answer in (client().get(address), client().post(address, WHO)):
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert (welcome_path(), User.objects.count()) == (None, count)


@pytest.mark.parametrize("key", ["", "?key=", "?key=wrong", "?key=first administrator"])
def test_without_the_link_nobody_is_first(tables: Any, key: str) -> None:
    from vaglio_server.users.models import User

    for answer in (client().get(f"/welcome{key}"), client().post(f"/welcome{key}", WHO)):
        assert answer.status_code == 403
        assert "vaglio serve has written" in answer.content.decode()
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    "wrong", [{"password": "12345678"}, {"password": "short"}, {"name": "a b"}, {"email": "nothing"}, {"name": ""}, {"name": "x\x00"}]
)
def test_what_does_not_fit_is_said_at_its_field(tables: Any, wrong: dict[str, str]) -> None:
    from vaglio_server.users.models import User

    answer = client().post(path(), WHO | wrong)
    assert answer.status_code == 200
    assert "wrong" in answer.content.decode()
    assert User.objects.count() == 0


def test_of_two_at_once_one_is_first(tables: Any) -> None:
    from django.db import connection

    from vaglio_server.users.models import User

    address, answers = path(), []

    def come(name: str) -> None:
        answers.append(client().post(address, WHO | {"name": name}).status_code)
        connection.close()

    both = [threading.Thread(target=come, args=(name,)) for name in ("ada", "eva")]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert (answers, User.objects.count()) == ([302, 302], 1)
