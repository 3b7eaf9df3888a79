"""A small world: a source, a model, and what senders send."""

import json
from datetime import UTC, datetime
from typing import Any

AT = datetime(2026, 10, 1, 9, tzinfo=UTC)
HOST = {"host": "localhost"}

MODEL = """
format: 1
name: small
inputs:
  fields: {job_title: string, employees: integer}
  activities:
    page_viewed: {path: string}
    form_submitted: {form: string}
    webinar_attended: {minutes: integer}
profile:
  rules:
    - {id: boss, kind: fields, field: job_title, points: 60, bands: [{any_word: [chief, cto], award: 100%}]}
    - {id: size, kind: fields, field: employees, points: 40, bands: [{from: 50, award: 100%}]}
  letters: {A: 75, B: 50, C: 25}
engagement:
  rules:
    - {id: pricing, kind: activity, activity: page_viewed, where: {path: {starts_with: /pricing}}, points: 30, half_life: 14d, within: 90d}
    - {id: demo, kind: activity, activity: form_submitted, where: {form: demo}, points: 50, within: 60d}
    - {id: webinar, kind: activity_count, activity: webinar_attended, within: 30d, bands: [{at_least: 2, points: 20}]}
  digits: {1: 75, 2: 50, 3: 25}
"""


def make_source(name: str = "site") -> Any:
    from vaglio_server.tracking.actions import create_source

    return create_source(name=name, by="test", at=AT)


def make_live(text: str = MODEL) -> Any:
    from vaglio_server.scoring.actions import activate_version, push_model

    version = push_model(text=text, by="test", at=AT)
    return activate_version(version=version, by="test", at=AT)


def post(source: Any, kind: str, body: Any, **headers: str) -> Any:
    """Send a request as a client would; ``body`` is text, bytes, or something to be written as JSON."""
    from django.test import Client

    told = body if isinstance(body, str | bytes) else json.dumps({"writeKey": source.write_key, **body})
    return Client().post(f"/v1/{kind}", told, content_type="text/plain", headers=HOST | headers)


def send(source: Any, *calls: dict[str, Any]) -> None:
    """Send some calls in one batch, and take them."""
    assert post(source, "batch", {"batch": list(calls)}).status_code == 200
    take()


def take() -> None:
    from vaglio_server.tracking.actions import take_deliveries

    while take_deliveries(limit=100):
        pass


def leads() -> dict[str, Any]:
    """Return leads by mail address."""
    from vaglio_server.crm.models import Lead

    return {lead.fields.get("email", lead.pk): lead for lead in Lead.objects.all()}


def activities_of(lead: Any) -> list[str]:
    """Return the types of what a lead did, by the identities it has now."""
    from vaglio_server.tracking.models import Activity

    found = Activity.objects.filter(identity__links__lead=lead, identity__links__ended_at=None).order_by("occurred_at", "id")
    return [each.activity_type for each in found]
