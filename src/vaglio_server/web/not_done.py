"""What is pressed on a page from before somebody was signed out is not done: they are told so, and come back to that page."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _


def signed_out(request: HttpRequest) -> HttpResponseBase:
    """Lead somebody who pressed something, and is signed out by now, by the page to sign in to where they were."""
    messages.error(request, _("You had been signed out, so what you pressed was not done. Sign in, and press it again."))
    return redirect_to_login(_where(request))


def of_another_sign_in(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Answer what was sent without the token of this sign-in, as from a page that stood open while somebody signed in anew."""
    if "HX-Request" in request.headers:
        return HttpResponse(reason, status=403, content_type="text/plain")
    if not request.user.is_authenticated:
        return signed_out(request)
    messages.error(request, _("That page was from before you signed in: what you pressed was not done. Here it is anew, press it again."))
    return redirect(_where(request))


def _where(request: HttpRequest) -> str:
    """Return the page that somebody was on, if it is one of ours."""
    came_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    parts = urlsplit(came_from)
    return f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
