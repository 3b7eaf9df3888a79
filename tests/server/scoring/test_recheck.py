"""Stored scores come out again from the facts; one that was tampered with is found."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.server.world import make_live, make_source, send


def test_every_score_comes_out_again_and_a_changed_one_is_named(tables: Any) -> None:
    from vaglio_server.config import env
    from vaglio_server.scoring.actions import recheck, recheck_nightly, score_due
    from vaglio_server.scoring.engine import Scorer
    from vaglio_server.scoring.models import Score
    from vaglio_server.scoring.queries import last_recheck

    source = make_source()
    make_live()
    now = datetime.now(UTC)
    with closing(Scorer(env.database())) as scorer:
        for number, title in enumerate(("CTO", "Clerk")):
            send(
                source,
                {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example", "title": title}},
                {"type": "page", "userId": "anna", "properties": {"path": f"/pricing/{number}"}},
            )
            score_due(scorer=scorer, limit=10)
        assert Score.objects.count() == 2
        found = recheck(scorer=scorer, sample=100, by="test", at=now)
        assert (found.checked, found.different) == (2, [])
        assert not recheck_nightly(scorer=scorer, at=now + timedelta(hours=23))
        changed = Score.objects.order_by("id").first()
        Score.objects.filter(pk=changed.pk).update(engagement_millipoints=1)
        assert recheck_nightly(scorer=scorer, at=now + timedelta(hours=25))
    last = last_recheck()
    assert last is not None and last.by == "worker" and last.detail == {"checked": 2, "different": [changed.pk]}
