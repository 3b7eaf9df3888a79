"""Users are invited, and set a password by a link that holds once."""

from datetime import timedelta

import pytest

from tests.server.web.people import PASSWORD, make_people
from tests.server.world import AT, audited
from vaglio_server.refused import Refused
from vaglio_server.users.actions import Joined, LinkVoid, block_user, invite_user, join, make_link
from vaglio_server.users.models import LINK_LASTS, User

pytestmark = pytest.mark.usefixtures("tables")


def test_it_works() -> None:
    anna = invite_user(name="anna", email="anna@example.com", role="sales", team="south", by="ada", at=AT)
    assert (anna.role, str(anna.team), anna.has_come_in, anna.link_until) == ("sales", "south", False, AT + LINK_LASTS)
    join(user=anna, made_at=AT, joined=Joined(PASSWORD, "Anna", "Rossi"), at=AT + timedelta(hours=1))
    now = User.objects.get(username="anna")
    assert (now.called, now.check_password(PASSWORD), now.has_come_in, now.link_until) == ("Anna Rossi", True, True, None)
    subject = f"user:{anna.pk}"
    assert [audited(verb) for verb in ("create_user", "make_link", "join")] == [[("ada", subject)], [("ada", subject)], [("anna", subject)]]


def test_a_link_holds_once_until_a_newer_one_and_not_for_ever() -> None:
    anna = invite_user(name="anna", email="", role="sales", team=None, by="ada", at=AT)
    with pytest.raises(LinkVoid):
        join(user=anna, made_at=AT, joined=Joined(PASSWORD), at=AT + LINK_LASTS)
    later = AT + timedelta(minutes=1)
    make_link(user=anna, by="ada", at=later)
    with pytest.raises(LinkVoid):
        join(user=anna, made_at=AT, joined=Joined(PASSWORD), at=later)
    join(user=anna, made_at=later, joined=Joined(PASSWORD), at=later)
    with pytest.raises(LinkVoid):
        join(user=anna, made_at=later, joined=Joined("another password"), at=later)
    assert User.objects.get(username="anna").check_password(PASSWORD)


def test_of_who_is_blocked_no_link_holds() -> None:
    anna = invite_user(name="anna", email="", role="sales", team=None, by="ada", at=AT)
    User.objects.update(is_active=False)
    with pytest.raises(LinkVoid):
        join(user=anna, made_at=AT, joined=Joined(PASSWORD), at=AT)


def test_a_new_password_keeps_the_names_that_are_there() -> None:
    luca = make_people()["luca"]
    User.objects.filter(pk=luca.pk).update(first_name="Luca")
    join(user=make_link(user=luca, by="ada", at=AT), made_at=AT, joined=Joined(PASSWORD), at=AT)
    assert User.objects.get(username="luca").called == "Luca"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "LUCA"}, "already a user"),
        ({"name": "a b"}, "a user name has"),
        ({"name": ""}, "a user name has"),
        ({"name": "x" * 151}, "a user name has"),
        ({"name": "a\x00"}, "a user name has"),
        ({"email": "Luca@vaglio.example"}, "already another user's"),
        ({"email": "nothing"}, "no mail address"),
        ({"email": "a@b.example\x00"}, "no mail address"),
        ({"role": "boss"}, "no role"),
    ],
)
def test_it_rejects_what_does_not_fit(wrong: dict[str, str], said: str) -> None:
    make_people()
    count = User.objects.count()
    with pytest.raises(Refused, match=said):
        invite_user(**({"name": "anna", "email": "", "role": "sales", "team": None, "by": "ada", "at": AT} | wrong))  # type: ignore[arg-type]
    assert User.objects.count() == count


def test_it_requires_a_user_who_is_not_blocked() -> None:
    luca = make_people()["luca"]
    block_user(user=luca, by="ada", at=AT)
    with pytest.raises(Refused, match="let them in again first"):
        make_link(user=luca, by="ada", at=AT)
