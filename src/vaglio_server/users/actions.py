"""Making users and tokens."""

import secrets
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from vaglio_server.refused import Refused
from vaglio_server.users.models import ApiToken, AuditEntry, Role, Scope, Team, User

FIRST = 730_415  # an advisory lock: one is first


def audit(*, by: str, verb: str, subject: str, at: datetime, **detail: Any) -> None:
    """Write down who did what."""
    AuditEntry.objects.create(by=by, verb=verb, subject=subject, at=at, detail=detail)


@transaction.atomic
def create_user(*, name: str, email: str, password: str | None, role: str, team: str | None = None, by: str, at: datetime) -> User:
    """Make a user; without a password nobody can sign in as them. A team that is new is made."""
    if role not in Role.values:
        raise Refused(f"{role} is no role; choose one of {', '.join(Role.values)}")
    if User.objects.filter(username=name).exists():
        raise Refused(f"there is already a user {name}")
    joined = Team.objects.get_or_create(name=team)[0] if team else None
    user = User.objects.create_user(name, email, password, role=role, team=joined)
    audit(by=by, verb="create_user", subject=f"user:{user.pk}", at=at, role=role, team=team)
    return user


@transaction.atomic
def create_first_administrator(*, name: str, email: str, password: str, at: datetime) -> User:
    """Make the first user of an installation.

    Raises
    ------
    Refused
        Somebody was first already.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIRST])
    if User.objects.exists():
        raise Refused("this installation has users already; an administrator makes more of them")
    return create_user(name=name, email=email, password=password, role=Role.ADMINISTRATOR, by="first run", at=at)


@transaction.atomic
def create_token(*, user: User, name: str, scope: str, by: str, at: datetime) -> tuple[ApiToken, str]:
    """Make an API token; its text is returned once and never again."""
    if scope not in Scope.values:
        raise Refused(f"{scope} is no scope; choose one of {', '.join(Scope.values)}")
    text = f"vt_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(user=user, name=name, scope=scope, digest=ApiToken.digest_of(text), created_at=at)
    audit(by=by, verb="create_token", subject=f"token:{token.pk}", at=at, user=user.username, scope=scope)
    return token, text
