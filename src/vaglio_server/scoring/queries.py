"""Reading scores: what a model says of a lead, what it said, and why."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from vaglio_server.crm.models import Lead
from vaglio_server.scoring.models import ModelVersion, Score
from vaglio_server.users.models import Role, User


def live_versions() -> QuerySet[ModelVersion]:
    """Return the live version of each model, the driving one first."""
    live = ModelVersion.objects.filter(live_from__isnull=False, live_to__isnull=True).select_related("scoring_model")
    return live.order_by("-scoring_model__is_driving", "scoring_model__name")


def versions_at(at: datetime) -> QuerySet[ModelVersion]:
    """Return the version of each model that was live at an instant."""
    lived = Q(live_from__lte=at) & (Q(live_to__isnull=True) | Q(live_to__gt=at))
    return ModelVersion.objects.filter(lived).select_related("scoring_model")


def version_at(name: str | None, at: datetime) -> ModelVersion | None:
    """Return the version of a model (without a name: of the driving one) that was live at an instant."""
    of_model = Q(scoring_model__name=name) if name else Q(scoring_model__is_driving=True)
    return versions_at(at).filter(of_model).order_by("-live_from").first()


def visible_leads(user: User) -> QuerySet[Lead]:
    """Return the leads a user may see: sellers see those they own, everybody else all."""
    return Lead.objects.filter(owner=user) if user.role == Role.SALES else Lead.objects.all()


@dataclass(frozen=True)
class LatestScore:
    """The newest score of a lead by one version."""

    version: ModelVersion
    score: Score


def latest_scores(lead: Lead) -> list[LatestScore]:
    """Return what each live version says of a lead now; versions that say nothing are left out."""
    found = []
    for version in live_versions():
        score = Score.objects.filter(lead=lead, version=version).order_by("-as_of").first()
        if score is not None:
            found.append(LatestScore(version, score))
    return found


def history(lead: Lead, name: str | None) -> QuerySet[Score]:
    """Return every score of a lead by a model (without a name: by the driving one), newest first."""
    of_model = Q(version__scoring_model__name=name) if name else Q(version__scoring_model__is_driving=True)
    return Score.objects.filter(of_model, lead=lead).select_related("version__scoring_model").order_by("-as_of")
