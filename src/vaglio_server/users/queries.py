"""Finding users, their tokens, and what was done."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from vaglio_server.cursors import page_by_instant
from vaglio_server.refused import Refused
from vaglio_server.users.models import ApiToken, AuditEntry, Role, Team, User


def user_named(name: str) -> User:
    """Return a user by name.

    Raises
    ------
    Refused
        There is none.
    """
    found = User.objects.filter(username=name).first()
    if found is None:
        raise Refused(_("there is no user {name}").format(name=name))
    return found


def users() -> QuerySet[User]:
    """Return everybody, blocked ones last, each with ``has_second_factor``."""
    factor = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    return User.objects.select_related("team").annotate(has_second_factor=Exists(factor)).order_by("-is_active", "username")


def administrators() -> QuerySet[User]:
    """Return the administrators who can come in: not blocked, and with a password of their own."""
    return User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)


def teams() -> QuerySet[Team]:
    """Return the teams by name, each with ``size``, how many are in it."""
    return Team.objects.annotate(size=Count("members")).order_by("name")


def token_of(text: str) -> ApiToken | None:
    """Return the token with this text, if it is still good and its user may still sign in."""
    digest = ApiToken.digest_of(text)
    return ApiToken.objects.select_related("user").filter(digest=digest, revoked_at__isnull=True, user__is_active=True).first()


def tokens_seen_by(user: User) -> QuerySet[ApiToken]:
    """Return the tokens a user looks after: administrators all, others their own; revoked ones last, the newest first."""
    mine = Q() if user.role == Role.ADMINISTRATOR else Q(user=user)
    return ApiToken.objects.filter(mine).select_related("user").order_by(F("revoked_at").desc(nulls_first=True), "-pk")


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """Return the tokens of a user that nobody revoked, the newest first."""
    return ApiToken.objects.filter(user=user, revoked_at=None).order_by("-pk")


@dataclass(frozen=True)
class Asked:
    """Which entries of the trail are asked for; what is empty does not matter. ``day`` is one in ``zone``."""

    by: str = ""
    verb: str = ""
    subject: str = ""
    day: date | None = None
    zone: tzinfo = UTC

    def condition(self) -> Q:
        """Return it as the database understands it; a kind of subject alone, such as ``lead``, is every one of them."""
        found = Q(by=self.by) if self.by else Q()
        if self.verb:
            found &= Q(verb=self.verb)
        if self.subject:
            found &= Q(subject=self.subject) if ":" in self.subject else Q(subject=self.subject) | Q(subject__startswith=f"{self.subject}:")
        if self.day:
            found &= Q(at__gte=self._begin(self.day))
            if self.day < date.max:
                found &= Q(at__lt=self._begin(self.day + timedelta(days=1)))
        return found

    def _begin(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)


@dataclass(frozen=True)
class TrailPage:
    """Some entries, newest first; ``next_cursor`` asks for those before them, None after the last."""

    entries: list[AuditEntry]
    next_cursor: str | None


def trail(asked: Asked, *, cursor: str | None, limit: int) -> TrailPage:
    """Return a page of what was done, from where the page before ended.

    Raises
    ------
    ValueError
        The cursor is none that a page gave.
    """
    found = AuditEntry.objects.filter(asked.condition()).order_by("-at", "-id")
    return TrailPage(*page_by_instant(found, "at", cursor=cursor, limit=limit))
