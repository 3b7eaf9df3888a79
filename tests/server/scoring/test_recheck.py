"""Stored scores come out again from the facts; one that was tampered with is found."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.world import MODEL, make_live, make_source, send

OF_ACCOUNTS = {
    "colleagues": ("  digits:", "    - {id: group, kind: engaged_colleagues, within: 30d, bands: [{at_least: 2, points: 10}]}\n  digits:"),
    "field": ("  letters:", "    - {id: big, kind: fields, field: account.size, points: 7, bands: [{from: 10}]}\n  letters:"),
    "list": ("  letters:", "    - {id: target, kind: list_member, list: targets, points: 9}\n  letters:"),
}


def test_every_score_comes_out_again_and_a_changed_one_is_named(tables: Any) -> None:
    from vaglio_server.scoring.actions import recheck, recheck_nightly, score_due
    from vaglio_server.scoring.models import Score
    from vaglio_server.scoring.queries import last_recheck
    from vaglio_server.scoring.scorers import a_scorer

    source = make_source()
    make_live()
    now = datetime.now(UTC)
    with a_scorer() as scorer:
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
        assert last is not None and last.by == "worker" and last.detail == {"checked": 2, "different": [changed.pk], "excused": 0}
        assert recheck(scorer=scorer, sample=0, by="test", at=now + timedelta(hours=26)).different == [changed.pk]  # whatever is drawn
        Score.objects.filter(pk=changed.pk).update(engagement_millipoints=changed.engagement_millipoints)
        mended, after = (recheck(scorer=scorer, sample=0, by="test", at=now + timedelta(hours=hours)) for hours in (27, 28))
        assert ((mended.checked, mended.different), after.checked) == ((1, []), 0)


@pytest.mark.parametrize("rule", OF_ACCOUNTS)
def test_scores_come_out_again_when_a_lead_has_gone_to_another_company(tables: Any, rule: str) -> None:
    """Its own, that of the colleague who stayed, and what both are scored then."""
    from vaglio_server.crm.actions import add_list_member, set_account
    from vaglio_server.crm.models import Account, Lead
    from vaglio_server.scoring.actions import recheck, score_due
    from vaglio_server.scoring.models import Score
    from vaglio_server.scoring.scorers import a_scorer

    source = make_source()
    make_live(MODEL.replace("inputs:\n", "inputs:\n  account_fields: {size: integer}\n").replace(*OF_ACCOUNTS[rule]))
    people = {"anna": "acme.example", "bob": "acme.example", "carl": "other.example"}
    send(source, *({"type": "identify", "userId": name, "traits": {"email": f"{name}@{of}"}} for name, of in people.items()),
         *({"type": "page", "userId": name, "properties": {"path": "/pricing"}} for name in people),
         {"type": "group", "userId": "anna", "groupId": "g1", "traits": {"size": 50}})  # fmt: skip
    anna = Lead.objects.get(fields__email="anna@acme.example")
    add_list_member(name="targets", account=anna.account, by="test", at=datetime.now(UTC))
    other = Account.objects.exclude(pk=anna.account_id).get()
    with a_scorer() as scorer:
        score_due(scorer=scorer, limit=10)
        before = Score.objects.get(lead=anna)
        set_account(lead=anna, account=other, by="test", at=datetime.now(UTC))
        score_due(scorer=scorer, limit=10)
        after = Score.objects.filter(lead=anna).latest("id")
        assert before.lines.keys() - after.lines.keys() or rule == "colleagues"  # there is something to be lost
        found = recheck(scorer=scorer, sample=100, by="test", at=datetime.now(UTC))
    assert (found.checked, found.different) == (Score.objects.count(), [])
