"""A version is signed by both sides, made live, and brought back."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio_server.scoring.actions import activate_version, carry_signatures, sign_version, unsign_version
from vaglio_server.scoring.models import ModelSignature, ModelVersion, Side
from vaglio_server.scoring.queries import versions_of
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.audience import make_live
from vaglio_server.web.contract import takes_from
from vaglio_server.web.model_pages import page_of
from vaglio_server.web.models import version_asked
from vaglio_server.web.tried import tried


def version_named(request: Signed, name: str) -> ModelVersion:
    """Return the version that a form, or the address to undo by, names."""
    number = request.POST.get("version") or request.GET.get("version", "")
    if not number:
        raise Http404(_("no version was named"))
    return version_asked(list(versions_of(name)), number, name)


def _side(request: Signed) -> Side:
    try:
        return Side(request.POST.get("side", ""))
    except ValueError:
        raise Http404(_("a model is signed for marketing or for sales")) from None


@allowed(*EVERYBODY)
@require_POST
def model_sign(request: Signed, name: str) -> HttpResponse:
    """Sign a version for a side."""
    version, side = version_named(request, name), _side(request)

    def said(_made: ModelSignature) -> str:
        signed = _("You have signed {version} for {side}.").format(version=version, side=side.label)
        other = next(each for each in Side if each != side)
        if version.signatures.filter(side=other).exists():
            return signed
        return f"{signed} {_('It waits for {side} now, whose Home says so.').format(side=other.label)}"

    return tried(
        request, lambda: sign_version(version=version, side=side, user=request.user, at=datetime.now(UTC)), said, to=page_of(version)
    )


@allowed(*EVERYBODY)
@require_POST
def model_unsign(request: Signed, name: str) -> HttpResponse:
    """Take a signature back."""
    version, side = version_named(request, name), _side(request)
    said = _("The signature for {side} is taken back.").format(side=side.label)
    return tried(
        request, lambda: unsign_version(version=version, side=side, user=request.user, at=datetime.now(UTC)), said, to=page_of(version)
    )  # fmt: skip


@allowed(*MARKETERS)
@require_POST
def model_live(request: Signed, name: str) -> HttpResponse:
    """Make a version live; of one that is over, its text as a new version. Unsigned only where that is meant."""
    version = version_named(request, name)
    before = next((each for each in versions_of(name) if each.is_live), None)
    is_over, loser = version.live_to is not None, takes_from(version)
    if version.is_live:
        messages.info(request, _("{version} is live already.").format(version=version))
        return redirect(page_of(version))
    if _is_another(request, before):
        messages.error(request, _("Meanwhile {version} was made live. Look at what it says first.").format(version=before))
        return redirect(page_of(version))

    def verb() -> ModelVersion:
        by, may = request.user.username, request.POST.get("unsigned") == "yes"
        if is_over:
            made = make_live(version.text, by)
            carry_signatures(before=version, made=made, by=by, at=datetime.now(UTC))
            return made
        return activate_version(version=version, by=by, at=datetime.now(UTC), may_be_unsigned=may)

    def said(made: ModelVersion) -> str:
        if is_over:
            return _("{made} is live, with the text of {version}. Leads are being rated by it.").format(made=made, version=version)
        return _("{made} is live. Leads are being rated by it.").format(made=made)

    def undo(made: ModelVersion) -> str:
        if before is None or before == made or loser is not None:  # what moved leads before would not move them again
            return ""
        return f"{reverse('model-live', args=(name,))}?version={before.number}&in_place_of={made.number}"

    return tried(request, verb, said, to=lambda made: redirect(page_of(made)), back=page_of(version), undo=undo)


def _is_another(request: Signed, live: ModelVersion | None) -> bool:
    """Whether another version is live than the one that the form, or the address to undo by, says would be over."""
    meant = request.POST.get("in_place_of") or request.GET.get("in_place_of", "")
    return live is not None and meant not in ("", str(live.number))
