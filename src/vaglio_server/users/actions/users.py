"""Making users, and changing what they may do."""

from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from vaglio_server.refused import Refused
from vaglio_server.users.actions.trail import audit
from vaglio_server.users.models import Role, Team, User
from vaglio_server.users.queries import administrators

FIRST = 730_415  # an advisory lock: one is first
SELDOM = timedelta(minutes=5)  # how often it is written down that somebody looks at pages
LONGEST_NAME = 150
LONGEST_MAIL = 254


@transaction.atomic
def create_user(*, name: str, email: str, password: str | None, role: str, team: str | None = None, by: str, at: datetime) -> User:
    """Make a user; without a password nobody can sign in as them. A team that is new is made.

    Raises
    ------
    Refused
        Something does not fit, or there is such a user.
    """
    _check(name, email, role)
    if password is not None:
        _check_password(password, User(username=name, email=email))
    joined = Team.objects.get_or_create(name=team)[0] if team else None
    user = User.objects.create_user(name, email, password, role=role, team=joined, date_joined=at)
    audit(by=by, verb="create_user", subject=f"user:{user.pk}", at=at, role=role, team=team)
    return user


def _check(name: str, email: str, role: str) -> None:
    if role not in Role.values:
        raise Refused(_("{role} is no role; choose one of {values}").format(role=role, values=", ".join(Role.values)))
    try:
        UnicodeUsernameValidator()(name)
    except ValidationError:
        name = ""
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(
            _("a user name has 1 to {longest_name} letters, digits and @ . + - _; such as anna.rossi").format(longest_name=LONGEST_NAME)
        )
    if User.objects.filter(username__iexact=name).exists():
        raise Refused(_("there is already a user {name}").format(name=name))
    if email:
        _check_email(email)


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error


def _check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        email = ""
    if not email or len(email) > LONGEST_MAIL or not email.isprintable():
        raise Refused(_("this is no mail address; give one such as anna@example.com"))
    if User.objects.filter(email__iexact=email).exists():  # who signs in by it must be one
        raise Refused(_("the mail address {email} is already another user's").format(email=email))


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
        raise Refused(_("this installation has users already; an administrator makes more of them"))
    return create_user(name=name, email=email, password=password, role=Role.ADMINISTRATOR, by="first run", at=at)


@transaction.atomic
def change_user(*, user: User, role: str, team: Team | None, by: str, at: datetime) -> User:
    """Give a user a role and a team (None: no team). What they see and may do follows at once.

    Raises
    ------
    Refused
        There is no such role, or nobody would be left to look after the installation.
    """
    if role not in Role.values:
        raise Refused(_("{role} is no role; choose one of {values}").format(role=role, values=", ".join(Role.values)))
    held = _held(user)
    if role != Role.ADMINISTRATOR:
        _leave_one(held)
    was, before = held.role, held.team
    held.role, held.team = role, team
    if before != team:
        held.team_since = at
    held.save(update_fields=["role", "team", "team_since"])
    detail = {"role": {"before": was, "after": role}} if was != role else {}
    if before != team:
        detail["team"] = {"before": str(before or ""), "after": str(team or "")}
    if detail:
        audit(by=by, verb="change_user", subject=f"user:{held.pk}", at=at, **detail)
    return held


@transaction.atomic
def block_user(*, user: User, by: str, at: datetime) -> User:
    """Keep a user out: every sign-in of theirs ends, and their tokens and links open nothing.

    Raises
    ------
    Refused
        They are blocked already, would block themselves, or nobody would be left to look after the installation.
    """
    held = _held(user)
    if not held.is_active:
        raise Refused(_("{username} is blocked already").format(username=held.username))
    if held.username == by:
        raise Refused(_("nobody blocks themself; ask another administrator"))
    _leave_one(held)
    held.is_active, held.link_made_at = False, None
    held.session_series += 1  # so that no old sign-in comes back when they are let in again
    held.save(update_fields=["is_active", "link_made_at", "session_series"])
    audit(by=by, verb="block_user", subject=f"user:{held.pk}", at=at)
    return held


@transaction.atomic
def unblock_user(*, user: User, by: str, at: datetime) -> User:
    """Let a user in again: with their password, and with those of their tokens that nobody revoked.

    Raises
    ------
    Refused
        They are not blocked.
    """
    held = _held(user)
    if held.is_active:
        raise Refused(_("{username} is not blocked").format(username=held.username))
    held.is_active = True
    held.save(update_fields=["is_active"])
    audit(by=by, verb="unblock_user", subject=f"user:{held.pk}", at=at)
    return held


@transaction.atomic
def remove_second_factor(*, user: User, by: str, at: datetime) -> User:
    """Take away the second factor of somebody who has lost it, with its recovery codes; they sign in by password and can set up another.

    Raises
    ------
    Refused
        They have none.
    """
    held = _held(user)
    if not Authenticator.objects.filter(user=held).delete()[0]:
        raise Refused(_("{username} has no second factor").format(username=held.username))
    audit(by=by, verb="remove_second_factor", subject=f"user:{held.pk}", at=at)
    return held


def note_seen(*, user: User, at: datetime) -> bool:
    """Remember that somebody looks at pages, where that was not done of late; return whether it was now."""
    if user.last_seen_at is not None and user.last_seen_at > at - SELDOM:
        return False
    stale = Q(last_seen_at=None) | Q(last_seen_at__lte=at - SELDOM)
    return User.objects.filter(stale, pk=user.pk).update(last_seen_at=at) == 1


def _held(user: User) -> User:
    """Return a user, held together with every administrator, so that of two who would be the last one stays."""
    rows = User.objects.select_for_update(of=("self",)).filter(Q(pk=user.pk) | Q(role=Role.ADMINISTRATOR)).order_by("pk")
    return next(each for each in rows if each.pk == user.pk)


def _leave_one(user: User) -> None:
    """Refuse what would leave nobody who can come in and look after the installation."""
    if user.role == Role.ADMINISTRATOR and user.is_active and not administrators().exclude(pk=user.pk).exists():
        raise Refused(
            _("{username} is the last administrator who can come in; give somebody else that role first").format(username=user.username)
        )
