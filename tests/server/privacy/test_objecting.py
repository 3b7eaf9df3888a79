"""Who objects to being rated is rated no more, and what was worked out is deleted; others, and the past of others, are as they were."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.scoring.test_colleagues import QUIET
from tests.server.web.people import make_people, signed_in
from tests.server.web.reading import read
from tests.server.world import AT, audited, leads, make_live, make_source, send

pytestmark = pytest.mark.usefixtures("tables")
ANNA, BOB = "anna@acme.example", "bob@acme.example"


def identify(user: str) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "traits": {"email": f"{user}@acme.example", "title": "CTO"}}


def visit(user: str) -> dict[str, Any]:
    return {"type": "page", "userId": user, "properties": {"path": "/pricing"}}


def score(scorer: Any) -> None:
    from vaglio_server.scoring.actions import score_due

    while score_due(scorer=scorer, limit=100):
        pass


@pytest.fixture
def site(scorer: Any) -> Any:
    """Two colleagues, each of whom makes the other's rating higher."""
    made = make_source()
    make_live(QUIET)
    send(made, identify("anna"), identify("bob"), visit("anna"), visit("bob"))
    score(scorer)
    return made


def stop(email: str = ANNA) -> list[int]:
    from vaglio_server.privacy.actions import stop_rating
    from vaglio_server.privacy.queries import person_of

    return stop_rating(person=person_of(email=email), by="ada", at=AT)


def again(email: str = ANNA) -> list[int]:
    from vaglio_server.privacy.actions import rate_again
    from vaglio_server.privacy.queries import person_of

    return rate_again(person=person_of(email=email), by="ada", at=AT)


def test_they_are_rated_no_more_until_they_take_it_back(site: Any, scorer: Any) -> None:
    from vaglio_server.scoring.models import Crossing, Score

    anna, bob = leads()[ANNA], leads()[BOB]
    assert anna.rating and Score.objects.filter(lead=anna).exists()
    assert stop() == [anna.pk] and audited("stop_rating") == [("ada", f"lead:{anna.pk}")]
    assert leads()[ANNA].rating is None and leads()[ANNA].engagement_millipoints is None
    assert not Score.objects.filter(lead=anna).exists() and not Crossing.objects.filter(lead=anna).exists()
    send(site, visit("anna"))
    score(scorer)
    assert leads()[ANNA].rating is None and leads()[ANNA].due_at is None and not Score.objects.filter(lead=anna).exists()
    assert again() == [anna.pk]
    score(scorer)
    assert leads()[ANNA].rating and Score.objects.filter(lead=anna).count() == 1  # what she did meanwhile counts
    assert leads()[BOB].rating == bob.rating


def test_they_count_for_no_colleague_meanwhile_and_what_was_said_before_replays(site: Any, scorer: Any) -> None:
    from vaglio_server.scoring.actions import recheck
    from vaglio_server.scoring.models import Score

    both = leads()[BOB].engagement_millipoints
    stop()
    score(scorer)
    assert both - leads()[BOB].engagement_millipoints == 10_000
    again()
    score(scorer)
    assert abs(both - leads()[BOB].engagement_millipoints) < 100
    assert Score.objects.filter(lead=leads()[BOB]).count() >= 3
    found = recheck(scorer=scorer, sample=100, by="ada", at=datetime.now(UTC))
    assert found.checked >= 4 and (found.different, found.excused) == ([], 0)


