"""Making and revoking API tokens."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from vaglio_server.refused import Refused
from vaglio_server.users.actions.names import fitting
from vaglio_server.users.actions.trail import audit
from vaglio_server.users.models import ApiToken, Scope, User

SELDOM = timedelta(minutes=10)  # how often its use is written down: a token may call many times a second


@transaction.atomic
def create_token(*, user: User, name: str, scope: str, by: str, at: datetime) -> tuple[ApiToken, str]:
    """Make an API token; its text is returned once and never again.

    Raises
    ------
    Refused
        The name or the scope does not fit, or the user is blocked.
    """
    if scope not in Scope.values:
        raise Refused(_("{scope} is no scope; choose one of {values}").format(scope=scope, values=", ".join(Scope.values)))
    if not user.is_active:
        raise Refused(_("{username} is blocked; a token of theirs would open nothing").format(username=user.username))
    text = f"vt_{secrets.token_urlsafe(32)}"
    digest = ApiToken.digest_of(text)
    token = ApiToken.objects.create(user=user, name=fitting("a token", name), scope=scope, digest=digest, created_at=at)
    audit(by=by, verb="create_token", subject=f"token:{token.pk}", at=at, user=user.username, scope=scope)
    return token, text


@transaction.atomic
def revoke_token(*, token: ApiToken, by: str, at: datetime) -> ApiToken:
    """Revoke a token: from now on it opens nothing, and it never comes back.

    Raises
    ------
    Refused
        It was revoked already.
    """
    held = ApiToken.objects.select_for_update().select_related("user").get(pk=token.pk)
    if held.revoked_at is not None:
        raise Refused(_("the token {name} was revoked already").format(name=held.name))
    held.revoked_at = at
    held.save()
    audit(by=by, verb="revoke_token", subject=f"token:{held.pk}", at=at, user=held.user.username)
    return held


def note_used(*, token: ApiToken, at: datetime) -> bool:
    """Remember that a token is in use, where that was not done of late; return whether it was now."""
    if token.last_used_at is not None and token.last_used_at > at - SELDOM:
        return False
    stale = Q(last_used_at=None) | Q(last_used_at__lte=at - SELDOM)
    return ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=at) == 1
