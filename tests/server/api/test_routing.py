"""Rules, teams, sellers, calendars and pipelines are written by the API as in the pages: by whom, what is refused, what is written down."""

from typing import Any

import pytest

from tests.server.api.test_stages import call, get, token_of
from tests.server.kept import kept
from tests.server.lifecycle.world import people_and_model
from tests.server.world import audited, make_account, make_opportunity

pytestmark = pytest.mark.usefixtures("tables")
WEEK = [[[540, 780], [840, 1080]]] * 5 + [[], []]
STAGES = [{"name": "Talks", "probability_percent": 20}, {"name": "Won", "probability_percent": 100, "outcome": "won"}]


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    return kept(people_and_model)


@pytest.fixture
def marta(people: dict[str, Any]) -> str:
    return token_of(people["marta"])


def rules(key: str) -> list[tuple[str, str | None, str | None]]:
    return [(each["name"], each["team"], each["seller"]) for each in get("routing/rules", key).json()]


def test_rules_are_made_changed_put_in_order_and_removed(people: dict[str, Any], marta: str) -> None:
    italy = {"name": "Italy", "team": "south", "ratings": ["A2", "A1"], "conditions": ["lead.country:is:IT"]}
    made = call("post", "routing/rules", italy, key=marta)
    assert made.status_code == 201
    told = made.json()
    assert told | {"id": 0} == {**italy, "id": 0, "ratings": ["A1", "A2"], "seller": None, "is_on": True, "sent": 0}
    other = call("post", "routing/rules", {"name": "Others", "seller": "jonas"}, key=marta).json()
    assert rules(marta) == [("Italy", "south", None), ("Others", None, "jonas")]
    moved = call("post", f"routing/rules/{other['id']}/move", {"to": "up"}, key=marta).json()
    assert [each["name"] for each in moved] == ["Others", "Italy"]
    changed = call("put", f"routing/rules/{told['id']}", {"name": "Italy", "seller": "luca", "is_on": False}, key=marta).json()
    assert (changed["team"], changed["seller"], changed["conditions"], changed["is_on"]) == (None, "luca", [], False)
    assert call("delete", f"routing/rules/{other['id']}", key=marta).status_code == 204
    assert call("delete", f"routing/rules/{other['id']}", key=marta).status_code == 404
    assert rules(marta) == [("Italy", None, "luca")]
    for verb in ("create", "move", "change", "remove"):
        assert {by for by, _subject in audited(f"{verb}_routing_rule")} == {"marta"}, verb


@pytest.mark.parametrize(
    ("told", "status", "why"),
    [
        ({"name": "", "team": "south"}, 409, "has a name"),
        ({"name": "x"}, 409, "to one team, or to one seller"),
        ({"name": "x", "team": "south", "seller": "luca"}, 409, "to one team, or to one seller"),
        ({"name": "x", "team": "west"}, 404, "no team west"),
        ({"name": "x", "team": "a\x00b"}, 404, "no team"),
        ({"name": "x", "seller": "marta"}, 404, "no seller marta"),
        ({"name": "x", "team": "south", "ratings": ["Z9"]}, 409, "'Z9' is no rating"),
        ({"name": "x", "team": "south", "conditions": ["nonsense"]}, 409, "a condition"),
        ({"name": "x", "team": "south", "conditions": ["lead.gone:is:IT"]}, 409, "gone"),
        ({"team": "south"}, 422, "does not fit"),
    ],
)
def test_a_rule_that_does_not_fit_is_refused(marta: str, told: dict[str, Any], status: int, why: str) -> None:
    answer = call("post", "routing/rules", told, key=marta)
    assert answer.status_code == status and why in answer.json()["title"]
    assert rules(marta) == []


