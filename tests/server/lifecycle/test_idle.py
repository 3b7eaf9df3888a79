"""Leads that lie idle between stages are found by why, and mended; what sales said is counted, and asked about again."""

import re
import threading
from datetime import timedelta
from typing import Any

import pytest

from tests.server.kept import kept
from tests.server.lifecycle.world import LEADS_TO, NOW, people_and_model, rated, stage, take
from tests.server.web.reading import read
from tests.server.world import MODEL, audited, make_live
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    return kept(people_and_model)


def lying(user: Any, at: Any = NOW) -> dict[str, list[Any]]:
    from vaglio_server.lifecycle.queries import idle

    return {each.why.value: [row.lead for row in each.leads] for each in idle(user, at, 9)}


def test_each_kind_is_found(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead, find_breaches, postpone_lead, say_next_step
    from vaglio_server.lifecycle.models import LeadStage, SlaClock

    luca = people["luca"]
    nobodys = rated("A1", owner=luca)
    late, good, later, left, planned, unpromised = (rated("A1", owner=luca) for _ in range(6))
    take()
    type(nobodys).objects.filter(pk=nobodys.pk).update(owner=None)
    SlaClock.objects.filter(lead=late).update(started_at=NOW - DAY)
    SlaClock.objects.filter(lead=unpromised).delete()
    LeadStage.objects.filter(lead=unpromised).update(since=NOW - 3 * DAY)
    postpone_lead(lead=later, until=NOW + DAY, by="luca", at=NOW)
    for lead in (left, planned):
        accept_lead(lead=lead, seller=luca, at=NOW)
    assert lying(luca)["left"] == []  # just now
    LeadStage.objects.filter(lead__in=[left, planned]).update(since=NOW - 5 * HOUR)
    say_next_step(lead=planned, step="call", on=NOW + DAY, by="luca", at=NOW)
    find_breaches(at=NOW)
    expected = {"nobodys": [nobodys], "unanswered": [unpromised], "left": [left]}
    assert lying(luca) == expected | {"unanswered": [unpromised]}  # the late one went to somebody else, whose it is late with
    assert lying(people["marta"])["unanswered"] == [unpromised, late]
    assert good not in lying(people["marta"])["unanswered"]
    assert lying(people["jonas"])["left"] == [] and lying(luca, NOW + 2 * DAY)["left"] == [left, planned]


def test_who_reminds_twice_at_once_is_told_the_second_time(people: dict[str, Any]) -> None:
    from django.db import connection, transaction

    from vaglio_server.lifecycle.actions import remind
    from vaglio_server.lifecycle.models import Notice

    lead = rated("A1", owner=people["luca"])
    take()
    said: list[str] = []

    def again() -> None:
        try:
            remind(leads=[lead.pk], by="ada", at=NOW)
        except Refused as refused:
            said.append(str(refused))
        connection.close()

    with transaction.atomic(), connection.cursor() as cursor:
        remind(leads=[lead.pk], by="marta", at=NOW)
        second = threading.Thread(target=again)
        second.start()
        for _ in range(500):
            cursor.execute("SELECT pg_sleep(0.01), (SELECT count(*) FROM pg_locks WHERE NOT granted)")
            if cursor.fetchone()[1]:
                break
        else:
            raise AssertionError("they are reminded without waiting")
    second.join(30)
    assert said == ["their owners were reminded today already"] and Notice.objects.count() == 1


def test_they_are_given_to_others_reminded_and_sent_back(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import give_to_others, remind
    from vaglio_server.lifecycle.models import Notice, Seller

    leads = [rated("A1", owner=people["luca"]) for _ in range(3)]
    take()
    assert remind(leads=[each.pk for each in leads], by="marta", at=NOW) == 1
    assert Notice.objects.get().leads == [each.pk for each in leads]
    with pytest.raises(Refused, match="reminded today already"):
        remind(leads=[each.pk for each in leads], by="marta", at=NOW + HOUR)
    assert remind(leads=[leads[0].pk], by="marta", at=NOW + DAY) == 1
    Seller.objects.create(user=people["luca"], mails="none")
    with pytest.raises(Refused, match="who wants mails"):
        remind(leads=[leads[0].pk], by="marta", at=NOW + 3 * DAY)
    assert give_to_others(leads=[leads[0].pk], by="marta", at=NOW) == 1
    leads[0].refresh_from_db()
    assert leads[0].owner in (people["irina"], people["jonas"])
    for name in ("irina", "jonas"):
        Seller.objects.create(user=people[name], capacity=0)
    assert give_to_others(leads=[leads[1].pk], by="marta", at=NOW) == 0
    leads[1].refresh_from_db()
    assert leads[1].owner == people["luca"]  # rather late than nobody's
    type(leads[0]).objects.update(owner=None)
    with pytest.raises(Refused, match="Nobody can be reminded"):
        remind(leads=[leads[0].pk], by="marta", at=NOW)


def test_what_was_answered_meanwhile_is_left_alone(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import Why, accept_lead, give_to_others, move_many

    leads = [rated("A1", owner=people["luca"]) for _ in range(3)]
    take()
    accept_lead(lead=leads[0], seller=people["luca"], at=NOW)
    those = [each.pk for each in leads]
    assert give_to_others(leads=those, by="marta", at=NOW) == 2  # seen as waiting; the first was accepted before the click
    leads[0].refresh_from_db()
    assert leads[0].owner == people["luca"]
    assert move_many(leads=those, verb="recycle", why=Why("not_now", "lay idle"), by="luca", at=NOW) == 1
    assert [stage(each) for each in leads] == ["recycled", "marketing_qualified", "marketing_qualified"]
    assert audited("recycle_lead") == [("luca", f"lead:{leads[0].pk}")]


def test_what_became_of_what_came_is_counted(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import Why, accept_lead, reject_lead
    from vaglio_server.lifecycle.queries import handed, summary

    luca, jonas = people["luca"], people["jonas"]
    found = [rated(rating, owner=owner) for rating, owner in (("A1", luca), ("A1", luca), ("A2", jonas), ("A2", jonas), ("B1", luca))]
    for number, lead in enumerate(found):
        type(lead).objects.filter(pk=lead.pk).update(fields=lead.fields | ({"lead_source": "fair"} if number < 3 else {}))
    take()
    accept_lead(lead=found[0], seller=luca, at=NOW)
    reject_lead(lead=found[1], why=Why("no_need", "has one"), seller=luca, at=NOW)
    accept_lead(lead=found[2], seller=jonas, at=NOW)
    counts = lambda by: {each.key: (each.came, each.accepted, each.rejected, each.waiting) for each in summary(by, NOW - DAY).shares}  # noqa: E731
    assert counts("rating") == {"A1": (2, 1, 1, 0), "A2": (2, 1, 0, 1), "B1": (1, 0, 0, 1)}
    assert counts("source") == {"fair": (3, 2, 1, 0), "": (2, 0, 0, 2)}
    assert counts("seller") == {"luca": (3, 1, 1, 1), "jonas": (2, 1, 0, 1)}
    assert summary("rating", NOW + DAY).shares == [] and summary("rating", NOW - DAY).reasons == [("no_need", 1)]
    (low, high) = summary("rating", NOW - DAY).shares[0].acceptance.interval()
    assert 0.05 < low < 0.5 < high < 0.95
    rows = handed(NOW - DAY, source="fair", stage="", before=None, limit=9)
    assert [(each.lead, each.verb, each.note) for each in rows] == [
        (found[2], "accept", ""), (found[1], "reject", "has one"), (found[0], "accept", "")
    ]  # fmt: skip
    assert [each.lead for each in handed(NOW - DAY, source=None, stage="recycled", before=None, limit=9)] == [found[1]]
    assert [each.lead for each in handed(NOW - DAY, source=None, stage="", before=rows[1].move, limit=9)] == [found[0]]


def test_by_rule_as_it_was_when_they_came(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead
    from vaglio_server.lifecycle.queries import summary
    from vaglio_server.scoring.models import Score

    lead = rated("A1", owner=people["luca"])
    Score.objects.filter(lead=lead).update(lines={"profile.sector.rule": 30000, "engagement.demo.rule": 60000, "engagement.spam.rule": -5})
    take()
    accept_lead(lead=lead, seller=people["luca"], at=NOW)
    later = Score.objects.get(lead=lead)
    later.pk, later.as_of, later.known_at, later.lines = None, NOW + DAY, NOW + DAY, {"engagement.webinar.rule": 9000}
    later.save()
    assert {each.key: each.accepted for each in summary("rule", NOW - DAY).shares} == {"profile.sector": 1, "engagement.demo": 1}


def test_by_rule_of_the_version_that_drove_then(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.queries import summary
    from vaglio_server.scoring.models import Score

    lead = rated("A1", owner=people["luca"])
    Score.objects.filter(lead=lead).update(lines={"engagement.demo.rule": 60000})
    take()
    make_live(MODEL.replace("points: 60", "points: 50") + LEADS_TO)
    assert {each.key: each.came for each in summary("rule", NOW - DAY).shares} == {"engagement.demo": 1}


def test_converted_is_who_was_with_a_sale_or_without(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import Why, Wish, convert_lead, move_lead, undo_conversion
    from vaglio_server.lifecycle.queries import summary

    leads = [rated("A1", owner=people["luca"]) for _ in range(4)]
    take()
    wishes = (Wish(sale={}), Wish(), Wish())
    made = [convert_lead(lead=lead, wish=wish, seller=people["luca"], at=NOW) for lead, wish in zip(leads, wishes, strict=False)]
    move_lead(lead=leads[1], verb="recycle", why=Why("not_now"), by="luca", at=NOW)  # it was converted all the same
    assert [(each.came, each.converted) for each in summary("rating", NOW - DAY).shares] == [(4, 3)]
    undo_conversion(conversion=made[2], by="luca", at=NOW)
    assert [(each.came, each.converted) for each in summary("rating", NOW - DAY).shares] == [(4, 2)]


def test_leads_of_no_source_stay_without_one_further_down(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.server.web.people import signed_in
    from vaglio_server.web import handed

    monkeypatch.setattr(handed, "PAGE", 1)
    for _ in range(2):
        rated("A1", owner=people["luca"])
    take()
    marta = signed_in(people["marta"])
    page = read(marta.get("/handed?days=365&source=&stage=marketing_qualified"))
    assert 'hx-get="?days=365&amp;by=rating&amp;stage=marketing_qualified&amp;source=&amp;before=' in page
    assert 'hx-get="/handed/figures?days=365&amp;by=rating"' in page
    assert '<input type="hidden" name="source" value="">' in page and "From not known" in page
    page = read(marta.get("/handed?days=365"))
    assert "source=" not in page.split("<main")[1].split('hx-get="')[2].split('"')[0] and 'name="source"' not in page


def test_a_colleague_is_asked_blind_on_a_sample(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.lifecycle.actions import Why, accept_lead, give_opinion, opinions, reject_lead
    from vaglio_server.lifecycle.models import SecondOpinion
    from vaglio_server.lifecycle.queries import agreement, asked_of

    monkeypatch.setattr(opinions, "ONE_IN", 1)
    monkeypatch.setattr(opinions, "MOST_OPEN", 9)
    luca, irina = people["luca"], people["irina"]
    leads = [rated("A1", owner=luca) for _ in range(4)]
    take()
    for lead in leads[:3]:
        accept_lead(lead=lead, seller=luca, at=NOW)
    reject_lead(lead=leads[3], why=Why("no_need"), seller=luca, at=NOW)
    assert [each.move.lead for each in asked_of(irina)] == leads and asked_of(people["jonas"]) == asked_of(luca) == []
    asked = list(SecondOpinion.objects.order_by("move"))
    with pytest.raises(Refused, match="somebody else"):
        give_opinion(opinion=asked[0], would_accept=True, reason=None, by=luca, at=NOW)
    with pytest.raises(Refused, match="say why"):
        give_opinion(opinion=asked[0], would_accept=False, reason=None, by=irina, at=NOW)
    for opinion, would in zip(asked, (True, True, False, False), strict=True):
        for again in (would, not would):  # a double click changes nothing
            give_opinion(opinion=opinion, would_accept=again, reason="no_budget", by=irina, at=NOW)
    found = agreement(NOW - DAY)
    # Both say yes to 2, no to 1: observed 0.75; by chance 3/4 * 2/4 + 1/4 * 2/4 = 0.5.
    assert (found.asked, found.agreed, found.kappa) == (4, 3, 0.5)
    assert agreement(NOW + DAY).kappa is None


def test_one_verdict_in_twenty_is_drawn(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions.opinions import _is_drawn
    from vaglio_server.lifecycle.models import StageMove

    drawn = sum(_is_drawn(StageMove(pk=number, lead_id=number * 7, at=NOW)) for number in range(4_000))
    assert 160 <= drawn <= 240  # 200 ± 3 deviations of 13.8


def test_pages(people: dict[str, Any]) -> None:
    from django.test import override_settings

    from tests.server.web.people import signed_in
    from tests.server.world import HOST
    from vaglio_server.lifecycle.actions import Why, accept_lead, reject_lead

    luca = people["luca"]
    leads = [rated("A1", owner=luca) for _ in range(3)]
    take(NOW)
    type(leads[0]).objects.filter(pk=leads[0].pk).update(owner=None)
    reject_lead(lead=leads[1], why=Why("no_need", "has one"), seller=luca, at=NOW)
    marta = signed_in(people["marta"])
    page = read(marta.get("/idle"))
    assert "They reached sales, and nobody has them." in page and f"/leads/{leads[0].pk}" in page
    told = {"why": "nobodys", "mend": "give", "lead": leads[0].pk}
    assert "1 lead was given away." in read(marta.post("/idle/mend", told, headers=HOST, follow=True))
    assert "lies idle still" in read(marta.post("/idle/mend", told, headers=HOST, follow=True))
    assert "Choose what to do" in read(marta.post("/idle/mend", told | {"mend": "x"}, headers=HOST, follow=True))
    assert marta.post("/idle/mend", told | {"why": "x"}, headers=HOST, follow=True).status_code == 200
    assert signed_in(people["vera"]).post("/idle/mend", told, headers=HOST).status_code == 403
    accept_lead(lead=leads[2], seller=luca, at=NOW)
    left = {"why": "left", "lead": leads[2].pk}
    mended = lambda client, mend: read(client.post("/idle/mend", left | {"mend": mend}, headers=HOST, follow=True))  # noqa: E731
    assert "Back to marketing" not in read(marta.get("/idle")) and "Remind the owners" not in read(marta.get("/idle"))
    assert "That is for sales to say." in mended(marta, "recycle") and "sends no mail yet" in mended(marta, "remind")
    assert "Back to marketing" in read(signed_in(luca).get("/idle"))
    assert "tick some in the list first" in read(
        marta.post("/idle/mend", {"why": "left", "mend": "give_to", "owner": luca.pk}, headers=HOST, follow=True)
    )
    type(leads[2]).objects.filter(pk=leads[2].pk).update(owner=None)
    assert "Choose a seller." in mended(marta, "give_to")
    given = left | {"mend": "give_to", "owner": luca.pk}
    undo = re.search(r'action="(/leads/bulk/[^"]+/undo)"', read(marta.post("/idle/mend", given, headers=HOST, follow=True)))
    assert undo is not None
    back = read(marta.post(undo[1], headers=HOST, follow=True))
    leads[2].refresh_from_db()
    assert "1 lead is back with whoever had it." in back and "lies idle" in back and leads[2].owner is None
    said = read(marta.post("/idle/mend", given, headers=HOST, follow=True))
    leads[2].refresh_from_db()
    assert "1 lead is luca" in said and leads[2].owner == luca
    with override_settings(CAN_MAIL=True):
        assert "1 owner is reminded by mail." in mended(marta, "remind")
    assert "1 lead went back to marketing." in mended(signed_in(luca), "recycle") and stage(leads[2]) == "recycled"
    type(luca).objects.filter(pk=luca.pk).update(first_name="Luca", last_name="Rinaldi")
    for by in ("rating", "source", "seller", "rule", "x"):
        page = read(marta.get(f"/handed?days=365&by={by}"))
        assert "handed back (Luca Rinaldi): No need" in page and "has one" in page
        figures = read(marta.get(f"/handed/figures?days=365&by={by}"))
        assert f"?days=365&amp;by={by if by != 'x' else 'rating'}" in page and "3 leads came to sales" in figures and "No need" in figures
        assert "Acceptance is of those answered." in figures and ("<td>Luca Rinaldi</td>" in figures) == (by == "seller")
    assert {signed_in(luca).get(f"/handed{each}").status_code for each in ("", "/figures")} == {403}
    assert stage(leads[1]) == "recycled"


def test_what_comes_first_is_what_can_be_done(people: dict[str, Any]) -> None:
    from django.test import override_settings

    from tests.server.web.people import signed_in
    from tests.server.world import HOST
    from vaglio_server.lifecycle.actions import accept_lead
    from vaglio_server.lifecycle.models import LeadStage

    luca, marta = people["luca"], signed_in(people["marta"])
    lead = rated("A1", owner=luca)
    take(NOW)
    accept_lead(lead=lead, seller=luca, at=NOW)
    LeadStage.objects.update(since=NOW - DAY)
    left = {"why": "left", "lead": lead.pk, "mend": "remind"}
    with override_settings(CAN_MAIL=True):
        page = read(marta.get("/idle"))
        assert page.index("left-title") < page.index("nobodys-title") and "Nobody took them on" in page
        assert 'btn-primary" name="mend" value="remind"' in page and 'btn" name="mend" value="give_to"' in page
        own = signed_in(luca)
        assert "Remind the owners" not in (page := read(own.get("/idle"))) and "Back to marketing" in page
        assert "btn-primary" not in page.partition("left-title")[2]  # nothing sends a lead back by the way
        assert "nobody else would be reminded" in read(own.post("/idle/mend", left, headers=HOST, follow=True))
        type(lead).objects.update(owner=None)
        page = read(marta.get("/idle"))
        assert 'btn-primary" name="mend" value="give_to"' in page and "Remind the owners" not in page
        assert "Nobody can be reminded" in read(marta.post("/idle/mend", left, headers=HOST, follow=True))


def test_what_was_ticked_stays_ticked_where_it_is_refused(people: dict[str, Any]) -> None:
    from tests.server.web.people import signed_in
    from tests.server.world import HOST

    lead, marta = rated("A1", owner=people["luca"]), signed_in(people["marta"])
    take(NOW)
    type(lead).objects.filter(pk=lead.pk).update(owner=None)
    box = f'name="lead" value="{lead.pk}"'
    page = read(marta.post("/idle/mend", {"why": "nobodys", "lead": [lead.pk], "mend": "x"}, headers=HOST, follow=True))
    assert "Choose what to do" in page and f"{box} checked" in page
    page = read(marta.get("/idle", headers=HOST))
    assert box in page and f"{box} checked" not in page
