"""When a version goes live, many leads are a run: one row, taken by any number of workers, each lead scored once and none left out."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.scoring.test_backlog import fill, person
from tests.server.world import MODEL, elsewhere, leads, make_live, send

pytestmark = pytest.mark.usefixtures("tables")
NEWER = MODEL.replace("points: 60", "points: 61")


@pytest.fixture
def begun(scorer: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Ten leads of three companies and one without, all scored; then a newer version that went live. Return their source."""
    from vaglio_server.scoring import actions
    from vaglio_server.scoring.actions import runs, scores, versions

    monkeypatch.setattr(versions, "FEW", 3)
    monkeypatch.setattr(scores, "SLICE", 4)
    monkeypatch.setattr(runs, "SLICE", 4)
    source = fill(10)
    send(source, {"type": "identify", "userId": "nobody", "traits": {"email": "n@gmail.com", "title": "CTO"}})
    while actions.score_run(scorer=scorer, limit=100) or actions.score_due(scorer=scorer, limit=100):
        pass
    make_live(NEWER)
    return source


def by_newer() -> list[int]:
    """Return whom the newer version scored, once for each time."""
    from vaglio_server.scoring.models import Score

    return sorted(Score.objects.filter(version__number=2).values_list("lead_id", flat=True))


def crossed() -> list[int]:
    """Return whose first rating by the newer version is written down, once for each time."""
    from vaglio_server.scoring.models import Crossing

    return sorted(Crossing.objects.filter(score__version__number=2).values_list("lead_id", flat=True))


def everybody() -> list[int]:
    return sorted(lead.pk for lead in leads().values())


def test_it_works(begun: Any, scorer: Any) -> None:
    from vaglio_server.scoring.actions import score_due, score_run
    from vaglio_server.scoring.queries import due_now, open_run

    now = datetime.now(UTC)
    run = open_run()
    assert run is not None and (due_now(now).leads, due_now(now).since) == (11, run.at)
    assert score_due(scorer=scorer, limit=100) == 0  # nobody's row was written
    assert score_run(scorer=scorer, limit=100) == 10 and due_now(now).leads == 1
    assert score_run(scorer=scorer, limit=100) == 1
    assert by_newer() == crossed() == everybody()
    assert open_run() is not None and score_run(scorer=scorer, limit=100) == 0
    assert open_run() is None and due_now(datetime.now(UTC)).leads == 0


def test_workers_take_others_each_and_companies_whole(begun: Any) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.scoring.actions.scores import _claim

    taken = [_claim(1)[1] for _ in range(5)]
    assert sorted(len(each) for each in taken) == [0, 1, 3, 3, 4]
    assert sorted(lead for each in taken for lead in each) == everybody()
    companies = [set(Lead.objects.filter(pk__in=each).values_list("account", flat=True)) for each in taken if each]
    assert len(companies) == 4 and all(len(each) == 1 for each in companies)


def test_two_at_once_score_each_lead_once(begun: Any) -> None:

    from django.db import connection

    from vaglio_server.scoring.actions import score_run
    from vaglio_server.scoring.queries import open_run
    from vaglio_server.scoring.scorers import a_scorer

    def work() -> None:
        with a_scorer() as own:
            while open_run() is not None:
                score_run(scorer=own, limit=1)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert by_newer() == crossed() == everybody()


def test_what_a_stopped_worker_took_is_due_at_the_end(begun: Any, scorer: Any) -> None:
    from vaglio_server.scoring.actions.scores import _claim, score_due, score_run
    from vaglio_server.scoring.queries import open_run

    _run, taken = _claim(1)  # and never comes to store it
    while score_run(scorer=scorer, limit=100):
        pass
    assert open_run() is None and by_newer() == sorted({*everybody()}.difference(taken))
    assert score_due(scorer=scorer, limit=100) == len(taken)
    assert by_newer() == crossed() == everybody()


def test_a_run_does_not_end_while_somebody_is_at_it(begun: Any, scorer: Any) -> None:
    from vaglio_server.scoring.actions.scores import RUNNING, score_run
    from vaglio_server.scoring.queries import open_run

    with elsewhere() as other:
        other.execute("SELECT pg_advisory_lock_shared(%s)", [RUNNING])
        while score_run(scorer=scorer, limit=100):
            pass
        assert open_run() is not None
    score_run(scorer=scorer, limit=100)
    assert open_run() is None


def test_a_lead_that_somebody_writes_to_is_not_waited_for(begun: Any, scorer: Any) -> None:
    from vaglio_server.scoring.actions.scores import _claim, _score_unheld, score_due, score_run

    held = everybody()[0]
    with elsewhere() as other:
        other.execute("SELECT id FROM crm_lead WHERE id = %s FOR NO KEY UPDATE", [held])
        _run, taken = _claim(100)
        _score_unheld(scorer, taken)
        assert by_newer() == sorted({*taken}.difference([held]))
    while score_run(scorer=scorer, limit=100):
        pass
    assert score_due(scorer=scorer, limit=100) == 1
    assert by_newer() == crossed() == everybody()


