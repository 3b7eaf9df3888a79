"""A line of a rule that counts opens to the activities that were counted: merged, marked, taken back, colleagues', then and now."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.server.web.people import make_people, signed_in
from tests.server.world import AT, HOST, MODEL, leads, make_live, make_source, send
from vaglio.dates import to_microseconds

COUNTING = MODEL.replace(
    "  digits:",
    """    - {id: keen, kind: activity_count, activity: page_viewed, where: {path: {starts_with: /docs}}, within: 30d,
       bands: [{at_least: 1, points: 9}]}
    - {id: group, kind: engaged_colleagues, activity: page_viewed, within: 30d, at_least: 2, points: 10}
  digits:""",
)
DAY = 86_400 * 10**6
NOW = datetime.now(UTC)


def identify(user: str) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "traits": {"email": f"{user}@acme.example"}}


def page(user: str, days: float, name: str, path: str = "/docs", agent: str = "Firefox") -> dict[str, Any]:
    at = (NOW - timedelta(days=days)).isoformat()
    return {"type": "page", "userId": user, "messageId": name, "properties": {"path": path}, "originalTimestamp": at,
            "context": {"userAgent": agent}}  # fmt: skip


def counted(scorer: Any, lead: Any, rule: str, at: datetime | None = None) -> list[int]:
    """Return how many days ago what a rule counted was done, oldest first, and see that it counted as many as it shows."""
    from vaglio_server.scoring.engine import Instants, document_of

    at_us = to_microseconds(at or datetime.now(UTC))
    found = scorer.explanation(document_of(COUNTING), lead.pk, Instants(at_us, at_us))
    line = next((line for line in found.lines if line.rule_id == rule), None)
    if line is None:
        return []
    (read,) = line.counted
    assert read.number == len(read.activities)
    return [round((to_microseconds(NOW) - did["occurred_us"]) / DAY) for did in reversed(read.activities)]


def test_what_counted_is_told_then_and_now(scorer: Any) -> None:
    from vaglio_server.tracking.actions import mark_pattern, merge_leads, undo_merge
    from vaglio_server.tracking.models import Activity

    source = make_source()
    send(source, *map(identify, ("anna", "rossi", "bob")))
    send(source, page("anna", 40, "old"), page("anna", 9, "a"), page("anna", 8, "scan", agent="Reader/1"), page("anna", 7, "file"),
         page("anna", 6, "blog", path="/blog"), page("rossi", 5, "r"), page("bob", 4, "b"))  # fmt: skip
    anna, rossi = leads()["anna@acme.example"], leads()["rossi@acme.example"]
    assert counted(scorer, anna, "keen") == [9, 8, 7]
    assert counted(scorer, anna, "group") == [6, 5, 4]  # each by the latest
    first = datetime.now(UTC)
    mark_pattern(kind="agent", value="Reader/1", by="test", at=AT)
    assert counted(scorer, anna, "keen") == [9, 7]
    taken = datetime.now(UTC)
    Activity.objects.filter(event__message_id="file").update(is_machine=True, machine_known_at=taken, taken_back_at=taken)
    assert counted(scorer, anna, "keen") == [9]
    made = merge_leads(lead=anna, other=rossi, by="test", at=AT)
    assert (counted(scorer, anna, "keen"), counted(scorer, anna, "group")) == ([9, 5], [5, 4])
    assert counted(scorer, anna, "keen", first) == [9, 8, 7]  # as it was known then
    undo_merge(merge=made, by="test", at=AT)
    assert (counted(scorer, anna, "keen"), counted(scorer, rossi, "keen")) == ([9], [5])


def test_the_page_and_the_api_tell_it(scorer: Any) -> None:
    from django.test import Client

    from vaglio_server.crm.actions import assign_leads
    from vaglio_server.users.actions import create_token
    from vaglio_server.users.models import Scope

    people, source = make_people(), make_source()
    make_live(COUNTING)
    send(source, *map(identify, ("anna", "bob", "carla")), page("anna", 2, "a"), page("bob", 1, "b"), page("carla", 1, "c"))
    anna, bob, carla = (leads()[f"{name}@acme.example"] for name in ("anna", "bob", "carla"))
    assign_leads(leads=[anna.pk, bob.pk], owner=people["luca"], by="test", at=AT)
    assign_leads(leads=[carla.pk], owner=people["jonas"], by="test", at=AT)
    told = signed_in(people["luca"]).get(f"/leads/{anna.pk}/why", headers=HOST).content.decode()
    keen, group = (told.split(f'<span class="title">{name}</span>')[1].split("</details>")[0] for name in ("keen", "group"))
    assert "1 counted:" in keen and keen.count("<li>") == 1
    assert "3 people counted" in group and group.count("<li>") == 3
    assert f'href="/leads/{bob.pk}"' in group
    assert "a colleague" in group and f"/leads/{carla.pk}" not in group and "carla" not in group  # another team's
    key = create_token(user=people["luca"], name="test", scope=Scope.READ, by="test", at=AT)[1]
    lines = {
        line["rule_id"]: line
        for line in Client().get(f"/api/leads/{anna.pk}/explanation", headers=HOST | {"authorization": f"Bearer {key}"}).json()["lines"]
    }
    assert [(each["stat"], each["number"], len(each["activities"])) for each in lines["keen"]["counted"]] == [("count", 1, 1)]
    named = [did.get("lead_id", 0) for did in lines["group"]["counted"][0]["activities"]]  # 0: its own
    assert len(named) == 3 and set(named) == {0, bob.pk, None}  # another team's is a colleague without a number
