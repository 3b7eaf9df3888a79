"""The pages of models: what rules do, two versions side by side, a model tried."""

import re
from collections.abc import Iterator
from contextlib import closing
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
    from vaglio_server.config import env
    from vaglio_server.scoring.actions import push_model, score_due
    from vaglio_server.scoring.engine import Scorer

    empty_tables()
    people = make_people()
    live = make_live(BOUNDED)
    bring(make_source(), calls(60))
    with closing(Scorer(env.database())) as scorer:
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
    page = marta.get("/models/bounded").content.decode()
    said = text_of(page)
    figures = counted.told["rules"]["profile"]
    assert f"Fires for {figures['boss']['fires']} {figures['boss']['fires'] / 60:.0%}" in said
    assert "Never fires: not for one of 60 leads." in said
    assert "Gives everybody the same: it tells nobody apart." in said
    assert "Figures as of" in said
    a1 = counted.told["cells"].get("A1", 0)
    assert f"{a1 / 60:.1%}: {a1} of 60" in said
    line = re.search(r'href="#line-(\d+)" data-open="text">', page)
    assert line is not None and "id: boss" in BOUNDED.splitlines()[int(line[1]) - 1]


def test_a_version_nobody_counted_says_so_and_is_counted_when_asked(house: dict[str, Any], marta: Any) -> None:
    from vaglio_server.studies.actions import stop_study
    from vaglio_server.studies.models import Study

    address = "/models/bounded?version=2"
    assert "Nobody has counted yet" in marta.get(address).content.decode()
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
    with django_assert_max(9):
        assert marta.get("/models/bounded").status_code == 200


@pytest.mark.parametrize("number", ["3", "0", "x", "1x"])
def test_there_is_no_such_version(marta: Any, number: str) -> None:
    assert marta.get(f"/models/bounded?version={number}").status_code == 404
