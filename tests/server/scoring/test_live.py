"""Live scores: due leads are scored from one snapshot, crossings are written once, and any stored score replays."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from tests.server.world import AT, MODEL, leads, make_field, make_live, make_source, send
from vaglio.dates import to_microseconds

pytestmark = pytest.mark.usefixtures("tables")


def score(scorer: Any) -> int:
    from vaglio_server.scoring.actions import score_due

    return score_due(scorer=scorer, limit=100)


def identify(user: str, **traits: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "traits": {"email": f"{user}@acme.example", **traits}}


def page(user: str, path: str = "/pricing") -> dict[str, Any]:
    return {"type": "page", "userId": user, "properties": {"path": path}}


def test_it_works(scorer: Any) -> None:
    from vaglio_server.scoring.models import Crossing, Score

    source = make_source()
    make_live()
    send(source, identify("anna", title="CTO", employees=90), page("anna"))
    assert (score(scorer), score(scorer)) == (1, 0)
    anna = leads()["anna@acme.example"]
    assert (anna.rating, anna.profile_millipoints, anna.engagement_millipoints) == ("A3", 100_000, 30_000)
    assert anna.due_at > anna.created_at  # the pricing page fades below 25 points
    stored = Score.objects.get()
    assert (stored.rating, stored.as_of, stored.next_change_at) == ("A3", stored.known_at, anna.due_at)
    crossing = Crossing.objects.get()
    assert (crossing.rating_before, crossing.rating_after, crossing.score_id) == (None, "A3", stored.pk)


def test_a_new_fact_makes_its_lead_due_and_a_crossing_is_written_once(scorer: Any) -> None:
    from vaglio_server.scoring.models import Crossing, Score

    source = make_source()
    make_live()
    send(source, identify("anna", title="CTO", employees=90), identify("bob", email="bob@other.example"))
    assert score(scorer) == 2
    send(source, {"type": "track", "event": "Form Submitted", "userId": "anna", "properties": {"form": "demo"}})
    assert score(scorer) == 1
    send(source, {"type": "track", "event": "Nothing Known", "userId": "anna"})
    assert score(scorer) == 1
    anna = leads()["anna@acme.example"]
    assert [(each.rating_before, each.rating_after) for each in Crossing.objects.filter(lead=anna).order_by("at")] == [
        (None, "A4"),
        ("A4", "A2"),
    ]
    assert Score.objects.filter(lead=anna).count() == 2  # the last scoring said nothing new


def test_the_clock_alone_makes_a_lead_due(scorer: Any) -> None:
    from vaglio_server.crm.models import Lead

    source = make_source()
    make_live()
    send(source, identify("anna", title="CTO"), page("anna"))
    score(scorer)
    Lead.objects.update(due_at=AT)
    assert score(scorer) == 1


def test_several_models_score_side_by_side_and_one_drives(scorer: Any) -> None:
    from vaglio_server.scoring.models import Score

    source = make_source()
    make_live()
    make_live(MODEL.replace("name: small", "name: other").replace("award: 100%", "award: 50%"))
    send(source, identify("anna", title="CTO", employees=90))
    score(scorer)
    found = {each.version.scoring_model.name: each.rating for each in Score.objects.select_related("version__scoring_model")}
    assert found == {"small": "A4", "other": "B4"}
    assert leads()["anna@acme.example"].rating == "A4"


def test_a_lead_outside_the_audience_has_no_rating(scorer: Any) -> None:
    source = make_source()
    make_live(MODEL.replace("inputs:", "audience: {field: employees, from: 50}\ninputs:"))
    send(source, identify("anna", employees=90), identify("bob", employees=10))
    score(scorer)
    assert {name: lead.rating for name, lead in leads().items()} == {"anna@acme.example": "C4", "bob@acme.example": None}


def test_every_stored_score_replays_whatever_became_known_later(scorer: Any) -> None:
    from vaglio_server.scoring.engine import Instants, document_of
    from vaglio_server.scoring.models import Score

    source = make_source()
    version = make_live()
    send(source, page("anna") | {"anonymousId": "a"}, {"type": "page", "anonymousId": "b", "properties": {"path": "/pricing/b"}})
    score(scorer)
    for number in range(4):
        send(
            source,
            identify("anna", title=["CTO", "clerk", "chief", "none"][number], employees=40 + 10 * number),
            page("anna", f"/pricing/{number}"),
        )
        score(scorer)
    send(source, identify("anna") | {"anonymousId": "b"})
    score(scorer)
    late = {
        "type": "track",
        "event": "Form Submitted",
        "userId": "anna",
        "properties": {"form": "demo"},
        "timestamp": "2026-09-30T10:00:00Z",
    }
    send(source, late)
    score(scorer)
    stored = list(Score.objects.order_by("as_of"))
    assert len(stored) >= 6
    for each in stored:
        at = Instants(to_microseconds(each.as_of), to_microseconds(each.known_at))
        again = scorer.replay(document_of(version.text), each.lead_id, at)
        for name in ("profile_millipoints", "engagement_millipoints", "rating", "buying_stage", "flags"):
            assert again[name] == getattr(each, name), (each.as_of, name)


FINE = """
format: 1
name: fine
inputs: {fields: {worth: integer, day: date}}
profile:
  rules:
    - id: worth
      kind: fields
      field: worth
      points: 60
      bands: [{from: 9007199254740993, award: 100%}, {below: 9007199254740993, award: 50%}]
    - {id: day, kind: fields, field: day, points: 40, bands: [{from: "9999-01-01T00:00:00.000001Z", award: 100%}]}
  letters: {A: 75, B: 50, C: 25}
