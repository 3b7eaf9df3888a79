"""The first user of an installation makes themselves, by a link that only who started the server has seen."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib.auth import login
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from vaglio_server.refused import Refused
from vaglio_server.users.actions import create_first_administrator
from vaglio_server.users.models import User

ADDRESS = "welcome"
_SIGNER = Signer(salt="welcome")
_FOR = "first administrator"


def welcome_path() -> str | None:
    """Return where the first administrator is made; None once there is a user."""
    return None if User.objects.exists() else f"/{ADDRESS}?key={_SIGNER.sign(_FOR).rpartition(':')[2]}"


class WelcomeForm(forms.Form):
    """Who the first administrator is."""

    name = forms.RegexField(
        r"^[\w.@+-]+$", max_length=150, label=gettext_lazy("User name"),
        error_messages={"invalid": gettext_lazy("Letters, digits and @ . + - _ only.")},
    )  # fmt: skip
    email = forms.EmailField(label=gettext_lazy("Mail address"))
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), label=gettext_lazy("Password"), strip=False,
        help_text=password_validators_help_text_html,
    )  # fmt: skip

    def clean_password(self) -> str:
        """Refuse what is easily guessed."""
        found: str = self.cleaned_data["password"]
        validate_password(found, User(username=self.cleaned_data.get("name", ""), email=self.cleaned_data.get("email", "")))
        return found


@sensitive_post_parameters("password")
def welcome(request: HttpRequest) -> HttpResponse:
    """Make the first administrator, and let them in."""
    if User.objects.exists():
        return redirect("account_login")
    try:
        _SIGNER.unsign(f"{_FOR}:{request.GET.get('key', '')}")
    except BadSignature as error:
        raise PermissionDenied(_("Open the link that vaglio serve has written where it was started.")) from error
    form = WelcomeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told: dict[str, Any] = form.cleaned_data
        try:
            made = create_first_administrator(name=told["name"], email=told["email"], password=told["password"], at=datetime.now(UTC))
        except Refused:
            return redirect("account_login")
        login(request, made, backend="allauth.account.auth_backends.AuthenticationBackend")
        return redirect("home")
    return render(request, "account/welcome.html", {"form": form})