def test_what_happens_meanwhile_is_scored_after_it(begun: Any, scorer: Any) -> None:
    """A fact between the snapshot and the storing: its lead is due, and scored with it; nothing older is stored afterwards."""
    from vaglio_server.scoring.actions.scores import _claim, _said, _settle, score_due
    from vaglio_server.scoring.models import Score

    _run, taken = _claim(100)
    said = _said(scorer, taken)
    send(begun, *person(1))
    lead = leads()["p1@acme1.example"]
    _settle(said, taken)
    assert lead.pk not in by_newer()
    assert score_due(scorer=scorer, limit=100) == 3  # with two colleagues
    _settle(said, taken)
    assert by_newer().count(lead.pk) == 1
    assert Score.objects.filter(lead=lead).latest("as_of").as_of == leads()["p1@acme1.example"].scored_at > said.at


def test_who_is_merged_meanwhile_stays_without_a_rating(begun: Any, scorer: Any) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.scoring.actions.scores import _claim, _said, _settle
    from vaglio_server.tracking.actions import merge_leads

    _run, taken = _claim(100)
    said = _said(scorer, taken)
    first, other = everybody()[:2]
    merge_leads(lead=Lead.objects.get(pk=first), other=Lead.objects.get(pk=other), by="test", at=datetime.now(UTC))
    _settle(said, taken)
    assert other not in by_newer() and Lead.objects.get(pk=other).rating is None


def test_a_later_version_takes_over(begun: Any, scorer: Any) -> None:
    from vaglio_server.scoring.actions import score_due, score_run
    from vaglio_server.scoring.models import Run, Score

    score_run(scorer=scorer, limit=1)
    make_live(MODEL.replace("points: 60", "points: 62"))
    while score_run(scorer=scorer, limit=1):
        pass
    assert score_due(scorer=scorer, limit=100) == 0
    assert sorted(Score.objects.filter(version__number=3).values_list("lead_id", flat=True)) == everybody()
    assert not Run.objects.filter(ended_at=None).exists()


def test_few_leads_are_due_at_once(begun: Any, scorer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.scoring import actions
    from vaglio_server.scoring.actions import versions
    from vaglio_server.scoring.queries import open_run

    monkeypatch.setattr(versions, "FEW", 11)
    make_live(MODEL.replace("points: 60", "points: 63"))
    assert open_run() is None
    assert actions.score_due(scorer=scorer, limit=100) == 11


def test_the_more_leads_do_the_fewer_are_taken_at_once(begun: Any, scorer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    from vaglio_server.scoring import actions, queries

    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = -1 WHERE relname IN ('crm_lead', 'tracking_activity')")
        assert queries.leads_at_once() == queries.UNKNOWN_AT_ONCE
        cursor.execute("ANALYZE crm_lead, tracking_activity")
    assert queries.leads_at_once() == queries.MOST_AT_ONCE
    monkeypatch.setattr(queries, "LEAST_AT_ONCE", 1)
    monkeypatch.setattr(queries, "DONE_AT_ONCE", 4)  # a lead did about one thing each
    assert queries.leads_at_once() in {3, 4}
    assert 0 < actions.score_run(scorer=scorer) < len(everybody())
    monkeypatch.setattr(queries, "LEAST_AT_ONCE", queries.MOST_AT_ONCE)
    assert queries.leads_at_once() == queries.MOST_AT_ONCE


def test_leads_of_a_rating_are_found_whichever_order_they_are_ranked_by(begun: Any, scorer: Any) -> None:
    """While a run of a version that ranks otherwise goes on, some leads of a rating are still where the earlier one put them."""
    from vaglio_server.crm.models import Lead
    from vaglio_server.scoring.actions import score_run
    from vaglio_server.scoring.queries import with_ratings

    def found_in_parts(ratings: list[str]) -> list[int]:
        leads, parts = with_ratings(Lead.objects.all(), ratings)
        return sorted(pk for part in parts for pk in leads.filter(part).values_list("pk", flat=True))

    make_live(NEWER + "rank: [D4, C4, B4, A4]\n")
    score_run(scorer=scorer, limit=1)
    places = {(lead.rating, lead.rank[0]) for lead in Lead.objects.exclude(rating=None)}
    ratings = {lead.rating for lead in Lead.objects.exclude(rating=None)}
    assert len(places) > len(ratings), "no rating is at two places"
    for rating in ratings:
        mine = Lead.objects.filter(rating=rating)
        assert found_in_parts([rating]) == sorted(mine.values_list("pk", flat=True))
    assert found_in_parts(sorted(ratings)) == sorted(Lead.objects.exclude(rating=None).values_list("pk", flat=True))
    assert not found_in_parts(["Z9"])
