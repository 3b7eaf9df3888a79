"""What tests begin with is what Vaglio and Django make, though it is made in fewer questions."""

from typing import Any

from tests.server.conftest import empty_tables
from tests.server.web.people import make_by_action, make_people, put_back, signed_in, written
from tests.server.world import HOST


def rows() -> list[list[dict[str, Any]]]:
    """Return all that every table of users has, but for passwords, of which each is another."""
    from django.apps import apps

    models = apps.get_app_config("users").get_models(include_auto_created=True)
    said = [list(model.objects.order_by("pk").values()) for model in models]
    return [[{name: value for name, value in row.items() if name != "password"} for row in each] for each in said]


def test_people_who_are_put_back_are_those_that_the_action_makes(tables: Any) -> None:
    found = make_by_action()
    kept, by_action = written(found), rows()
    empty_tables()
    again = put_back(*kept)
    assert rows() == by_action and sum(map(len, by_action)) == 14
    assert {name: user.pk for name, user in again.items()} == {name: user.pk for name, user in found.items()}
    assert not any(user.has_usable_password() for user in again.values())


def test_a_session_is_the_one_that_django_makes(tables: Any) -> None:
    from django.test import Client

    marta = make_people()["marta"]
    ours = signed_in(marta)
    assert marta.last_login and type(marta).objects.get(pk=marta.pk).last_login == marta.last_login
    client = Client(headers=HOST)
    client.force_login(marta)
    assert dict(ours.session.items()) == dict(client.session.items())
    assert ours.get("/leads").status_code == 200
