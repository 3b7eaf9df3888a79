"""API tokens: made and shown once, revoked, and when they were last used."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from vaglio_server.refused import Refused
from vaglio_server.users.actions import create_token, revoke_token
from vaglio_server.users.models import Role, Scope, User
from vaglio_server.users.queries import tokens_seen_by
from vaglio_server.web.access import EVERYBODY, Signed, allowed

SHOWN = 500


@allowed(*EVERYBODY)
@never_cache
def token_list(request: Signed) -> HttpResponse:
    """Show the tokens one looks after, and make another, whose text is on this answer and nowhere else."""
    made: dict[str, Any] = {}
    if request.method == "POST":
        try:
            token, text = create_token(
                user=_whose(request),
                name=request.POST.get("name", ""),
                scope=_scope(request),
                by=request.user.username,
                at=datetime.now(UTC),
            )
            made = {"token": token, "text": text}
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("token-list")
    found = {
        "tokens": tokens_seen_by(request.user)[:SHOWN],
        "made": made,
        "scopes": _scopes(request.user),
        "people": User.objects.filter(is_active=True).order_by("username") if _sees_all(request.user) else [],
        "sees_all": _sees_all(request.user),
        "here": f"{request.scheme}://{request.get_host()}",
    }
    return render(request, "tokens/token_list.html", found)


def _sees_all(user: User) -> bool:
    return user.role == Role.ADMINISTRATOR


def _scopes(user: User) -> list[tuple[str, str]]:
    """Return what tokens of a user can be for: of who only reads, for reading."""
    return [(scope.value, str(scope.label)) for scope in Scope if scope == Scope.READ or user.role != Role.READ_ONLY]


def _scope(request: Signed) -> str:
    asked = request.POST.get("scope", Scope.READ)
    if asked == Scope.WRITE and asked not in dict(_scopes(request.user)):
        raise Refused(_("Your role only reads, and so do your tokens."))
    return asked


def _whose(request: Signed) -> User:
    """Return whose token it will be: one's own, or whom an administrator names."""
    named = request.POST.get("user", "")
    if not named or named == request.user.username:
        return request.user
    found = User.objects.filter(username=named.replace("\x00", ""), is_active=True).first() if _sees_all(request.user) else None
    if found is None:
        raise Refused(_("There is no such user for whom you can make a token."))
    return found


@allowed(*EVERYBODY)
@require_POST
def token_revoke(request: Signed, token_id: int) -> HttpResponse:
    """Revoke a token."""
    token = get_object_or_404(tokens_seen_by(request.user), pk=token_id)
    try:
        revoke_token(token=token, by=request.user.username, at=datetime.now(UTC))
        messages.info(request, _("{name} opens nothing any more.").format(name=token.name))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("token-list")
