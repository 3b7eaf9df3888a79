"""Signing in: nobody signs up by themselves, and on the demo one click is enough."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm as AllauthLoginForm
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from vaglio_server.users.models import User
from vaglio_server.web.visitors import address_of


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """How allauth behaves here."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Users are made by an administrator."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Attempts are counted by where they come from, behind our own proxies too."""
        return address_of(request)


class LoginForm(AllauthLoginForm):  # type: ignore[misc]
    """The form, in our words; there is no reset by mail, an administrator gives a new password."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["login"].label = _("User name or mail address")
        self.fields["password"].help_text = ""
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo's users; there is no such page on any other server."""
    if not settings.DEMO:
        raise Http404
    user = get_object_or_404(User, username=request.POST.get("user", ""), is_active=True)
    login(request, user)
    after = request.POST.get(REDIRECT_FIELD_NAME, "")
    return redirect(after if url_has_allowed_host_and_scheme(after, {request.get_host()}) else "home")
