"""A search, what people decide on its pairs, and what the next search does with that."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.kept import kept
from tests.server.world import AT, audited, leads, make_live, make_source, send
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")


def identify(user: str, first: str, last: str, **traits: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "traits": {"firstName": first, "lastName": last, **traits}}


def make_people(count: int = 3) -> Any:
    """Make people, each of whom is there twice, with the mail addresses w1@ and p1@ and so on; the first of both is a chief."""
    source = make_source()
    for number in range(1, count + 1):
        last, mobile = f"Zarandescu{'abcdefghij'[number]}", f"+40 722 55{number:04}"
        send(
            source,
            identify(f"w{number}", "Ileana", last, email=f"w{number}@vexor{number}.ro", mobilePhone=mobile, title="CTO", employees=90),
            identify(f"p{number}", "Ileana", last.upper(), email=f"p{number}@gmail.com", mobilePhone=mobile, city="Cluj"),
            {"type": "track", "userId": f"p{number}", "event": "Form Submitted", "properties": {"form": "demo"}},
        )
    return source


def made_and_searched(count: int) -> Any:
    """Make people and search; return the source and how many pairs were found."""
    return make_people(count), searched()


def clock() -> datetime:
    return datetime.now(UTC)


def searched() -> int:
    from vaglio_server.duplicates.actions import ask_search, look

    return look(search=ask_search(by="test", at=AT), clock=clock)


def pairs(*states: str) -> list[Any]:
    from vaglio_server.duplicates.models import Pair

    return list(Pair.objects.filter(state__in=states or ["open"]).select_related("lead", "other").order_by("lead"))


def work() -> int:
    from vaglio_server.duplicates.actions import do_next

    done = 0
    while do_next(at=AT):
        done += 1
    return done


def test_a_search_proposes_pairs_with_why() -> None:
    from vaglio_server.duplicates.models import Search

    assert kept(made_and_searched, 3)[1] == 3
    search, found = Search.objects.get(), pairs()
    assert (search.state, search.leads, search.found, search.done_share) == ("done", 6, 3, 1.0)
    assert [(pair.lead.fields["email"], pair.other.fields["email"]) for pair in found] == [
        (f"w{number}@vexor{number}.ro", f"p{number}@gmail.com") for number in (1, 2, 3)
    ]
    assert found[0].answers["phone"] == "mobile" and found[0].answers["last_name"] == "same" and found[0].probability > 0.9
    assert audited("ask_search") == [("test", f"search:{search.pk}")]


def test_one_search_runs_at_a_time_and_a_stopped_one_changes_nothing() -> None:
    from vaglio_server.duplicates.actions import ask_nightly, ask_search, look, stop_search

    assert kept(made_and_searched, 1)[1] == 1
    search = ask_search(by="test", at=AT)
    with pytest.raises(Refused, match="being looked for already"):
        ask_search(by="test", at=AT)
    assert not ask_nightly(at=AT + timedelta(days=9))
    stop_search(search=search, by="test", at=AT)
    assert look(search=search, clock=clock) == 0
    search.refresh_from_db()
    assert search.state == "stopped" and len(pairs()) == 1


def test_it_is_looked_every_night() -> None:
    from vaglio_server.duplicates.actions import ask_nightly, look
    from vaglio_server.duplicates.models import Search

    assert ask_nightly(at=AT)
    look(search=Search.objects.get(), clock=clock)
    assert not ask_nightly(at=AT + timedelta(hours=23))
    assert ask_nightly(at=AT + timedelta(hours=25))


def test_a_search_that_fails_leaves_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.duplicates import engine
    from vaglio_server.duplicates.actions import ask_search, look

    kept(made_and_searched, 1)
    monkeypatch.setattr(engine, "MEMORY", "1MB")
    with pytest.raises(Exception, match=r"(?i)memory"):
        look(search=ask_search(by="test", at=AT), clock=clock)
    assert len(pairs()) == 1


def test_a_pair_is_merged_into_the_one_chosen_and_undone() -> None:
    from vaglio_server.duplicates.actions import merge_pair, undo_pair, who_stays

    kept(made_and_searched, 1)
    (pair,) = pairs()
    assert who_stays(pair) == leads()["w1@vexor1.ro"].pk  # more is known of it
    merge_pair(pair=pair, stays=pair.other_id, by="marta", at=AT)
    work_lead, private = leads()["w1@vexor1.ro"], leads()["p1@gmail.com"]
    assert work_lead.merged_into_id == private.pk and private.fields["job_title"] == "CTO"
    with pytest.raises(Refused, match="meanwhile"):
        merge_pair(pair=pair, stays=None, by="marta", at=AT)
    assert searched() == 0
    undo_pair(pair=pair, by="marta", at=AT)
    assert leads()["w1@vexor1.ro"].merged_into_id is None and "job_title" not in {k for k, v in leads()["p1@gmail.com"].fields.items() if v}
    assert [each.pk for each in pairs()] == [pair.pk] and pairs()[0].merge_id is None
    assert [verb for verb in ("merge_leads", "undo_merge", "undo_pair") if len(audited(verb)) == 1] == [
        "merge_leads",
        "undo_merge",
        "undo_pair",
    ]


def test_what_is_not_the_same_is_not_proposed_again_until_something_changes() -> None:
    from vaglio_server.duplicates.actions import dismiss_pair
    from vaglio_server.tracking.actions import edit_lead

    kept(made_and_searched, 2)
    dismiss_pair(pair=pairs()[0], by="marta", at=AT)
    assert searched() == 1 and len(pairs("different")) == 1
    edit_lead(lead=leads()["p1@gmail.com"], fields={"industry": "software"}, by="marta", at=AT)
    assert searched() == 1  # it is no part of what is compared
    edit_lead(lead=leads()["p1@gmail.com"], fields={"company": "Vexor1"}, by="marta", at=AT)
    assert searched() == 2 and pairs("different") == []
    assert len(audited("dismiss_pair")) == 1


def test_what_was_dismissed_when_events_proposed_it_is_not_proposed() -> None:
    from vaglio_server.tracking.actions import dismiss_match
    from vaglio_server.tracking.models import Match

    source = make_people(1)
    send(source, {"type": "alias", "userId": "w1", "previousId": "p1"})
    dismiss_match(match=Match.objects.get(), by="marta", at=AT)
    assert searched() == 0


def shots() -> dict[str, Any]:
    """Everything that a bulk touches: leads with scores, and whose each identity is."""
    from vaglio_server.crm.models import Lead
    from vaglio_server.tracking.models import IdentityLink

    columns = ("account_id", "owner_id", "rating", "profile_millipoints", "engagement_millipoints", "rank", "merged_into_id")
    found: dict[str, Any] = {
        str(lead.pk): [getattr(lead, name) for name in columns] + [{k: v for k, v in lead.fields.items() if v is not None}]
        for lead in Lead.objects.all()
    }
    links = IdentityLink.objects.filter(ended_at=None).order_by("identity_id")
    return found | {"links": list(links.values_list("identity_id", "lead_id"))}


@pytest.fixture
def score(scorer: Any) -> Callable[[], None]:
    from vaglio_server.scoring.actions import score_due

    def run() -> None:
        while score_due(scorer=scorer, limit=100):
            pass

    return run


def test_a_bulk_is_undone_exactly(score: Callable[[], None]) -> None:
    from vaglio_server.duplicates.actions import ask_bulk, undo_bulk

    make_live()
    make_people(4)
    score()
    searched()
    before = shots()
    asked = pairs()
    bulk = ask_bulk(pairs=[pair.pk for pair in asked], stays={asked[0].pk: asked[0].other_id}, by="marta", at=AT)
    assert pairs() == [] and searched() == 0
    assert work() == 4
    score()
    after = shots()
    assert leads()["w1@vexor1.ro"].merged_into_id == asked[0].other_id and leads()["p2@gmail.com"].merged_into_id == asked[1].lead_id
    assert leads()["w2@vexor2.ro"].rating != before[str(asked[1].lead_id)][2] and after["links"] != before["links"]
    assert undo_bulk(bulk=bulk, by="marta", at=AT) == 4
    assert work() == 4
    score()
    assert shots() == before and len(pairs()) == 4
    with pytest.raises(Refused, match="nothing left to undo"):
        undo_bulk(bulk=bulk, by="marta", at=AT)


def test_three_records_of_one_person_become_one_lead_and_three_again() -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.duplicates.actions import ask_bulk, undo_bulk

    source = make_people(1)
    send(source, identify("q1", "Ileana", "Zarandescub", email="q1@yahoo.com", mobilePhone="0722550001"))
    assert searched() == 3
    before = shots()
    bulk = ask_bulk(pairs=[pair.pk for pair in pairs()], stays={}, by="marta", at=AT)
    assert work() == 3 and Lead.objects.present().count() == 1
    undo_bulk(bulk=bulk, by="marta", at=AT)
    assert work() == 3 and shots() == before


def test_a_bulk_can_be_taken_back_before_it_is_done() -> None:
    from vaglio_server.duplicates.actions import ask_bulk, do_next, undo_bulk

    kept(made_and_searched, 3)
    before = shots()
    bulk = ask_bulk(pairs=[pair.pk for pair in pairs()], stays={}, by="marta", at=AT)
    do_next(at=AT)
    assert undo_bulk(bulk=bulk, by="marta", at=AT) == 1
    assert work() == 1 and shots() == before and len(pairs()) == 3


def test_a_bulk_says_what_could_not_be_undone() -> None:
    from vaglio_server.duplicates.actions import ask_bulk, undo_bulk
    from vaglio_server.tracking.actions import merge_leads

    kept(made_and_searched, 2)
    bulk = ask_bulk(pairs=[pair.pk for pair in pairs()], stays={}, by="marta", at=AT)
    work()
    merge_leads(lead=leads()["w2@vexor2.ro"], other=leads()["w1@vexor1.ro"], by="marta", at=AT)
    undo_bulk(bulk=bulk, by="marta", at=AT)
    assert work() == 2
    (stuck,) = pairs("merged")
    assert stuck.lead.fields["email"] == "w1@vexor1.ro" and "was merged into lead" in stuck.refused_because and len(pairs("open")) == 1


def test_it_requires_open_pairs() -> None:
    from vaglio_server.duplicates.actions import ask_bulk

    with pytest.raises(Refused, match="none of these"):
        ask_bulk(pairs=[7], stays={}, by="marta", at=AT)
