"""A live version that cannot be scored: it is said in the log, the others go on, and nobody works it out in vain again and again.

What comes in is taken all the same.
"""

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.world import MODEL, leads, make_live, make_source, send

pytestmark = pytest.mark.usefixtures("tables")
OTHER = MODEL.replace("name: small", "name: other").replace("points: 60,", "points: 70,")
ANNA = {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example", "title": "CTO"}}

PAGE = {"type": "page", "userId": "anna", "properties": {"path": "/pricing"}}


def broken(version: Any) -> None:
    """Leave a version with a text that no Vaglio of today reads, as one of tomorrow would that somebody went back from."""
    from vaglio_server.scoring.models import ModelVersion

    ModelVersion.objects.filter(pk=version.pk).update(text=version.text.replace("format: 1", "format: 2"))


@contextmanager
def a_scorer() -> Iterator[Any]:
    """Give a scorer of the test's own: what failed in one is remembered."""
    from vaglio_server.config import env
    from vaglio_server.scoring.engine import Scorer

    with closing(Scorer(env.database())) as scorer:
        yield scorer


def scored(scorer: Any) -> int:
    from vaglio_server.scoring.actions import score_due

    return score_due(scorer=scorer, limit=10)


def last_scores() -> dict[str, int]:
    from vaglio_server.scoring.models import Score

    found = Score.objects.order_by("as_of").select_related("version__scoring_model")
    return {each.version.scoring_model.name: each.profile_millipoints for each in found}


@pytest.mark.parametrize("fails", ["driving", "other"])
def test_the_others_go_on_and_leads_are_looked_at_again_later(fails: str, caplog: pytest.LogCaptureFixture) -> None:
    from vaglio_server.scoring.failing import PATIENCE

    source, driving, other = make_source(), make_live(), make_live(OTHER)
    send(source, ANNA)
    with a_scorer() as scorer:
        assert scored(scorer) == 1 and last_scores() == {"small": 60_000, "other": 70_000}
        broken(driving if fails == "driving" else other)
        _title("Clerk")
        before = datetime.now(UTC)
        with caplog.at_level(logging.ERROR, "vaglio_server.scoring.actions.scores"):
            assert [scored(scorer), scored(scorer)] == [1, 0]
        assert last_scores() == ({"small": 60_000, "other": 0} if fails == "driving" else {"small": 0, "other": 70_000})
        anna = leads()["anna@acme.example"]
        assert anna.rating == ("B4" if fails == "driving" else "D4")  # what nobody can tell now stays as it was
        assert before + PATIENCE <= anna.due_at <= datetime.now(UTC) + PATIENCE
        assert anna.scored_at >= before
        (said,) = [each.getMessage() for each in caplog.records]
        assert "gives no scores" in said
        _due()
        assert scored(scorer) == 1 and len(caplog.records) == 1  # it is left alone meanwhile


def test_it_is_scored_once_it_can_be_again() -> None:
    from vaglio_server.scoring.failing import Failing

    source, driving = make_source(), make_live()
    send(source, ANNA)
    broken(driving)
    with a_scorer() as scorer:
        assert scored(scorer) == 1 and last_scores() == {} and leads()["anna@acme.example"].rating is None
        driving.save()
        scorer.failing = Failing()  # an hour later
        _due()
        assert scored(scorer) == 1 and leads()["anna@acme.example"].rating == "B4"


def test_what_comes_in_is_taken_and_all_colleagues_are_due(scorer: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    from vaglio_server.config import worker
    from vaglio_server.scoring.failing import Failing

    monkeypatch.setattr(worker, "_UNREAD", Failing())
    source, other = make_source(), (make_live(), make_live(OTHER))[1]
    bob = ANNA | {"userId": "bob", "traits": {"email": "bob@acme.example"}}
    send(source, ANNA, bob)
    scored(scorer)
    send(source, PAGE)
    assert scored(scorer) == 1  # no rule asks about colleagues
    broken(other)
    send(source, PAGE)
    assert {mail for mail, lead in leads().items() if lead.due_at is not None} == {"anna@acme.example", "bob@acme.example"}
    send(source, PAGE)
    (said,) = [each.getMessage() for each in caplog.records if each.name == worker.__name__]
    assert said.startswith("other version 1 cannot be read, so whatever a lead does makes all of its colleagues due: line 2: format")


@pytest.mark.parametrize("fails", ["first", "last"])
def test_a_worker_that_starts_says_it_in_a_line_and_scores_by_the_others(fails: str, caplog: pytest.LogCaptureFixture) -> None:
    from vaglio.kept import PLANS
    from vaglio_server.config import worker
    from vaglio_server.scoring.queries import live_versions

    source, made = make_source(), {make_live().scoring_model.name: 60_000, make_live(OTHER).scoring_model.name: 70_000}
    send(source, ANNA)
    bad, good = live_versions() if fails == "first" else reversed(live_versions())
    broken(bad)
    PLANS.forget()
    with closing(worker._Scores()) as scores:
        assert scores.news() == 1 and {key.fingerprint for key in PLANS._plans} == {good.fingerprint}
        assert scores.news() == 0
    assert last_scores() == {good.scoring_model.name: made[good.scoring_model.name]}
    (said,) = [each for each in caplog.records if each.name == worker.__name__]
    assert said.getMessage().startswith(f"no plan could be written for {bad} before its first lead: line 2: format") and not said.exc_info


def _due() -> None:
    from vaglio_server.crm.models import Lead

    Lead.objects.update(due_at=datetime.now(UTC) - timedelta(seconds=1))


def _title(title: str) -> None:
    from vaglio_server.crm.models import Lead

    Lead.objects.update(fields={"email": "anna@acme.example", "job_title": title})
    _due()
