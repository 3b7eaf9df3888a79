"""Users get a role and a team."""

import threading
from typing import Any

import pytest

from tests.server.web.people import make_people
from tests.server.world import AT, audited
from vaglio_server.refused import Refused
from vaglio_server.users.actions import block_user, change_user, create_team, create_user
from vaglio_server.users.models import AuditEntry, Role, User

pytestmark = pytest.mark.usefixtures("tables")


def make_administrator(name: str, can_come_in: bool = True) -> Any:
    made = create_user(name=name, email=f"{name}@example.com", password=None, role=Role.ADMINISTRATOR, by="test", at=AT)
    if can_come_in:  # a password is there, though none that anybody knows: making a real one takes a second
        User.objects.filter(pk=made.pk).update(password="kept")
    return User.objects.get(pk=made.pk)


def test_it_works() -> None:
    luca, west = make_people()["luca"], create_team(name="west", by="test", at=AT)
    change_user(user=luca, role=Role.MARKETING, team=west, by="ada", at=AT)
    now = User.objects.get(username="luca")
    assert (now.role, now.team) == ("marketing", west)
    said = AuditEntry.objects.get(verb="change_user")
    assert (said.by, said.subject) == ("ada", f"user:{luca.pk}")
    assert said.detail == {"role": {"before": "sales", "after": "marketing"}, "team": {"before": "south", "after": "west"}}
    change_user(user=luca, role=Role.MARKETING, team=None, by="ada", at=AT)
    assert User.objects.get(username="luca").team is None
    change_user(user=luca, role=Role.MARKETING, team=None, by="ada", at=AT)  # nothing is new, so nothing is written down
    assert len(audited("change_user")) == 2


def test_it_rejects_what_is_no_role() -> None:
    luca = make_people()["luca"]
    for role in ("", "boss", "administrator\x00"):
        with pytest.raises(Refused, match="is no role"):
            change_user(user=luca, role=role, team=None, by="ada", at=AT)


def test_it_requires_that_an_administrator_is_left() -> None:
    ada = make_administrator("ada")
    with pytest.raises(Refused, match="last administrator"):
        change_user(user=ada, role=Role.SALES, team=None, by="ada", at=AT)
    make_administrator("eva", can_come_in=False)  # was invited and never came: she cannot look after anything
    with pytest.raises(Refused, match="last administrator"):
        change_user(user=ada, role=Role.SALES, team=None, by="ada", at=AT)
    block_user(user=make_administrator("ida"), by="ada", at=AT)
    with pytest.raises(Refused, match="last administrator"):
        change_user(user=ada, role=Role.SALES, team=None, by="ada", at=AT)
    assert User.objects.get(username="ada").role == "administrator"
    make_administrator("ona")
    change_user(user=ada, role=Role.SALES, team=None, by="ada", at=AT)


def test_of_two_who_go_at_once_one_stays() -> None:
    from django.db import connection

    both, said = [make_administrator("ada"), make_administrator("eva")], []
    start = threading.Barrier(2)

    def go(user: Any) -> None:
        start.wait()
        try:
            change_user(user=user, role=Role.READ_ONLY, team=None, by=user.username, at=AT)
            said.append("gone")
        except Refused:
            said.append("stays")
        connection.close()

    threads = [threading.Thread(target=go, args=(each,)) for each in both]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(said) == ["gone", "stays"]
    assert User.objects.filter(role=Role.ADMINISTRATOR).count() == 1
