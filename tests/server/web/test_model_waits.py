"""Who can sign a model is told on the first page that it waits for them; so is marketing when it was to be looked at again."""

from typing import Any

import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.web.test_models import text_of
from tests.server.world import AT, MODEL, make_live, make_source, send

REVIEWED = MODEL + "promises: {review_by: 2026-02-03}\n"


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    people = make_people()
    make_live()
    send(make_source(), {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example"}})
    return people


def push(text: str) -> Any:
    from vaglio_server.scoring.actions import push_model

    return push_model(text=text, by="marta", at=AT)


def sign(version: Any, side: str, user: Any) -> None:
    from vaglio_server.scoring.actions import sign_version
    from vaglio_server.scoring.models import Side

    sign_version(version=version, side=Side(side), user=user, at=AT)


def home(user: Any) -> str:
    return text_of(signed_in(user).get("/").content.decode())


def test_whoever_can_give_the_missing_signature_is_told_and_nobody_else(people: Any) -> None:
    draft = push(MODEL.replace("points: 60", "points: 55"))
    assert all("waits for the signature" not in home(user) for user in people.values())  # nobody has signed: nobody asks for it yet
    sign(draft, "marketing", people["marta"])
    asked = {name for name, user in people.items() if "small, version 2, waits for the signature of sales" in home(user)}
    assert asked == {"ada", "luca", "irina", "jonas"}
    assert "marta has signed it for the other side" in home(people["luca"])
    assert "or tell marta what is wrong with it" in home(people["luca"])
    sign(draft, "sales", people["luca"])
    assert all("waits for the signature" not in home(user) for user in people.values())


def test_marketing_is_told_that_a_draft_is_signed_by_both_until_it_is_live_or_another_took_its_place(people: Any) -> None:
    from vaglio_server.scoring.actions import activate_version

    says = "small, version 2, is signed by both sides and waits to be made live"
    draft = push(MODEL.replace("points: 60", "points: 55"))
    sign(draft, "marketing", people["marta"])
    assert says not in home(people["marta"])
    sign(draft, "sales", people["luca"])
    assert {name for name, user in people.items() if says in home(user)} == {"ada", "marta"}
    activate_version(version=draft, by="marta", at=AT)
    assert says not in home(people["marta"])
    newer = push(MODEL.replace("points: 60", "points: 50"))
    sign(newer, "marketing", people["marta"])
    sign(newer, "sales", people["luca"])
    assert "small, version 3, is signed by both sides" in home(people["marta"])
    push(MODEL.replace("points: 60", "points: 45"))
    assert "is signed by both sides" not in home(people["marta"])


def test_a_draft_that_a_newer_one_took_the_place_of_asks_no_more(people: Any) -> None:
    sign(push(MODEL.replace("points: 60", "points: 55")), "marketing", people["marta"])
    assert "small, version 2, waits" in home(people["luca"])
    newer = push(MODEL.replace("points: 60", "points: 50"))
    assert "waits for the signature" not in home(people["luca"])
    sign(newer, "sales", people["luca"])
    assert "small, version 3, waits for the signature of marketing" in home(people["marta"])


def test_marketing_is_told_that_a_model_was_to_be_looked_at_again(people: Any) -> None:
    make_live(REVIEWED)
    assert "small, version 2, was to be looked at again by 3 Feb 2026" in home(people["marta"])
    assert "looked at again" not in home(people["luca"])
    page = text_of(signed_in(people["luca"]).get("/models/small").content.decode())
    assert "by 3 Feb 2026, as its text says (that day is over)" in page
    make_live(REVIEWED.replace("2026-02-03", "2999-02-03"))
    assert "looked at again" not in home(people["marta"])
    page = text_of(signed_in(people["luca"]).get("/models/small").content.decode())
    assert "by 3 Feb 2999, as its text says" in page and "that day is over" not in page


def test_the_first_model_waits_before_it_is_live_and_before_there_are_leads(tables: Any) -> None:
    people = make_people()
    sign(push(MODEL), "marketing", people["marta"])
    assert "small, version 1, waits for the signature of sales" in home(people["luca"])
    people["marta"].delete()
    assert "marta has signed it for the other side" in home(people["luca"])
