"""A draft is discarded, and taken back; what people say of a version is written down."""

from datetime import UTC, datetime

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio_server.scoring.actions import discard_version, remark_on, restore_version
from vaglio_server.scoring.models import SPEAKERS
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.model_contract import version_named
from vaglio_server.web.model_pages import page_of
from vaglio_server.web.tried import tried


@allowed(*MARKETERS)
@require_POST
def model_discard(request: Signed, name: str) -> HttpResponse:
    """Discard a draft."""
    version = version_named(request, name)
    undo = f"{reverse('model-restore', args=(name,))}?version={version.number}"
    said = _("{version} is discarded.").format(version=version)
    by, at = request.user.username, datetime.now(UTC)
    return tried(
        request,
        lambda: discard_version(version=version, by=by, at=at),
        said,
        to=reverse("model-detail", args=(name,)),
        back=page_of(version),
        undo=undo,
    )


@allowed(*MARKETERS)
@require_POST
def model_restore(request: Signed, name: str) -> HttpResponse:
    """Take a discarded draft back."""
    version = version_named(request, name)
    said = _("{version} is a draft again.").format(version=version)
    by, at = request.user.username, datetime.now(UTC)
    return tried(request, lambda: restore_version(version=version, by=by, at=at), said, to=page_of(version))


@allowed(*SPEAKERS)
@require_POST
def model_remark(request: Signed, name: str) -> HttpResponse:
    """Say something of a version."""
    version, text = version_named(request, name), request.POST.get("text", "")
    by, at = request.user.username, datetime.now(UTC)
    return tried(request, lambda: remark_on(version=version, text=text, by=by, at=at), to=f"{page_of(version)}#remarks")
