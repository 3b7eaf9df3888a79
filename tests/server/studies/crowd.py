"""A crowd whose scores meet every bound: caps of rules, of a group, of an axis, its floor, and who is excluded."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

BOUNDED = """
format: 1
name: bounded
inputs:
  fields: {job_title: string, employees: integer}
  activities:
    page_viewed: {path: string}
    form_submitted: {form: string}
    webinar_attended: {minutes: integer}
exclude:
  - {id: student, when: {field: job_title, any_word: [student]}}
profile:
  groups: {who: {at_most: 60}}
  rules:
    - {id: boss, kind: fields, field: job_title, points: 60, group: who,
       bands: [{any_word: [chief, cto], award: 100%}, {any_word: [head], award: 50%}]}
    - {id: size, kind: fields, field: employees, points: 40, group: who, bands: [{from: 50, award: 100%}]}
    - {id: clerk, kind: fields, field: job_title, points: -45, bands: [{any_word: [clerk]}]}
    - {id: huge, kind: fields, field: employees, points: 30, bands: [{from: 500}]}
    - {id: nobody, kind: fields, field: job_title, points: 5, bands: [{any_word: [astronaut]}]}
    - {id: everybody, kind: fields, points: 3, bands: [{field: employees, known: true}, {field: employees, known: false}]}
  at_most: 80
  letters: {A: 75, B: 50, C: 25}
engagement:
  rules:
    - {id: pricing, kind: activity, activity: page_viewed, where: {path: {starts_with: /pricing}}, points: 30, half_life: 14d, at_most: 45}
    - {id: demo, kind: activity, activity: form_submitted, where: {form: demo}, points: 50, within: 60d}
    - {id: webinar, kind: activity_count, activity: webinar_attended, within: 30d, bands: [{at_least: 2, points: 20}]}
    - {id: careers, kind: activity, activity: page_viewed, where: {path: /careers}, points: -40, within: 90d}
  digits: {1: 75, 2: 50, 3: 25}
ratings: {sales: [A1, A2, B1, B2], none: [D4]}
promises:
  horizon: 30d
  expect: {A1: {accepted: 50%}}
  first_response: {A1: 1h}
  share: {A1: {at_most: 2.5%}, D4: {at_most: 90%}}
"""
TITLES = ("CTO", "CTO", "Head of sales", "Clerk", "Student", "Buyer", "")
ACTS = (("Page Viewed", {"path": "/pricing"}), ("Page Viewed", {"path": "/careers"}), ("Form Submitted", {"form": "demo"}),
        ("Webinar Attended", {"minutes": 30}), ("Page Viewed", {"path": "/"}))  # fmt: skip


def calls(number: int, seed: int = 5) -> list[dict[str, Any]]:
    """Return what so many people send."""
    drawn, now = random.Random(seed), datetime.now(UTC)
    sent: list[dict[str, Any]] = []
    for each in range(number):
        traits = {"email": f"p{each}@firm{each % 7}.example", "firstName": f"Person{each}", "title": drawn.choice(TITLES)}
        if drawn.random() < 0.8:
            traits["employees"] = drawn.choice((10, 60, 900, 900))
        sent.append({"type": "identify", "userId": f"p{each}", "traits": traits})
        for _n in range(drawn.choice((0, 0, 1, 4, 7))):
            event, properties = drawn.choice(ACTS)
            at = (now - timedelta(days=drawn.choice((0, 2, 9, 70)), hours=1)).isoformat()
            sent.append({"type": "track", "userId": f"p{each}", "event": event, "properties": properties, "timestamp": at})
    return sent


def bring(source: Any, sent: list[dict[str, Any]]) -> None:
    """Send calls, some at a time, and take them."""
    from tests.server.world import send

    for start in range(0, len(sent), 100):
        send(source, *sent[start : start + 100])


def done(study: Any, scorer: Any) -> Any:
    """Carry a study out, as a worker's process does, and return it."""
    from vaglio_server.studies.actions import begin_study, carry_out
    from vaglio_server.studies.models import Study

    assert begin_study(study=study, at=datetime.now(UTC))
    study = Study.objects.get(pk=study.pk)
    assert carry_out(study=study, scorer=scorer, clock=lambda: datetime.now(UTC))
    return Study.objects.get(pk=study.pk)
