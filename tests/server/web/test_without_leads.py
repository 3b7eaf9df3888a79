"""Pages before there is anything to show, and the intake's own figures."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.server.web.people import make_people, signed_in
from tests.server.world import make_source, post, take


def test_an_empty_installation_teaches(tables: Any) -> None:
    client = signed_in(make_people()["ada"])
    for address in ("/", "/models"):
        assert "vaglio push" in client.get(address).content.decode()
    assert "No lead fits" in client.get("/leads").content.decode()


def test_intake_shows_what_waits_and_what_was_refused(tables: Any) -> None:
    from vaglio_server.tracking.queries import intake

    source = make_source()
    assert post(source, "track", {"userId": "anna", "event": "x\u0000"}).status_code == 200
    assert post(source, "track", {"userId": "anna", "event": "Form Submitted"}).status_code == 200
    now = datetime.now(UTC)
    waiting = intake(now)
    assert (waiting.waiting, waiting.is_late(now), waiting.is_late(now + timedelta(minutes=2))) == (2, False, True)
    take()
    after = intake(datetime.now(UTC))
    assert (after.waiting, after.waiting_since, after.refused_last_day, after.activities_last_hour) == (0, None, 1, 1)
