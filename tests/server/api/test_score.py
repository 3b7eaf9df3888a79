"""Scores of what a caller gives, equal to those of the same facts stored; nothing is kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.api.test_leads import get
from tests.server.api.test_records import ask, score
from tests.server.world import MODEL, leads, make_live, make_source, send

pytestmark = pytest.mark.usefixtures("tables")
DEMO = {"activity_type": "form_submitted", "properties": {"form": "demo"}}


def scored(**body: Any) -> Any:
    from vaglio_server.users.models import Scope

    return ask("POST", "score", body, scope=Scope.READ)


def test_a_body_scores_like_the_same_facts_stored() -> None:
    from django.apps import apps

    make_live()
    before = {each: each.objects.count() for each in apps.get_models() if each.__name__ not in {"User", "ApiToken", "AuditEntry"}}
    page = {"activity_type": "page_viewed", "properties": {"path": "/pricing/x", "tab": 3}, "occurred_at": "2026-10-01T09:00:00Z"}
    body = {"fields": {"job_title": "CTO", "employees": "90", "shoe": 44}, "activities": [page, DEMO, {"activity_type": "slept"}]}
    at = datetime.now(UTC)
    found = scored(**body, as_of=at.isoformat()).json()
    assert found["ignored"] == {"fields.shoe": 1, "activities.slept": 1}
    for axis in ("profile", "engagement"):
        assert sum(line["millipoints"] for line in found["lines"] if line["axis"] == axis) == found["score"][f"{axis}_millipoints"]
    assert {model: model.objects.count() for model in before} == before
    calls = [
        {"type": "identify", "traits": {"email": "anna@acme.example", "title": "CTO", "employees": 90}},
        {"type": "page", "properties": {"path": "/pricing/x"}, "timestamp": "2026-10-01T09:00:00Z"},
        {"type": "track", "event": "Form Submitted", "properties": {"form": "demo"}},
    ]
    send(make_source(), *(call | {"userId": "anna"} for call in calls))
    score()
    stored = get(f"leads/{leads()['anna@acme.example'].pk}").json()["scores"][0]
    again = scored(**body, as_of=stored["as_of"]).json()["score"]
    assert again == stored


def test_a_model_of_ones_own_and_a_version_that_is_not_live() -> None:
    from vaglio_server.scoring.actions import push_model

    own = scored(text=MODEL.replace("points: 60,", "points: 80,"), fields={"job_title": "cto"}).json()
    assert (own["score"]["version"], own["score"]["profile_millipoints"], own["score"]["rating"]) == (0, 80_000, "A4")
    assert scored(fields={}).status_code == 404
    push_model(text=MODEL, by="test", at=datetime.now(UTC))
    assert scored(model="small", version=1, fields={"job_title": "cto"}).json()["score"]["rating"] == "B4"
    assert scored(model="small", version=2).status_code == 404


def more_rules(rule: str, times: int) -> str:
    many = "\n".join(f"    - {{id: more{n}, {rule}}}" for n in range(times))
    place = "  digits:" if "activity" in rule else "  letters:"
    return MODEL.replace(place, f"{many}\n{place}")


def with_bands(bands: str) -> str:
    return more_rules(f"kind: fields, field: employees, points: 1, bands: [{bands}]", 1)


FIELDS = MODEL.replace("employees: integer}", ", ".join(["employees: integer", *(f"f{n}: string" for n in range(46))]) + "}")
TOO_LARGE = {
    "305 rules, and 100 are the most": more_rules("kind: fields, field: employees, points: 1, bands: [{from: 1}]", 300),
    "11 rules of kind engaged_colleagues, and 10 are the most": more_rules(
        "kind: engaged_colleagues, activity: page_viewed, within: 9d, at_least: 2, points: 1", 11
    ),
    "51 fields and properties, and 50 are the most": FIELDS,
    "605 conditions, and 600 are the most": with_bands(", ".join(f"{{from: {n}}}" for n in range(600))),
    "606 conditions, and 600 are the most": with_bands(f"{{any: [{', '.join(f'{{field: employees, equals: {n}}}' for n in range(601))}]}}")
    .replace("field: employees, points: 1", "points: 1"),
    "607 conditions, and 600 are the most": with_bands(f"{{in: [{', '.join(map(str, range(602)))}]}}"),
    "1605 conditions, and 600 are the most": more_rules(
        f"kind: activity, activity: page_viewed, points: 1, where: {{any: [{', '.join(f'{{path: p{n}}}' for n in range(1600))}]}}", 1
    ),
}  # fmt: skip


@pytest.mark.parametrize("said", TOO_LARGE)
def test_a_text_has_bounds(said: str) -> None:
    found = scored(text=TOO_LARGE[said])
    assert found.status_code == 422 and found["Content-Type"] == "application/problem+json"
    assert found.json()["title"] == f"the text has {said}; upload it as a version, and name that"


def test_a_text_may_be_as_large_as_that() -> None:
    assert scored(text=MODEL + "#" * 64_000).status_code == 422
    listed = f"{{field: job_title, in: [{', '.join(f'x{n}' for n in range(5_000))}]}}"
    assert scored(text=MODEL + f"audience: {listed}\n", fields={"job_title": "x7"}).json()["score"] is not None
    assert scored(text=FIELDS.replace(", f45: string", "")).status_code == 200


def test_texts_push_no_live_version_out_of_what_is_kept() -> None:
    from vaglio_server.scoring.engine import document_of

    before = document_of.cache_info().currsize
    assert scored(text=MODEL + "# of its own", fields={}).status_code == 200
    assert document_of.cache_info().currsize == before


def test_a_version_is_of_a_model() -> None:
    make_live()
    assert [scored(version=number).status_code for number in (1, 0, -1)] == [422] * 3
    assert [scored(model="small", version=number).status_code for number in (0, -1)] == [422] * 2
    assert "needs model" in scored(version=1).json()["title"]


def test_lists_audience_and_exclusion() -> None:
    text = MODEL + "exclude: [{id: rival, list: competitors}]\naudience: {field: job_title, known: true}\n"
    assert scored(text=text, fields={}).json() == {"score": None, "lines": [], "ignored": {}}
    excluded = scored(text=text, fields={"job_title": "cto"}, account_lists=["competitors"]).json()["score"]
    assert (excluded["rating"], excluded["excluded_by"]) == (None, "rival")


def test_it_rejects_what_does_not_fit_and_names_all_of_it() -> None:
    make_live()
    bad = {"activity_type": "webinar_attended", "properties": {"minutes": "long"}}
    found = scored(fields={"employees": "many", "job_title": "a\x00b"}, activities=[DEMO, bad])
    assert found.status_code == 422
    assert [fault.partition(":")[0] for fault in found.json()["errors"]] == [
        "fields.job_title",
        "fields.employees",
        "activities[1].properties.minutes",
    ]
    for body in ({"as_of": "9999-01-01T00:00:00Z"}, {"activities": [DEMO] * 3001}, {"fields": {"employees": 10**30}}, {"text": "name: 7"}):
        assert scored(**body).status_code == 422, body


def test_activities_come_in_pages_newest_first() -> None:
    start = datetime(2026, 10, 1, tzinfo=UTC)
    calls = [
        {"type": "track", "userId": "anna", "event": f"E{n}", "timestamp": (start + timedelta(minutes=n // 2)).isoformat()}
        for n in range(7)
    ]
    send(make_source(), *calls)
    (anna,) = leads().values()
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = get(f"leads/{anna.pk}/activities", limit=3, **cursor).json()
        found += [each["activity_type"] for each in page["activities"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == ["e6", "e5", "e4", "e3", "e2", "e1", "e0"]
    for wrong in ("x", "1~"):
        assert get(f"leads/{anna.pk}/activities", cursor=wrong).status_code == 422


ACCOUNT = MODEL.replace(
    "  activities:", "  account_fields: {employees: string, revenue: number, is_partner: boolean}\n  activities:"
).replace(
    "  letters:",
    "    - {id: rich, kind: fields, field: account.revenue, points: 7, bands: [{from: 5, award: 100%}]}\n"
    "    - {id: few, kind: fields, field: account.employees, points: 2, bands: [{equals: few, award: 100%}]}\n"
    "    - {id: partner, kind: fields, field: account.is_partner, points: 1, bands: [{equals: true, award: 100%}]}\n  letters:",
)


def test_fields_of_the_company_have_types_of_their_own() -> None:
    found = scored(text=ACCOUNT, fields={"employees": 90}, account_fields={"employees": "few", "revenue": "5.5", "is_partner": True})
    assert found.status_code == 200, found.content
    assert found.json()["score"]["profile_millipoints"] == 50_000
