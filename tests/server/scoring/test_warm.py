"""Plans are written before anybody waits for them: of live versions when a worker starts, of drafts while nothing else is to be done."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.scoring.test_backlog import fill
from tests.server.world import MODEL

pytestmark = pytest.mark.usefixtures("tables")


def push(text: str) -> Any:
    from vaglio_server.scoring.actions import push_model

    return push_model(text=text, by="test", at=datetime.now(UTC))


@pytest.fixture
def scores() -> Any:
    from vaglio.kept import PLANS
    from vaglio_server.config.worker import _Scores

    PLANS.forget()
    made = _Scores()
    yield made
    made.close()


def planned() -> set[str]:
    from vaglio.kept import PLANS

    return {key.fingerprint for key in PLANS._plans}


def test_it_works(scores: Any) -> None:
    from vaglio_server.scoring.queries import live_versions

    fill(2)
    (live,) = live_versions()
    push(MODEL.replace("points: 60", "points: 61"))
    draft = push(MODEL.replace("points: 60", "points: 62"))
    assert scores.run() == 0 and planned() == set()  # a worker that starts has the live ones to do first
    assert scores.news() == 2 and planned() == {live.fingerprint}
    assert scores.run() == 0 and planned() == {live.fingerprint, draft.fingerprint}  # not the draft before it


def test_drafts_are_looked_for_now_and_then(scores: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.config import worker

    fill(2)
    assert worker.RARELY_SECONDS == 1.0  # runs themselves are looked for whenever anything was written
    monkeypatch.setattr(worker, "RARELY_SECONDS", 3600.0)
    before = push(MODEL.replace("points: 60", "points: 61"))
    assert scores.news() == 2 and scores.run() == 0 and before.fingerprint in planned()  # at once, when nobody looked yet
    draft = push(MODEL.replace("points: 60", "points: 62"))
    assert scores.run() == 0 and draft.fingerprint not in planned()
    monkeypatch.setattr(worker, "RARELY_SECONDS", 0.0)
    assert scores.run() == 0 and draft.fingerprint in planned()


def test_a_version_that_was_live_is_no_draft() -> None:
    from vaglio_server.scoring.queries import newest_drafts

    fill(1)
    assert newest_drafts() == []
    draft = push(MODEL.replace("points: 60", "points: 61"))
    assert newest_drafts() == [draft]
