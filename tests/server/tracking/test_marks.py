"""Marking late, and taking it back: scores are then exactly those of a company where it was known from the start; the past replays."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.conftest import empty_tables
from tests.server.world import AT, audited, elsewhere, leads, make_live, make_source, send
from vaglio.dates import to_microseconds
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")
# Leads are made when a test runs, whatever day that is: what they did came before, and both companies are looked at after.
SENT = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
WHEN = SENT + timedelta(days=3)
ODD = "Odd Checker/1"
NAMED = "Mozilla/5.0 (X11; Linux) HeadlessGecko/9 Aunt's own browser"
MODEL = """
format: 1
name: mailed
inputs:
  fields: {job_title: string}
  activities:
    email_link_clicked: {url: string}
    page_viewed: {path: string}
    form_submitted: {form: string}
profile:
  rules: [{id: boss, kind: fields, field: job_title, points: 60, bands: [{any_word: [cto], award: 100%}]}]
  letters: {A: 75, B: 50, C: 25}
engagement:
  rules:
    - {id: clicks, kind: activity, activity: email_link_clicked, points: 7, half_life: 9d, within: 60d}
    - {id: many, kind: activity_count, activity: email_link_clicked, within: 30d, bands: [{at_least: 4, points: 13}]}
    - {id: demo, kind: activity, activity: form_submitted, points: 21, half_life: 30d}
    - {id: fast, kind: velocity, activities: [email_link_clicked, page_viewed], at_least: 4, within: 2d, points: 15, half_life: 7d}
    - {id: group, kind: engaged_colleagues, activities: [email_link_clicked], within: 30d, bands: [{at_least: 2, points: 11}]}
  digits: {1: 75, 2: 50, 3: 25}
