"""The pages of models: what rules do, two versions side by side, a model tried."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.conftest import empty_tables
from tests.server.studies.crowd import BOUNDED, bring, calls, done
from tests.server.web.people import make_people, signed_in
from tests.server.world import make_live, make_source

DRAFT = BOUNDED.replace("points: 60, group: who", "points: 70, group: who").replace("who: {at_most: 60}", "who: {at_most: 90}")


@pytest.fixture(scope="module")
def house(database: Any) -> Iterator[dict[str, Any]]:
    """People, a crowd of 60 scored by a live version, a draft, and what scores."""
    from vaglio_server.scoring.actions import push_model, score_due
    from vaglio_server.scoring.scorers import a_scorer

    empty_tables()
    people = make_people()
    live = make_live(BOUNDED)
    bring(make_source(), calls(60))
    with a_scorer() as scorer:
        while score_due(scorer=scorer, limit=1000):
            pass
        draft = push_model(text=DRAFT, by="marta", at=datetime.now(UTC))
        yield people | {"live": live, "draft": draft, "scorer": scorer}


@pytest.fixture
def marta(house: dict[str, Any]) -> Any:
    return signed_in(house["marta"])


@pytest.fixture
def counted(house: dict[str, Any]) -> Any:
    from vaglio_server.studies.actions import count_version
    from vaglio_server.studies.models import Study

    Study.objects.all().delete()
    return done(count_version(version=house["live"], by="marta", at=datetime.now(UTC)), house["scorer"])


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_page_says_what_each_rule_does(marta: Any, counted: Any) -> None:
    from vaglio_server.web.words import near_signed, percent

    page = marta.get("/models/bounded").content.decode()
    said = text_of(page)
    figures = counted.told["rules"]["profile"]
    assert f"Fires for {figures['boss']['fires']} {percent(figures['boss']['fires'] / 60)}" in said
    assert f"Median {near_signed(figures['boss']['median'])}" in said
    assert "Never fires: not for one of 60 leads." in said
    assert "Gives everybody the same: it tells nobody apart." in said
    assert "Figures as of" in said
    a1 = counted.told["cells"].get("A1", 0)
    assert f"now {percent(a1 / 60)}: {a1} of 60" in said and "at most 2.5% of all leads" in said
    line = re.search(r'href="#line-(\d+)" data-open="text">', page)
    assert line is not None and "id: boss" in BOUNDED.splitlines()[int(line[1]) - 1]


def test_a_version_nobody_counted_says_so_and_is_counted_when_asked(house: dict[str, Any], marta: Any) -> None:
    from vaglio_server.studies.actions import stop_study
    from vaglio_server.studies.models import Study

    address = "/models/bounded?version=2"
    page = marta.get(address).content.decode()
    assert "Nobody has counted yet" in page and 'hx-trigger="every 3s"' in page  # a worker will begin by itself
    part = marta.get(address, headers={"HX-Request": "true"})
    assert "HX-Refresh" not in part and "Nobody has counted yet" in part.content.decode()
    assert marta.post("/models/bounded/count", {"version": 2})["Location"] == address
    page = marta.get(address).content.decode()
    assert "Waiting for a worker" in page and 'hx-trigger="every 1s"' in page
    part = marta.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith("<section") and "<html" not in part
    assert "a worker is at it already" in marta.post("/models/bounded/count", {"version": 2}, follow=True).content.decode()
    stop_study(study=Study.objects.get(version=house["draft"], state="asked"), by="marta", at=datetime.now(UTC))
    assert marta.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_it_requires_a_role_to_have_leads_counted(house: dict[str, Any]) -> None:
    for name, status in (("luca", 403), ("vera", 403), ("ada", 302)):
        assert signed_in(house[name]).post("/models/bounded/count", {"version": 1}).status_code == status


def test_the_page_asks_the_database_a_few_times(marta: Any, counted: Any, django_assert_max: Any) -> None:
    marta.get("/models/bounded")  # now and then it is written down when somebody was seen last
    with django_assert_max(12):
        assert marta.get("/models/bounded").status_code == 200


@pytest.mark.parametrize("number", ["3", "0", "x", "1x"])
def test_there_is_no_such_version(marta: Any, number: str) -> None:
    assert marta.get(f"/models/bounded?version={number}").status_code == 404


def test_two_versions_are_compared_in_words_at_once(house: dict[str, Any], marta: Any) -> None:
    said = text_of(marta.get("/models/bounded/compare").content.decode())
    assert "boss Fit points 60 → 70" in said  # the live version and the draft, without being named
    assert "group who at most" in said or "groups who at most 60 → 90" in said
    assert "What would change for leads has not been worked out yet." in said
    same = marta.get(f"/models/bounded/compare?before={house['draft'].pk}&after={house['live'].pk}").content.decode()
    assert "boss Fit points 70 → 60" in text_of(same)


def test_what_changes_for_leads_is_shown_to_those_who_may_see_them(
    house: dict[str, Any], marta: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vaglio_server.studies.models import Study
    from vaglio_server.web import model_compare

    monkeypatch.setattr(model_compare, "SHOWN_LEADS", 2)

    pair = {"before": house["live"].pk, "after": house["draft"].pk}
    answer = marta.post("/models/bounded/compare/start", pair)
    assert answer["Location"] == "/models/bounded/compare?before={before}&after={after}".format(**pair)
    study = done(Study.objects.get(against=house["draft"]), house["scorer"])
    page = marta.get(answer["Location"]).content.decode()
    ends = [(each["from"], each["to"], each["leads"]) for each in study.told["moves"]]
    both = sum(leads for was, becomes, leads in ends if len(was) == len(becomes) == 2)
    moved = sum(leads for was, becomes, leads in ends if len(was) == len(becomes) == 2 and was != becomes)
    assert f"Both versions rate {both} of 60 leads" in text_of(page) and moved >= 5 and both < 60
    assert f"Leads that move {moved} of {both} that both rate" in text_of(page)
    assert page.count('<p class="by">') == study.told["moved"] == 5  # of which those after the first are folded
    assert page.partition('<details class="more-movers">')[0].count('<p class="by">') == 2
    seller = signed_in(house["luca"]).get(answer["Location"]).content.decode()
    assert "None of them is yours" in seller and '<p class="by">' not in seller  # crowd leads are nobody's
    part = marta.get(answer["Location"], headers={"HX-Request": "true"})
    assert part["HX-Refresh"] == "true"


def test_what_became_of_a_promise_says_what_is_counted() -> None:
    from tests.server.world import MODEL
    from vaglio_server.scoring.engine import document_of
    from vaglio_server.studies.models import Study
    from vaglio_server.web.model_figures import promises_shown

    promises = "ratings: {sales: [A1]}\npromises: {horizon: 30d, review_by: '2030-01-31', expect: {A1: {accepted: 60%}}}\n"
    study = Study(told={"scored": 40, "cells": {}, "kept": {"A1": {"leads": 24, "accepted": 4, "won": 0}}})
    (promise,) = promises_shown(document_of(MODEL + promises), study, {})
    assert promise.found.startswith(
        "so far 17%: 4 of all 24 that got it in the last 30d, whether they came to sales and were answered or not"
    )


def test_it_requires_a_role_to_compare_and_two_versions(house: dict[str, Any], marta: Any) -> None:
    from vaglio_server.studies.models import Study

    pair = {"before": house["live"].pk, "after": house["draft"].pk}
    for name in ("luca", "vera"):
        client = signed_in(house[name])
        assert client.get("/models/bounded/compare").status_code == 200
        assert client.post("/models/bounded/compare/start", pair).status_code == 403
        assert client.post("/models/bounded/compare/stop", pair).status_code == 403
    assert marta.get("/models/nothing/compare").status_code == 404
    marta.post("/models/bounded/compare/start", pair)
    marta.post("/models/bounded/compare/stop", pair)
    assert Study.objects.filter(against=house["draft"], state="stopped").exists()
    assert marta.get("/models/bounded/compare?before=x&after=y").status_code == 200


def test_what_the_live_version_did_stands_beside_what_a_draft_would_have_done(house: dict[str, Any], marta: Any) -> None:
    from vaglio_server.studies.models import Trial

    def held(version: Any, headline: str) -> None:
        told = {"headline": headline, "lead_in": "60 leads.", "facts": [{"name": "Lift", "value": "2.5×", "note": ""}], "parts": []}
        now = datetime.now(UTC)
        Trial.objects.create(
            version=version, good="accepted", horizon_days=90, state="done", by="marta", asked_at=now, finished_at=now, told=told
        )

    def page(version: Any) -> str:
        return text_of(marta.get(f"/models/bounded/evidence?version={version.number}").content.decode())

    held(house["draft"], "The draft is good.")
    assert "version 1, which is live Hold it against history, too" in page(house["draft"])
    assert "nobody knows whether this one does better" in page(house["draft"])
    held(house["live"], "The live one is better.")
    assert "version 1, which is live All of it The live one is better. 60 leads. Lift 2.5×" in page(house["draft"])
    assert "which is live" not in page(house["live"])
    Trial.objects.all().delete()
