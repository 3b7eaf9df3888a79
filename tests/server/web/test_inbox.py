"""The inbox: what waits for whom, why, and the answers."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from tests.server.lifecycle.world import rated, stage, take
from tests.server.web.people import make_hours, signed_in
from tests.server.web.reading import read
from tests.server.world import HOST, audited
from vaglio_server.lifecycle.models import LeadStage

pytestmark = pytest.mark.usefixtures("tables")


def waiting(page: str) -> list[str]:
    """Return the numbers of leads that wait, in order."""
    return re.findall(r'<tr id="waits-(\d+)"', page)


def page_of(user: Any) -> str:
    return str(signed_in(user).get("/inbox").content.decode())


def test_it_works(people: dict[str, Any]) -> None:
    now = datetime.now(UTC)
    late, soon = rated("B1", owner=people["luca"]), rated("A1", owner=people["luca"])
    other, cold = rated("A1", owner=people["jonas"]), rated("D4", owner=people["luca"])
    take(now)
    type(late).objects.get(pk=late.pk).clocks.update(started_at=now - timedelta(days=30))
    page = page_of(people["luca"])
    assert waiting(page) == [str(late.pk), str(soon.pk)] and str(cold.pk) not in waiting(page)
    assert "2 leads wait for your answer" in page and "1 is late." in page
    assert re.search(r"\d+ days( \d+ h)? late", page) and re.search(r"(1 h|\d+ minutes|1 working hour|\d+ working minutes) left", page)
    assert set(waiting(page_of(people["marta"]))) == {str(late.pk), str(soon.pk), str(other.pk)}
    assert "3 leads wait for sales" in page_of(people["vera"])


def test_reasons_are_what_counted_after_caps_the_most_first(people: dict[str, Any]) -> None:
    from vaglio_server.scoring.models import Score

    lead = rated("A1", owner=people["luca"])
    given = {
        "intercept.rule": 90_000,
        "pricing.rule": 214_090,
        "pricing.cap": -174_090,
        "demo.rule": 50_000,
        "webinar.rule": 20_000,
        "engagement.cap": -10_000,
    }
    Score.objects.filter(lead=lead).update(lines={f"engagement.{name}": points for name, points in given.items()})
    take()
    assert "demo +50 · pricing +40 · webinar +20<" in page_of(people["luca"])


def test_what_is_nobodys_is_seen_by_all_and_taken_by_one(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import Seller

    for name in ("luca", "irina", "jonas"):
        Seller.objects.create(user=people[name], capacity=0)
    lead = rated("A1")
    take()
    for name in ("luca", "jonas", "marta", "vera"):
        assert "1 is nobody" in page_of(people[name]), name
    said = signed_in(people["jonas"]).post(f"/inbox/{lead.pk}/accept", headers=HOST, follow=True).content.decode()
    assert "is accepted." in said and "In work" in said
    lead.refresh_from_db()
    assert (lead.owner, stage(lead)) == (people["jonas"], "sales_accepted")
    assert signed_in(people["luca"]).post(f"/inbox/{lead.pk}/accept", headers=HOST).status_code == 404  # another team's now


def test_it_is_handed_back_with_a_reason(people: dict[str, Any]) -> None:
    lead = rated("A1", owner=people["luca"])
    take()
    luca = signed_in(people["luca"])
    said = luca.post(f"/inbox/{lead.pk}/reject", {"reason": ""}, headers=HOST, follow=True).content.decode()
    assert "say why" in said and stage(lead) == "marketing_qualified"
    said = luca.post(f"/inbox/{lead.pk}/reject", {"reason": "other", "note": " "}, headers=HOST, follow=True).content.decode()
    assert f"{lead}: say in a few words what else it is" in said and stage(lead) == "marketing_qualified"
    said = luca.post(f"/inbox/{lead.pk}/reject", {"reason": "no_budget", "note": "in spring"}, headers=HOST, follow=True).content.decode()
    assert "is handed back." in said and "Nothing waits." in said and stage(lead) == "recycled"


def test_what_was_accepted_by_mistake_is_undone(people: dict[str, Any]) -> None:
    lead = rated("A1", owner=people["luca"])
    take()
    luca = signed_in(people["luca"])
    page = luca.post(f"/inbox/{lead.pk}/accept", headers=HOST, follow=True).content.decode()
    address = f"/inbox/{lead.pk}/undo"
    assert f'action="{address}"' in page and 'data-key="u"' in page and waiting(page) == []
    for name, status in (("jonas", 404), ("vera", 403), ("marta", 403)):
        assert signed_in(people[name]).post(address, headers=HOST).status_code == status
    page = luca.post(address, headers=HOST, follow=True).content.decode()
    assert "stands where it stood before." in page and waiting(page) == [str(lead.pk)] and 'data-key="u"' not in page
    page = luca.post(f"/leads/{lead.pk}/do/accept", headers=HOST, follow=True).content.decode()
    assert f'action="/leads/{lead.pk}/do/unaccept"' in page and 'data-key="u"' not in page  # there u goes back
    page = luca.post(f"/leads/{lead.pk}/do/unaccept", headers=HOST, follow=True).content.decode()
    assert "stands where it stood before." in page and stage(lead) == "marketing_qualified"
    luca.post(f"/inbox/{lead.pk}/reject", {"reason": "no_need"}, headers=HOST)
    assert "in the last 10 minutes" in luca.post(f"/leads/{lead.pk}/do/unaccept", headers=HOST, follow=True).content.decode()
    assert (
        "for sales to say" in signed_in(people["marta"]).post(f"/leads/{lead.pk}/do/unaccept", headers=HOST, follow=True).content.decode()
    )


def test_what_somebody_gave_to_nobody_says_so(people: dict[str, Any]) -> None:
    lead, taken = rated("A1", owner=people["luca"]), rated("A1", owner=people["luca"])
    take()
    marta = signed_in(people["marta"])
    for each in (lead, taken):
        said = marta.post(f"/leads/{each.pk}/do/give", {"owner": "none"}, headers=HOST, follow=True).content.decode()
        assert "It waits until somebody gives or takes it" in said
    marta.post(f"/leads/{taken.pk}/do/give", {"owner": people["luca"].pk}, headers=HOST)
    page = page_of(people["luca"])
    assert waiting(page) == [str(taken.pk), str(lead.pk)] and page.count("given to nobody: not given away by itself") == 1


def test_what_was_handed_over_is_taken_and_not_accepted(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import LeadStage

    lead = rated("A1", owner=people["luca"])
    take()
    signed_in(people["luca"]).post(f"/inbox/{lead.pk}/accept", headers=HOST)
    LeadStage.objects.update(stage="sales_qualified", team=people["jonas"].team)
    type(lead).objects.update(owner=None)
    page = signed_in(people["jonas"]).post(f"/inbox/{lead.pk}/accept", headers=HOST, follow=True).content.decode()
    assert "is accepted." in page and f"/inbox/{lead.pk}/undo" not in page


def test_what_waits_for_the_lead_is_not_among_what_is_urgent(people: dict[str, Any]) -> None:
    first, paused, last = (rated(rating, owner=people["luca"]) for rating in ("A2", "A1", "B1"))
    free = rated("B1", owner=people["luca"])
    now = datetime.now(UTC)
    take(now)
    type(free).objects.get(pk=free.pk).clocks.all().delete()  # no answer is promised
    luca = signed_in(people["luca"])
    assert waiting(page_of(people["luca"]))[0] == str(paused.pk)
    luca.post(f"/leads/{paused.pk}/do/wait", headers=HOST)
    page = page_of(people["luca"])
    assert waiting(page) == [str(each.pk) for each in (first, last, free, paused)]
    assert len(re.findall(r"<small>by \d+ \w+, \d\d:\d\d</small>", page)) == 2, "until when, without a pointer to hover with"


def test_the_most_urgent_of_all_that_wait_come_first_though_others_have_waited_longer(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.queries import inbox

    make_hours("UTC")
    now = datetime.now(UTC)
    for _number in range(55):
        rated("B1", owner=people["luca"])
    take(now - timedelta(minutes=50))
    promised_an_hour = rated("A1", owner=people["luca"])
    take(now)
    assert waiting(page_of(people["luca"]))[0] == str(promised_an_hour.pk)
    assert [each.lead for each in inbox(people["ada"], now, 1).rows] == [promised_an_hour]  # as the API and mails ask
    home = signed_in(people["luca"]).get("/").content.decode()
    assert re.findall(r'id="waits-(\d+)"', home)[0] == str(promised_an_hour.pk)
    late = inbox(people["luca"], now + timedelta(days=1), 1)
    assert (late.count, late.late, late.is_least) == (56, 56, False)


def test_it_requires_a_role(people: dict[str, Any]) -> None:
    lead = rated("A1", owner=people["luca"])
    take()
    assert "Accept" not in page_of(people["vera"]) and "Accept" not in page_of(people["marta"])
    assert signed_in(people["marta"]).post(f"/inbox/{lead.pk}/accept", headers=HOST).status_code == 403  # a verdict is what sales says
    said = signed_in(people["marta"]).post(f"/leads/{lead.pk}/do/accept", headers=HOST, follow=True).content.decode()
    assert "for sales to say" in said and stage(lead) == "marketing_qualified"
    assert signed_in(people["vera"]).post(f"/inbox/{lead.pk}/accept", headers=HOST).status_code == 403
    assert signed_in(people["jonas"]).post(f"/inbox/{lead.pk}/accept", headers=HOST).status_code == 404
    assert signed_in(people["luca"]).post(f"/inbox/{lead.pk}/nonsense", headers=HOST).status_code == 404
    assert signed_in(people["luca"]).get(f"/inbox/{lead.pk}/accept", headers=HOST).status_code == 405


def test_it_asks_as_often_however_many_wait(people: dict[str, Any], django_assert_max: Any) -> None:
    for _ in range(12):
        rated("A1", owner=people["luca"])
    take()
    client = signed_in(people["luca"])
    client.get("/inbox")
    with django_assert_max(18):
        client.get("/inbox")
    for _ in range(6):
        lead = rated("A1", owner=people["luca"])
        take()
        client.post(f"/inbox/{lead.pk}/accept", headers=HOST)
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
        client.post(f"/leads/{lead.pk}/do/work", {"next_step": "call", "next_step_at": tomorrow}, headers=HOST)
    client.get("/inbox")  # which says what was done, once
    with django_assert_max(18):
        client.get("/inbox")


def test_a_lead_is_shown_again_later(people: dict[str, Any]) -> None:
    lead = rated("A1", owner=people["luca"])
    take(datetime.now(UTC))
    told = {"back": "inbox", "days": "3"}
    page = signed_in(people["luca"]).post(f"/leads/{lead.pk}/do/postpone", told, headers=HOST, follow=True).content.decode()
    assert "It comes again on" in page and waiting(page) == [] and f'id="later-{lead.pk}"' in page
    for bad, why in (({}, "Say until when"), ({"until": "soon"}, "is no day"), ({"until": "2020-01-01"}, "within a year")):
        page = signed_in(people["luca"]).post(f"/leads/{lead.pk}/do/postpone", {"back": "inbox", **bad}, headers=HOST, follow=True).content
        assert why in page.decode()
    later = {**told, "until": (datetime.now(UTC) + timedelta(days=30)).date().isoformat()}  # typed, and then another day was pressed
    signed_in(people["luca"]).post(f"/leads/{lead.pk}/do/postpone", later, headers=HOST)
    until = LeadStage.objects.get(lead=lead).postponed_until
    assert until is not None and until < datetime.now(UTC) + timedelta(days=4)
    assert "That is for sales to say" in signed_in(people["marta"]).post(
        f"/leads/{lead.pk}/do/postpone", told, headers=HOST, follow=True
    ).content.decode()  # fmt: skip


def test_a_seller_waits_for_a_lead_until_it_answers(people: dict[str, Any]) -> None:
    lead = rated("A1", owner=people["luca"])
    take(datetime.now(UTC))
    luca, marta = signed_in(people["luca"]), signed_in(people["marta"])
    its, here = f"/leads/{lead.pk}", f"/leads/{lead.pk}/do"
    assert "Waiting for the lead" in luca.get(its).content.decode() and "Waiting for the lead" not in marta.get(its).content.decode()
    page = luca.post(f"{here}/postpone", {"back": "inbox", "days": "answer"}, headers=HOST, follow=True).content.decode()
    assert (
        "Its clock stands until the lead answers, at most 7 days." in page
        and "at the latest until" in page
        and waiting(page) == [str(lead.pk)]
        and "paused since" in page
        and "They answered" in page
    )
    assert "paused since" in marta.get("/inbox").content.decode()
    page = luca.get(its).content.decode()
    assert "They answered" in page and "paused since" in page and "Waiting for the lead" not in page
    page = luca.post(f"{here}/answered", {"back": "inbox"}, headers=HOST, follow=True).content.decode()
    assert "Its clock runs on." in page and "paused since" not in page
    luca.post(f"{here}/wait", headers=HOST)
    for deed in ("wait", "answered"):
        assert "That is for sales to say" in marta.post(f"{here}/{deed}", headers=HOST, follow=True).content.decode()
    assert [verb for verb in ("pause_clock", "resume_clock") for _each in audited(verb)] == ["pause_clock", "pause_clock", "resume_clock"]


def test_waiting_for_a_lead_is_undone_beside_what_is_said(people: dict[str, Any]) -> None:
    lead = rated("A1", owner=people["luca"])
    take(datetime.now(UTC))
    luca, here = signed_in(people["luca"]), f"/leads/{lead.pk}/do"
    for deed, told, undo in (("postpone", {"days": "answer", "back": "inbox"}, "answered?back=inbox"), ("wait", {}, "answered")):
        page = luca.post(f"{here}/{deed}", told, headers=HOST, follow=True).content.decode()
        assert f'<form method="post" action="{here}/{undo}"' in page and "paused since" in page
        answer = luca.post(f"{here}/{undo}", headers=HOST, follow=True)
        assert answer.redirect_chain == [("/inbox" if told else f"/leads/{lead.pk}", 302)]
        assert "Its clock runs on." in answer.content.decode() and "paused since" not in answer.content.decode()


def test_a_lead_that_was_put_off_is_shown_at_once(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import ClockPause

    lead = rated("A1", owner=people["luca"])
    take(datetime.now(UTC))
    luca, here = signed_in(people["luca"]), f"/leads/{lead.pk}/do"
    page = luca.post(f"{here}/postpone", {"days": "3", "back": "inbox"}, headers=HOST, follow=True).content.decode()
    assert f"{lead}: It comes again on" in page and page.count(f'action="{here}/again?back=inbox"') == 2  # to undo it, and later on
    assert "Show it now" not in signed_in(people["marta"]).get("/inbox").content.decode()
    page = luca.post(f"{here}/again?back=inbox", headers=HOST, follow=True).content.decode()
    assert "It waits for an answer again" in page and waiting(page) == [str(lead.pk)] and f"later-{lead.pk}" not in page
    (pause,) = ClockPause.objects.all()
    assert pause.to_at is not None and pause.to_at <= datetime.now(UTC)
    assert len(audited("show_lead_again")) == 1
    page = luca.post(f"{here}/again?back=inbox", headers=HOST, follow=True).content.decode()
    assert "was not put off" in page
    assert "That is for sales to say" in signed_in(people["marta"]).post(f"{here}/again", headers=HOST, follow=True).content.decode()


def test_what_was_found_out_and_comes_next_is_kept(people: dict[str, Any]) -> None:
    from vaglio_server.crm.models import FieldChange
    from vaglio_server.lifecycle.models import LeadStage

    luca = signed_in(people["luca"])
    lead = rated("A1", owner=people["luca"])
    take(datetime.now(UTC))
    luca.post(f"/inbox/{lead.pk}/accept", headers=HOST)
    assert "Ask about budget, authority, need, timeline" in luca.get("/inbox").content.decode()
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    told = {"bant_budget": "yes", "bant_authority": "no", "bant_need": "", "next_step": "call the CFO", "next_step_at": tomorrow}
    page = luca.post(f"/leads/{lead.pk}/do/work", {"back": "inbox", **told}, headers=HOST, follow=True).content.decode()
    assert "call the CFO" in page and "BANT: doubtful" in page
    kept = LeadStage.objects.get(lead=lead)
    assert (kept.next_step, kept.next_step_at.hour if kept.next_step_at else None) == ("call the CFO", 23)
    changes = FieldChange.objects.filter(lead=lead, field__startswith="bant_").order_by("field").values_list("field", "value", "by")
    assert list(changes) == [("bant_authority", "no", "luca"), ("bant_budget", "yes", "luca")]
    page = luca.post(f"/leads/{lead.pk}/do/work", dict.fromkeys(("bant_budget", "bant_authority", "bant_need", "bant_timeline"), "yes"),
                     headers=HOST, follow=True).content.decode()  # fmt: skip
    assert "qualified" in page and "call the CFO" in page
    told = {"next_step": "", "next_step_at": ""}
    assert "Convert: all four are confirmed" in luca.post(
        f"/leads/{lead.pk}/do/work", told, headers=HOST, follow=True
    ).content.decode()  # fmt: skip


def test_what_somebody_else_found_out_meanwhile_stays(people: dict[str, Any]) -> None:
    luca, lead = signed_in(people["luca"]), rated("A1", owner=people["luca"])
    take(datetime.now(UTC))
    luca.post(f"/inbox/{lead.pk}/accept", headers=HOST)
    day = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    page = luca.get(f"/leads/{lead.pk}", headers=HOST).content.decode()
    opened = {name: "" for name in re.findall(r'<input type="hidden" name="was\.(\w+)" value="">', page)}
    assert len(opened) == 6
    opened |= {f"was.{name}": "" for name in opened}
    for typed in ({"next_step": "call the CFO", "next_step_at": day, "bant_budget": "yes"}, {"bant_need": "no"}):
        page = luca.post(f"/leads/{lead.pk}/do/work", opened | typed, headers=HOST, follow=True).content.decode()
        assert "Kept." in page
    lead.refresh_from_db()
    assert {name: lead.fields.get(name) for name in ("bant_budget", "bant_need")} == {"bant_budget": "yes", "bant_need": "no"}
    assert LeadStage.objects.get(lead=lead).next_step == "call the CFO"
    assert "&quot;was.next_step&quot;: &quot;call the CFO&quot;" in luca.get("/inbox", headers=HOST).content.decode()
    told = {"next_step": "", "was.next_step": "call the CFO", "next_step_at": day, "was.next_step_at": day}
    luca.post(f"/leads/{lead.pk}/do/work", told, headers=HOST)
    assert LeadStage.objects.get(lead=lead).next_step == ""  # what is emptied is gone


def test_of_who_works_nowhere_known_no_dot_is_left(people: dict[str, Any]) -> None:
    lead = rated("A1", owner=people["luca"])
    type(lead).objects.filter(pk=lead.pk).update(fields={"email": "mia@mail.example"}, account=None)
    take(datetime.now(UTC))
    signed_in(people["luca"]).post(f"/inbox/{lead.pk}/accept", headers=HOST)
    assert "<small>luca</small>" in read(signed_in(people["ada"]).get("/inbox", headers=HOST))
    page = read(signed_in(people["luca"]).get(f"/leads/{lead.pk}", headers=HOST))
    assert '<p><a href="mailto:mia@mail.example">' in page


def test_what_is_done_today_is_late_tomorrow_and_what_is_late_may_stay(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import LeadStage

    luca, lead = signed_in(people["luca"]), rated("A1", owner=people["luca"])
    take(datetime.now(UTC))
    luca.post(f"/inbox/{lead.pk}/accept", headers=HOST)
    today = datetime.now(UTC).date()
    keep = lambda **told: luca.post(f"/leads/{lead.pk}/do/work", {"back": "inbox", **told}, headers=HOST, follow=True).content.decode()  # noqa: E731
    assert "Kept." in keep(next_step="call", next_step_at=today.isoformat())
    late = datetime.combine(today - timedelta(days=3), time(23, 59), UTC)
    LeadStage.objects.filter(lead=lead).update(next_step_at=late)
    assert "Kept." in keep(next_step="call", next_step_at=late.date().isoformat(), bant_need="yes")
    lead.refresh_from_db()
    assert lead.fields["bant_need"] == "yes"
    assert "within a year" in keep(next_step="call", next_step_at="2020-01-01", bant_need="no")
    lead.refresh_from_db()
    assert lead.fields["bant_need"] == "yes"  # all of what was said, or nothing
    assert "no day of these years" in keep(next_step="call", next_step_at="0001-01-01")


def test_hours_are_those_of_whoever_looks(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import BusinessCalendar, LeadStage, Seller

    always = [[[0, 1440]]] * 7
    BusinessCalendar.objects.create(name="Milan", timezone="Asia/Tokyo", week=always, is_default=True)
    york = BusinessCalendar.objects.create(name="York", timezone="America/New_York", week=always)
    Seller.objects.create(user=people["jonas"], calendar=york)
    for name in ("luca", "jonas"):
        lead = rated("A1", owner=people[name])
    take(datetime(2026, 10, 2, 22, 30, tzinfo=UTC))  # an hour is promised
    assert "by 3 Oct, 08:30" in page_of(people["luca"]) and "by 2 Oct, 19:30" in page_of(people["jonas"])
    jonas = signed_in(people["jonas"])
    jonas.post(f"/inbox/{lead.pk}/accept", headers=HOST)
    day = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    jonas.post(f"/leads/{lead.pk}/do/work", {"next_step": "call", "next_step_at": day}, headers=HOST)
    kept = LeadStage.objects.get(lead=lead).next_step_at
    assert kept is not None and kept.date().isoformat() > day  # the end of the day in New York
    assert f"&quot;next_step_at&quot;: &quot;{day}&quot;" in page_of(people["jonas"])


def test_a_seller_chooses_their_mails(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import Seller

    assert "Saved." in signed_in(people["luca"]).post("/inbox/mails", {"mails": "digest"}, headers=HOST, follow=True).content.decode()
    assert Seller.objects.get(user=people["luca"]).mails == "digest"
    assert "choose one of" in signed_in(people["luca"]).post("/inbox/mails", {"mails": "x"}, headers=HOST, follow=True).content.decode()
    assert signed_in(people["marta"]).post("/inbox/mails", {"mails": "digest"}, headers=HOST).status_code == 403


def test_in_the_demo_time_passes_and_mails_are_shown(people: dict[str, Any], tmp_path: Any) -> None:
    from django.test import override_settings

    from vaglio_server.lifecycle.models import Notice

    luca = signed_in(people["luca"])
    assert luca.get("/demo/mails").status_code == luca.post("/demo/pass", headers=HOST).status_code == 404
    assert "Let an hour pass" not in luca.get("/inbox").content.decode()
    rated("A1", owner=people["luca"])
    take(datetime.now(UTC))
    (tmp_path / "000001.eml").write_bytes(b"To: luca@vaglio.example\r\nSubject: A lead\r\n\r\nit waits <b>for</b> you\r\n")
    with override_settings(DEMO=True, DEMO_MAILS=str(tmp_path)):
        assert "Let an hour pass" in luca.get("/inbox").content.decode()
        said = [luca.post("/demo/pass", headers=HOST, follow=True).content.decode() for _ in range(3)]
        for page, steps in zip(said, ("1 step was taken", "2 steps were taken", "1 step was taken"), strict=True):  # the last of who got it
            assert f"An hour of working time has passed. {steps}" in page  # an hour was promised
        assert "sellers get a summary" in luca.post("/demo/pass", {"day": "1"}, headers=HOST, follow=True).content.decode()
        luca.post("/demo/pass", {"day": "1"}, headers=HOST)
        assert Notice.objects.filter(about="digest").count() == 2 * 3
        page = luca.get("/demo/mails").content.decode()
        assert "A lead" in page and "it waits &lt;b&gt;for&lt;/b&gt; you" in page
