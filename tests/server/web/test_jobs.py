"""The page of jobs: what waits, what runs, and who works."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.world import HOST, make_live, make_source, post, take

pytestmark = pytest.mark.usefixtures("tables")


def stands(client: Any) -> dict[str, tuple[str, str]]:
    """Return the sentence and the word of each job, by title."""
    answer = client.get("/jobs", headers=HOST | {"HX-Request": "true"})
    assert answer.status_code == 200
    rows = re.findall(
        r"<h2>(?:<a[^>]*>)?([^<]*)<.*?<p>([^<]*)</p>.*?<span class=\"state ([^\"]*)\">([^<]*)<", answer.content.decode(), re.DOTALL
    )
    return {title: (sentence, f"{mark}: {word}") for title, sentence, mark, word in rows}


def worker() -> Any:
    """Return a connection such as workers hold."""
    from vaglio_server.config import env
    from vaglio_server.scoring.queries import WORKER

    told = env.database()
    return psycopg.connect(dbname=told["NAME"], user=told["USER"], host=told["HOST"], application_name=f"{WORKER} here 7")


def test_it_works_while_nothing_waits_and_nobody_works() -> None:
    found = stands(signed_in(make_people()["marta"]))
    assert found["Workers"][1] == "bad: none lives"
    assert found["Requests from senders"] == ("None waits to be taken.", "good: good")
    assert found["Leads to be scored"] == ("Every score is of what is known now.", "good: good")
    assert found["Files being brought in"] == ("None.", "good: good")
    assert found["Stored scores worked out again"][1] == ": not yet"


def test_what_waits_is_counted_and_workers_are_known_while_they_live() -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.tracking.models import Delivery

    marta, source = signed_in(make_people()["marta"]), make_source()
    make_live()
    for name in ("anna", "bruno"):
        assert post(source, "identify", {"userId": name, "traits": {"email": f"{name}@example.com"}}).status_code == 200
    said, word = stands(marta)["Requests from senders"]
    assert said.startswith("2 wait; the first came ") and word == "bad: waiting, and nobody works"
    with worker():
        found = stands(marta)
        assert (found["Workers"], found["Requests from senders"][1]) == (("1 worker is connected.", "good: good"), "good: being worked on")
        assert "<code>here 7</code>" in marta.get("/jobs").content.decode()
        Delivery.objects.update(received_at=datetime.now(UTC) - timedelta(minutes=5))
        assert stands(marta)["Requests from senders"][1] == ": waiting"
        take()
        found = stands(marta)
        assert found["Requests from senders"][1] == "good: good"
        assert found["Leads to be scored"][0].startswith("2 leads are due; the first became so ")
        Lead.objects.update(due_at=datetime.now(UTC) + timedelta(days=1))
        assert stands(marta)["Leads to be scored"][1] == "good: good"
    ended = time.monotonic() + 10  # PostgreSQL forgets a connection a moment after it was closed
    while stands(marta)["Workers"][1] != "bad: none lives":
        assert time.monotonic() < ended
        time.sleep(0.05)


def test_imports_and_rechecks_say_how_far_and_how_they_came_out() -> None:
    from vaglio_server.imports.models import Import
    from vaglio_server.users.actions import audit
    from vaglio_server.users.models import AuditEntry

    people = make_people()
    marta, now = signed_in(people["marta"]), datetime.now(UTC)
    Import.objects.create(file_name="fair.csv", bytes=1, kind="csv", encoding="utf-8", delimiter=",", system="file", heading=[], columns=[],
                          by=people["marta"], created_at=now, state="running", rows=2_000, rows_read=500)  # fmt: skip
    assert stands(marta)["fair.csv"] == ("500 of 2,000 rows are read.", "bad: waiting, and nobody works")
    with worker():
        assert stands(marta)["fair.csv"][1] == "good: running"
        assert 'value="25"' in marta.get("/jobs").content.decode()
    title = "Stored scores worked out again"
    for days, different, word in ((0, [], "good: good"), (0, [7], "bad: came out otherwise"), (3, [], ": long ago")):
        AuditEntry.objects.filter(verb="recheck").delete()
        audit(by="worker", verb="recheck", subject="scores", at=now - timedelta(days=days), checked=1000, different=different)
        said, found = stands(marta)[title]
        assert found == word and "1,000" in said


def test_counts_and_comparisons_that_wait_are_there() -> None:
    from vaglio_server.studies.actions import count_version

    marta = signed_in(make_people()["marta"])
    assert stands(marta)["Models counted and compared"] == ("None waits.", "good: good")
    count_version(version=make_live(), by="marta", at=datetime.now(UTC))
    said, word = stands(marta)["Models counted and compared"]
    assert said.startswith("1 waits or runs") and word == "bad: waiting, and nobody works"


def test_it_requires_marketing() -> None:
    people = make_people()
    for name, status in (("ada", 200), ("marta", 200), ("luca", 403), ("vera", 403)):
        assert signed_in(people[name]).get("/jobs").status_code == status
