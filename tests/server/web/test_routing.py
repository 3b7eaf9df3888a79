"""The page where leads go: rules in order, how teams share, when sellers work and are away."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.lifecycle.world import NOW, rated, take
from tests.server.web.people import make_hours, signed_in
from tests.server.world import HOST, audited, make_account

pytestmark = pytest.mark.usefixtures("tables")


def said(user: Any, address: str, **given: Any) -> str:
    """Send a form and return what the page says then."""
    return str(signed_in(user).post(address, given, headers=HOST, follow=True).content.decode())


def test_a_rule_is_made_filled_in_and_holds(people: dict[str, Any]) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.lifecycle.models import RoutingRule

    marta, north = people["marta"], people["jonas"].team
    assert "No condition: it fits every lead." in said(marta, "/routing", name="Nordics", to=f"team:{north.pk}")
    rule = RoutingRule.objects.get()
    page = signed_in(marta).get(f"/routing/rules/{rule.pk}?where=lead.country:is:SE&on=lead.country&how=is&value=NO").content.decode()
    assert "Country is Sweden" in page and "Country is Norway" in page and "Not saved yet." in page
    given = {
        "name": "Nordics",
        "to": f"team:{north.pk}",
        "where": ["lead.country:is:SE", "lead.country:is:NO"],
        "is_on": "1",
        "rating": "A1",
    }
    page = said(marta, f"/routing/rules/{rule.pk}", **given)
    assert "rated A1 and Country is Sweden or Country is Norway → <b>north</b>" in page
    lead = rated("A1")
    Lead.objects.filter(pk=lead.pk).update(fields={"country": "NO"})
    take(datetime.now(UTC))
    lead.refresh_from_db()
    assert lead.owner == people["jonas"]
    assert "1 lead in 30 days" in signed_in(marta).get("/routing").content.decode()
    assert [by for by, _subject in audited("change_routing_rule")] == ["marta"]


def test_what_leads_nowhere_says_so(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import RoutingRule, Seller

    RoutingRule.objects.create(name="no team", position=1)
    RoutingRule.objects.create(name="away", position=2, team=people["jonas"].team)
    RoutingRule.objects.create(name="gone field", position=3, user=people["luca"], conditions=["lead.shoe_size:is:44"])
    Seller.objects.create(user=people["jonas"], away_from=datetime(2026, 1, 1, tzinfo=UTC))
    page = signed_in(people["ada"]).get("/routing").content.decode()
    for fault in (
        "the team or seller it led to is gone",
        "nobody of this team can take a lead now",
        "lead.shoe_size:is:44: asks for something",
    ):
        assert fault in page


def test_it_rejects_what_does_not_fit(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import RoutingRule

    marta = people["marta"]
    assert "say where its leads go" in said(marta, "/routing", name="x")
    assert "up to 100 characters" in said(marta, "/routing", name=" ", to=f"user:{people['luca'].pk}")
    assert "no seller who can sign in" in said(marta, "/routing", name="x", to=f"user:{people['vera'].pk}")
    said(marta, "/routing", name="x", to=f"user:{people['luca'].pk}")
    assert "called X already" in said(marta, "/routing", name="X", to=f"user:{people['luca'].pk}")
    rule = RoutingRule.objects.get()
    bad = {"name": "x", "to": f"user:{people['luca'].pk}", "where": ["lead.employees:least:many"]}
    assert "needs a number" in said(marta, f"/routing/rules/{rule.pk}", **bad)
    assert RoutingRule.objects.get().conditions == []


def test_rules_change_places_and_go(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import RoutingRule

    names = ("one", "two", "three")
    for name in names:
        said(people["ada"], "/routing", name=name, to=f"user:{people['luca'].pk}")
    two = RoutingRule.objects.get(name="two")
    said(people["ada"], f"/routing/rules/{two.pk}/move", to="up")
    said(people["ada"], f"/routing/rules/{two.pk}/move", to="up")  # it is the first already
    page = signed_in(people["ada"]).get("/routing").content.decode()
    assert re.findall(r'class="name" href="/routing/rules/\d+">(\w+)<', page) == ["two", "one", "three"]
    said(people["ada"], f"/routing/rules/{two.pk}/remove")
    assert not RoutingRule.objects.filter(name="two").exists()


def test_a_team_shares_as_is_said(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import Queue

    south, north = people["luca"].team, people["jonas"].team
    given = {"share": "load", "leader": people["irina"].pk, "hands_over_to": north.pk, "is_at_work_first": "1"}
    assert "hands over to north" in said(people["ada"], f"/routing/teams/{south.pk}", **given)
    kept = Queue.objects.get(team=south)
    assert (kept.share, kept.leader, kept.hands_over_to, kept.is_at_work_first) == ("load", people["irina"], north, True)
    assert "in a circle" in said(people["ada"], f"/routing/teams/{north.pk}", share="mix", hands_over_to=south.pk)
    assert "no way to share" in said(people["ada"], f"/routing/teams/{north.pk}", share="dice")
    assert ">marta</option>" not in said(people["ada"], f"/routing/teams/{south.pk}", **given)
    assert "is no seller who can sign in" in said(people["ada"], f"/routing/teams/{south.pk}", share="load", leader=people["marta"].pk)
    Queue.objects.filter(team=south).update(leader=people["marta"])  # as she sold once
    page = said(people["ada"], f"/routing/teams/{south.pk}", share="mix", leader=people["marta"].pk)
    assert (
        "Saved." in page and f'<option value="{people["marta"].pk}" selected>marta</option>' in page
    )  # one who sells not leads all the same, and stays so


def test_a_leader_who_is_blocked_stays_and_is_seen_to_be(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import Queue
    from vaglio_server.users.actions import block_user

    south = people["luca"].team
    said(people["ada"], f"/routing/teams/{south.pk}", share="mix", leader=people["irina"].pk)
    block_user(user=people["irina"], by="ada", at=NOW)
    page = signed_in(people["marta"]).get("/routing").content.decode()
    assert "irina can no longer sign in and gets no warnings" in page and f'<option value="{people["irina"].pk}" selected>' in page
    assert "Saved." in said(people["marta"], f"/routing/teams/{south.pk}", share="load", leader=people["irina"].pk)  # as the form has it
    assert (Queue.objects.get().share, Queue.objects.get().leader) == ("load", people["irina"])
    north = people["jonas"].team
    page = said(people["marta"], f"/routing/teams/{north.pk}", share="mix", leader=people["irina"].pk)
    assert "is no seller who can sign in" in page and not Queue.objects.filter(team=north).exists()
    said(people["marta"], f"/routing/teams/{south.pk}", share="load", leader="")
    assert Queue.objects.get().leader is None


def test_a_calendar_is_kept_in_words(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import BusinessCalendar, Seller

    hours = {f"day{day}": "9-13, 14:30-18" for day in range(5)}
    given = {"name": "Milan", "timezone": "Europe/Rome", "holidays": "2026-12-25 Christmas\n2026-12-08", "is_default": "1", **hours}
    page = said(people["marta"], "/routing/calendars/new", **given)
    assert "Mon–Fri 9:00-13:00, 14:30-18:00" in page
    kept = BusinessCalendar.objects.get()
    assert kept.week == [[[540, 780], [870, 1080]]] * 5 + [[], []]
    assert (kept.holidays, kept.is_default) == (["2026-12-08", "2026-12-25 Christmas"], True)
    address = f"/routing/calendars/{kept.pk}"
    for bad, why in (
        ({"day0": "9 to late"}, "are no hours"), ({"day0": "18-9"}, "does not begin before it ends"),
        ({"day0": "9-13, 12-18"}, "in front of it"),
        ({"timezone": "Mars/Base"}, "is no time zone"), ({"holidays": "Christmas"}, "is no day"), ({"name": ""}, "has a name"),
        ({f"day{day}": "" for day in range(7)}, "an hour of work at least"),
        ({f"day{day}": "9:00-9:01" for day in range(5)}, "an hour of work at least"),
        ({"day0": "22-30", "day1": "4-12"}, "reaches into the hours of the day after"),
        ({"day6": "22-34"}, "reaches into the hours of the day after"),
    ):  # fmt: skip
        page = said(people["marta"], address, **given | bad)
        assert why in page and "alert-danger" in page
    Seller.objects.create(user=people["luca"], calendar=kept)
    assert "luca work by it" in said(people["marta"], f"{address}/remove")
    Seller.objects.update(calendar=None)
    said(people["marta"], f"{address}/remove")
    assert not BusinessCalendar.objects.exists()


def test_who_is_there_out_of_their_hours_is_said(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import BusinessCalendar, Seller

    make_hours("Europe/Rome")  # at all hours
    other_day = (datetime.now(UTC).weekday() + 3) % 7
    week = [[[540, 1080]] if day == other_day else [] for day in range(7)]
    rest = BusinessCalendar.objects.create(name="Rest", timezone="Europe/Rome", week=week)
    Seller.objects.create(user=people["jonas"], calendar=rest)
    Seller.objects.create(user=people["irina"], away_from=datetime(2026, 1, 1, tzinfo=UTC))
    page = signed_in(people["marta"]).get("/routing").content.decode()
    states = re.findall(r'<td data-of="Now"><span class="(?:state good|state|tag)"[^>]*>([^<]+)</span></td>', page)
    assert sorted(states) == ["away", "out of hours", "there"]


def test_how_leads_come_to_a_seller(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import BusinessCalendar, Seller

    week = [[[540, 1080]]] * 5 + [[], []]
    calendar = BusinessCalendar.objects.create(name="York", timezone="America/New_York", week=week, is_default=True)
    address = f"/routing/sellers/{people['luca'].pk}"
    given = {"weight": "2", "capacity": "30", "calendar": calendar.pk, "away_from": "2026-08-10", "away_until": "2026-08-24"}
    said(people["marta"], address, **given)
    kept = Seller.objects.get()
    assert (kept.weight, kept.capacity, kept.calendar) == (2, 30, calendar)
    assert kept.away_from == datetime(2026, 8, 10, 4, tzinfo=UTC)  # midnight there
    for bad, why in (
        ({"weight": "-1"}, "whole numbers"), ({"weight": "101"}, "from 0"), ({"capacity": "lots"}, "whole numbers"),
        ({"away_until": "2026-08-01"}, "back before they leave"), ({"away_from": "soon"}, "is no day"),
    ):  # fmt: skip
        assert why in said(people["marta"], address, **given | bad)
    assert 'value="2026-08-24"' in signed_in(people["marta"]).get(address).content.decode()


def test_a_company_is_given_to_a_seller(people: dict[str, Any]) -> None:
    account = make_account()
    page = said(people["marta"], f"/companies/{account.pk}/owner", owner=people["jonas"].pk)
    assert "Leads that come to sales from here are jonas" in page
    account.refresh_from_db()
    assert account.owner == people["jonas"]
    assert audited("assign_account") == [("marta", f"account:{account.pk}")]
    said(people["marta"], f"/companies/{account.pk}/owner", owner="")
    account.refresh_from_db()
    assert account.owner is None
    assert [each.value for each in account.field_changes.filter(field="owner_id").order_by("id")] == [str(people["jonas"].pk), None]


def test_who_is_out_has_leads_that_are_given_away(people: dict[str, Any]) -> None:
    leads = [rated("A1", owner=people["luca"]) for _ in range(3)]
    take()
    assert "block them first" in said(people["ada"], f"/users/{people['luca'].pk}/leads")
    assert "3 leads are theirs still" in said(people["ada"], f"/users/{people['luca'].pk}/block")
    assert "3 leads in work went to others; 0 are nobody" in said(people["ada"], f"/users/{people['luca'].pk}/leads")
    for lead in leads:
        lead.refresh_from_db()
        assert lead.owner in (people["irina"], people["jonas"])


def test_it_requires_marketing(people: dict[str, Any]) -> None:
    for name in ("luca", "vera"):
        assert signed_in(people[name]).get("/routing").status_code == 403
        assert (
            signed_in(people[name]).post("/routing", {"name": "mine", "to": f"user:{people['luca'].pk}"}, headers=HOST).status_code == 403
        )


def test_mails_that_could_not_be_sent_are_seen_and_tried_again(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import Notice

    now = datetime.now(UTC)
    assert "could not be sent" not in signed_in(people["marta"]).get("/routing").content.decode()
    Notice.objects.create(user=people["luca"], about="assigned", created_at=now, error="Connection refused", tries=8)
    page = signed_in(people["marta"]).get("/routing").content.decode()
    assert "1 mail to a seller could not be sent" in page and "Connection refused" in page and "1 is given up" in page
    assert "1 mail is tried again." in said(people["marta"], "/routing/mails")
    assert Notice.objects.get().next_at is not None
