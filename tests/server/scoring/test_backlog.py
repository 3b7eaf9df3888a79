"""Scoring very many leads that are due: in large batches, without holding anybody up, with the same result."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.world import MODEL, leads, make_live, make_source, send

pytestmark = pytest.mark.usefixtures("tables")


def person(number: int) -> list[dict[str, Any]]:
    user = f"p{number}"
    return [
        {"type": "identify", "userId": user, "traits": {"email": f"{user}@acme{number % 3}.example", "title": "CTO", "employees": number}},
        {"type": "page", "userId": user, "properties": {"path": "/pricing"}},
    ]


def fill(number: int) -> Any:
    source = make_source()
    make_live()
    send(source, *(each for one in range(number) for each in person(one)))
    return source


def test_it_works(scorer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.scoring import actions
    from vaglio_server.scoring.actions import scores
    from vaglio_server.scoring.models import Crossing, Score
    from vaglio_server.scoring.queries import backlog_since

    monkeypatch.setattr(scores, "SLICE", 4)
    fill(10)
    assert backlog_since(11) is None
    until = backlog_since(10)
    assert until is not None
    assert actions.score_backlog(scorer=scorer, limit=100, until=until) == 10
    assert (Score.objects.count(), Crossing.objects.count()) == (10, 10)
    assert {lead.rating for lead in leads().values()} == {"B3"}
    assert actions.score_backlog(scorer=scorer, limit=100, until=until) == 0
    make_live(MODEL.replace("points: 60", "points: 61"))
    assert actions.score_due(scorer=scorer, limit=100) == 10
    assert Score.objects.count() == 20


def test_due_colleagues_come_along(scorer: Any) -> None:
    from vaglio_server.scoring.actions import score_backlog
    from vaglio_server.scoring.queries import backlog_since

    fill(9)
    assert score_backlog(scorer=scorer, limit=1, until=backlog_since(1) or datetime.now(UTC)) == 3


def test_it_leaves_what_became_due_later(scorer: Any) -> None:
    from vaglio_server.scoring.actions import score_backlog, score_due
    from vaglio_server.scoring.models import Score
    from vaglio_server.scoring.queries import backlog_since

    source = fill(3)
    until = backlog_since(1)
    assert until is not None
    send(source, *person(1))
    assert score_backlog(scorer=scorer, limit=100, until=until) == 2
    assert leads()["p1@acme1.example"].rating is None
    assert score_due(scorer=scorer, limit=100, since=until) == 1
    assert Score.objects.count() == 3


def test_a_fact_that_comes_in_meanwhile_keeps_its_lead_due(scorer: Any) -> None:
    from vaglio_server.scoring.actions.scores import _said, _settle, score_due
    from vaglio_server.scoring.models import Score

    source = fill(3)
    ids = sorted(lead.pk for lead in leads().values())
    said = _said(scorer, ids)
    send(source, *person(1))
    _settle(said, ids)
    assert Score.objects.count() == 2
    assert leads()["p1@acme1.example"].due_at <= datetime.now(UTC) + timedelta(seconds=1)
    assert score_due(scorer=scorer, limit=100) == 1
    _settle(said, ids)  # what was said before is older than what is stored, and is not stored
    assert Score.objects.count() == 3


def test_a_new_version_leaves_due_who_became_due_since(scorer: Any) -> None:
    from vaglio_server.scoring.actions.runs import _make_all_due

    fill(3)
    before = leads()["p1@acme1.example"].due_at
    _make_all_due(before)
    assert [lead.due_at for lead in leads().values()] == [before] * 3
    _make_all_due(before - timedelta(minutes=1))
    assert [lead.due_at for lead in leads().values()] == [before] * 3
