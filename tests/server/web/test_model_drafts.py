"""Drafts are discarded in the browser; what one side says of a version the other reads on Home, and answers."""

from typing import Any

import pytest

from tests.server.kept import kept
from tests.server.web.people import make_people, signed_in
from tests.server.web.test_models import text_of
from tests.server.world import AT, MODEL, make_live, make_source, send

DRAFT = MODEL.replace("points: 60", "points: 55")


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    return kept(_with_a_draft)


def _with_a_draft() -> dict[str, Any]:
    from vaglio_server.scoring.actions import push_model

    people = make_people()
    make_live()
    push_model(text=DRAFT, by="marta", at=AT)
    send(make_source(), {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example"}})
    return people


def page(user: Any, address: str = "/models/small?version=2") -> str:
    return text_of(signed_in(user).get(address).content.decode())


def say(user: Any, text: str, version: int = 2) -> str:
    return text_of(signed_in(user).post("/models/small/remark", {"version": version, "text": text}, follow=True).content.decode())


def told(people: Any) -> set[str]:
    return {name for name, user in people.items() if "has said something of version 2 of small" in page(user, "/")}


def test_a_draft_is_discarded_and_taken_back(people: Any) -> None:
    marta = signed_in(people["marta"])
    assert "Discard this draft" in page(people["marta"]) and "Discard this draft" not in page(people["luca"])
    assert "Version 2 is a draft" in page(people["marta"], "/models/small")
    after = marta.post("/models/small/discard", {"version": 2}, follow=True).content.decode()
    assert "small version 2 is discarded" in text_of(after) and "Version 2 is a draft" not in text_of(after)
    assert "/models/small/restore?version=2" in after, "it is undone where it is said"
    gone = page(people["luca"])
    assert "marta has discarded this draft" in gone and "1 discarded draft" in gone and "Sign for sales" not in gone
    again = text_of(marta.post("/models/small/restore", {"version": 2}, follow=True).content.decode())
    assert "small version 2 is a draft again" in again and "Discard this draft" in again


def test_what_was_live_cannot_be_discarded_and_sellers_discard_nothing(people: Any) -> None:
    said = text_of(signed_in(people["marta"]).post("/models/small/discard", {"version": 1}, follow=True).content.decode())
    assert "was live" in said
    assert signed_in(people["luca"]).post("/models/small/discard", {"version": 2}).status_code == 403
    assert signed_in(people["vera"]).post("/models/small/remark", {"version": 2, "text": "x"}).status_code == 403


def test_a_model_of_which_all_is_discarded_has_a_page(people: Any) -> None:
    from vaglio_server.scoring.actions import discard_version, push_model

    only = push_model(text=MODEL.replace("name: small", "name: other"), by="marta", at=AT)
    discard_version(version=only, by="marta", at=AT)
    assert "has discarded this draft" in page(people["marta"], "/models/other")
    assert "other" not in page(people["marta"], "/models/small").split("Versions")[1]


def test_what_is_said_is_told_to_whoever_has_a_say_until_it_is_answered(people: Any) -> None:
    assert told(people) == set()
    assert "Too many students" in say(people["luca"], "Too many students.\nTake <b>interns</b> out.")
    assert told(people) == {"ada", "marta"}
    assert "luca has said something of version 2 of small" in page(people["marta"], "/")
    assert "<b>interns</b>" in page(people["marta"]).replace("&lt;", "<").replace("&gt;", ">")
    say(people["marta"], "Done in the next one.")
    assert told(people) == {"ada", "luca"}  # who spoke is told, other sellers are not
    say(people["luca"], "Thank you.")
    signed_in(people["marta"]).post("/models/small/discard", {"version": 2})
    assert told(people) == set()


def test_who_signed_is_told_what_is_said_after(people: Any) -> None:
    signed_in(people["irina"]).post("/models/small/sign", {"version": 2, "side": "sales"})
    say(people["marta"], "We must change it once more.")
    assert told(people) == {"ada", "irina"}


def test_of_an_older_draft_nobody_is_told(people: Any) -> None:
    from vaglio_server.scoring.actions import push_model

    say(people["luca"], "Too many students.")
    push_model(text=DRAFT.replace("points: 40", "points: 45"), by="marta", at=AT)
    assert told(people) == set() and "Too many students." in page(people["marta"])


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 2_001, "\x00"])
def test_a_remark_says_something_and_fits(people: Any, text: str) -> None:
    from vaglio_server.scoring.models import ModelRemark

    assert "the remark" in say(people["luca"], text)
    assert not ModelRemark.objects.exists()


def test_what_is_typed_of_one_version_is_kept_apart_from_that_of_another(people: Any) -> None:
    """What a form keeps of what was typed is kept by its address (assets/typed.js)."""
    pages = [signed_in(people["luca"]).get(f"/models/small?version={version}").content.decode() for version in (1, 2)]
    for version, page in enumerate(pages, start=1):
        assert f'action="/models/small/remark?version={version}" data-once data-keep' in page
