"""The page of API tokens."""

import re
from typing import Any

import pytest

from tests.server.users.test_block_user import called
from tests.server.web.people import make_people, signed_in
from tests.server.world import AT

pytestmark = pytest.mark.usefixtures("tables")
NEW = {"name": "warehouse", "scope": "read"}


def make(client: Any, **told: str) -> str:
    answer = client.post("/tokens", NEW | told)
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    return re.search(r'id="token">(vt_[^<]+)<', answer.content.decode())[1]  # type: ignore[index]


def test_it_works_and_is_shown_once() -> None:
    from vaglio_server.users.models import ApiToken

    luca = signed_in(make_people()["luca"])
    text = make(luca, scope="write")
    assert called(text) == 200
    page = luca.get("/tokens").content.decode()
    assert text not in page and "warehouse" in page and "used now" in page
    token = ApiToken.objects.get()
    assert (token.user.username, token.scope) == ("luca", "write")
    assert "opens nothing any more" in luca.post(f"/tokens/{token.pk}/revoke", follow=True).content.decode()
    assert called(text) == 401
    assert "revoked" in luca.get("/tokens").content.decode()
    assert "revoked already" in luca.post(f"/tokens/{token.pk}/revoke", follow=True).content.decode()


def test_administrators_make_and_revoke_them_for_others() -> None:
    from vaglio_server.users.models import ApiToken

    people = make_people()
    ada = signed_in(people["ada"])
    make(ada, user="luca")
    make(signed_in(people["vera"]), name="of vera")
    assert set(ApiToken.objects.values_list("user__username", flat=True)) == {"luca", "vera"}
    page = ada.get("/tokens").content.decode()
    assert "warehouse" in page and "of vera" in page
    ada.post(f"/tokens/{ApiToken.objects.get(name='of vera').pk}/revoke")
    assert ApiToken.objects.get(name="of vera").revoked_at is not None


def test_it_rejects_what_does_not_fit() -> None:
    from vaglio_server.users.models import ApiToken

    people = make_people()
    ada, vera = signed_in(people["ada"]), signed_in(people["vera"])
    for wrong, said in (({"name": ""}, "a token has"), ({"name": "x" * 101}, "a token has"), ({"name": "\x00"}, "a token has"),
                        ({"scope": "all"}, "is no scope"), ({"user": "nobody"}, "no such user"),
                        ({"user": "\x00"}, "no such user")):  # fmt: skip
        assert said in ada.post("/tokens", NEW | wrong, follow=True).content.decode(), wrong
    assert "Your role only reads" in vera.post("/tokens", NEW | {"scope": "write"}, follow=True).content.decode()
    assert 'value="write"' not in vera.get("/tokens").content.decode()
    assert not ApiToken.objects.exists()


def test_it_requires_that_the_token_is_ones_own() -> None:
    from django.test import Client

    from tests.server.world import HOST
    from vaglio_server.users.actions import create_token
    from vaglio_server.users.models import ApiToken

    people = make_people()
    token = create_token(user=people["luca"], name="of luca", scope="read", by="luca", at=AT)[0]
    for name in ("marta", "irina", "vera"):
        client = signed_in(people[name])
        assert "of luca" not in client.get("/tokens").content.decode()
        assert client.post(f"/tokens/{token.pk}/revoke").status_code == 404
        assert "no such user" in client.post("/tokens", NEW | {"user": "luca"}, follow=True).content.decode()
    assert Client(headers=HOST).post("/tokens", NEW)["Location"].startswith("/accounts/login/")
    assert ApiToken.objects.get().revoked_at is None
