"""The text of a model is written in the browser: checked while it is typed, and kept as a draft."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from csp.constants import NONCE, SELF
from csp.decorators import csp_update
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vaglio.errors import DocumentError, Issue
from vaglio.rule import Rule
from vaglio.rules import KINDS
from vaglio_server.scoring.actions import push_model
from vaglio_server.scoring.engine import document_of, doubts_of, read_document
from vaglio_server.scoring.models import ModelVersion, ScoringModel
from vaglio_server.scoring.queries import versions_of
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.change_words import Told, told_changes
from vaglio_server.web.model_glimpse import glimpsed, is_glimpse
from vaglio_server.web.model_pages import page_of
from vaglio_server.web.models import version_asked

_SHOWN = 100  # faults: who pastes another text has thousands, and nobody reads them
_COMMON = [key for key in Rule.model_fields if key not in ("id", "points")]
_KINDS = [
    (name, kind.summary, [key for key in kind.model_fields if key not in ("kind", *Rule.model_fields)]) for name, kind in KINDS.items()
]


@dataclass(frozen=True)
class Checked:
    """What is wrong with a text; or how it differs from the version it was begun with, what is doubtful, and another name."""

    faults: Sequence[Issue] = ()
    doubts: Sequence[Issue] = ()
    changes: list[Told] = field(default_factory=list)
    other_name: str = ""
    is_name_taken: bool = False

    @property
    def shown(self) -> Sequence[Issue]:
        """The faults that are named, the first ones."""
        return self.faults[:_SHOWN]

    @property
    def more(self) -> int:
        """How many faults are not named."""
        return len(self.faults) - len(self.shown)


def checked(text: str, version: ModelVersion) -> Checked:
    """Return what is to be said of a text while it is written."""
    try:
        document = read_document(text)
    except DocumentError as wrong:
        return Checked(faults=wrong.issues)
    name = "" if document.name == version.scoring_model.name else document.name
    is_taken = bool(name) and ScoringModel.objects.filter(name=name).exists()
    return Checked(
        doubts=doubts_of(text), changes=told_changes(document_of(version.text), document), other_name=name, is_name_taken=is_taken
    )


def newer_draft(versions: Sequence[ModelVersion], version: ModelVersion) -> ModelVersion | None:
    """Return the newest draft where it is newer than the version that a change begins with: what it changes would be left out."""
    newest = next((each for each in versions if each.discarded_at is None), None)
    return newest if newest is not None and newest.is_draft and newest.number > version.number else None


def newly_doubtful(found: Checked, version: ModelVersion) -> Checked:
    """Return what is to be said without the doubts that the version has already: who changes one rule is not told of others."""
    known = {(doubt.code, doubt.path, doubt.message) for doubt in doubts_of(version.text)}
    return replace(found, doubts=[doubt for doubt in found.doubts if (doubt.code, doubt.path, doubt.message) not in known])


@csp_update({"style-src": [SELF, NONCE]})  # the editor writes its own styles
@allowed(*MARKETERS)
@require_http_methods(["GET", "POST"])
def model_edit(request: Signed, name: str) -> HttpResponse:
    """Show the text of a version to be changed; say what is wrong with it or what it changes; keep it as a draft."""
    versions = list(versions_of(name))
    version = version_asked(versions, request.GET.get("version", ""), name)
    text = request.POST.get("text", version.text).replace("\r\n", "\n")
    found = checked(text, version) if request.method == "POST" else None
    told = {
        "version": version, "document": document_of(version.text), "text": text, "checked": found, "has_lines": True,
        "newer": newer_draft(versions, version),
        "kinds": _KINDS, "common": _COMMON,
    }  # fmt: skip
    return answered(request, "models/model_edit.html", told, text)


def answered(request: Signed, page: str, told: dict[str, Any], text: str) -> HttpResponse:
    """Return what one of the ways of changing a model answers: what it would change, its page, or, once it is kept, the draft's.

    ``told``: what the page shows, with the version that was begun with and what was ``checked`` of the text; None: nothing was sent.
    """
    found: Checked | None = told["checked"]
    if is_glimpse(request) and found is not None and not found.faults:
        return glimpsed(request, text, told["version"])
    if request.headers.get("HX-Request"):
        return render(request, "models/_edit_checked.html", told)
    if found is not None and not found.faults:
        return _kept(request, text)
    return render(request, page, told, status=422 if found else 200)


def _kept(request: Signed, text: str) -> HttpResponse:
    """Keep a text that has no faults as a draft, and go to its page."""
    newest = ModelVersion.objects.order_by("-id").values_list("id", flat=True).first() or 0
    made = push_model(text=text, by=request.user.username, at=datetime.now(UTC))
    if made.pk <= newest:
        messages.info(
            request, _("Nothing is new: {version} says the same. At most comments and the order of keys differ.").format(version=made)
        )
    else:
        messages.success(request, _("{version} is kept as a draft: nothing is rated by it yet.").format(version=made))
    return redirect(page_of(made))
