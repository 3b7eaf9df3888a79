"""A file of activities: of people who are leads, each once in however many files, and taken back so that past scores replay."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.imports.test_imports import mapped, marta, run, state, upload  # noqa: F401
from tests.server.imports.test_undo import brought, score, undo
from tests.server.world import activities_of, leads, make_live, make_source, send

FILE = """Email,Activity Type,Activity Date,Path
anna@acme.example,Page Viewed,2026-11-01 10:00,/pricing
anna@acme.example,Form Submitted,13/11/2026,
nobody@acme.example,Page Viewed,2026-11-01 10:00,/pricing
anna@acme.example,,2026-11-01,
anna@acme.example,Call,tomorrow,
anna@acme.example,Call,2100-01-01,
"""


def anna() -> Any:
    return leads()["anna@acme.example"]


def world() -> None:
    send(make_source(), {"type": "identify", "userId": "a7", "traits": {"email": "anna@acme.example", "title": "CTO"}})


def test_activities_are_guessed_mapped_and_taken(marta: Any) -> None:  # noqa: F811
    world()
    made = upload(marta, FILE)
    assert (made.holds, made.columns) == ("activities", ["email", "activity_type", "occurred_at", "path"])
    page = marta.get(f"/imports/{made.pk}").content.decode()
    for says in (
        "nobody is known by nobody@acme.example",
        "does not say what was done",
        "is no time",
        "in the future",
        "How days are written",
    ):
        assert says in page
    mapped(marta, made)
    run()
    assert state(made) == ("done", 6, 2, 0, 4)
    assert activities_of(anna()) == ["page_viewed", "form_submitted"]
    assert len(leads()) == 1
    text = b"".join(marta.get(f"/imports/{made.pk}/refused.csv").streaming_content).decode("utf-8-sig")
    assert "nobody@acme.example" in text


def test_an_activity_is_taken_once_in_however_many_files(marta: Any) -> None:  # noqa: F811
    world()
    brought(marta, FILE)
    again = brought(marta, FILE + "anna@acme.example,Call,2026-11-02,\n")
    assert state(again) == ("done", 7, 1, 2, 4)
    assert sorted(activities_of(anna())) == ["call", "form_submitted", "page_viewed"]


@pytest.mark.parametrize(
    "heading",
    [
        "Lead ID,Type,Activity ID,Date,Subject,Company / Account",
        "Lead ID,Tipo attività,ID attività,Data,Oggetto,Company / Account",
        "Lead ID,Tip activitate,ID activitate,Data activității,Subiect,Company / Account",
    ],
)
def test_people_are_known_by_the_other_systems_id(marta: Any, heading: str) -> None:  # noqa: F811
    brought(marta, "Lead ID,Company / Account,Email,Title\n00Q1,Acme,anna@acme.example,CTO\n")
    made = brought(marta, f"{heading}\n00Q1,Meeting,77,2026-11-02 09:30,Demo,Acme\n00Q9,Meeting,78,2026-11-02,Demo,Acme\n")
    assert (made.holds, state(made)) == ("activities", ("done", 2, 1, 0, 1))
    assert activities_of(anna()) == ["meeting"]


def test_taken_back_they_are_worth_nothing_and_past_scores_replay(marta: Any) -> None:  # noqa: F811
    from vaglio_server.scoring.actions import recheck
    from vaglio_server.scoring.models import Score
    from vaglio_server.scoring.scorers import a_scorer

    world()
    make_live()
    score()
    day = datetime.now(UTC).date().isoformat()
    made = brought(marta, f"Email,Event,Date,Form\nanna@acme.example,Form Submitted,{day},demo\n")
    score()
    assert anna().engagement_millipoints == 50_000
    assert "form submitted" in marta.get(f"/leads/{anna().pk}").content.decode()
    page = marta.get(f"/imports/{made.pk}/undo").content.decode()
    assert "count no more" in page
    undo(made)
    score()
    assert anna().engagement_millipoints == 0
    assert "form submitted" not in marta.get(f"/leads/{anna().pk}").content.decode()
    assert "form submitted" not in marta.get("/activities").content.decode()
    made.refresh_from_db()
    assert (made.state, made.activities_back) == ("undone", 1)
    with a_scorer() as scorer:
        assert recheck(scorer=scorer, sample=100, by="test", at=datetime.now(UTC)).different == []
    assert Score.objects.filter(lead=anna()).count() == 3
    again = brought(marta, f"Email,Event,Date,Form\nanna@acme.example,Form Submitted,{day},demo\n")
    score()
    assert (state(again), anna().engagement_millipoints) == (("done", 1, 1, 0, 0), 50_000)


def test_a_lead_whose_only_activities_were_taken_back_goes_with_its_own_file(marta: Any) -> None:  # noqa: F811
    from vaglio_server.crm.models import Lead

    first = brought(marta, "Email,Name\nanna@acme.example,Anna\n")
    second = brought(marta, "Email,Event,Date\nanna@acme.example,Call,2026-11-02\n")
    undo(first)
    assert Lead.objects.present().count() == 1
    undo(second)
    assert Lead.objects.present().count() == 0


def test_it_is_taken_back_from_whoever_has_it_after_a_merge(marta: Any) -> None:  # noqa: F811
    from vaglio_server.tracking.actions import merge_leads
    from vaglio_server.tracking.queries import activities_of as shown

    world()
    send(make_source("other"), {"type": "identify", "userId": "b1", "traits": {"email": "bea@acme.example"}})
    made = brought(marta, "Email,Event,Date\nanna@acme.example,Call,2026-11-02\n")
    merge_leads(lead=leads()["bea@acme.example"], other=anna(), by="luca", at=datetime.now(UTC))
    assert shown(leads()["bea@acme.example"]).count() == 1
    undo(made)
    assert shown(leads()["bea@acme.example"]).count() == 0


def test_the_order_of_day_and_month_is_shown_and_switched(marta: Any) -> None:  # noqa: F811
    from vaglio_server.tracking.models import Activity

    world()
    made = upload(marta, "Email,Event,Date\nanna@acme.example,Call,03/04/2026\nanna@acme.example,Call,03/05/2026 10:30\n")
    assert made.orders == {"2": {"order": "dmy", "by": "use", "is_mixed": False}}
    assert "its values do not tell" in marta.get(f"/imports/{made.pk}").content.decode()
    mapped(marta, made, order2="mdy")
    made.refresh_from_db()
    assert made.orders["2"] == {"order": "mdy", "by": "hand"}
    run()
    assert list(Activity.objects.order_by("occurred_at").values_list("occurred_at", flat=True)) == [
        datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 5, 10, 30, tzinfo=UTC)
    ]  # fmt: skip


def test_american_days_are_read_as_such_where_values_tell(marta: Any) -> None:  # noqa: F811
    from tests.server.world import make_field

    make_field("lead", "since", "date")
    brought(marta, "Email,Since\na@x.example,03/04/2026\nb@x.example,12/31/2026\n")
    assert {mail: lead.fields["since"] for mail, lead in leads().items()} == {"a@x.example": "2026-03-04", "b@x.example": "2026-12-31"}


def test_what_a_file_holds_is_said_by_hand(marta: Any) -> None:  # noqa: F811
    world()
    made = upload(marta, "Mail,Was,Wann\nanna@acme.example,Call,2026-11-02\n")
    assert made.holds == "leads"
    marta.post(f"/imports/{made.pk}/columns", {"holds": "activities", "look": ""})
    made.refresh_from_db()
    assert (made.holds, made.columns) == ("activities", ["email", "was", "wann"])
    answer = mapped(marta, made)
    assert "what was done" in marta.get(answer["Location"]).content.decode()
    mapped(marta, made, column1="activity_type", column2="occurred_at")
    run()
    assert activities_of(anna()) == ["call"]
    marta.post(f"/imports/{made.pk}/columns", {"holds": "leads"})
    assert "was started already" in marta.get(f"/imports/{made.pk}").content.decode()
