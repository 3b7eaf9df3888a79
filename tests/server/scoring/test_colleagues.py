"""Who is due when somebody of a company does something: whose score may change, and nobody else."""

import random
from typing import Any

import pytest

from tests.server.world import MODEL, leads, make_live, make_source, post, send, take

TOGETHER = MODEL.replace(
    "  digits:",
    """    - {id: group, kind: engaged_colleagues, within: 30d, bands: [{at_least: 2, points: 10}, {at_least: 3, points: 25}]}
    - {id: askers, kind: engaged_colleagues, activity: form_submitted, where: {form: demo}, at_least: 2, points: 7}
    - {id: ever, kind: engaged_colleagues, activities: [webinar_attended, form_submitted], at_least: 2, points: 3}
  digits:""",
)
QUIET = MODEL.replace("  digits:", "    - {id: group, kind: engaged_colleagues, within: 30d, at_least: 2, points: 10}\n  digits:")
WHO = ("anna", "bob", "carla", "dan", "other1", "other2")


def _due(scorer: Any) -> int:
    from vaglio_server.scoring.actions import score_due

    return score_due(scorer=scorer, limit=100)


def _identify(user: str) -> dict[str, Any]:
    domain = "other" if user.startswith("other") else "acme"
    return {"type": "identify", "userId": user, "traits": {"email": f"{user}@{domain}.example"}}


def _page(user: str, days: float = 0, **more: Any) -> dict[str, Any]:
    return {"type": "page", "userId": user, "properties": {"path": "/pricing"}, "originalTimestamp": _ago(days)} | more


def _ago(days: float) -> str:
    from datetime import UTC, datetime, timedelta

    return (datetime.now(UTC) - timedelta(days=days, seconds=5)).isoformat()


def test_who_was_active_already_is_no_news_to_colleagues(scorer: Any) -> None:
    source = make_source()
    make_live(QUIET)
    send(source, *map(_identify, WHO[:3]))
    assert _due(scorer) == 3
    send(source, _page("anna"))
    assert _due(scorer) == 3  # she counts now
    send(source, _page("anna"), _page("anna", days=2))
    assert _due(scorer) == 1
    send(source, _page("bob", days=40))
    assert _due(scorer) == 3  # too long ago to count, but he did not count before: nobody looks further
    send(source, _page("bob"))
    assert _due(scorer) == 3
    send(source, _page("bob"))
    assert _due(scorer) == 1
    assert {lead.engagement_millipoints > 10_000 for lead in leads().values() if lead.fields["email"] != "carla@acme.example"} == {True}


def test_what_a_machine_did_is_no_news(scorer: Any) -> None:
    source = make_source()
    make_live(QUIET)
    send(source, *map(_identify, WHO[:3]))
    _due(scorer)
    send(source, _page("anna", context={"userAgent": "Googlebot/2.1"}))
    assert _due(scorer) == 1
    send(source, _page("anna"))
    assert _due(scorer) == 3


def test_without_such_a_rule_everybody_is_alone(scorer: Any) -> None:
    source = make_source()
    make_live()
    send(source, *map(_identify, WHO[:3]))
    _due(scorer)
    send(source, _page("anna"))
    assert _due(scorer) == 1


def test_a_known_persons_device_brings_its_past_to_all(scorer: Any) -> None:
    source = make_source()
    make_live(QUIET)
    send(source, *map(_identify, WHO[:3]), {"type": "page", "anonymousId": "phone", "properties": {"path": "/"}})
    _due(scorer)
    send(source, {"type": "page", "anonymousId": "phone", "userId": "anna", "properties": {"path": "/"}})
    assert _due(scorer) == 3


def test_who_comes_to_a_company_is_news_though_others_there_do_nothing_new(scorer: Any) -> None:
    source = make_source()
    make_live(QUIET)
    send(source, *map(_identify, WHO[:3]), _page("anna"))
    _due(scorer)
    send(source, _page("anna"), _identify("zoe"), _page("zoe"))
    assert _due(scorer) == 4


def _drawn(made: random.Random, turn: int) -> dict[str, Any]:
    user = made.choice(WHO)
    kind = made.randrange(8)
    days = made.choice([0, 0.5, 10, 29, 31, 200, -1])
    if kind < 3:
        return _page(user, days)
    if kind == 3:
        return {"type": "track", "event": "Form Submitted", "userId": user, "properties": {"form": made.choice(["demo", "news"])}}
    if kind == 4:
        return {"type": "track", "event": "Webinar Attended", "userId": user, "originalTimestamp": _ago(days)}
    if kind == 5:
        return {"type": "page", "anonymousId": f"d{made.randrange(4)}", "properties": {"path": "/"}} | made.choice([{}, {"userId": user}])
    if kind == 6:
        return {"type": "group", "userId": f"new{turn}", "groupId": made.choice("xy"), "traits": {"domain": "acme.example"}}
    return _identify(made.choice([user, f"late{turn}"]))


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.drill) for seed in range(1, 20))])
def test_no_stored_score_is_stale(scorer: Any, seed: int) -> None:
    from vaglio_server.scoring.engine import document_of
    from vaglio_server.scoring.models import Score

    source, version, made = make_source(), make_live(TOGETHER), random.Random(seed)
    send(source, *map(_identify, WHO))
    spared = 0
    for turn in range(15 if seed == 0 else 25):
        for _ in range(made.randrange(1, 4)):
            assert post(source, "batch", {"batch": [_drawn(made, turn)]}).status_code == 200
        take()
        everybody = [lead.pk for lead in leads().values()]
        spared += len(everybody) - _due(scorer)
        with scorer.snapshot() as snapshot:
            now = {int(row["lead_id"]): row for row in scorer.scores(snapshot, document_of(version.text), everybody).to_pylist()}
        for lead in everybody:
            stored = Score.objects.filter(lead=lead).order_by("-as_of").first()
            fresh = scorer.replay(document_of(version.text), lead, _at(now[lead]))
            groups = {name: value for name, value in stored.lines.items() if _is_of_colleagues(name)}
            assert groups == {name: value for name, value in fresh["lines"].items() if _is_of_colleagues(name)}, (seed, turn, lead)
    assert spared > 0


def _at(row: dict[str, Any]) -> Any:
    from vaglio.dates import to_microseconds
    from vaglio_server.scoring.engine import Instants

    at = to_microseconds(row["as_of"])
    return Instants(at, at)


def _is_of_colleagues(name: str) -> bool:
    return name.split(".")[1] in {"group", "askers", "ever"}
