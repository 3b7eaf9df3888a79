"""What the frame of every page shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from vaglio_server.users.models import MARKETERS, User


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the sections of the menu and whether this is the demo."""
    sections = [(_("Home"), "home"), (_("Leads"), "lead-list"), (_("Model"), "model-list")]
    if getattr(request.user, "role", None) in MARKETERS:
        sections.append((_("Import"), "import-list"))
    return {
        "sections": [(title, reverse(name), _is_in(request.path, reverse(name))) for title, name in sections],
        "is_demo": settings.DEMO,
        "demo_users": User.objects.select_related("team").order_by("id") if settings.DEMO else (),
    }


def _is_in(path: str, section: str) -> bool:
    return path == section if section == "/" else path.startswith(section)
