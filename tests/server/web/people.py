"""Users of the tests."""

from copy import deepcopy
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from tests.server.world import AT, HOST

PASSWORD = "correct horse battery"


_written: list[Any] = []  # what the action wrote when it was first asked in this process


def make_people(password: str | None = None) -> dict[str, Any]:
    """Make a user of each role; with a password somebody can sign in as them.

    The action makes them once in a process: that takes 45 questions, and to put back what it wrote takes six.
    """
    from vaglio_server.users.models import User

    if _written:
        people = put_back(*_written)
    else:
        people = make_by_action()
        _written.extend(deepcopy(written(people)))  # below they get passwords
    if password:
        for user in people.values():
            user.password = hashed(password)
        User.objects.bulk_update(people.values(), ["password"])
    return people


def make_by_action() -> dict[str, Any]:
    from vaglio_server.users.actions import create_user

    roles = (("ada", "administrator", None), ("marta", "marketing", None), ("luca", "sales", "south"), ("irina", "sales", "south"),
             ("jonas", "sales", "north"), ("vera", "read_only", None))  # fmt: skip
    return {
        name: create_user(name=name, email=f"{name}@vaglio.example", password=None, role=role, team=team, by="test", at=AT)
        for name, role, team in roles
    }


def written(people: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """Return the users, and what the trail says of each."""
    from vaglio_server.users.models import AuditEntry

    users = list(people.values())
    return users, [AuditEntry.objects.get(subject=f"user:{user.pk}", verb="create_user") for user in users]


def put_back(users: list[Any], trail: list[Any]) -> dict[str, Any]:
    from django.db import transaction

    from vaglio_server.users.models import AuditEntry, Team, User

    with transaction.atomic():
        named = dict.fromkeys(user.team.name for user in users if user.team)
        Team.objects.bulk_create([Team(name=name) for name in named], ignore_conflicts=True)
        teams = Team.objects.in_bulk(field_name="name")
        again = [User(**values(user) | {"team": user.team and teams[user.team.name]}) for user in users]
        User.objects.bulk_create(again)
        said = zip(trail, again, strict=True)
        AuditEntry.objects.bulk_create(AuditEntry(**values(entry) | {"subject": f"user:{user.pk}"}) for entry, user in said)
    return {user.username: user for user in again}


def values(row: Any) -> dict[str, Any]:
    """Return what a row holds but for its number and its links."""
    return {field.name: getattr(row, field.name) for field in row._meta.concrete_fields if not field.primary_key and not field.is_relation}


@lru_cache
def hashed(password: str) -> str:
    """Return a password as it is stored, worked out once: that takes a second."""
    from django.contrib.auth.hashers import make_password

    return make_password(password)


def signed_in(user: Any) -> Any:
    """Return a client with the session that `force_login` makes, in a third of its questions."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import update_last_login
    from django.test import Client

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    update_last_login(None, user)
    client = Client(headers=HOST)
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
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