def test_a_calendar_is_written_as_it_is_read(people: dict[str, Any], marta: str) -> None:
    told = {"name": "Rome", "timezone": "Europe/Rome", "week": WEEK, "holidays": ["2026-12-25 Christmas", "2026-12-26"], "is_default": True}
    made = call("post", "routing/calendars", told, key=marta)
    assert made.status_code == 201
    here = f"routing/calendars/{made.json()['id']}"
    assert get("routing/calendars", marta).json() == [made.json()] and made.json() == told | {"id": made.json()["id"]}
    night = call("put", here, told | {"week": [[[1320, 1800]]] * 5 + [[], []]}, key=marta)
    assert night.status_code == 200 and night.json()["week"][0] == [[1320, 1800]]
    for bad, status, why in (
        ({"timezone": "Mars/Base"}, 409, "is no time zone"),
        ({"week": [[]] * 7}, 409, "an hour of work"),
        ({"week": [[[-5, 100]]] * 7}, 409, "are no hours"),
        ({"week": [[[10**9, 10**9 + 1]]] * 7}, 409, "are no hours"),
        ({"week": [[[600, 540]]] * 7}, 409, "does not begin before it ends"),
        ({"week": WEEK[:6]}, 422, "does not fit"),
        ({"holidays": ["Christmas"]}, 409, "is no day"),
        ({"name": "x" * 101}, 409, "has a name"),
    ):
        answer = call("put", here, told | bad, key=marta)
        assert answer.status_code == status and why in answer.json()["title"], bad
    assert get("routing/calendars", marta).json()[0]["week"][0] == [[1320, 1800]]  # nothing was half written
    assert call("put", "routing/sellers/luca", {"weight": 2, "capacity": 30, "calendar": "Rome"}, key=marta).json()["calendar"] == "Rome"
    assert "work by it" in call("delete", here, key=marta).json()["title"]
    assert call("put", "routing/sellers/luca", {}, key=marta).json()["calendar"] is None
    assert call("delete", here, key=marta).status_code == 204 and call("put", here, told, key=marta).status_code == 404
    assert [len(audited(verb)) for verb in ("keep_calendar", "set_seller", "remove_calendar")] == [2, 2, 1]


def test_teams_and_sellers_are_said_whole(people: dict[str, Any], marta: str) -> None:
    south, north = people["luca"].team, people["jonas"].team
    told = {"leader": "irina", "share": "load", "is_at_work_first": True, "hands_over_to": "north"}
    assert call("put", f"routing/teams/{south.pk}", told, key=marta).json() == {"id": south.pk, "name": "south", **told}
    for number, bad, status in (
        (north.pk, {"hands_over_to": "south"}, 409), (north.pk, {"leader": "nobody"}, 404), (north.pk, {"leader": "marta"}, 409),
        (south.pk, {"leader": "vera"}, 409), (north.pk, {"share": "dice"}, 422), (10**20, {}, 404),
    ):  # fmt: skip
        assert call("put", f"routing/teams/{number}", bad, key=marta).status_code == status
    assert call("put", f"routing/teams/{south.pk}", {}, key=marta).json()["leader"] is None
    away = {"away_from": "2026-01-01T00:00:00Z", "away_until": "2199-01-01T00:00:00Z"}
    assert call("put", "routing/sellers/luca", away, key=marta).json()["is_there"] is False
    for bad, status in (({"weight": -1}, 409), ({"capacity": 10**9}, 409), ({"away_until": "2026-01-01T00:00:00Z"}, 409),
                        ({"calendar": "none"}, 404), ({"weight": "much"}, 422)):  # fmt: skip
        assert call("put", "routing/sellers/luca", bad, key=marta).status_code == status, bad
    assert call("put", "routing/sellers/marta", {}, key=marta).status_code == 404


