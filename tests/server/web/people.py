"""Users of the tests."""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from tests.server.world import AT, HOST

PASSWORD = "correct horse battery"


def make_people(password: str | None = None) -> dict[str, Any]:
    """Make a user of each role; with a password somebody can sign in as them."""
    from vaglio_server.users.actions import create_user
    from vaglio_server.users.models import User

    roles = (("ada", "administrator", None), ("marta", "marketing", None), ("luca", "sales", "south"), ("irina", "sales", "south"),
             ("jonas", "sales", "north"), ("vera", "read_only", None))  # fmt: skip
    people = {
        name: create_user(name=name, email=f"{name}@vaglio.example", password=None, role=role, team=team, by="test", at=AT)
        for name, role, team in roles
    }
    if password:
        for user in people.values():
            user.password = hashed(password)
        User.objects.bulk_update(people.values(), ["password"])
    return people


@lru_cache
def hashed(password: str) -> str:
    """Return a password as it is stored, worked out once: that takes a second."""
    from django.contrib.auth.hashers import make_password

    return make_password(password)


def signed_in(user: Any) -> Any:
    from django.test import Client

    client = Client(headers=HOST)
    client.force_login(user)
    return client


def another_day() -> tuple[str, date]:
    """Return a time zone in which it is another day now than in UTC, and that day."""
    now = datetime.now(UTC)
    zone = "Pacific/Kiritimati" if now.hour >= 11 else "Etc/GMT+12"
    return zone, now.astimezone(ZoneInfo(zone)).date()


def make_hours(zone: str) -> Any:
    """Let everybody work in a time zone, at all hours."""
    from vaglio_server.lifecycle.models import BusinessCalendar

    return BusinessCalendar.objects.create(name=zone, timezone=zone, week=[[[0, 1440]]] * 7, is_default=True)
