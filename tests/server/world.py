"""A small world: a source, a model, and what senders send."""

import json
from datetime import UTC, datetime
from typing import Any

import psycopg

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


def elsewhere(**more: Any) -> Any:
    """Return another connection to the database."""
    from django.db import connection

    own = connection.get_connection_params()
    named = {name: own[name] for name in ("host", "port", "dbname", "user", "password") if own.get(name)}
    return psycopg.connect(**named, **more)


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
    """Take what came in, as a worker does."""
    from vaglio_server.config import worker

    while worker.take():
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


def make_account(**values: Any) -> Any:
    """Make an account; what is no column is a field."""
    from vaglio_server.crm.actions import create_account

    return create_account(told=told(("name", "domain"), {"name": "Acme", "domain": "acme.example"} | values), by="test", at=AT)


def make_contact(account: Any = None, owner: Any = None, **fields: Any) -> Any:
    from vaglio_server.crm.actions import Told, create_contact

    fields = {"first_name": "Anna", "last_name": "Rossi", "email": "anna@acme.example"} | fields
    return create_contact(told=Told(fields=fields, links={"account": account, "owner": owner}), by="test", at=AT)


def make_opportunity(account: Any = None, owner: Any = None, **values: Any) -> Any:
    """Make an opportunity; what is no column is a field."""
    from vaglio_server.crm.actions import create_opportunity

    links = {"account": account or make_account(), "owner": owner}
    said = told(("name", "stage", "outcome", "loss_reason", "amount", "currency", "close_date"), {"name": "Suite for 90"} | values, links)
    return create_opportunity(told=said, by="test", at=AT)


def make_field(subject: str, name: str, kind: str = "string", choices: tuple[str, ...] = ()) -> Any:
    from vaglio_server.crm.actions import NewField, define_field

    return define_field(field=NewField(subject, name, name.capitalize(), kind, choices), by="test", at=AT)


def told(columns: tuple[str, ...], values: dict[str, Any], links: dict[str, Any] | None = None) -> Any:
    """Sort values into columns and fields."""
    from vaglio_server.crm.actions import Told

    here = {name: value for name, value in values.items() if name in columns}
    return Told(here, {name: value for name, value in values.items() if name not in columns}, links or {})


def history(record: Any) -> list[tuple[str, Any]]:
    """Return what a record's fields became, in order."""
    from vaglio_server.crm.queries import history_of

    return [(change.field, change.value) for change in history_of(record).order_by("known_at", "id")]


def audited(verb: str) -> list[tuple[str, str]]:
    """Return who did something to what, in order."""
    from vaglio_server.users.models import AuditEntry

    return list(AuditEntry.objects.filter(verb=verb).order_by("id").values_list("by", "subject"))
