"""The made company: brought in with its past, scored as if it had been there, and visited."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.server.conftest import empty_tables

MODEL = (Path(__file__).parents[3] / "models/b2b_software.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def made(database: Any) -> Any:
    from vaglio_server.config import company

    empty_tables()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(company, "EVERY", timedelta(days=180))
        patch.setattr(company, "LATELY", (timedelta(days=3),))
        return company.make_company(leads=300, model=MODEL, now=datetime.now(UTC), said=lambda text: None)


def test_it_has_leads_teams_and_a_year_behind_it(made: Any) -> None:
    from vaglio_server.crm.models import Account, FieldChange, Lead, LeadOutcome, ListMember
    from vaglio_server.lifecycle.models import Assignment
    from vaglio_server.scoring.models import Crossing, Score
    from vaglio_server.tracking.models import Activity
    from vaglio_server.users.models import Role, User

    assert Lead.objects.count() == 300 and Account.objects.count() == 75
    assert Activity.objects.count() > 3_000 and ListMember.objects.exists()
    assert Lead.objects.filter(rating__isnull=False).count() > 100
    assert {each.outcome for each in LeadOutcome.objects.all()} == {"accepted", "rejected", "won", "lost"}
    assert set(LeadOutcome.objects.exclude(value=None).values_list("currency", flat=True)) == {"EUR"}
    assert FieldChange.objects.filter(field="job_title").count() > 250
    assert set(User.objects.values_list("role", flat=True)) == set(Role.values)
    assert len({user.team_id for user in User.objects.filter(role=Role.SALES)}) == 2
    by_rules = dict(Assignment.objects.values_list("lead", "rule__team"))
    shares = [user.leads.exclude(pk__in=by_rules).count() for user in User.objects.filter(role=Role.SALES)]
    assert sum(shares) > 0 and max(shares) - min(shares) <= 1
    given = Lead.objects.filter(pk__in=by_rules).select_related("owner")
    assert given and all(each.owner is not None and each.owner.team_id == by_rules[each.pk] for each in given)
    assert Score.objects.filter(as_of__lt=datetime.now(UTC) - timedelta(days=100)).exists()
    assert Crossing.objects.filter(rating_before__isnull=False).exists()


def test_postgresql_knows_how_much_there_is(made: Any) -> None:
    """Without that it plans for empty tables: a feed of sixty thousand activities took two seconds for the first minute."""
    from django.db import connection

    with connection.cursor() as cursor:
        names = "'crm_lead', 'tracking_activity', 'scoring_score'"
        cursor.execute(f"SELECT relname FROM pg_class WHERE relname IN ({names}) AND reltuples > 250")
        assert len(cursor.fetchall()) == 3


def test_each_stored_score_replays(made: Any) -> None:
    from vaglio.dates import to_microseconds
    from vaglio_server.scoring.engine import Instants, document_of
    from vaglio_server.scoring.models import Score
    from vaglio_server.scoring.scorers import a_scorer

    stored = list(Score.objects.select_related("version").order_by("id"))
    with a_scorer() as scorer:
        for score in random.Random(5).sample(stored, 6):
            at = Instants(to_microseconds(score.as_of), to_microseconds(score.known_at))
            again = scorer.replay(document_of(score.version.text), score.lead_id, at)
            assert again is not None
            for name in ("profile_millipoints", "engagement_millipoints", "rating", "buying_stage", "flags", "excluded_by"):
                assert again[name] == getattr(score, name), (score.lead_id, score.as_of, name)


def test_a_past_comes_into_an_empty_installation_only(made: Any) -> None:
    from vaglio_server.crm.actions import Brought, bring_leads
    from vaglio_server.crm.models import Lead
    from vaglio_server.refused import Refused
    from vaglio_server.scoring.actions import score_past
    from vaglio_server.scoring.models import ModelVersion
    from vaglio_server.tracking.actions import bring_activities

    now = datetime.now(UTC)
    with pytest.raises(Refused, match="empty installation"):
        bring_leads(brought=Brought([], [], [], []), since=now, by="test", at=now)
    with pytest.raises(Refused, match="known already"):
        bring_activities(source=made, people={Lead.objects.earliest("id").pk: ("again", now)}, done=[], by="test", at=now)
    version: Any = ModelVersion.objects.get()
    with pytest.raises(Refused, match="already"):
        score_past(version=version, instants=[now], scorer=None, by="test", at=now)  # type: ignore[arg-type]


def test_visitors_are_taken(made: Any) -> None:
    from tests.server.world import post, take
    from vaglio_server.config.visitors import visit
    from vaglio_server.tracking.models import Activity, RefusedEvent

    before = Activity.objects.count()
    drawn = random.Random(1)
    sent = 0
    for _ in range(40):
        calls = visit(drawn, 300)
        sent += sum(call["type"] != "identify" for call in calls)
        assert post(made, "batch", {"batch": calls}).status_code == 200
    take()
    assert Activity.objects.count() - before == sent and not RefusedEvent.objects.exists()
