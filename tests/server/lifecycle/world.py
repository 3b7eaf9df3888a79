"""A model whose ratings lead somewhere, leads of given ratings, and sellers."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.server.world import AT, MODEL, make_live

NOW = datetime(2026, 10, 2, 10, tzinfo=UTC)  # a Friday
LEADS_TO = """
drives: lifecycle
ratings:
  sales: [A1, A2, B1]
  nurture: {newsletter: [A3, B2, C1]}
promises:
  first_response: {A1: 1h, A2: 4h, B1: 1d}
"""


def live() -> Any:
    return make_live(MODEL + LEADS_TO)


def people_and_model() -> dict[str, Any]:
    """Make a model whose ratings lead somewhere, and people."""
    from tests.server.web.people import make_people

    live()
    return make_people()


def rated(rating: str | None, *, account: Any = None, owner: Any = None) -> Any:
    """Make a lead as if it had been scored just now, with the crossing that this is."""
    from vaglio_server.crm.models import Lead

    lead = Lead.objects.create(created_at=AT, account=account, owner=owner, fields={"email": f"{Lead.objects.count()}@acme.example"})
    crosses(lead, rating)
    return lead


def crosses(lead: Any, rating: str | None) -> None:
    """Have a lead's rating change, all at once, as scoring writes it: a worker may look meanwhile."""
    from django.db import transaction

    from vaglio_server.scoring.models import Crossing, ModelVersion, Score

    version = ModelVersion.objects.get(live_from__isnull=False, live_to=None)
    at = AT + timedelta(seconds=Score.objects.count())
    score = Score.objects.create(
        lead=lead, version=version, as_of=at, known_at=at, profile_millipoints=0, engagement_millipoints=0, rating=rating
    )
    with transaction.atomic():
        Crossing.objects.create(score=score, lead=lead, at=at, rating_before=lead.rating, rating_after=rating)
        type(lead).objects.filter(pk=lead.pk).update(rating=rating)
    lead.refresh_from_db()


def take(at: datetime = NOW, **policy: Any) -> int:
    from vaglio_server.lifecycle.actions import look_again, take_crossings
    from vaglio_server.lifecycle.logic.stages import Policy

    return take_crossings(limit=100, policy=Policy(**policy), at=at) + look_again(limit=100, policy=Policy(**policy), at=at)


def stage(lead: Any) -> str:
    from vaglio_server.lifecycle.queries import stage_of

    standing = stage_of(lead)
    return standing.stage if standing else "inquiry"


def verbs(lead: Any) -> list[str]:
    """Return how a lead moved, in order."""
    from vaglio_server.lifecycle.queries import moves_of

    return [each.verb for each in reversed(moves_of(lead))]
