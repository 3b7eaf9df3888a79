"""While a model is changed, who asks sees at once which leads would move; nothing is kept, and what is wrong is said first."""

from typing import Any

import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.web.test_model_tune import as_shown
from tests.server.web.test_models import text_of
from tests.server.world import MODEL, make_live, make_source, send

PART = {"HX-Request": "true"}
SALES = MODEL + "ratings: {sales: [A4], none: [B4, C4, D4, A1, A2, A3, B1, B2, B3, C1, C2, C3, D1, D2, D3]}\n"
TITLES = ("CTO", "CTO", "Buyer", "Buyer", "Clerk")


@pytest.fixture
def marta(tables: Any) -> Any:
    people = make_people()
    make_live(SALES)
    return signed_in(people["marta"])


@pytest.fixture
def leads(marta: Any) -> None:
    traits = [{"email": f"p{n}@acme.example", "lastName": f"Person{n}", "title": title, "employees": 60} for n, title in enumerate(TITLES)]
    send(make_source(), *({"type": "identify", "userId": f"p{n}", "traits": each} for n, each in enumerate(traits)))


def asked(marta: Any, page: str, given: dict[str, str]) -> str:
    return text_of(marta.post(f"/models/small/{page}", given | {"do": "glimpse"}, headers=PART).content.decode())


def test_who_moves_is_said_by_each_way_of_changing_a_model(marta: Any, leads: None) -> None:
    from vaglio_server.scoring.models import ModelVersion

    tune = as_shown(marta.get("/models/small/tune?version=1").content.decode()) | {"profile.rules.0.points": "10"}
    assert "See which leads would move" in text_of(marta.post("/models/small/tune?version=1", tune, headers=PART).content.decode())
    said = asked(marta, "tune?version=1", tune)
    assert "2 of 5 leads looked at would have other ratings: 0 up, 2 down." in said
    assert "For sales: 2 now, 0 then (0 new, 2 gone)." in said and "Person0 A4 → to B4" in said and "Person2" not in said
    rule = {"field": "job_title", "operator.0": "any_word", "value.0": "buyer", "points.0": "40"}
    said = asked(marta, "rule?version=1&about=field", rule)
    assert "2 of 5 leads looked at would have other ratings: 2 up, 0 down." in said and "Person3 C4 → to A4" in said
    said = asked(marta, "edit?version=1", {"text": SALES.replace("points: 40", "points: 41")})
    assert "Of 5 leads looked at, none would have another rating." in said
    outside = asked(marta, "edit?version=1", {"text": SALES + "audience: {field: job_title, any_word: [clerk]}\n"})
    assert "4 of 5" in outside and "not scored" in outside
    assert ModelVersion.objects.count() == 1


def test_what_is_wrong_is_said_instead(marta: Any, leads: None) -> None:
    assert "1 fault" in asked(marta, "rule?version=1&about=field", {"field": "job_title", "value.0": "buyer", "points.0": "x"})
    assert "fault" in asked(marta, "edit?version=1", {"text": "no model"})


def test_without_leads_there_is_nothing_to_see(marta: Any) -> None:
    assert "There are no leads to look at yet." in asked(marta, "edit?version=1", {"text": SALES.replace("points: 40", "points: 41")})
