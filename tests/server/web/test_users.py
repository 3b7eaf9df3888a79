"""Users and teams in the browser's eyes."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.server.users.conftest import quick_passwords
from tests.server.users.test_change_user import make_administrator
from tests.server.web.people import PASSWORD, make_hours, make_people, signed_in
from tests.server.world import HOST

pytestmark = pytest.mark.usefixtures("tables", quick_passwords.__name__)
NEW = {"name": "anna", "email": "anna@example.com", "role": "sales", "team": ""}


def stranger() -> Any:
    from django.test import Client

    return Client(headers=HOST)


def invite(client: Any, **changes: str) -> str:
    """Invite somebody and return the path of their link."""
    page = client.post("/users", NEW | changes, follow=True).content.decode()
    found = re.search(r'id="link">http://localhost(/invited/[^<]+)<', page)
    assert found is not None, page
    return found[1]


def test_it_works_from_the_invitation_to_the_first_page() -> None:
    from vaglio_server.users.models import Team, User

    ada = signed_in(make_people()["ada"])
    link = invite(ada, team=str(Team.objects.get(name="south").pk))
    assert "invited" in ada.get("/users").content.decode()
    anna = stranger()
    assert "You sign in as <b>anna</b>" in anna.get(link).content.decode()
    assert "too common" in anna.post(link, {"password": "password1"}).content.decode()
    answer = anna.post(link, {"password": PASSWORD, "first_name": "Anna", "last_name": "Rossi"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert anna.get("/leads").status_code == 200
    made = User.objects.get(username="anna")
    assert (made.role, made.team.name, made.called) == ("sales", "south", "Anna Rossi")  # type: ignore[union-attr]
    for client in (stranger(), anna):
        assert client.get(link).status_code == client.post(link, {"password": PASSWORD}).status_code == 410


def test_how_long_a_link_holds_is_said_with_the_zone() -> None:
    ada = signed_in(make_people()["ada"])
    for zone, named in (("Asia/Tokyo", "JST"), ("America/Sao_Paulo", "UTC-03")):
        calendar = make_hours(zone)
        page = ada.post("/users", NEW | {"name": named.lower(), "email": f"{named}@a.example"}, follow=True).content.decode()
        told = re.search(r"until (\d+ \w+ \d{4}, \d\d:\d\d) \(([^)]+)\); whoever", page)
        assert told is not None and told[2] == named, page
        until = datetime.strptime(told[1], "%d %b %Y, %H:%M").replace(tzinfo=ZoneInfo(zone))
        assert timedelta(days=2, hours=23, minutes=58) < until - datetime.now(UTC) <= timedelta(days=3)
        calendar.delete()


def test_it_rejects_links_that_nobody_gave() -> None:
    from vaglio_server.users.models import User

    everybody = make_people()
    link = invite(signed_in(everybody["ada"]))
    number = User.objects.get(username="anna").pk
    for wrong in (link[:-1], f"{link}x", f"/invited/{number}/x", f"/invited/{everybody['ada'].pk}/{link.rpartition('/')[2]}",
                  "/invited/999999/x", "/invited/99999999999999999999/x", f"/invited/{number}/%00%ff"):  # fmt: skip
        assert stranger().get(wrong).status_code == stranger().post(wrong, {"password": PASSWORD}).status_code == 410, wrong
    User.objects.filter(pk=number).update(link_made_at=datetime.now(UTC) - timedelta(days=3))
    assert stranger().get(link).status_code == 410
    assert not User.objects.get(pk=number).has_usable_password()


def test_a_link_to_a_new_password_does_not_pass_by_the_second_factor() -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    everybody = make_people()
    ada = signed_in(everybody["ada"])
    TOTP.activate(everybody["luca"], generate_totp_secret())
    address = f"/users/{everybody['luca'].pk}"
    page = ada.post(f"{address}/link", follow=True).content.decode()
    link = re.search(r"http://localhost(/invited/[^<]+)<", page)[1]  # type: ignore[index]
    luca = stranger()
    assert luca.post(link, {"password": PASSWORD})["Location"] == "/accounts/login/"
    assert luca.get("/").status_code == 302
    assert luca.post("/accounts/login/", {"login": "luca", "password": PASSWORD})["Location"] == "/accounts/2fa/authenticate/"
    # Whoever has lost the device is helped by an administrator.
    assert "Second factor is lost" in ada.get(address).content.decode()
    ada.post(f"{address}/second-factor")
    assert "has no second factor" in ada.post(f"{address}/second-factor", follow=True).content.decode()
    assert stranger().post("/accounts/login/", {"login": "luca", "password": PASSWORD})["Location"] == "/"


def test_a_new_password_ends_old_sign_ins() -> None:
    everybody = make_people()
    luca = signed_in(everybody["luca"])
    page = signed_in(everybody["ada"]).post(f"/users/{everybody['luca'].pk}/link", follow=True).content.decode()
    stranger().post(re.search(r"(/invited/[^<]+)<", page)[1], {"password": PASSWORD})  # type: ignore[index]
    assert luca.get("/").status_code == 302


def test_roles_and_teams_are_given_and_who_is_blocked_is_out() -> None:
    from vaglio_server.users.models import Team, User

    everybody = make_people()
    ada, luca = signed_in(everybody["ada"]), signed_in(everybody["luca"])
    address = f"/users/{everybody['luca'].pk}"
    north = Team.objects.get(name="north").pk
    assert luca.get("/imports").status_code == 403
    ada.post(address, {"role": "marketing", "team": str(north)})
    assert luca.get("/imports").status_code == 200
    assert User.objects.get(username="luca").team_id == north
    assert "Block" in ada.get(address).content.decode()
    ada.post(f"{address}/block")
    assert luca.get("/").status_code == 302
    assert "blocked" in ada.get("/users").content.decode()
    ada.post(f"{address}/unblock")
    assert User.objects.get(username="luca").is_active


def test_it_rejects_what_does_not_fit_and_keeps_what_was_typed() -> None:
    from vaglio_server.users.models import Team, User

    everybody = make_people()
    ada, count = signed_in(everybody["ada"]), User.objects.count()
    for wrong in ({"name": "luca"}, {"name": "a b"}, {"email": "nothing"}, {"role": "boss"}, {"team": "999"}, {"team": "x"},
                  {"team": "9" * 30}, {"name": "x\x00"}, {"name": ""}, {"email": "luca@vaglio.example"}):  # fmt: skip
        answer = ada.post("/users", NEW | wrong)
        assert answer.status_code == 200 and ("wrong" in answer.content.decode() or "alert-danger" in answer.content.decode()), wrong
        if "email" not in wrong:
            assert 'value="anna@example.com"' in answer.content.decode()
    assert User.objects.count() == count
    own = f"/users/{everybody['ada'].pk}"
    for page, told, said in (
        (own, {"role": "sales", "team": ""}, "last administrator"),
        (own, {"role": "boss"}, "is no role"),
        (own, {"role": "administrator", "team": "7777"}, "no such team"),
        (own, {"role": "administrator", "team": "9" * 40}, "no such team"),
        (f"{own}/block", {}, "nobody blocks themself"),
        ("/teams", {"name": "SOUTH"}, "already a team"),
        ("/teams", {"name": "a\x00"}, "a team has"),
        (f"/teams/{Team.objects.get(name='south').pk}", {"name": "north"}, "already a team"),
    ):
        assert said in ada.post(page, told, follow=True).content.decode(), (page, told)
    assert f"{own}/block" not in ada.get(own).content.decode()
    for gone in ("/users/999999", "/users/99999999999999999999999", "/users/999999/block", "/teams/999999"):
        assert ada.post(gone).status_code == 404


def test_teams_are_made_renamed_and_removed() -> None:
    from vaglio_server.users.models import Team

    ada = signed_in(make_people()["ada"])
    ada.post("/teams", {"name": "west"})
    west = Team.objects.get(name="west").pk
    ada.post(f"/teams/{west}", {"name": "far west"})
    assert 'value="far west"' in ada.get("/users").content.decode()
    south = Team.objects.get(name="south").pk
    assert "Its 2 members are in no team now" in ada.post(f"/teams/{south}", {"remove": "1", "name": ""}, follow=True).content.decode()
    assert sorted(Team.objects.values_list("name", flat=True)) == ["far west", "north"]


def test_it_says_when_somebody_was_last_seen() -> None:
    from vaglio_server.users.models import User

    everybody = make_people()
    luca = signed_in(everybody["luca"])
    luca.get("/", headers=HOST | {"HX-Request": "true"})  # a page that asks for itself
    assert User.objects.get(username="luca").last_seen_at is None
    luca.get("/leads")
    seen = User.objects.get(username="luca").last_seen_at
    assert seen is not None
    luca.get("/leads")
    assert User.objects.get(username="luca").last_seen_at == seen
    assert "now" in signed_in(everybody["ada"]).get(f"/users/{everybody['luca'].pk}").content.decode()


def test_it_requires_an_administrator() -> None:
    from vaglio_server.users.models import User

    everybody = make_people()
    luca = f"/users/{everybody['luca'].pk}"
    pages = ("/users", luca, f"{luca}/link", f"{luca}/block", f"{luca}/unblock", f"{luca}/second-factor", "/teams", "/teams/1")
    for name in ("marta", "irina", "vera"):
        for page in pages:
            client = signed_in(everybody[name])
            assert (client.get(page).status_code, client.post(page, NEW).status_code) == (403, 403), (name, page)
    for page in pages:
        assert stranger().post(page, NEW)["Location"].startswith("/accounts/login/")
    assert User.objects.get(username="luca").is_active and not User.objects.filter(username="anna").exists()
    for page in pages[2:]:  # looking changes nothing
        assert signed_in(everybody["ada"]).get(page).status_code == 405


def test_the_list_asks_the_same_number_of_questions_however_many_there_are(django_assert_max: Any) -> None:
    everybody = make_people()
    for number in range(10):
        make_administrator(f"boss{number}", can_come_in=False)
    client = signed_in(everybody["ada"])
    client.get("/users")
    with django_assert_max(8):
        client.get("/users")
