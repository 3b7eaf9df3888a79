"""Who may see a page: every page says so, and a test walks all addresses to see that they do."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vaglio_server.lifecycle.queries import zone_of
from vaglio_server.users.actions import note_seen
from vaglio_server.users.models import Role, User
from vaglio_server.web import warming
from vaglio_server.web.not_done import signed_out

View = Callable[..., HttpResponseBase]
EVERYBODY = tuple(Role.values)
ASKED = 3  # people who are named to somebody whom a page is not for


class Signed(HttpRequest):
    """A request of somebody who signed in."""

    user: User


def _whose(user: User, roles: tuple[str, ...]) -> str:
    """Return for whom something is, and whom of them to ask, to somebody it is not for."""
    titles = _(" and ").join(str(Role(role).label) for role in roles)
    said = ngettext("This is for the role {roles}; yours is {role}.", "This is for the roles {roles}; yours is {role}.", len(roles))
    said = said.format(roles=titles, role=user.get_role_display())
    theirs = [each.called for each in User.objects.filter(role__in=roles, is_active=True).order_by("pk")[:ASKED]]
    return f"{said} {_('Ask {people}.').format(people=_(' or ').join(theirs))}" if theirs else said


def allowed(*roles: str) -> Callable[[View], View]:
    """Let some roles in (named or all), after they signed in; others get 403."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: Signed, *arguments: Any, **named: Any) -> HttpResponseBase:
            if request.user.role not in roles:
                raise PermissionDenied(_whose(request.user, roles))
            if "HX-Request" not in request.headers:  # a page that asks for itself is not somebody who looks
                note_seen(user=request.user, at=datetime.now(UTC))
                warming.begin()
            with timezone.override(zone_of(request.user)):  # hours are those of whoever looks
                return view(request, *arguments, **named)

        signed_in: View = login_required(guarded)

        @wraps(view)
        def page(request: Signed, *arguments: Any, **named: Any) -> HttpResponseBase:
            if "HX-Request" in request.headers and not request.user.is_authenticated:
                return HttpResponse(status=401)  # a part of a page is no place for the page to sign in
            if request.method == "POST" and not request.user.is_authenticated:
                return signed_out(request)  # and not back to an address that only takes what is pressed
            answer = signed_in(request, *arguments, **named)
            patch_vary_headers(answer, ("HX-Request",))  # or a browser that goes back shows the part it has of that address as the page
            return answer

        page.access = roles  # type: ignore[attr-defined]
        return page

    return wrap