def test_pipelines_are_made_changed_put_in_order_and_removed(people: dict[str, Any], marta: str) -> None:
    made = call("post", "pipelines", {"name": "Sales", "stages": STAGES}, key=marta)
    assert made.status_code == 201
    make_opportunity(make_account(), people["luca"], stage="Talks")
    first, other = made.json(), call("post", "pipelines", {"name": "Renewals", "stages": STAGES}, key=marta).json()
    assert get("pipelines", token_of(people["vera"])).json() == [first, other]
    moved = call("post", f"pipelines/{other['id']}/move", {"to": "up"}, key=marta).json()
    assert [each["name"] for each in moved] == ["Renewals", "Sales"]
    talks, won = first["stages"]
    said = {"name": "New sales", "stages": [{**talks, "name": "First talks"}, {"name": "Offer", "probability_percent": 60}, won]}
    changed = call("put", f"pipelines/{first['id']}", said, key=marta).json()
    assert [each["name"] for each in changed["stages"]] == ["First talks", "Offer", "Won"] and changed["stages"][0]["id"] == talks["id"]
    gone = call("put", f"pipelines/{first['id']}", {"name": "New sales", "stages": changed["stages"][1:]}, key=marta)
    assert gone.status_code == 409 and "1 opportunity stands" in gone.json()["title"]
    assert "move them to another pipeline" in call("delete", f"pipelines/{first['id']}", key=marta).json()["title"]
    for bad in ({"name": "", "stages": STAGES}, {"name": "x", "stages": []}, {"name": "x", "stages": [*STAGES, *STAGES]},
                {"name": "x", "stages": [{"name": "a", "probability_percent": 101}]}):  # fmt: skip
        assert call("post", "pipelines", bad, key=marta).status_code == 422
    strange = {"name": "x", "stages": [{"id": talks["id"], "name": "a", "probability_percent": 1}]}
    assert call("put", f"pipelines/{other['id']}", strange, key=marta).status_code == 409  # another pipeline's stage
    assert call("delete", f"pipelines/{other['id']}", key=marta).status_code == 204
    assert call("delete", f"pipelines/{other['id']}", key=marta).status_code == 404
    assert [len(audited(f"{verb}_pipeline")) for verb in ("set", "move", "remove")] == [3, 1, 1]


def test_the_mapping_is_written_as_it_is_read(people: dict[str, Any], marta: str) -> None:
    told = [{"source": "email", "record": "contact", "target": "email", "overwrites": True}]
    assert call("put", "conversion-mapping", told, key=marta).json() == get("conversion-mapping", marta).json() == told
    assert call("put", "conversion-mapping", [told[0] | {"target": "nothing"}], key=marta).status_code == 422
    assert get("conversion-mapping", marta).json() == told and audited("set_mapping")[0][0] == "marta"


def test_it_requires_marketing(people: dict[str, Any], marta: str) -> None:
    rule = call("post", "routing/rules", {"name": "Others", "seller": "jonas"}, key=marta).json()["id"]
    line = call("post", "pipelines", {"name": "Sales", "stages": STAGES}, key=marta).json()["id"]
    calendar = {"name": "Rome", "timezone": "Europe/Rome", "week": WEEK}
    hours = call("post", "routing/calendars", calendar, key=marta).json()["id"]
    asked: list[tuple[str, str, Any]] = [
        ("post", "routing/rules", {"name": "x", "team": "south"}), ("put", f"routing/rules/{rule}", {"name": "x", "team": "south"}),
        ("post", f"routing/rules/{rule}/move", {"to": "up"}), ("delete", f"routing/rules/{rule}", None),
        ("post", "routing/calendars", calendar), ("put", f"routing/calendars/{hours}", calendar),
        ("delete", f"routing/calendars/{hours}", None), ("put", f"routing/teams/{people['luca'].team_id}", {}),
        ("put", "routing/sellers/luca", {}), ("post", "pipelines", {"name": "x", "stages": STAGES}),
        ("put", f"pipelines/{line}", {"name": "x", "stages": STAGES}), ("post", f"pipelines/{line}/move", {"to": "up"}),
        ("delete", f"pipelines/{line}", None), ("put", "conversion-mapping", []),
    ]  # fmt: skip
    for name in ("luca", "vera"):
        key = token_of(people[name])
        assert {call(*each, key=key).status_code for each in asked} == {403}, name
        for each in ("rules", "teams", "sellers", "calendars"):
            refused = call("get", f"routing/{each}", key=key)
            assert refused.status_code == 403 and refused.json()["title"] == "this is for administrators and marketing", name
    reads = call("get", "routing/rules", key=token_of(people["ada"]))
    assert reads.status_code == 200 and len(reads.json()) == 1
