"""The page of a model signs it, makes it live and brings it back; each asks who may."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.web.test_models import text_of
from tests.server.world import AT, MODEL, make_live, make_source, send

CHANGED = MODEL.replace("points: 60", "points: 55")


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    return make_people()


@pytest.fixture
def draft(people: Any) -> Any:
    from vaglio_server.scoring.actions import push_model

    make_live()
    send(make_source(), {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example"}})
    return push_model(text=CHANGED, by="marta", at=AT)


def versions() -> list[tuple[int, bool, bool]]:
    from vaglio_server.scoring.models import ModelVersion

    return [(each.number, each.is_live, each.signed_at is not None) for each in ModelVersion.objects.order_by("number")]


def said(answer: Any) -> str:
    return text_of(answer.content.decode())


def test_both_sides_sign_and_the_page_says_who(people: Any, draft: Any) -> None:
    marta, luca = signed_in(people["marta"]), signed_in(people["luca"])
    page = said(marta.get("/models/small?version=2"))
    assert "Before it goes live" in page and "not signed by both sides yet" in page and "unsigned:" not in page
    assert "Sign for marketing" in page and "Sign for sales" not in page
    page = said(marta.post("/models/small/sign", {"version": 2, "side": "marketing"}, follow=True))
    assert "It waits for sales now, whose Home says so." in page
    assert "You have signed small version 2 for marketing." in page and "Take back" in page and "Sign for" not in page
    assert "not yet; sales is told so on Home" in page
    page = said(luca.get("/models/small?version=2"))
    assert "Sign for sales" in page and "Take back" not in page and "Make it live" not in page
    page = said(luca.post("/models/small/sign", {"version": 2, "side": "sales"}, follow=True))
    assert "signed by marketing and sales" in page and "unsigned" not in page and "It waits for" not in page
    assert versions() == [(1, True, False), (2, False, True)]
    page = said(luca.post("/models/small/unsign", {"version": 2, "side": "sales"}, follow=True))
    assert "The signature for sales is taken back." in page
    assert versions() == [(1, True, False), (2, False, False)]


def test_a_draft_says_what_it_changes_and_what_is_live_says_that_there_is_one(people: Any, draft: Any) -> None:
    luca = signed_in(people["luca"])
    page = said(luca.get("/models/small"))
    assert "Version 2 is a draft. See the draft" in page and "What it changes" not in page and "not by this one" not in page
    page = said(luca.get("/models/small?version=2"))
    assert "Leads are rated by version 1, not by this one. See what is live" in page and "See the draft" not in page
    assert "What it changes of version 1" in page and "60 → 55" in page


def test_of_a_draft_that_was_learned_stands_how_it_did_when_it_was_learned(people: Any, draft: Any) -> None:
    from vaglio_server.scoring.actions import push_model
    from vaglio_server.scoring.models import ModelVersion
    from vaglio_server.studies.models import Trial

    made = push_model(text=f"{CHANGED}learned: {{method: logistic, leads: 90, outcomes: 40}}\n", by="marta", at=AT)
    marta, live = signed_in(people["marta"]), ModelVersion.objects.get(number=1)
    told = {"headline": "small logistic is no better than small: it may not replace it."}
    asked = {"version": live, "method": "logistic", "good": "won", "horizon_days": 90, "by": "marta", "asked_at": AT}
    Trial.objects.create(**asked, state="done", told=told, kept=made)
    page = marta.get(f"/models/small?version={made.number}").content.decode()
    assert told["headline"] in page and 'href="/models/small/learn?version=1&amp;method=logistic"' in page
    assert "nobody knows how it would have done" not in page
    assert "nobody knows how it would have done" in marta.get("/models/small?version=1").content.decode()


def test_what_may_not_be_is_refused_with_why(people: Any, draft: Any) -> None:
    marta, vera = signed_in(people["marta"]), signed_in(people["vera"])
    assert "marta cannot sign for sales" in said(marta.post("/models/small/sign", {"version": 2, "side": "sales"}, follow=True))
    assert "cannot sign for marketing" in said(vera.post("/models/small/sign", {"version": 2, "side": "marketing"}, follow=True))
    assert marta.post("/models/small/sign", {"version": 2, "side": "both"}).status_code == 404
    assert marta.post("/models/small/sign", {"side": "marketing"}).status_code == 404
    assert marta.post("/models/small/sign", {"version": 9, "side": "marketing"}).status_code == 404
    for name in ("luca", "vera"):
        assert signed_in(people[name]).post("/models/small/live", {"version": 2, "unsigned": "yes"}).status_code == 403
    assert versions() == [(1, True, False), (2, False, False)]


def test_unsigned_it_goes_live_only_where_that_is_meant(people: Any, draft: Any) -> None:
    marta = signed_in(people["marta"])
    page = said(marta.post("/models/small/live", {"version": 2}, follow=True))
    assert "It is not signed by both sides." in page and versions()[1] == (2, False, False)
    page = said(marta.post("/models/small/live", {"version": 2, "unsigned": "yes"}, follow=True))
    assert "small version 2 is live. Leads are being rated by it." in page and "Undo" in page
    assert versions() == [(1, False, False), (2, True, False)]
    assert "unsigned" in said(marta.get("/"))


def test_a_signed_version_goes_live_and_no_page_calls_it_unsigned(people: Any, draft: Any) -> None:
    marta = signed_in(people["marta"])
    marta.post("/models/small/sign", {"version": 2, "side": "marketing"})
    signed_in(people["luca"]).post("/models/small/sign", {"version": 2, "side": "sales"})
    page = said(marta.post("/models/small/live", {"version": 2}, follow=True))
    assert "small version 2 is live." in page and "unsigned" not in page
    assert versions() == [(1, False, False), (2, True, True)]
    assert "unsigned" not in said(marta.get("/"))


def test_what_was_live_comes_back_as_a_new_version_with_the_same_text(people: Any, draft: Any) -> None:
    from vaglio_server.scoring.models import ModelVersion

    marta = signed_in(people["marta"])
    made = marta.post("/models/small/live", {"version": 2, "unsigned": "yes"}, follow=True).content.decode()
    assert 'action="/models/small/live?version=1&amp;in_place_of=2"' in made
    page = said(marta.post("/models/small/live?version=1&in_place_of=2", follow=True))
    assert "small version 3 is live, with the text of small version 1." in page
    assert versions() == [(1, False, False), (2, False, False), (3, True, False)]
    first, last = ModelVersion.objects.get(number=1), ModelVersion.objects.get(number=3)
    assert first.fingerprint == last.fingerprint and first.live_to is not None and first.live_to < last.live_from
    assert "Bring it back" in said(marta.get("/models/small?version=2"))


def test_what_both_had_signed_comes_back_signed(people: Any, draft: Any) -> None:
    from vaglio_server.scoring.models import ModelVersion

    marta, luca = signed_in(people["marta"]), signed_in(people["luca"])
    for side, client in (("marketing", marta), ("sales", luca)):
        client.post("/models/small/sign", {"version": 1, "side": side})
    first = ModelVersion.objects.get(number=1)
    marta.post("/models/small/live", {"version": 2, "unsigned": "yes"})
    page = said(marta.post("/models/small/live?version=1&in_place_of=2", follow=True))
    assert "small version 3 is live" in page and "signed by marketing and sales" in page
    assert versions() == [(1, False, True), (2, False, False), (3, True, True)]
    back = ModelVersion.objects.get(number=3)
    assert back.signed_at == first.signed_at
    assert sorted(back.signatures.values_list("side", "by", "at")) == sorted(first.signatures.values_list("side", "by", "at"))


def test_the_newest_comes_back_too_where_an_older_draft_took_its_place(people: Any, draft: Any) -> None:
    from vaglio_server.scoring.actions import push_model

    marta = signed_in(people["marta"])
    push_model(text=MODEL.replace("points: 60", "points: 50"), by="marta", at=AT)
    for number in (3, 2):
        marta.post("/models/small/live", {"version": number, "unsigned": "yes"})
    assert versions() == [(1, False, False), (2, True, False), (3, False, False)]
    assert "small version 4 is live, with the text of small version 3." in said(marta.post("/models/small/live?version=3", follow=True))
    assert versions()[2:] == [(3, False, False), (4, True, False)]


def test_what_is_live_is_not_made_live_again(people: Any, draft: Any) -> None:
    from vaglio_server.users.models import AuditEntry

    marta = signed_in(people["marta"])
    before = AuditEntry.objects.filter(verb="activate_version").count()
    assert "is live already" in said(marta.post("/models/small/live", {"version": 1}, follow=True))
    assert AuditEntry.objects.filter(verb="activate_version").count() == before


def test_the_steps_say_what_was_looked_at(people: Any, draft: Any) -> None:
    from vaglio_server.studies.models import Study, StudyState, Trial

    marta = signed_in(people["marta"])
    page = said(marta.get("/models/small?version=2"))
    assert "nobody knows how it would have done" in page and "nobody knows which leads move" in page
    now, live = datetime.now(UTC), draft.scoring_model.versions.get(number=1)
    told = {"moved": 12, "sales": {"before": 30, "after": 34}}
    Study.objects.create(version=live, against=draft, state=StudyState.DONE, by="marta", asked_at=now, as_of=now, told=told)
    Trial.objects.create(
        version=draft, good="accepted", horizon_days=90, state=StudyState.DONE, by="marta", asked_at=now, told={"headline": "It held."}
    )
    page = said(marta.get("/models/small?version=2"))
    assert "It held." in page and "12 leads move; 30 are for sales now, 34 would be" in page


def test_what_another_made_live_meanwhile_is_not_ended_unseen(people: Any, draft: Any) -> None:
    """Neither by an undo of what was done before it, nor by a page that says that an earlier version would be over."""
    from vaglio_server.scoring.actions import push_model

    marta, ada = signed_in(people["marta"]), signed_in(people["ada"])
    assert 'name="in_place_of" value="1"' in marta.get("/models/small?version=2").content.decode()
    made = marta.post("/models/small/live", {"version": 2, "unsigned": "yes", "in_place_of": 1}, follow=True)
    undo = "/models/small/live?version=1&in_place_of=2"
    assert undo.replace("&", "&amp;") in made.content.decode()
    push_model(text=MODEL.replace("points: 60", "points: 50"), by="ada", at=AT)
    ada.post("/models/small/live", {"version": 3, "unsigned": "yes", "in_place_of": 2})
    for address, told in ((undo, {}), ("/models/small/live", {"version": 1, "in_place_of": 2})):
        assert "Meanwhile small version 3 was made live." in said(marta.post(address, told, follow=True))
    assert versions() == [(1, False, False), (2, False, False), (3, True, False)]
    again = marta.post("/models/small/live", {"version": 1, "in_place_of": 3}, follow=True).content.decode()
    assert "version=3&amp;in_place_of=4" in again and versions()[3] == (4, True, False)


def test_what_moved_leads_is_named_and_no_undo_promises_it_back(people: Any, draft: Any) -> None:
    from vaglio_server.scoring.actions import push_model

    other = MODEL.replace("name: small", "name: other")
    make_live(other)
    push_model(text=other + "drives: lifecycle\n", by="marta", at=AT)
    marta = signed_in(people["marta"])
    page = said(marta.get("/models/other?version=2"))
    assert "version 1 is over. Its rating moves leads in place of that of small version 1." in page
    made = marta.post("/models/other/live", {"version": 2, "unsigned": "yes"}, follow=True).content.decode()
    assert "other version 2 is live." in text_of(made) and "/models/other/live?" not in made
    assert "in place of that of" not in said(marta.get("/models/small?version=2"))


def test_what_is_live_is_not_brought_back_in_its_own_place(people: Any, draft: Any) -> None:
    make_live(CHANGED)
    marta = signed_in(people["marta"])
    for _twice in range(2):
        page = marta.post("/models/small/live", {"version": 1}, follow=True).content.decode()
    assert versions()[-1] == (3, True, False) and "/models/small/live?version=3" not in page
