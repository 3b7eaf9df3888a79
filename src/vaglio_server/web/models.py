"""Models: in sentences, with how leads spread over the ratings."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio.terms import AXES, format_duration
from vaglio_server.scoring.actions import activate_version, push_model
from vaglio_server.scoring.engine import ModelDocument, document_of
from vaglio_server.scoring.queries import live_versions, rating_counts, versions_of
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.home import matrix
from vaglio_server.web.words import least_points


@allowed(*EVERYBODY)
def model_list(request: Signed) -> HttpResponse:
    """Show the models; where there is one, go to it."""
    found = list(live_versions())
    if len(found) == 1:
        return redirect("model-detail", name=found[0].scoring_model.name)
    told = {"versions": [(version, document_of(version.text)) for version in found], "may_choose": request.user.role in MARKETERS}
    return render(request, "models/model_list.html", told | ({} if found else {"ready": ready_models()}))


@dataclass(frozen=True)
class Ready:
    """A model that comes with Vaglio: what it is for, how many rules it has about whom, and which fields and activities it reads."""

    file: str
    title: str
    description: str
    counts: dict[str, int]
    fields: list[str]
    activities: list[str]


@cache
def ready_models() -> list[Ready]:
    """Return the models that come with Vaglio."""
    found = []
    for path in sorted(settings.READY_MODELS.glob("*.yaml")):
        document = document_of(path.read_text(encoding="utf-8"))
        counts = {str(axis): len(document.axis(axis).rules) for axis in AXES}
        read = document.inputs
        fields = [*read.fields, *(name for name in read.account_fields if name not in read.fields)]
        found.append(Ready(path.stem, document.title or document.name, document.description or "", counts, fields, list(read.activities)))
    return found


@allowed(*MARKETERS)
@require_POST
def model_choose(request: Signed, file: str) -> HttpResponse:
    """Make a model that comes with Vaglio live; all leads are rated by it."""
    if file not in {each.file for each in ready_models()}:
        raise Http404(_("there is no ready model {name}").format(name=file))
    text = (settings.READY_MODELS / f"{file}.yaml").read_text(encoding="utf-8")
    by, now = request.user.username, datetime.now(UTC)
    version = push_model(text=text, by=by, at=now)
    activate_version(version=version, by=by, at=now)
    messages.success(request, _("The model is live, and leads are being rated by it. Nobody has signed it yet: read it with sales."))
    return redirect("home")


@allowed(*EVERYBODY)
def model_detail(request: Signed, name: str) -> HttpResponse:
    """Show a model as sentences; its text is one click away."""
    versions = list(versions_of(name))
    live = next((version for version in versions if version.is_live), None)
    version = live or (versions[0] if versions else None)
    if version is None:
        raise Http404(_("there is no model {name}").format(name=name))
    document = document_of(version.text)
    titles = {"profile": _("Fit: who they are"), "engagement": _("Engagement: what they do")}
    axes = [
        (
            titles[axis],
            list(least_points(document.axis(axis).thresholds()).items()),
            [(rule.id, rule.sentence(), rule.at_most) for rule in document.axis(axis).rules],
            document.axis(axis).at_most,
        )
        for axis in AXES
    ]
    return render(
        request,
        "models/model_detail.html",
        {
            "version": version,
            "versions": versions,
            "document": document,
            "axes": axes,
            "matrix": matrix(version, rating_counts(request.user)) if version.scoring_model.is_driving else None,
            "promises": _promises(document),
        },
    )


def _promises(document: ModelDocument) -> list[tuple[str, str]]:
    promises = document.promises
    if promises is None:
        return []
    first = [
        (rating, _("first response within {length}").format(length=format_duration(seconds)))
        for rating, seconds in promises.first_response.items()
    ]
    expect = [
        (rating, _("at least {share} accepted by sales").format(share=f"{float(each.accepted):.0%}"))
        for rating, each in promises.expect.items()
        if each.accepted is not None
    ]
    share = [
        (rating, _("at most {share} of all leads").format(share=f"{float(each.at_most):.0%}")) for rating, each in promises.share.items()
    ]
    return sorted(first + expect + share)
