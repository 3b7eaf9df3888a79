"""Links by which somebody sets a password: to come in for the first time, or because the old one is lost."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.refused import Refused
from vaglio_server.users.actions.trail import audit
from vaglio_server.users.actions.users import create_user
from vaglio_server.users.models import User


class LinkVoid(Refused):
    """The link was used, replaced by a newer one, is too old, or its user is blocked."""


@dataclass(frozen=True)
class Joined:
    """What somebody says of themselves when they come in by a link; empty names stay as they are."""

    password: str
    first_name: str = ""
    last_name: str = ""


@transaction.atomic
def invite_user(*, name: str, email: str, role: str, team: str | None, by: str, at: datetime) -> User:
    """Make a user without a password, and the link by which they set one.

    Raises
    ------
    Refused
        Something does not fit, or there is such a user.
    """
    user = create_user(name=name, email=email, password=None, role=role, team=team, by=by, at=at)
    return make_link(user=user, by=by, at=at)


@transaction.atomic
def make_link(*, user: User, by: str, at: datetime) -> User:
    """Make a link by which a user sets a password; earlier ones of theirs are void.

    Raises
    ------
    Refused
        They are blocked.
    """
    held = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if not held.is_active:
        raise Refused(_("{username} is blocked; let them in again first").format(username=held.username))
    held.link_made_at = at
    held.save(update_fields=["link_made_at"])
    audit(by=by, verb="make_link", subject=f"user:{held.pk}", at=at)
    return held


@transaction.atomic
def join(*, user: User, made_at: datetime, joined: Joined, at: datetime) -> User:
    """Set the password of who came by the link made at an instant; the link is used up, and sign-ins by an older password end.

    Raises
    ------
    LinkVoid
        It does not hold any more.
    """
    held = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    until = held.link_until
    if not held.is_active or held.link_made_at != made_at or until is None or at >= until:
        raise LinkVoid(_("this link does not hold any more; ask an administrator for a new one"))
    held.set_password(joined.password)
    held.first_name = joined.first_name or held.first_name
    held.last_name = joined.last_name or held.last_name
    held.link_made_at = None
    held.save(update_fields=["password", "first_name", "last_name", "link_made_at"])
    audit(by=held.username, verb="join", subject=f"user:{held.pk}", at=at)
    return held
