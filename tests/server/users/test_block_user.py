"""Users are kept out, and let in again."""

from typing import Any

import pytest

from tests.server.users.test_change_user import make_administrator
from tests.server.web.people import make_people, signed_in
from tests.server.world import AT, HOST, audited
from vaglio_server.refused import Refused
from vaglio_server.users.actions import block_user, create_token, make_link, unblock_user
from vaglio_server.users.models import User
from vaglio_server.users.queries import token_of

pytestmark = pytest.mark.usefixtures("tables")


def called(token: str) -> int:
    from django.test import Client

    return int(Client(headers=HOST | {"authorization": f"Bearer {token}"}).get("/api/leads").status_code)


def test_it_works_at_once_for_sign_ins_and_tokens() -> None:
    luca = make_people()["luca"]
    client, token = signed_in(luca), create_token(user=luca, name="x", scope="read", by="luca", at=AT)[1]
    assert (client.get("/leads").status_code, called(token)) == (200, 200)
    block_user(user=luca, by="ada", at=AT)
    assert (client.get("/leads").status_code, called(token)) == (302, 401)
    unblock_user(user=luca, by="ada", at=AT)
    # The token works again; who was signed in on a machine that was lost is not.
    assert (client.get("/leads").status_code, called(token)) == (302, 200)
    assert signed_in(User.objects.get(username="luca")).get("/leads").status_code == 200
    assert audited("block_user") == audited("unblock_user") == [("ada", f"user:{luca.pk}")]


def test_it_ends_their_link() -> None:
    luca = make_people()["luca"]
    make_link(user=luca, by="ada", at=AT)
    assert block_user(user=luca, by="ada", at=AT).link_until is None
    with pytest.raises(Refused, match="is blocked"):
        make_link(user=luca, by="ada", at=AT)
    with pytest.raises(Refused, match="is blocked"):
        create_token(user=User.objects.get(username="luca"), name="x", scope="read", by="ada", at=AT)


def test_it_rejects_oneself_and_what_is_so_already() -> None:
    ada, _eva = make_administrator("ada"), make_administrator("eva")
    with pytest.raises(Refused, match="nobody blocks themself"):
        block_user(user=ada, by="ada", at=AT)
    with pytest.raises(Refused, match="is not blocked"):
        unblock_user(user=ada, by="eva", at=AT)
    block_user(user=ada, by="eva", at=AT)
    with pytest.raises(Refused, match="blocked already"):
        block_user(user=ada, by="eva", at=AT)


def test_it_requires_that_an_administrator_is_left() -> None:
    ada: Any = make_administrator("ada")
    with pytest.raises(Refused, match="last administrator"):
        block_user(user=ada, by="command line", at=AT)
    assert User.objects.get(username="ada").is_active


def test_a_blocked_user_opens_nothing_even_with_a_good_token() -> None:
    luca = make_people()["luca"]
    token = create_token(user=luca, name="x", scope="write", by="luca", at=AT)[1]
    assert token_of(token) is not None
    block_user(user=luca, by="ada", at=AT)
    assert token_of(token) is None
