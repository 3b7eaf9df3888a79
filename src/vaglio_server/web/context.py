"""What the frame of every page shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from vaglio_server.users.models import User
from vaglio_server.web import menu


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the menu and whether this is the demo."""
    found: dict[str, Any] = {"is_demo": settings.DEMO, "demo_users": ()}
    if settings.DEMO:
        found["demo_users"] = User.objects.filter(is_active=True).select_related("team").order_by("id")
    if not request.user.is_authenticated and request.path == reverse("account_login"):
        found["is_new"] = not User.objects.exists()
    if isinstance(request.user, User):
        found["sections"] = menu.sections(request.user, request.path)
        found["groups"] = menu.groups(request.user, request.path)
    return found
