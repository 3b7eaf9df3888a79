"""When a lead is looked at again by time alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.server.world import leads, make_live, make_source, send

# A page view that may close a run fades in the engine's bound, though it gives no points here.
MODEL = """
format: 1
name: edge
inputs:
  fields: {job_title: string}
  activities: {page_viewed: {path: string}, form_submitted: {form: string}}
profile:
  rules: [{id: boss, kind: fields, field: job_title, points: 60, bands: [{any_word: [cto], award: 100%}]}]
  letters: {A: 75, B: 50, C: 25}
engagement:
  rules:
    - {id: demo, kind: activity, activity: form_submitted, points: 25, within: 60d}
    - {id: fast, kind: velocity, activities: [page_viewed], at_least: 5, within: 3d, points: 15, half_life: 7d}
  digits: {1: 75, 2: 50, 3: 25}
"""


def test_a_score_on_a_threshold_does_not_keep_a_lead_due_for_ever(tables: Any) -> None:
    from vaglio_server.scoring.actions import CALM, score_due
    from vaglio_server.scoring.scorers import a_scorer

    source = make_source()
    make_live(MODEL)
    form = {"type": "track", "userId": "anna", "event": "Form Submitted", "properties": {"form": "demo"}}
    page = {"type": "page", "userId": "anna", "properties": {"path": "/"}}
    send(source, {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example"}}, form, page)
    with a_scorer() as scorer:
        before = datetime.now(UTC)
        assert score_due(scorer=scorer, limit=10) == 1
        anna = leads()["anna@acme.example"]
        assert anna.engagement_millipoints == 25_000
        assert anna.due_at is not None and anna.due_at >= before + CALM
        assert score_due(scorer=scorer, limit=10) == 0
        # What happens makes it due at once all the same.
        send(source, page)
        assert leads()["anna@acme.example"].due_at <= datetime.now(UTC) + timedelta(seconds=1)
        assert score_due(scorer=scorer, limit=10) == 1
