"""When a rating changes if nothing happens, and what one activity more would do."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.server.world import MODEL, leads, make_live, make_source, send
from vaglio.dates import to_microseconds
from vaglio_server.scoring.logic.outlook import changes

PEOPLE = {"email": "anna@acme.example", "title": "CTO", "employees": 90}


def looked(scorer: Any, *acts: dict[str, Any]) -> tuple[Any, Any]:
    """Return the outlook of a lead who did something, and the version it is by."""
    from vaglio_server.scoring.engine import Instants, document_of

    version = make_live()
    who = {"userId": "anna"}
    send(make_source(), {"type": "identify", **who, "traits": PEOPLE}, *({"type": "track", **who, **act} for act in acts))
    at = to_microseconds(datetime.now(UTC))
    return scorer.outlook(document_of(version.text), leads()["anna@acme.example"].pk, Instants(at, at)), version


def test_it_falls_when_its_activities_fade_and_end(scorer: Any) -> None:
    when = (datetime.now(UTC) - timedelta(days=10, hours=1)).isoformat()
    demo = {"event": "Form Submitted", "properties": {"form": "demo"}, "timestamp": when}
    price = {"event": "Page Viewed", "properties": {"path": "/pricing"}, "timestamp": when}
    found, _version = looked(scorer, demo, price)
    # 50 points end after 60 days; 30 halve every 14: 68.28 + … is 2 now, 50 until day 49 and a bit, then less than 25.
    assert found.rating == "A2"
    assert [(each.days, each.rating) for each in found.changes] == [(50, "A4")]


def test_what_would_help_comes_first(scorer: Any) -> None:
    found, _version = looked(scorer)
    told = {each.act.activity_type: (each.millipoints, each.rating) for each in found.effects}
    assert found.rating == "A4"
    assert told == {"form_submitted": (50_000, "A2"), "page_viewed": (30_000, "A3")}  # one webinar alone gives nothing
    assert [each.act.properties for each in found.effects] == [(("form", "demo"),), (("path", "/pricing"),)]


def test_the_outlook_comes_true(scorer: Any) -> None:
    from vaglio_server.scoring.engine import Instants, document_of

    when = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    found, version = looked(scorer, *({"event": "Page Viewed", "properties": {"path": "/pricing"}, "timestamp": when} for _n in range(4)))
    assert len(found.changes) == 3
    lead, now = leads()["anna@acme.example"].pk, datetime.now(UTC)
    for change in found.changes:
        day = timedelta(days=1)
        for at, is_there in ((now + change.days * day, True), (now + (change.days - 1) * day - timedelta(minutes=5), False)):
            row = scorer.replay(document_of(version.text), lead, Instants(to_microseconds(at), to_microseconds(now)))
            assert (row["rating"] == change.rating) == is_there, (change, at)


def test_a_lead_outside_of_the_audience_has_none(scorer: Any) -> None:
    from vaglio_server.scoring.engine import Instants, document_of

    version = make_live(MODEL + "\naudience: {field: job_title, equals: nobody}\n")
    send(make_source(), {"type": "identify", "userId": "anna", "traits": PEOPLE})
    at = to_microseconds(datetime.now(UTC))
    assert scorer.outlook(document_of(version.text), leads()["anna@acme.example"].pk, Instants(at, at)) is None


def test_changes_are_found_to_the_day() -> None:
    course = {day: "A1" for day in range(0, 13)} | {day: "B1" for day in range(13, 17)} | {day: "C4" for day in range(17, 400)}
    assert [(each.days, each.rating) for each in changes("A1", course.__getitem__)] == [(13, "B1"), (17, "C4")]
    assert changes("A1", lambda _day: "A1") == []
    assert [each.days for each in changes("A1", lambda _day: None)] == [1]


def test_what_gives_next_to_nothing_is_named_only_where_the_rating_is_another_by_it() -> None:
    from vaglio_server.scoring.logic.outlook import Act, Effect, best

    found = [Effect(Act("a"), 1, "B2"), Effect(Act("b"), 100, "B2"), Effect(Act("c"), 1, "B1"), Effect(Act("d"), 0, "B2")]
    assert [each.act.activity_type for each in best(found, ("B1", "B2"), "B2")] == ["c", "b"]
