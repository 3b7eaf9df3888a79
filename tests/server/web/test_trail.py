"""The page of the audit trail: every verb in words."""

import ast
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.server.lifecycle.world import live
from tests.server.web.people import make_hours, make_people, signed_in
from tests.server.web.reading import read
from tests.server.world import AT, HOST, make_field, make_live, make_source, send
from vaglio_server.lifecycle.logic.stages import GOES_BACK, TRANSITIONS
from vaglio_server.users.actions import audit

pytestmark = pytest.mark.usefixtures("tables")
SERVER = Path(__file__).parents[3] / "src" / "vaglio_server"


def said(client: Any, address: str = "/audit") -> list[str]:
    """Return the lines of the trail as somebody reads them."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    shown = re.findall(r'<li><time.*?<span class="grow">(.*?)</span></li>', read(answer), re.DOTALL)
    return [re.sub(r"<small>", " | ", line) and re.sub(r"<[^>]+>", "", re.sub(r"<small>", " | ", line)) for line in shown]


def test_it_works() -> None:
    people = make_people()
    send(make_source(), {"type": "identify", "userId": "anna", "traits": {"firstName": "Anna", "lastName": "Rossi"}})
    make_live()
    make_field("lead", "tier")
    for verb, subject, detail in (
        ("edit_lead", "lead:1", {"fields": ["city", "job_title"]}),
        ("change_user", f"user:{people['luca'].pk}", {"role": {"before": "sales", "after": "read_only"}}),
        ("assign_leads", f"user:{people['luca'].pk}", {"leads": list(range(1, 10))}),
        ("bring_leads", "leads", {"leads": 1}),
        ("edit_lead", "lead:999", {}),
    ):
        audit(by="marta", verb=verb, subject=subject, at=datetime.now(UTC), **detail)
    lines = said(signed_in(people["ada"]))
    assert lines[:5] == [
        "marta changed a lead Lead 999",
        "marta brought in leads | leads: 1",  # how many, not whom
        "marta gave leads to luca | leads: Anna Rossi, no. 2, no. 3, no. 4, no. 5, no. 6 +3",
        "marta changed role or team of luca | role: sales → read only",
        "marta changed a lead Anna Rossi | fields: city, job title",
    ]
    assert "test defined a field Tier | kind: string" in lines
    assert "test made a source site | name: site" in lines
    page = read(signed_in(people["ada"]).get("/audit"))
    for address in ("/leads/1", f"/users/{people['luca'].pk}", "/fields/lead/tier", "/models/small", "/sources/1"):
        assert f'href="{address}"' in page, address


def test_what_is_known_beside_is_told_in_words() -> None:
    people = make_people()
    send(make_source(), {"type": "identify", "userId": "anna", "traits": {"firstName": "Anna", "lastName": "Rossi"}})
    make_hours("Asia/Tokyo")
    luca = people["luca"]
    luca.first_name, luca.last_name = "Luca", "Rinaldi"
    luca.save(update_fields=["first_name", "last_name"])
    for verb, subject, detail in (
        ("postpone_lead", "lead:1", {"until": "2026-06-05T20:30:00+00:00"}),
        ("say_next_step", "lead:1", {"step": "call", "on": "2026-06-09"}),
        ("accept_lead", "lead:1", {"after": "sales_accepted", "before": "marketing_qualified", "rating": "B1"}),
        ("add_note", "lead:1", {"note": 17}),
        ("route_leads", "leads", {"leads": {"1": luca.pk, "999": luca.pk}}),
        ("push_model", "model:999", {"version": 1, "fingerprint": "edf14dce6eb5" + "0" * 52}),
        ("postpone_lead", "lead:1", {"until": "2026-99-99T99:99:99"}),
    ):
        audit(by="luca", verb=verb, subject=subject, at=datetime.now(UTC), **detail)
    ada = signed_in(people["ada"])
    assert said(ada)[:7] == [
        "Luca Rinaldi postponed Anna Rossi | until: 2026-99-99T99:99:99",
        "Luca Rinaldi uploaded a version of a model Model 999 | version: 1 · fingerprint: edf14dce6eb5",
        "Luca Rinaldi gave to sellers by itself leads | leads: Anna Rossi → Luca Rinaldi, no. 999 → Luca Rinaldi",
        "Luca Rinaldi wrote a note on Anna Rossi",
        "Luca Rinaldi accepted Anna Rossi | marketing qualified → sales accepted · rating: B1",
        "Luca Rinaldi said the next step of Anna Rossi | on: 9 Jun 2026 · step: call",
        "Luca Rinaldi postponed Anna Rossi | until: 6 Jun 2026, 05:30",
    ]
    assert len(said(ada, "/audit?by=luca+rinaldi&verb=add_note")) == len(said(ada, "/audit?by=luca&verb=add_note")) == 1


def test_what_is_there_no_more_is_named_and_not_linked() -> None:
    from tests.server.lifecycle.test_convert import NOW, convert, named
    from vaglio_server.lifecycle.actions import undo_conversion

    people = make_people()
    live()
    lead = named(people["luca"])
    made = convert(lead, people["luca"])
    there = {f"/companies/{made.account_id}", f"/companies/contacts/{made.contact_id}", f"/opportunities/{made.opportunity_id}"}
    for subject in (f"account:{made.account_id}", f"contact:{made.contact_id}", f"opportunity:{made.opportunity_id}"):
        audit(by="luca", verb="edit_contact", subject=subject, at=NOW, fields=["city"])
    ada = signed_in(people["ada"])

    def linked(page: str) -> set[str]:
        links = set(re.findall(r'href="(/(?:leads|companies|opportunities)/[^"?]+)"', read(ada.get(page))))
        assert {address: ada.get(address).status_code for address in links} == dict.fromkeys(links, 200)
        return links & there

    pages = ("/audit", f"/person?lead={lead.pk}")
    assert linked(pages[0]) == there and linked(pages[1]) == {f"/companies/contacts/{made.contact_id}"}
    undo_conversion(conversion=made, by="ada", at=NOW)
    assert [linked(page) for page in pages] == [set(), set()]


def test_it_is_filtered_and_turned_over() -> None:
    people = make_people()
    ada = signed_in(people["ada"])
    for number in range(120):
        audit(by="ada" if number % 2 else "events", verb="edit_lead", subject=f"lead:{number % 3}", at=AT, fields=[f"f{number}"])
    assert len(said(ada, "/audit?by=ada")) == 50
    found, address = [], "/audit?by=ada&verb=edit_lead&subject=lead&number=1"
    while True:
        found += said(ada, address)
        more = re.search(r'hx-get="(\?[^"]*cursor[^"]*)"', read(ada.get(address)))
        if more is None:
            break
        address = "/audit" + more[1].replace("&amp;", "&")
    assert found == [f"ada changed a lead Lead 1 | fields: f{number}" for number in range(119, -1, -1) if number % 2 and number % 3 == 1]
    assert len(said(ada, f"/audit?day={AT.date()}&verb=create_user")) == 6
    assert said(ada, "/audit?day=2020-01-01") == []
    part = read(ada.get("/audit?by=ada", headers=HOST | {"HX-Request": "true"}))
    assert "<html" not in part and "<time" in part


def test_it_rejects_nothing_that_is_typed_but_a_cursor_that_is_none() -> None:
    ada = signed_in(make_people()["ada"])
    for asked in ("by=%00", "by=%ff", "subject=lead&number=x", "subject=lead:%00", "subject=none", "day=0000-00-00", "day=9999-12-31",
                  "verb=none", "subject=lead:1&number=2", f"number={'9' * 500}&subject=lead", "cursor="):  # fmt: skip
        assert ada.get(f"/audit?{asked}").status_code == 200, asked
    for cursor in ("x", "1", "1~x", f"{'9' * 17}~{'9' * 30}", "%00"):
        assert ada.get(f"/audit?cursor={cursor}").status_code == 400, cursor


def test_hours_of_a_week_and_numbers_of_people_are_told_in_words() -> None:
    people = make_people()
    team, calendar = people["luca"].team, make_hours("Asia/Tokyo")
    week = [[[540, 780], [840, 1080]]] * 5 + [[], []]
    audit(by="marta", verb="keep_calendar", subject=f"calendar:{calendar.pk}", at=datetime.now(UTC), week=week)
    audit(by="marta", verb="set_queue", subject=f"team:{team.pk}", at=datetime.now(UTC), leader=people["luca"].pk, hands_over_to=team.pk)
    audit(by="marta", verb="set_seller", subject=f"user:{people['luca'].pk}", at=datetime.now(UTC), weight=2, calendar=calendar.pk)
    seller, queue, hours = said(signed_in(people["ada"]))[:3]
    assert "calendar: Asia/Tokyo" in seller and "leader: luca" in queue and "hands over to: south" in queue
    assert hours.endswith("week: Mon–Fri 9:00-13:00, 14:00-18:00")


def test_days_and_times_are_those_of_the_zone_it_names() -> None:
    ada = signed_in(make_people()["ada"])
    assert "Days and times are those of UTC." in read(ada.get("/audit"))
    make_hours("Asia/Tokyo")
    audit(by="ada", verb="edit_lead", subject="lead:1", at=datetime(2026, 6, 5, 20, 30, tzinfo=UTC))
    page = read(ada.get("/audit?day=2026-06-06&verb=edit_lead"))
    assert "Days and times are those of Asia/Tokyo." in page and "6 Jun 2026, 05:30:00" in page
    assert said(ada, "/audit?day=2026-06-05&verb=edit_lead") == []
    for day in ("0001-01-01", "9999-12-30", "9999-12-31"):
        assert said(ada, f"/audit?day={day}") == [], day


def test_it_requires_an_administrator() -> None:
    people = make_people()
    for name in ("marta", "luca", "vera"):
        assert signed_in(people[name]).get("/audit").status_code == 403


def test_what_stands_there_cannot_smuggle_in_markup() -> None:
    ada = signed_in(make_people()["ada"])
    audit(by="<script>x</script>", verb="<script>", subject="<script>:1", at=AT, **{"<script>": "<script>"})
    assert "<script>x" not in read(ada.get("/audit"))
    assert len(said(ada)) == 7


def verbs_written() -> set[str]:
    """Return the verbs that are named where something is audited; a move stands in the trail as what it did to a lead."""
    found = set()
    for path in (*SERVER.rglob("actions/*.py"), *SERVER.rglob("actions.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "verb" and isinstance(node.value, ast.Constant):
                found.add(node.value.value)
    moves = set(TRANSITIONS) | set(GOES_BACK) - {"unconvert"}  # that one is one entry, which names the conversion
    return {f"{verb}_lead" if verb in moves else verb for verb in found | moves}


def test_every_verb_reads_as_words() -> None:
    from vaglio_server.web.trail_words import VERBS, done

    written = verbs_written()
    assert {"create_user", "block_user", "merge_leads", "define_field", "dismiss_pair"} <= written
    assert written - set(VERBS) == set()
    assert [verb for verb in written | set(VERBS) if "_" in done(verb)] == []
    assert done("turn_over") == "turn over"  # one that has no words of its own yet


def test_it_asks_the_same_number_of_questions_however_long_it_is(django_assert_max: Any) -> None:
    ada = signed_in(make_people()["ada"])
    for number in range(60):
        audit(by="ada", verb="edit_lead", subject=f"lead:{number}", at=AT)
    ada.get("/audit")
    with django_assert_max(9):
        ada.get("/audit")


def test_a_name_that_looks_like_a_number_is_a_name() -> None:
    from vaglio_server.web.trail_detail import called_in, detail

    known = {"user": "7", "owners": 3}
    assert called_in([{"user": "²"}, known]) == {}
    called = {("user", 7): "Somebody Else"}
    assert detail({"user": "²"}, called) == "user: ²"
    assert detail(known, called) == "user: 7 · owners: 3"
    assert detail({"leads": {"²": 7}}, called) == "leads: ² 7"