def test_who_waits_for_sales_by_a_rating_waits_no_more_and_leaves_the_nurture_list(site: Any) -> None:
    from vaglio_server.config.lifecycle import move_on, take_off
    from vaglio_server.lifecycle.models import LeadStage, NurtureEnrollment

    anna, bob = leads()[ANNA], leads()[BOB]
    LeadStage.objects.update_or_create(lead=anna, defaults={"stage": "marketing_qualified", "since": AT})
    LeadStage.objects.update_or_create(lead=bob, defaults={"stage": "sales_accepted", "since": AT})
    NurtureEnrollment.objects.filter(lead__in=[anna, bob]).delete()
    for lead in (anna, bob):
        NurtureEnrollment.objects.create(lead=lead, track="newsletter", rating="B2", entered_at=AT, why="rating")
    stop()
    stop(BOB)
    while move_on():
        pass
    take_off()
    assert LeadStage.objects.get(lead=anna).stage != "marketing_qualified"
    assert LeadStage.objects.get(lead=bob).stage == "sales_accepted"
    assert not NurtureEnrollment.objects.filter(left_at=None).exists()


def test_what_was_worked_out_before_and_stored_after_is_not(site: Any, scorer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backlog is scored without holding its leads: somebody objects in between."""
    from vaglio_server.scoring.actions import score_backlog, scores
    from vaglio_server.scoring.models import Score

    send(site, visit("anna"), visit("bob"))
    said = scores._said

    def meanwhile(*asked: Any) -> Any:
        found = said(*asked)
        stop()
        return found

    monkeypatch.setattr(scores, "_said", meanwhile)
    assert score_backlog(scorer=scorer, limit=10, until=datetime.now(UTC)) == 2
    monkeypatch.undo()
    score(scorer)
    assert leads()[ANNA].rating is None and not Score.objects.filter(lead=leads()[ANNA]).exists()


def test_it_rejects_what_is_so_already_and_people_who_are_no_leads(site: Any) -> None:
    from vaglio_server.privacy.actions import NoObjection, NothingToStop

    with pytest.raises(NoObjection, match="did not object"):
        again()
    stop()
    for email in (ANNA, "nobody@acme.example"):
        with pytest.raises(NothingToStop, match="no lead, or rated no more already"):
            stop(email)


def test_who_did_not_object_takes_in_nobody_who_did(site: Any) -> None:
    from vaglio_server.refused import Refused
    from vaglio_server.tracking.actions import merge_leads

    stop()
    with pytest.raises(Refused, match="objected to being rated: rate this one no more first"):
        merge_leads(lead=leads()[BOB], other=leads()[ANNA], by="marta", at=AT)
    merge_leads(lead=leads()[ANNA], other=leads()[BOB], by="marta", at=AT)
    assert leads()[ANNA].rating is None


def test_the_pages_say_so(site: Any) -> None:
    people = make_people()
    ada, marta = signed_in(people["ada"]), signed_in(people["marta"])
    here = f"/person?lead={leads()[ANNA].pk}"
    assert "Rate them no more" in read(ada.get(here))
    page = read(ada.post(here.replace("?", "/objects?"), {"objects": "1"}, follow=True))
    assert "They are rated no more; their scores are deleted." in page and "Rate them again" in page
    page = read(marta.get(f"/leads/{leads()[ANNA].pk}"))
    assert "objects to being rated" in page and "Not rated." in page and "Go back to a past day" not in page
    for day in ("", "?day=0"):
        assert "They objected to being rated: nobody rates them since" in read(marta.get(f"/leads/{leads()[ANNA].pk}/why{day}"))
    assert marta.post(here.replace("?", "/objects?"), {"objects": "1"}).status_code == 403
    assert "They are rated again." in read(ada.post(here.replace("?", "/objects?"), follow=True))
    assert "rates no more, who objected," in read(ada.get("/audit")) and "objects to being" not in read(marta.get("/leads"))


def test_the_commands_do_it(site: Any) -> None:
    from tests.cli.company import vaglio

    number = leads()[ANNA].pk
    assert vaglio("person", "stop-rating", ANNA).stdout == f"rated no more, and their scores deleted: lead {number}\n"
    wrong = vaglio("person", "stop-rating", ANNA)
    assert wrong.returncode == 2 and len(wrong.stderr.splitlines()) == 1
    assert vaglio("person", "rate-again", ANNA).stdout == f"rated again: lead {number}\n"
