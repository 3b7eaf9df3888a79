"""A version tried on a lead or on typed-in values: nothing is stored, what is wrong stands beside its place."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from tests.server.web.people import another_day, make_hours, signed_in
from tests.server.web.test_models import house, marta, text_of  # noqa: F401
from tests.server.world import leads
from vaglio_server.web.model_try_form import Box, _day

GOOD = {"fields.job_title": "CTO", "fields.employees": "900", "act.a1.type": "form_submitted", "act.a1.day": "", "act.a1.times": "1",
        "act.a1.p.form": "demo", "act.b.type": "page_viewed", "act.b.times": "2", "act.b.p.path": "/pricing"}  # fmt: skip


def rated(page: str) -> str:
    found = re.search(r'class="rating huge [^"]*">([^<]+)<', page)
    assert found is not None, text_of(page)
    return found[1]


def test_it_works(marta: Any) -> None:  # noqa: F811
    page = marta.post("/models/bounded/try", GOOD).content.decode()
    # Fit: 60 + 40 bounded to 60, and 30 and 3, bounded to 80. Engagement: 50, and 60 of which the rule's cap leaves 45.
    assert rated(page) == "A1"
    said = text_of(page)
    assert "+50" in said and "cap of pricing" in said and "95 points" in said and "80 points" in said
    assert 'value="900"' in page and 'value="/pricing"' in page  # it can be changed and tried again


def test_a_draft_says_something_else(marta: Any) -> None:  # noqa: F811
    values = {"fields.job_title": "CTO", "fields.employees": "60"}
    assert rated(marta.post("/models/bounded/try", values).content.decode()) == "B4"  # 60 of the group, and 3
    assert rated(marta.post("/models/bounded/try?version=2", values).content.decode()) == "A4"  # 90, bounded to 80


def test_nothing_is_stored(house: dict[str, Any], marta: Any) -> None:  # noqa: F811
    from django.db import connection

    def sizes() -> dict[str, int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            names = [row[0] for row in cursor.fetchall()]
            cursor.execute(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in names))
            return dict(cursor.fetchall())

    marta.get("/models/bounded/try")
    before = sizes()
    marta.post("/models/bounded/try", GOOD)
    marta.get(f"/models/bounded/try/leads/{leads()['p1@firm1.example'].pk}")
    assert sizes() == before


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("fields.employees", "ninety", "is no whole number"),
        ("act.w.p.minutes", "long", "is no whole number"),
        ("act.a1.day", "yesterday", "write a day such as"),
        ("act.a1.times", "0", "write a whole number from 1 to 50"),
        ("created", "2026-13-01", "write a day such as"),
    ],
)
def test_what_is_wrong_is_said_beside_its_place(marta: Any, name: str, value: str, message: str) -> None:  # noqa: F811
    sent = GOOD | {"act.w.type": "webinar_attended", "act.w.times": "1", "act.w.p.minutes": "30"} | {name: value}
    page = marta.post("/models/bounded/try", sent).content.decode()
    assert "rating huge" not in page
    place = re.search(rf'<label class="named wrong">(?:(?!</label>).)*name="{re.escape(name)}".*?</label>', page, re.DOTALL)
    assert place is not None and message in text_of(place[0])
    assert page.count('class="named wrong"') == 1
    assert f'value="{value}"' in page


def test_on_a_lead_it_says_what_its_stored_score_says_and_fills_the_form(marta: Any) -> None:  # noqa: F811
    lead = next(lead for lead in leads().values() if lead.rating in ("A1", "A2", "B1", "B2", "B3"))
    page = marta.get(f"/models/bounded/try?lead={lead.pk}").content.decode()
    assert f'value="{lead.fields["job_title"]}"' in page
    found = re.search(r'hx-get="(/models/bounded/try/leads/\d+\?version=1)"', page)
    assert found is not None
    assert rated(marta.get(found[1]).content.decode()) == lead.rating
    draft = text_of(marta.get(f"/models/bounded/try/leads/{lead.pk}?version=2").content.decode())
    assert f"its rating now: {lead.rating}" in " ".join(draft.split()) and "its rating now" not in marta.get(found[1]).content.decode()
    names = re.findall(r'href="(/models/bounded/try\?version=1&amp;lead=\d+)"', marta.get("/models/bounded/try?q=person1").content.decode())
    assert len(names) == 8  # no more
    one = marta.get(f"/models/bounded/try?q={lead.fields['email']}", headers={"HX-Request": "true"}).content.decode()
    assert one.count("<li>") == 1 and "<html" not in one


def test_an_activity_more_has_its_own_places(marta: Any) -> None:  # noqa: F811
    one, other = (marta.get("/models/bounded/try/activity?type=webinar_attended").content.decode() for _n in range(2))
    assert ".p.minutes" in one and one != other
    assert marta.get("/models/bounded/try/activity?type=nothing").status_code == 404


def test_days_are_those_of_the_reader(marta: Any) -> None:  # noqa: F811
    zone, today = another_day()
    calendar = make_hours(zone)
    try:
        assert f'value="{today}"' in marta.get("/models/bounded/try/activity?type=webinar_attended").content.decode()
    finally:
        calendar.delete()
    with timezone.override("Europe/Rome"):
        now = datetime(2026, 5, 4, 22, 30, tzinfo=UTC)  # the 5th in Rome
        boxes = [Box("created", "", "date", day) for day in ("2026-05-05", "2026-05-04")]
        assert [_day(box, now)[1] for box in boxes] == [now, datetime(2026, 5, 4, 10, tzinfo=UTC)]


def test_it_requires_the_leads_seen(house: dict[str, Any], marta: Any) -> None:  # noqa: F811
    lead = leads()["p1@firm1.example"].pk
    luca = signed_in(house["luca"])
    assert luca.get(f"/models/bounded/try/leads/{lead}").status_code == 404
    assert luca.get(f"/models/bounded/try?lead={lead}").status_code == 404
    assert luca.get("/models/bounded/try?q=person1").content.decode().count("lead=") == 0
    assert luca.post("/models/bounded/try", GOOD).status_code == 200
    assert marta.get("/models/nothing/try").status_code == 404
