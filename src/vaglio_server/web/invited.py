"""Who was invited, or has lost a password, sets one by a link that an administrator gave them."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core.signing import Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from vaglio_server.users.actions import Joined, LinkVoid, join
from vaglio_server.users.models import User
from vaglio_server.users.queries import users

_SIGNER = Signer(salt="invited")


def link_path(user: User, now: datetime) -> str | None:
    """Return where a user sets a password; None: there is no link of theirs, or it does not hold any more."""
    until = user.link_until
    return reverse("invited", args=(user.pk, _key(user))) if until is not None and user.is_active and now < until else None


def _key(user: User) -> str:
    made = user.link_made_at
    return _SIGNER.signature(f"{user.pk} {made.isoformat() if made else ''}")


class JoinForm(forms.Form):
    """How somebody is called, and their password."""

    first_name = forms.CharField(max_length=150, required=False, label=gettext_lazy("First name"))
    last_name = forms.CharField(max_length=150, required=False, label=gettext_lazy("Last name"))
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), label=gettext_lazy("Password"), strip=False,
        help_text=gettext_lazy("At least 8 characters; a few words are easy to remember and hard to guess."),
    )  # fmt: skip

    def __init__(self, user: User, told: Any) -> None:
        super().__init__(told, initial={"first_name": user.first_name, "last_name": user.last_name})
        self._user = user

    def clean_password(self) -> str:
        """Refuse what is easily guessed."""
        found: str = self.cleaned_data["password"]
        validate_password(found, self._user)
        return found


@never_cache
@sensitive_post_parameters("password")
def invited(request: HttpRequest, user_id: int, key: str) -> HttpResponse:
    """Set the password of who came by their link, and let them in."""
    user, now = users().filter(pk=user_id).first(), datetime.now(UTC)
    if user is None or link_path(user, now) is None or not constant_time_compare(key, _key(user)):
        return render(request, "account/link_void.html", status=410)
    form = JoinForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _come_in(request, user, form, now)
    return render(request, "account/invited.html", {"form": form, "who": user})


def _come_in(request: HttpRequest, user: Any, form: JoinForm, now: datetime) -> HttpResponse:
    try:
        joined = join(user=user, made_at=user.link_made_at, joined=Joined(**form.cleaned_data), at=now)
    except LinkVoid:
        return render(request, "account/link_void.html", status=410)
    if user.has_second_factor:  # whose password is new must still have their device
        messages.info(request, _("The new password holds. Sign in with it."))
        return redirect("account_login")
    login(request, joined, backend="allauth.account.auth_backends.AuthenticationBackend")
    return redirect("home")
