"""Users of the tests."""

from typing import Any

from tests.server.world import AT, HOST

PASSWORD = "correct horse battery"


def make_people(password: str | None = None) -> dict[str, Any]:
    """Make a user of each role; with a password, which takes a second each, somebody can sign in as them."""
    from vaglio_server.users.actions import create_user

    roles = (("ada", "administrator", None), ("marta", "marketing", None), ("luca", "sales", "south"), ("irina", "sales", "south"),
             ("jonas", "sales", "north"), ("vera", "read_only", None))  # fmt: skip
    return {
        name: create_user(name=name, email=f"{name}@vaglio.example", password=password, role=role, team=team, by="test", at=AT)
        for name, role, team in roles
    }


def signed_in(user: Any) -> Any:
    from django.test import Client

    client = Client(headers=HOST)
    client.force_login(user)
    return client
