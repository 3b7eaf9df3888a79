"""Suspicious leads in the database: worked out as they come and change, decided on, and put on the list of spam."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.tracking.test_marks import sweep
from tests.server.world import AT, audited, leads, make_live, make_source, send
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")
EXCLUDING = """
format: 1
name: small
inputs: {fields: {job_title: string}, activities: {form_submitted: {form: string}}}
exclude: [{id: spam, list: spam}]
profile:
  rules: [{id: boss, kind: fields, field: job_title, points: 60, bands: [{any_word: [cto], award: 100%}]}]
  letters: {A: 75, B: 50, C: 25}
engagement:
  rules: [{id: demo, kind: activity, activity: form_submitted, points: 50}]
  digits: {1: 75, 2: 50, 3: 25}
"""


def identify(user: str, **traits: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "traits": traits}


def suspicions() -> dict[str, Any]:
    from vaglio_server.tracking.models import Suspicion

    return {each.lead.fields["email"]: each for each in Suspicion.objects.select_related("lead")}


def decide(verdict: str, *mails: str, by: str = "marta") -> int:
    from vaglio_server.tracking.actions import decide_suspicions

    return decide_suspicions(leads=[leads()[mail].pk for mail in mails], verdict=verdict, by=by, at=AT)


def test_leads_are_looked_at_as_they_come_and_change() -> None:
    source = make_source()
    send(source, identify("a", email="asdf@mailinator.com", firstName="asdf"), identify("b", email="anna.rossi@acme.it", firstName="Anna"))
    sweep()
    assert set(suspicions()) == {"asdf@mailinator.com"}
    assert suspicions()["asdf@mailinator.com"].names == ["disposable", "keyboard", "placeholder"]
    assert suspicions()["asdf@mailinator.com"].reasons[0] == {"reason": "disposable", "weight": 80, "seen": "mailinator.com"}
    send(source, identify("b", phone="+39 12"), identify("a", firstName="Rosa"))
    sweep()
    assert suspicions()["anna.rossi@acme.it"].names == ["phone"]
    assert suspicions()["asdf@mailinator.com"].names == ["disposable", "placeholder"]  # the mail address is still made of it
    send(source, identify("b", phone="+39 02 8646 3817"))
    sweep()
    assert set(suspicions()) == {"asdf@mailinator.com"}


def test_suspicion_never_touches_fit_or_engagement(scorer: Any) -> None:
    from vaglio_server.scoring.actions import score_due

    make_live(EXCLUDING)
    send(make_source(), identify("a", email="asdf@mailinator.com", firstName="asdf", title="CTO"))
    score_due(scorer=scorer, limit=9)
    before = leads()["asdf@mailinator.com"]
    sweep()
    after = leads()["asdf@mailinator.com"]
    assert suspicions() and (after.rating, after.profile_millipoints, after.due_at) == (
        before.rating,
        before.profile_millipoints,
        before.due_at,
    )


def test_what_was_copied_is_found_with_the_fourth_who_says_it_and_on_all() -> None:
    source = make_source()
    for number in range(3):
        send(source, identify(f"c{number}", email=f"c{number}@gmail.com", phone="+44 20 7183 4629"))
    sweep()
    assert suspicions() == {}
    send(source, identify("c3", email="c3@gmail.com", phone="020 7183 4629"))
    sweep()
    assert {mail: each.names for mail, each in suspicions().items()} == {f"c{number}@gmail.com": ["copied"] for number in range(4)}
    # Colleagues share a switchboard.
    send(source, *(identify(f"d{number}", email=f"d{number}@acme.it", phone="+39 035 249 8167") for number in range(6)))
    sweep()
    assert len(suspicions()) == 4


def test_a_form_sent_one_second_after_the_page_stays_a_reason() -> None:
    source, start = make_source(), datetime.now(UTC) - timedelta(hours=1)
    who = {"userId": "a", "context": {"traits": {"email": "a.rossi@acme.it"}}}

    def at(seconds: float) -> str:
        return (start + timedelta(seconds=seconds)).isoformat()

    form = {**who, "type": "track", "event": "Form Submitted"}
    send(source, identify("a", email="a.rossi@acme.it"), {**who, "type": "page", "timestamp": at(0)}, {**form, "timestamp": at(0.8)})
    send(source, identify("b", email="b.verdi@acme.it"), {"userId": "b", "type": "page", "timestamp": at(0)},
         {"userId": "b", "type": "page", "timestamp": at(59)}, {**form, "userId": "b", "context": {}, "timestamp": at(60)})  # fmt: skip
    sweep()
    assert {mail: each.names for mail, each in suspicions().items()} == {"a.rossi@acme.it": ["fast"]}
    # What came in one batch without instants of its own says nothing of how fast somebody was.
    send(source, identify("c", email="c.neri@acme.it"), {"userId": "c", "type": "page", "timestamp": at(9)},
         {**form, "userId": "c", "context": {}, "timestamp": at(9)})  # fmt: skip
    send(source, {**form, "timestamp": at(400)}, identify("a", firstName="Anna"))
    sweep()
    assert {mail: each.names for mail, each in suspicions().items()} == {"a.rossi@acme.it": ["fast"]}


def test_spam_is_on_a_list_that_models_exclude_and_comes_off_it(scorer: Any) -> None:
    from vaglio_server.crm.models import ListMember
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.queries import latest_scores

    make_live(EXCLUDING)
    send(make_source(), identify("a", email="asdf@mailinator.com", title="CTO"), identify("b", email="b@trashmail.com"))
    sweep()
    score_due(scorer=scorer, limit=9)
    assert decide("spam", "asdf@mailinator.com") == 1
    assert decide("spam", "asdf@mailinator.com") == 0
    assert ListMember.objects.filter(list="spam", to_at=None).count() == 1
    score_due(scorer=scorer, limit=9)
    lead = leads()["asdf@mailinator.com"]
    assert latest_scores(lead)[0].score.excluded_by == "spam" and lead.profile_millipoints == 60_000
    assert decide("genuine", "asdf@mailinator.com") == 1
    score_due(scorer=scorer, limit=9)
    assert latest_scores(lead)[0].score.excluded_by is None
    assert audited("decide_suspicion") == [("marta", f"lead:{lead.pk}")] * 2


def test_genuine_stays_so() -> None:
    source = make_source()
    send(source, identify("a", email="asdf@mailinator.com", firstName="asdf"))
    sweep()
    decide("genuine", "asdf@mailinator.com")
    send(source, identify("a", phone="000000000"))
    sweep()
    found = suspicions()["asdf@mailinator.com"]
    assert (found.verdict, found.decided_by) == ("genuine", "marta") and "phone" in found.names


def test_it_rejects_another_verdict() -> None:
    from vaglio_server.tracking.actions import decide_suspicions

    with pytest.raises(Refused, match="no verdict"):
        decide_suspicions(leads=[1], verdict="perhaps", by="marta", at=AT)
