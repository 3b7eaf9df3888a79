"""Where leads stand, how they came there, and what the driving model does with them."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from vaglio_server.crm.models import Lead, LeadOutcome
from vaglio_server.lifecycle.logic.nurture import Tracks, tracks
from vaglio_server.lifecycle.logic.stages import Bounds, bounds
from vaglio_server.lifecycle.models import LeadStage, StageMove
from vaglio_server.scoring.engine import ModelDocument, document_of
from vaglio_server.scoring.queries import driving_version

UNDO_ACCEPT_WITHIN = timedelta(minutes=10)  # so long is accepting a lead taken back as a mistake; later sales hands it back


def driving_document() -> ModelDocument | None:
    """Return the document whose ratings move leads."""
    version = driving_version()
    return document_of(version.text) if version is not None else None


def bounds_of(document: ModelDocument | None) -> Bounds:
    """Return the ratings that bring leads to sales and leave them there; none where no model says so."""
    return bounds(document.ratings.sales if document is not None and document.ratings is not None else ())


def tracks_of(document: ModelDocument | None) -> Tracks:
    """Return the nurture lists to which ratings lead; none where no model says so."""
    ratings = document.ratings if document is not None else None
    return tracks(ratings.nurture, ratings.sales) if ratings is not None else Tracks()


def stage_of(lead: Lead) -> LeadStage | None:
    """Return where a lead stands; None: it is an inquiry."""
    return LeadStage.objects.filter(lead=lead).first()


def moves_of(lead: Lead, *, before: datetime | None = None) -> QuerySet[StageMove]:
    """Return how a lead came where it stands, newest first."""
    return StageMove.objects.filter(Q(at__lt=before) if before else Q(), lead=lead).order_by("-id")


def newest_move(lead: Lead) -> StageMove | None:
    """Return how a lead came where it stands; None: nobody moved it."""
    return moves_of(lead).first()


def may_undo_accept(last: StageMove, by: str, now: datetime) -> bool:
    """Whether the last move of a lead is one by which somebody accepted it just now, and may undo it."""
    return (last.verb, last.by) == ("accept", by) and now - last.at <= UNDO_ACCEPT_WITHIN


def stood_since(accepted: StageMove) -> datetime | None:
    """Return since when a lead stood where it was accepted: since it was moved there, else since files say it did; None: always."""
    moves = StageMove.objects.filter(lead=accepted.lead_id, pk__lt=accepted.pk).exclude(verb__in=("accept", "unaccept"))
    if (before := moves.order_by("-id").first()) is not None:
        return before.at
    became = LeadOutcome.objects.present().filter(lead=accepted.lead_id).order_by("-occurred_at", "-id")
    return became.values_list("occurred_at", flat=True).first()
