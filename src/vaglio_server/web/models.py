"""Models: in sentences, with how leads spread over the ratings and what each rule does."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST

from vaglio.terms import AXES
from vaglio_server.lifecycle.queries import Responses, first_responses
from vaglio_server.refused import Refused
from vaglio_server.scoring.engine import ModelDocument, document_of
from vaglio_server.scoring.logic.audience import without_audience
from vaglio_server.scoring.models import SPEAKERS, ModelVersion, ScoringModel
from vaglio_server.scoring.queries import live_versions, newest_drafts, versions_of
from vaglio_server.studies.actions import count_version, horizon_seconds
from vaglio_server.studies.models import Study
from vaglio_server.studies.queries import all_versions, standing
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.audience import audience_words, left_out_words, make_live
from vaglio_server.web.change_words import told_changes
from vaglio_server.web.contract import contract_of
from vaglio_server.web.home import Matrix, matrix
from vaglio_server.web.model_figures import promises_shown, sides_shown
from vaglio_server.web.model_pages import page_of
from vaglio_server.web.model_waits import review_by


@allowed(*EVERYBODY)
def model_list(request: Signed) -> HttpResponse:
    """Show the models, also those that were never live; where there is one, go to it."""
    live, drafts = list(live_versions()), {draft.scoring_model_id: draft for draft in newest_drafts()}
    there = first_versions(live, drafts.values())
    if len(there) == len(live) == 1:
        return redirect("model-detail", name=live[0].scoring_model.name)
    rows = [(each, document_of(each.text), drafts.get(each.scoring_model_id) if each.is_live else None) for each in there]
    context = {"rows": rows, "may_choose": request.user.role in MARKETERS}
    return render(request, "models/model_list.html", context | ({} if live else {"ready": ready_models()}))


def first_versions(live: Collection[ModelVersion], drafts: Iterable[ModelVersion]) -> list[ModelVersion]:
    """Return of each model the version that is live, then of those that never were the newest draft."""
    lived = {version.scoring_model_id for version in live}
    return [*live, *(draft for draft in drafts if draft.scoring_model_id not in lived)]


# The document of the design stays as it is, and says nothing of itself.
DESCRIBED: dict[str, str | Promise] = {
    "b2b_software": _lazy(
        "Software for companies of 50 people and more: who decides, in which trade, and who looks at prices or asks for a demo."
    ),
}


@dataclass(frozen=True)
class Ready:
    """A model that comes with Vaglio: what it is for, how many rules it has about whom, and which fields and activities it reads."""

    file: str
    title: str
    description: str | Promise
    counts: dict[str, int]
    fields: list[str]
    activities: list[str]
    document: ModelDocument
    text: str

    @property
    def audience(self) -> str:
        """Whom it rates, in words; empty: everybody."""
        return audience_words(self.document)


@cache
def ready_models() -> list[Ready]:
    """Return the models that come with Vaglio."""
    found = []
    for path in sorted(settings.READY_MODELS.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        document = document_of(text)
        counts = {str(axis): len(document.axis(axis).rules) for axis in AXES}
        read = document.inputs
        fields = [*read.fields, *(name for name in read.account_fields if name not in read.fields)]
        described = document.description or DESCRIBED.get(path.stem, "")
        found.append(Ready(path.stem, document.title or document.name, described, counts, fields, list(read.activities), document, text))
    return found


@allowed(*MARKETERS)
@require_POST
def model_choose(request: Signed, file: str) -> HttpResponse:
    """Make a model that comes with Vaglio live, for whom its text says or for everybody; leads are rated by it."""
    ready = next((each for each in ready_models() if each.file == file), None)
    if ready is None:
        raise Http404(_("there is no ready model {name}").format(name=file))
    make_live(without_audience(ready.text) if request.POST.get("audience") == "everybody" else ready.text, request.user.username)
    messages.success(request, _("The model is live, and leads are being rated by it. Nobody has signed it yet: read it with sales."))
    return redirect("home")


def version_asked(versions: list[ModelVersion], number: str, name: str) -> ModelVersion:
    """Return the version with a number; without one the live version or, where none is, the newest."""
    if number:
        found = next((version for version in versions if str(version.number) == number), None)
    else:
        first = next((version for version in versions if version.discarded_at is None), versions[0] if versions else None)
        found = next((version for version in versions if version.is_live), first)
    if found is None:
        raise Http404(_("there is no version {number} of a model {name}").format(number=number, name=name))
    return found


@allowed(*EVERYBODY)
def model_detail(request: Signed, name: str) -> HttpResponse:
    """Show a version as sentences with what its rules do; its text is one click away."""
    versions = list(versions_of(name))
    version = version_asked(versions, request.GET.get("version", ""), name)
    kept = [each for each in versions if each.discarded_at is None]
    newest = kept[0] if kept else version
    document, stands = document_of(version.text), standing(version)
    context: dict[str, Any] = {"version": version, "stands": stands, "may_ask": request.user.role in MARKETERS} | progress(stands.later)
    context["is_expected"] = is_expected = stands.done is None and stands.later is None and (version.is_live or version == newest)
    if request.headers.get("HX-Request"):
        return (
            render(request, "models/_figures_state.html", context)
            if stands.is_coming or is_expected
            else HttpResponse(headers={"HX-Refresh": "true"})
        )
    study = stands.done
    live = next((each for each in versions if each.is_live and each != version), None)
    is_draft = version.live_from is None
    shown = {
        "versions": kept,
        "discarded": [each for each in versions if each.discarded_at is not None],
        "live": live,
        "draft": newest if newest.is_draft and newest != version else None,
        "remarks": list(version.remarks.order_by("id")),
        "may_remark": request.user.role in SPEAKERS,
        "is_asked_for": version.is_live or version == newest,  # of others Home does not tell who has not signed
        "changes": told_changes(document_of(live.text), document) if is_draft and live else None,
        "is_one_of_many": ScoringModel.objects.exclude(pk=version.scoring_model_id).exists(),
        "is_comparable": len(kept) > 1 or len(all_versions()) > 1,
        "document": document,
        "contract": contract_of(version, request.user),
        "review_by": (by := review_by(version)),
        "is_review_late": by is not None and by < timezone.localdate(),
        "audience": audience_words(document),
        "left_out": left_out_words(document),
        "sides": sides_shown(document, version.text, study),
        "study": study,
        "figures": study.told if study else None,
        "matrix": _matrix(version, study) if study else None,
        "excluded": sorted(study.told["excluded"].items()) if study else [],
        "promises": promises_shown(document, study, _responses(document)),
        "lines": version.text.splitlines(),
    }
    return render(request, "models/model_detail.html", context | shown)


def _responses(document: ModelDocument) -> Mapping[tuple[str, int], Responses]:
    """Return how first responses were kept lately, where the document promises any."""
    if document.promises is None or not document.promises.first_response:
        return {}
    return first_responses(datetime.now(UTC) - timedelta(seconds=horizon_seconds(document)))


def progress(study: Study | None) -> dict[str, Any]:
    """Return how far a study is, for the block that asks for itself."""
    return {"percent": int(100 * study.done_share) if study else 0}


def _matrix(version: ModelVersion, study: Study) -> Matrix:
    """Return the cells as they were counted; leads can be listed by the ratings of live versions only."""

    def address(rating: str) -> str:
        if not version.is_live:
            return ""
        model = version.scoring_model
        asked = f"rating={rating}" if model.is_driving else f"where=model.{model.name}:is:{rating}"
        return f"{reverse('lead-list')}?{asked}"

    return matrix(version, study.told["cells"], address)


@allowed(*MARKETERS)
@require_POST
def model_count(request: Signed, name: str) -> HttpResponse:
    """Have a version's figures worked out again."""
    version = version_asked(list(versions_of(name)), request.POST.get("version", ""), name)
    try:
        count_version(version=version, by=request.user.username, at=datetime.now(UTC))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(page_of(version))
