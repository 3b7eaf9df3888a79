"""Evidence: a version held against history. Learn: a model learned from the same history, beside it."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from vaglio_server.refused import Refused
from vaglio_server.scoring.engine import document_of
from vaglio_server.scoring.models import ModelVersion
from vaglio_server.scoring.proving import is_learning_there
from vaglio_server.scoring.queries import versions_of
from vaglio_server.studies.actions import ask_trial, keep_learned, stop_trial
from vaglio_server.studies.models import Trial
from vaglio_server.studies.queries import Tried, tried
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.model_pages import page_of
from vaglio_server.web.models import version_asked
from vaglio_server.web.whole_number import whole_number

DAYS = 90  # where a model does not promise for how long
METHODS = {"logistic": gettext_lazy("Logistic regression"), "predictive": gettext_lazy("Explainable boosting")}
STAGES = {
    "outcomes": gettext_lazy("Looking at what became of leads"),
    "scoring": gettext_lazy("Scoring leads as they were known then"),
    "rules": gettext_lazy("Weighing each rule"),
    "learning": gettext_lazy("Learning from the past"),
    "intervals": gettext_lazy("Drawing intervals"),
}


@allowed(*EVERYBODY)
def model_evidence(request: Signed, name: str) -> HttpResponse:
    """Show how a version would have done on history, what its rules are worth, and which fields know the outcome."""
    versions = list(versions_of(name))
    version = version_asked(versions, request.GET.get("version", ""), name)
    live = next((each for each in versions if each.is_live and each != version), None)
    beside = {"live": live, "live_trial": tried(live, "").done if live else None}
    return _shown(request, "models/model_evidence.html", version, "", beside)


@allowed(*EVERYBODY)
def model_learn(request: Signed, name: str) -> HttpResponse:
    """Show a model learned from history beside a version, and whether it may take its place."""
    version = version_asked(list(versions_of(name)), request.GET.get("version", ""), name)
    method = request.GET.get("method", "") if request.GET.get("method") in METHODS else _last_method(version)
    more = {"methods": METHODS, "is_possible": is_learning_there()}
    return _shown(request, "models/model_learn.html", version, method, more)


def _last_method(version: ModelVersion) -> str:
    """Return the method that was tried last, or the one to begin with."""
    last = Trial.objects.filter(version=version).exclude(method="").order_by("-id").values_list("method", flat=True).first()
    return last or "logistic"


def _shown(request: Signed, page: str, version: ModelVersion, method: str, more: dict[str, Any]) -> HttpResponse:
    found = tried(version, method)
    context = _told(request, version, method, found)
    if request.headers.get("HX-Request"):
        return render(request, "models/_trial_state.html", context) if found.is_coming else HttpResponse(headers={"HX-Refresh": "true"})
    document = document_of(version.text)
    promised = document.promises.horizon if document.promises else None
    last = found.later or found.done  # also what broke off is asked again as it was
    days = last.horizon_days if last else (promised or DAYS * 86_400) // 86_400
    return render(request, page, context | more | {"document": document, "days": days, "good": last.good if last else "accepted"})


def _told(request: Signed, version: ModelVersion, method: str, found: Tried) -> dict[str, Any]:
    stage = found.later.stage if found.later else ""
    learned = document_of(found.done.text) if found.done and found.done.text else None
    return {
        "version": version,
        "method": method,
        "tried": found,
        "trial": found.done,
        "learned": learned,
        "rules": sum(1 for _rule in learned.rules()) if learned else 0,
        "stage": STAGES.get(stage.split(" for ")[0], stage),
        "percent": int(100 * found.later.done_share) if found.later else 0,
        "may_ask": request.user.role in MARKETERS,
        "address": _address(version, method),
    }


def _address(version: ModelVersion, method: str) -> str:
    page, more = ("model-learn", f"&method={method}") if method else ("model-evidence", "")
    return f"{reverse(page, args=(version.scoring_model.name,))}?version={version.number}{more}"


@allowed(*MARKETERS)
@require_POST
def model_prove(request: Signed, name: str) -> HttpResponse:
    """Have a worker prove a version on history, with a method also learn a model beside it."""
    version = version_asked(list(versions_of(name)), request.POST.get("version", ""), name)
    method, days = request.POST.get("method", ""), whole_number(request.POST.get("days", ""))
    if method and not is_learning_there():
        raise Http404(_("the libraries that learning needs are not installed"))
    try:
        ask_trial(
            version=version, method=method, good=request.POST.get("good", ""), horizon_days=days or 0, by=request.user.username,
            at=datetime.now(UTC),
        )  # fmt: skip
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(_address(version, method))


@allowed(*MARKETERS)
@require_POST
def model_prove_stop(request: Signed, name: str) -> HttpResponse:
    """Stop proving or learning."""
    version = version_asked(list(versions_of(name)), request.POST.get("version", ""), name)
    method = request.POST.get("method", "")
    later = tried(version, method).later
    if later is not None:
        stop_trial(trial=later, by=request.user.username, at=datetime.now(UTC))
    return redirect(_address(version, method))


@allowed(*MARKETERS)
@require_POST
def model_keep(request: Signed, name: str) -> HttpResponse:
    """Keep what was learned as a draft."""
    version = version_asked(list(versions_of(name)), request.POST.get("version", ""), name)
    method = request.POST.get("method", "")
    found = tried(version, method).done
    if found is None:
        raise Http404(_("nothing was learned beside {name}").format(name=name))
    try:
        kept = keep_learned(trial=found, by=request.user.username, at=datetime.now(UTC))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(_address(version, method))
    messages.success(request, _("It is a draft now: nothing is rated by it. Compare it, read it with sales, then make it live."))
    return redirect(page_of(kept))