engagement: {rules: [], digits: {1: 75, 2: 50, 3: 25}}
"""


def test_what_doubles_do_not_tell_apart_replays(scorer: Any) -> None:
    """2^53 and its neighbour, and a microsecond some thousands of years ahead: the history of fields holds them as fields do."""
    from vaglio_server.scoring.engine import Instants, document_of
    from vaglio_server.scoring.models import Score

    make_field("lead", "worth", "integer")
    make_field("lead", "day", "date")
    source = make_source()
    version = make_live(FINE)
    for worth, day in (
        (9007199254740993, "9999-01-01T00:00:00.000001Z"), ("9007199254740992", "9999-01-01T00:00:00Z"), ("9007199254740993", "2026-01-01"),
    ):  # fmt: skip
        send(source, identify("anna", worth=worth, day=day))
        score(scorer)
    stored = list(Score.objects.order_by("as_of"))
    assert [each.profile_millipoints for each in stored] == [100_000, 30_000, 60_000]
    for each in stored:
        at = Instants(to_microseconds(each.as_of), to_microseconds(each.known_at))
        assert scorer.replay(document_of(version.text), each.lead_id, at)["profile_millipoints"] == each.profile_millipoints


def test_a_score_never_misses_a_fact_that_was_known_by_its_instant(scorer: Any) -> None:
    """Facts are written while leads are scored; afterwards every stored score must be what replaying its instants gives."""
    from django.db import connection

    from vaglio_server.scoring.engine import Instants, document_of
    from vaglio_server.scoring.models import Score

    source = make_source()
    version = make_live()
    send(source, identify("anna", title="CTO"), identify("bob"))
    done = threading.Event()

    def write() -> None:
        for number in range(500):
            send(source, page("anna", f"/pricing/{number}"), page("bob"), identify("bob", employees=30 + number))
            if number >= 8 and Score.objects.count() > 6:  # some came in while others were scored
                break
        done.set()
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        score(scorer)
    writer.join()
    score(scorer)
    stored = list(Score.objects.order_by("as_of"))
    assert len(stored) > 6
    for each in stored:
        again = scorer.replay(
            document_of(version.text), each.lead_id, Instants(to_microseconds(each.as_of), to_microseconds(each.known_at))
        )
        assert again["engagement_millipoints"] == each.engagement_millipoints
        assert again["profile_millipoints"] == each.profile_millipoints


def test_a_score_that_fails_leaves_its_leads_due(scorer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.scoring.actions import scores as storing
    from vaglio_server.scoring.models import Score

    source = make_source()
    make_live()
    send(source, identify("anna"))
    with monkeypatch.context() as broken:
        broken.setattr(storing, "_show", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            score(scorer)
    assert Score.objects.count() == 0
    assert score(scorer) == 1
    assert Score.objects.count() == 1


def test_the_same_text_is_the_same_version_and_a_new_one_takes_its_place(scorer: Any) -> None:
    from vaglio_server.scoring.actions import push_model
    from vaglio_server.scoring.models import ModelVersion

    first = make_live()
    assert push_model(text=MODEL + "# a comment\n", by="test", at=AT).pk == first.pk
    second = make_live(MODEL.replace("points: 60", "points: 61"))
    assert (second.number, ModelVersion.objects.get(pk=first.pk).live_to) == (2, second.live_from)
    third = make_live(MODEL.replace("points: 60", "points: 61"))
    assert third.pk == second.pk


def test_leads_come_due_with_a_new_version(scorer: Any) -> None:
    source = make_source()
    make_live()
    send(source, identify("anna", title="CTO"))
    score(scorer)
    make_live(MODEL.replace("points: 60", "points: 80"))
    assert score(scorer) == 1
    assert leads()["anna@acme.example"].profile_millipoints == 80_000
    assert leads()["anna@acme.example"].created_at > AT - timedelta(days=1)


def test_lines_are_stored_and_sum_to_the_score(scorer: Any) -> None:
    from vaglio_server.scoring.models import Score

    source = make_source()
    make_live(MODEL.replace("digits:", "groups: {site: {at_most: 40}}\n  digits:").replace("within: 90d}", "within: 90d, group: site}"))
    send(source, identify("anna", title="CTO", employees=90), page("anna"), page("anna"), identify("bob"))
    score(scorer)
    anna, bob = Score.objects.order_by("lead_id")
    assert anna.lines == {
        "profile.boss.rule": 60_000,
        "profile.size.rule": 40_000,
        "engagement.pricing.rule": 60_000,
        "engagement.site.cap": -20_000,
    }
    assert (bob.lines, bob.rating) == ({}, "D4")
    send(source, identify("anna", title="Clerk"))
    score(scorer)
    newest = Score.objects.filter(lead=anna.lead).latest("as_of")
    for axis in ("profile", "engagement"):
        assert sum(value for name, value in newest.lines.items() if name.startswith(axis)) == getattr(newest, f"{axis}_millipoints")


def test_who_leaves_the_audience_has_no_score_any_more_and_who_returns_has(scorer: Any) -> None:
    from vaglio_server.scoring.actions import recheck
    from vaglio_server.scoring.models import Crossing, Score
    from vaglio_server.scoring.queries import latest_scores

    source = make_source()
    make_live(MODEL + "audience: {field: job_title, any_word: [cto]}\n")
    for title in ("CTO", "Clerk", "Cook", "CTO"):
        send(source, identify("anna", title=title), identify("bob", title="Clerk"))
        score(scorer)
    anna = leads()["anna@acme.example"]
    stored = Score.objects.order_by("as_of")
    assert [(each.lead_id, each.is_outside, each.rating) for each in stored] == [
        (anna.pk, False, "B4"),
        (anna.pk, True, None),
        (anna.pk, False, "B4"),
    ]
    assert [(each.rating_before, each.rating_after) for each in Crossing.objects.order_by("id")] == [
        (None, "B4"),
        ("B4", None),
        (None, "B4"),
    ]
    assert anna.rating == "B4"
    assert recheck(scorer=scorer, sample=10, by="test", at=AT).different == []
    send(source, identify("anna", title="Clerk"))
    score(scorer)
    anna.refresh_from_db()
    assert (anna.rating, anna.profile_millipoints, latest_scores(anna)) == (None, None, [])