"""


def click(user: str, seconds: float, link: str, agent: str = "Mozilla/5.0 Firefox/127.0") -> dict[str, Any]:
    return {
        "type": "track", "userId": user, "event": "Email Link Clicked", "properties": {"url": link, "campaign": "n1"},
        "timestamp": (SENT + timedelta(seconds=seconds)).isoformat(), "context": {"userAgent": agent, "ip": "203.0.113.77"},
    }  # fmt: skip


def told(agent: str) -> list[list[dict[str, Any]]]:
    """Return deliveries: a scanner's burst over Anna's mail in two parts, by ``agent``, and what people did before and after."""
    who = [{"type": "identify", "userId": each, "traits": {"email": f"{each}@acme.example", "title": "CTO"}} for each in ("anna", "bruno")]
    people = [click("anna", -400_000, "/old"), click("bruno", -300_000, "/old"), click("bruno", 5_000, "/a")]
    burst = [click("anna", 4 + place / 5, link, agent) for place, link in enumerate("abcde")]
    late = [click("anna", 7_000, "/b"), {"type": "page", "userId": "anna", "timestamp": SENT.isoformat(), "properties": {"path": "/x"}}]
    return [[*who, *people], burst[:2], burst[2:], late]


def came(agent: str = "Mozilla/5.0 Firefox/127.0") -> Any:
    source = make_source()
    for calls in told(agent):
        send(source, *calls)
    return source


def lines(scorer: Any, at: datetime, known: datetime | None = None) -> dict[str, Any]:
    """Return what a model says of everybody at an instant, down to its lines."""
    from vaglio_server.scoring.engine import Instants, document_of

    instants = Instants(to_microseconds(at), to_microseconds(known or at))
    found = {mail: scorer.replay(document_of(MODEL), lead.pk, instants) for mail, lead in leads().items()}
    return {
        mail: {name: value for name, value in row.items() if name not in ("as_of", "known_at", "lead_id")} for mail, row in found.items()
    }


def sweep() -> None:
    from vaglio_server.tracking.actions import Sweeper

    sweeper = Sweeper()
    while sweeper.step(datetime.now(UTC)):
        pass


def marks() -> list[Any]:
    from vaglio_server.tracking.models import MachineMark

    return list(MachineMark.objects.order_by("id"))


def test_marked_late_is_as_if_it_had_been_a_machines_from_the_start(scorer: Any) -> None:
    came()
    before = lines(scorer, WHEN)
    now = datetime.now(UTC)
    sweep()
    assert [(mark.kind, mark.count, mark.by) for mark in marks()] == [("links", 5, "machines")]
    late = lines(scorer, WHEN)
    assert late != before
    assert lines(scorer, WHEN, now) == before
    empty_tables()
    came("curl/8.5.0")
    sweep()
    assert marks() == []
    assert lines(scorer, WHEN) == late


def test_undone_is_as_if_it_had_never_been_marked(scorer: Any) -> None:
    from vaglio_server.tracking.actions import undo_marks
    from vaglio_server.tracking.models import Activity

    came()
    never, count = lines(scorer, WHEN), Activity.objects.count()
    sweep()
    marked, between = lines(scorer, WHEN), datetime.now(UTC)
    assert undo_marks(marks=[marks()[0].pk], by="marta", at=AT) == 1
    assert lines(scorer, WHEN) == never
    assert lines(scorer, WHEN, between) == marked
    assert Activity.objects.count() == count + 5
    # It is not found again, and undoing again does nothing.
    sweep()
    assert len(marks()) == 1 and undo_marks(marks=[marks()[0].pk], by="marta", at=AT) == 0
    assert lines(scorer, WHEN) == never
    assert audited("undo_mark") == [("marta", f"mark:{marks()[0].pk}")]


def test_who_is_concerned_is_due_and_stored_scores_replay(scorer: Any) -> None:
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.models import Score

    make_live(MODEL)
    came()
    while score_due(scorer=scorer, limit=10):
        pass
    stored = list(Score.objects.order_by("id").values("lead", "as_of", "engagement_millipoints"))
    due = {mail: lead.due_at for mail, lead in leads().items()}
    sweep()
    assert all(lead.due_at < due[mail] for mail, lead in leads().items())  # Bruno counts an active colleague less
    score_due(scorer=scorer, limit=10)
    from vaglio_server.scoring.engine import Instants, document_of

    for row in stored:
        instant = to_microseconds(row["as_of"])
        again = scorer.replay(document_of(MODEL), row["lead"], Instants(instant, instant))
        assert again["engagement_millipoints"] == row["engagement_millipoints"]
    now = {mail: lead.engagement_millipoints for mail, lead in leads().items()}
    assert now["anna@acme.example"] < max(row["engagement_millipoints"] for row in stored)


@pytest.mark.parametrize(("kind", "value"), [("agent", "Odd  Checker/1"), ("network", "203.0.113.0/24")])
def test_a_pattern_is_marked_then_and_from_then_on(kind: str, value: str, scorer: Any) -> None:
    from vaglio_server.tracking.actions import mark_pattern, undo_marks
    from vaglio_server.tracking.models import Activity

    source = make_source()
    one = click("anna", 9_000, "/a", "Odd Checker/1")
    send(source, {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example"}}, one)
    without = lines(scorer, WHEN)
    made = mark_pattern(kind=kind, value=value, by="marta", at=AT)
    assert made.count == 1 and lines(scorer, WHEN) != without
    with pytest.raises(Refused, match="marked already"):
        mark_pattern(kind=kind, value=value, by="marta", at=AT)
    send(source, click("anna", 20_000, "/c", "Odd Checker/1"))
    assert list(Activity.objects.order_by("id").values_list("is_machine", flat=True)) == [True, True]
    marked, between = lines(scorer, WHEN), datetime.now(UTC)
    undo_marks(marks=[made.pk], by="marta", at=AT)
    undone = lines(scorer, WHEN)
    assert lines(scorer, WHEN, between) == marked
    send(source, click("anna", 30_000, "/d", "Odd Checker/1"))
    assert Activity.objects.order_by("id").last().is_machine is False
    # What came in while the mark stood counts again too, as if it had never been made.
    empty_tables()
    send(make_source(), {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example"}}, one,
         click("anna", 20_000, "/c", "Odd Checker/1"))  # fmt: skip
    assert lines(scorer, WHEN) == undone != without


def test_what_else_says_that_it_is_a_machines_stays_when_a_pattern_is_undone() -> None:
    from vaglio_server.tracking.actions import mark_pattern, undo_marks
    from vaglio_server.tracking.models import Activity

    source = make_source()
    send(source, click("anna", 1, "/a", "Odd Checker/1"))
    marks = [mark_pattern(kind=kind, value=value, by="marta", at=AT).pk for kind, value in (("network", "203.0.113.0/24"), ("agent", ODD))]
    send(source, click("anna", 2, "/b", "Odd Checker/1"), click("anna", 3, "/c", "curl/8.5.0"))

    def counted() -> list[str]:
        return sorted(each.properties["url"] for each in Activity.objects.filter(is_machine=False))

    undo_marks(marks=marks[:1], by="marta", at=AT)
    assert counted() == ["/a"]  # that one was marked because of the network; the other two are a marked program's and curl's
    undo_marks(marks=marks[1:], by="marta", at=AT)
    assert counted() == ["/a", "/b"]


def test_a_name_that_is_a_persons_counts_as_if_it_had_been_any_other(scorer: Any) -> None:
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.tracking.actions import mark_pattern, undo_marks, undo_name
    from vaglio_server.tracking.models import Activity

    make_live(MODEL)
    source = make_source()
    who = {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example"}}
    odd = [click("anna", place * 7_000, f"/{place}", NAMED) for place in range(3)]
    send(source, who, *odd[:2], click("anna", 20_000, "/curl", "curl/8.5.0"))
    while score_due(scorer=scorer, limit=10):
        pass
    marked, between = lines(scorer, WHEN), datetime.now(UTC)
    made = undo_name(name=f" {NAMED}", by="marta", at=AT)
    assert (made.count, made.undone_by, audited("undo_name")) == (2, "marta", [("marta", f"mark:{made.pk}")])
    assert leads()["anna@acme.example"].due_at is not None
    assert lines(scorer, WHEN, between) == marked != lines(scorer, WHEN)
    send(source, odd[2])  # what it does from now on is a person's
    undone = lines(scorer, WHEN)
    with pytest.raises(Refused, match="because of its name"):
        undo_name(name=NAMED, by="marta", at=AT)
    # Somebody may find that it was a machine after all, and change their mind again.
    again = mark_pattern(kind="agent", value=NAMED, by="marta", at=AT)
    assert again.count == 3 and lines(scorer, WHEN) == marked
    undo_marks(marks=[again.pk], by="marta", at=AT)
    assert lines(scorer, WHEN) == undone
    sweep()
    assert [mark.kind for mark in marks()] == ["name", "agent"] and Activity.objects.filter(is_machine=False).count() == 3
    empty_tables()
    send(make_source(), who, *(each | {"context": {"userAgent": "Mozilla/5.0 Firefox/127.0"}} for each in odd))
    assert lines(scorer, WHEN) == undone


def test_what_was_taken_back_or_marked_by_a_burst_is_no_matter_of_a_name() -> None:
    from vaglio_server.tracking.actions import undo_name
    from vaglio_server.tracking.models import Activity

    send(make_source(), click("anna", 1, "/a", NAMED), click("anna", 7_000, "/b", NAMED), click("anna", 14_000, "/c", NAMED))
    Activity.objects.filter(properties__url="/a").update(taken_back_at=AT)
    Activity.objects.filter(properties__url="/b").update(machine_known_at=datetime.now(UTC))  # as a burst found late
    assert undo_name(name=NAMED, by="marta", at=AT).count == 1


def test_much_comes_back_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.tracking.actions import marks as module
    from vaglio_server.tracking.models import Activity

    monkeypatch.setattr(module, "MOST", 2)
    send(make_source(), *(click("anna", place * 7_000, f"/{place}", NAMED) for place in range(3)))
    assert [module.undo_name(name=NAMED, by="marta", at=AT).count for _ in range(2)] == [2, 1]
    assert Activity.objects.filter(is_machine=False).count() == 3


@pytest.mark.parametrize("name", ["", "  ", "Never/1 bot", "Mozilla/5.0 Firefox/127.0"])
def test_it_rejects_what_no_name_marked(name: str) -> None:
    from vaglio_server.tracking.actions import undo_name

    came()
    with pytest.raises(Refused, match="because of its name"):
        undo_name(name=name, by="marta", at=AT)
    assert marks() == []


@pytest.mark.parametrize(("kind", "value", "why"), [
    ("agent", "  ", "neither"), ("network", "here", "neither"), ("links", "x", "neither"), ("agent", "Never/1", "nothing ever came"),
])  # fmt: skip
def test_it_rejects_what_is_no_pattern(kind: str, value: str, why: str) -> None:
    from vaglio_server.tracking.actions import mark_pattern

    with pytest.raises(Refused, match=why):
        mark_pattern(kind=kind, value=value, by="marta", at=AT)


def test_marks_are_confirmed_once() -> None:
    from vaglio_server.tracking.actions import confirm_marks

    came()
    sweep()
    assert confirm_marks(marks=[marks()[0].pk, 999], by="marta", at=AT) == 1
    assert confirm_marks(marks=[marks()[0].pk], by="marta", at=AT) == 0
    assert audited("confirm_mark") == [("marta", f"mark:{marks()[0].pk}")]


def test_a_wave_is_found_once_it_is_over() -> None:
    from vaglio_server.tracking.actions.sweeping import sweep_waves
    from vaglio_server.tracking.models import Activity

    source = make_source()
    known = [{"type": "identify", "userId": f"w{number}", "traits": {"email": f"w{number}@w{number}.example"}} for number in range(7)]
    send(source, *known, *(click(f"w{number}", 3 + number, "/a") for number in range(6)), click("w6", 900, "/a"))
    assert sweep_waves(at=datetime.now(UTC)) == 0
    assert sweep_waves(at=datetime.now(UTC) + timedelta(minutes=12)) == 7
    assert {mark.kind for mark in marks()} == {"wave"} and len(marks()) == 6
    assert list(Activity.objects.filter(is_machine=False).values_list("properties__url", flat=True)) == ["/a"]


def test_a_burst_of_a_device_that_nobody_is_known_by_is_marked_before_it_is_joined() -> None:
    source = make_source()
    send(source, *({"anonymousId": "d", **click("x", number / 4, f"/{number}"), "userId": None} for number in range(4)))
    sweep()
    assert [(mark.lead_id, mark.count) for mark in marks()] == [(None, 4)]


def test_of_several_workers_one_looks() -> None:
    from vaglio_server.tracking.actions.sweeping import SWEEPING, sweep_activities

    came()
    with elsewhere() as other:
        other.execute("SELECT pg_advisory_xact_lock(%s, hashtext('activities'))", [SWEEPING])
        assert sweep_activities(at=datetime.now(UTC)) == 0
    assert sweep_activities(at=datetime.now(UTC)) > 0
